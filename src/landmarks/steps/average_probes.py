"""Average the probes of each gene, before panels are judged on genes."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from landmarks.expression import iterate_rows, read_sample_ids
from landmarks.files import read_frame, write_frame
from landmarks.gene_tables import average_by
from landmarks.normalise import BATCH, map_to_quantiles, mean_quantiles
from landmarks.partition import rows_of
from landmarks.prefetch import prefetched
from landmarks.writing import write_expression_blocks


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    genes: Annotated[Path, typer.Option(help="its genes.parquet")],
    split: Annotated[Path, typer.Option(help="split.parquet: quantiles are of training samples")],
    by: Annotated[str, typer.Option(help="symbol, entrez or ensembl: what probes of a gene share")],
    normalise: Annotated[str, typer.Option(help="quantile: means get one distribution again, as published")],
    out: Annotated[Path, typer.Option(help="expression, a column a gene")],
    out_genes: Annotated[Path, typer.Option(help="gene_id (the name), symbol, entrez, ensembl")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the samples held")] = 2000,
) -> None:
    """Average the probes of each gene, before panels are judged on genes."""
    averaged, weights = average_by(read_frame(genes), by)
    samples = read_sample_ids(expression)

    def average(rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.float32]]:
        # One half is for what is read, the other for what is written.
        for values in iterate_rows(expression, rows, BATCH, memory_mb / 2):
            yield np.asarray(values @ weights, np.float32)

    blocks = average(np.arange(len(samples)))
    if normalise == "quantile":
        training = average(rows_of(expression, read_frame(split), "train"))
        quantiles = mean_quantiles(chain.from_iterable(prefetched(training)))
        blocks = (map_to_quantiles(values, quantiles) for values in blocks)
    write_expression_blocks(out, samples, averaged["gene_id"].to_numpy(object), prefetched(blocks), memory_mb / 2)
    write_frame(averaged, out_genes)
