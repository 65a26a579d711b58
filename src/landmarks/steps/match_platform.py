"""Bring another platform to the compendium's genes, and where asked into its distribution."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.crossplatform import match_genes
from landmarks.errors import LandmarksError
from landmarks.expression import Expression, find_positions, iterate_rows, read_expression, read_gene_ids
from landmarks.files import read_frame
from landmarks.normalise import BATCH, map_jointly, mean_quantiles
from landmarks.partition import rows_of
from landmarks.prefetch import prefetched
from landmarks.writing import write_expression

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the other platform")],
    genes: Annotated[Path, typer.Option(help="its genes.parquet")],
    compendium_genes: Annotated[Path, typer.Option(help="the compendium's genes.parquet")],
    compendium: Annotated[
        Path | None, typer.Option(help="prepared expression of the compendium, into whose quantiles values are mapped")
    ] = None,
    split: Annotated[Path | None, typer.Option(help="its split.parquet: quantiles are of training samples")] = None,
    out: Annotated[Path, typer.Option(help="expression of the compendium's genes that are measured")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the compendium's samples held")] = 2000,
) -> None:
    """Bring another platform to the compendium's genes, and where asked into its distribution."""
    matched = match_genes(read_expression(expression), read_frame(genes), read_frame(compendium_genes))
    if compendium is not None:
        if split is None:
            raise LandmarksError("Expected --split with --compendium, found none.", hint="give its split.parquet.")
        same = find_positions(np.asarray(read_gene_ids(compendium), object), matched.gene_ids, "gene")
        training = rows_of(compendium, read_frame(split), "train")
        read = prefetched(iterate_rows(compendium, training, BATCH, memory_mb))
        quantiles = mean_quantiles(sample[same] for values in read for sample in values)
        logger.info("values are mapped into %.2f to %.2f by rank", quantiles[0], quantiles[-1])
        matched = Expression(matched.sample_ids, matched.gene_ids, map_jointly(matched.values, quantiles))
    write_expression(out, matched)
