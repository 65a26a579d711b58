"""Normalise a dataset's samples, or pass them on as they are."""

import logging
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.expression import iterate_rows, read_gene_ids, read_sample_ids
from landmarks.normalise import BATCH, map_to_quantiles, mean_quantiles
from landmarks.prefetch import prefetched
from landmarks.writing import write_expression_blocks

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="expression.parquet of the dataset")],
    method: Annotated[str, typer.Option(help="quantile, or any other: values are passed on")],
    out: Annotated[Path, typer.Option(help="normalised expression, Parquet")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the samples held")] = 2000,
) -> None:
    """Normalise a dataset's samples, or pass them on as they are."""
    samples, genes = read_sample_ids(expression), np.asarray(read_gene_ids(expression), object)
    logger.info("normalisation: %s, %d samples × %d genes", method, len(samples), len(genes))
    every = np.arange(len(samples))
    # One half is for what is read, the other for what is written.
    blocks = iterate_rows(expression, every, BATCH, memory_mb / 2)
    if method == "quantile":
        quantiles = mean_quantiles(chain.from_iterable(prefetched(blocks)))
        again = iterate_rows(expression, every, BATCH, memory_mb / 2)
        blocks = (map_to_quantiles(values, quantiles) for values in again)
    write_expression_blocks(out, samples, genes, prefetched(blocks), memory_mb / 2)
