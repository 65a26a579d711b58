"""Normalise a fold's samples by its training samples alone."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.expression import Expression, read_expression, write_expression
from landmarks.files import read_frame
from landmarks.normalise import map_to_quantiles, mean_quantiles
from landmarks.partition import samples_of

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="expression.parquet of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet of the fold: its samples are kept")],
    out: Annotated[Path, typer.Option(help="prepared expression of the fold")],
) -> None:
    """Normalise a fold's samples by its training samples alone."""
    data, parts = read_expression(expression), read_frame(split)
    training = samples_of(data, parts, "train")
    kept = parts["sample_id"].to_numpy(object)
    logger.info("quantiles of %d training samples for %d samples", len(training), len(kept))
    values = map_to_quantiles(data.rows(kept), mean_quantiles(training))
    write_expression(out, Expression(kept, data.gene_ids, values))
