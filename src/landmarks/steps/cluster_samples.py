"""Cluster held-out samples by their codes and by simpler representations; compare clusters with labels."""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from landmarks.clustering import assess, label_samples, represent
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.progress import track


def main(
    *,
    codes: Annotated[Path, typer.Option(help="Codes of all samples in Parquet: sample_id, then the units.")],
    expression: Annotated[Path, typer.Option(help="Prepared expression in Parquet.")],
    split: Annotated[Path, typer.Option(help="Split in Parquet: sample_id, part.")],
    samples: Annotated[Path, typer.Option(help="Samples in Parquet: sample_id, label.")],
    part: Annotated[str, typer.Option(help="Part of the split to cluster.")] = "test",
    seed: Annotated[int, typer.Option(help="Seed of the subsamples and of the random projection.")],
    subsamples: Annotated[int, typer.Option(min=1, help="Subsamples behind each interval.")] = 200,
    out: Annotated[Path, typer.Option(help="Parquet to write: scores, a row a representation.")],
    out_linkage: Annotated[Path, typer.Option(help="Parquet to write: left, right, height, size.")],
    out_order: Annotated[Path, typer.Option(help="Parquet to write: sample_id, label, cluster, leaf.")],
) -> None:
    """Represent the labelled samples in several ways, cluster each; keep the dendrogram of the codes."""
    parts = read_frame(split, ["sample_id", "part"])
    held = label_samples(parts, read_frame(samples, ["sample_id", "label"]), part)
    train = parts.loc[parts["part"] == "train", "sample_id"]
    files = [read_expression(path) for path in (codes, expression)]
    pairs = [(file.rows(train), file.rows(held["sample_id"])) for file in files]
    representations = represent(pairs[0], pairs[1], seed=seed)
    clusterings, rows = {}, []
    for name, values in track(representations.items(), "clustering", total=len(representations)):
        clusterings[name], row = assess(values, held["label"], seed=seed, subsamples=subsamples)
        rows.append({"representation": name, **row})
    bottleneck = clusterings["bottleneck"]
    linkage = pd.DataFrame(bottleneck.linkage, columns=["left", "right", "height", "size"])
    write_frame(pd.DataFrame(rows), out)
    write_frame(linkage.astype({name: np.int64 for name in ("left", "right", "size")}), out_linkage)
    write_frame(held.assign(cluster=bottleneck.assignments, leaf=bottleneck.leaves), out_order)
