"""Normalise a dataset's samples, or pass them on as they are."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.expression import Expression, read_expression, write_expression
from landmarks.normalise import quantile_normalise

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="expression.parquet of the dataset")],
    method: Annotated[str, typer.Option(help="quantile, or any other: values are passed on")],
    out: Annotated[Path, typer.Option(help="normalised expression, Parquet")],
) -> None:
    """Normalise a dataset's samples, or pass them on as they are."""
    data = read_expression(expression)
    if method == "quantile":
        data = Expression(data.sample_ids, data.gene_ids, quantile_normalise(data.values))
    logger.info("normalisation: %s, %d samples × %d genes", method, *data.values.shape)
    write_expression(out, data)
