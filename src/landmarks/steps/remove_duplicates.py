"""Drop samples that nearly equal an earlier one."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pandas as pd
import typer

from landmarks.duplicates import BATCH, find_duplicates
from landmarks.errors import name_some
from landmarks.expression import read_gene_ids, read_sample_ids
from landmarks.files import write_frame
from landmarks.matrices import Room
from landmarks.partition import hold_rows
from landmarks.writing import write_expression_blocks

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="normalised expression")],
    distance: Annotated[float, typer.Option(help="Euclidean distance under which two samples are duplicates")],
    clusters: Annotated[int, typer.Option(help="1 compares all pairs; more only within that many clusters")],
    seed: Annotated[int, typer.Option(help="of the clustering")],
    out: Annotated[Path, typer.Option(help="prepared expression")],
    out_duplicates: Annotated[Path, typer.Option(help="the dropped samples")],
    memory_mb: Annotated[float, typer.Option(min=1, help="larger datasets are staged on disk")] = 2000,
) -> None:
    """Drop samples that nearly equal an earlier one."""
    samples, genes = read_sample_ids(expression), np.asarray(read_gene_ids(expression), object)
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        # One half is for the samples that are kept in memory, the other for what is done with them.
        rows = hold_rows(expression, np.arange(len(samples)), Room(out.parent, memory_mb / 2, closing))
        found = find_duplicates(samples, rows, distance=distance, clusters=clusters, seed=seed, memory_mb=memory_mb / 2)
        kept = np.flatnonzero(~pd.Index(samples).isin(found["sample_id"]))

        def take() -> Iterator[npt.NDArray[np.float32]]:
            for start in range(0, len(kept), BATCH):
                numbers = kept[start : start + BATCH]
                values = np.empty((len(numbers), len(genes)), np.float32)
                rows.take(numbers, values)
                yield values

        names = found["sample_id"].tolist()
        dropped = name_some(names, 20) or "none"
        logger.info("%d of %d samples dropped as duplicates: %s", len(names), len(samples), dropped)
        write_frame(found, out_duplicates)
        write_expression_blocks(out, samples[kept], genes, take(), memory_mb / 2)
