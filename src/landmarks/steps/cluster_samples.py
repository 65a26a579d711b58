"""Cluster held-out samples by their codes and by simpler representations; compare clusters with labels."""

from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pandas as pd
import typer

from landmarks.clustering import assess, compare_with_training, label_samples, represent
from landmarks.expression import Expression, find_positions, read_expression, read_gene_ids, read_sample_ids
from landmarks.files import read_frame, write_frame
from landmarks.partition import read_rows, some_of
from landmarks.progress import track

TRAINING = 3_000
"""Training samples that means, scales and principal components come from, if there are more."""


def read_samples(path: Path, wanted: npt.NDArray[np.object_]) -> Expression:
    """Read some samples of an expression file, in the order of the file."""
    known = read_sample_ids(path)
    rows = np.sort(find_positions(known, wanted, "sample")).astype(np.int64)
    return Expression(known[rows], np.asarray(read_gene_ids(path), object), read_rows(path, rows))


def main(
    *,
    codes: Annotated[list[Path], typer.Option(help="Codes in Parquet: of the compendium, then of other datasets.")],
    expression: Annotated[list[Path], typer.Option(help="Prepared expression of the same datasets.")],
    samples: Annotated[list[Path], typer.Option(help="Their samples: sample_id, label.")],
    split: Annotated[Path, typer.Option(help="Split of the compendium: sample_id, part.")],
    seed: Annotated[int, typer.Option(help="Seed of the subsamples and of the random projection.")],
    subsamples: Annotated[int, typer.Option(min=1, help="Subsamples behind each interval.")] = 200,
    out: Annotated[Path, typer.Option(help="Parquet to write: scores, a row a representation.")],
    out_linkage: Annotated[Path, typer.Option(help="Parquet to write: left, right, height, size.")],
    out_order: Annotated[Path, typer.Option(help="Parquet to write: sample_id, label, cluster, leaf.")],
) -> None:
    """Represent labelled samples that were not learnt from in several ways, cluster each; keep the codes' dendrogram.

    They are those of the other datasets, if there are any, else the compendium's test samples.
    """
    parts = read_frame(split, ["sample_id", "part"])
    train = parts.loc[parts["part"] == "train", "sample_id"].to_numpy(object)
    train = train[some_of(np.arange(len(train)), TRAINING)]
    others = [[read_expression(path) for path in paths[1:]] for paths in (codes, expression)]
    described = pd.concat([read_frame(path, ["sample_id", "label"]) for path in (samples[1:] or samples)])
    if len(samples) > 1:
        ids = np.concatenate([other.sample_ids for other in others[0]])
        held = label_samples(pd.DataFrame({"sample_id": ids, "part": "test"}), described, "test")
        wanted = train
    else:
        held = label_samples(parts, described, "test")
        wanted = np.concatenate([train, held["sample_id"].to_numpy(object)])
    pairs = [
        compare_with_training([read_samples(paths[0], wanted), *own], train, held["sample_id"])
        for paths, own in zip((codes, expression), others, strict=True)
    ]
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
