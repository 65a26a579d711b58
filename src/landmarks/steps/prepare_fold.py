"""Normalise a fold's samples by its training samples alone."""

import logging
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.expression import find_positions, iterate_rows, read_gene_ids, read_sample_ids
from landmarks.files import read_frame
from landmarks.normalise import BATCH, map_to_quantiles, mean_quantiles
from landmarks.partition import rows_of
from landmarks.prefetch import prefetched
from landmarks.writing import write_expression_blocks

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="expression.parquet of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet of the fold: its samples are kept")],
    out: Annotated[Path, typer.Option(help="prepared expression of the fold")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the samples held")] = 2000,
) -> None:
    """Normalise a fold's samples by its training samples alone."""
    samples, genes, parts = read_sample_ids(expression), read_gene_ids(expression), read_frame(split)
    training = rows_of(expression, parts, "train")
    kept = np.sort(find_positions(samples, parts["sample_id"].to_numpy(object), "sample"))
    logger.info("quantiles of %d training samples for %d samples", len(training), len(kept))
    # One half is for what is read, the other for what is written.
    quantiles = mean_quantiles(
        chain.from_iterable(prefetched(iterate_rows(expression, training, BATCH, memory_mb / 2)))
    )
    read = iterate_rows(expression, kept, BATCH, memory_mb / 2)
    blocks = prefetched(map_to_quantiles(values, quantiles) for values in read)
    write_expression_blocks(out, samples[kept], np.asarray(genes, object), blocks, memory_mb / 2)
