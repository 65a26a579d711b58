"""Find which genes a panel may and must hold, from the designer's constraints."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from landmarks.expression import iterate_rows
from landmarks.files import read_frame, write_frame
from landmarks.panels.choice import capacity, to_frame
from landmarks.panels.constraints import constrain
from landmarks.partition import BATCH, rows_of

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    include: Annotated[list[str] | None, typer.Option(help="a gene that must be chosen")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="a gene that must not")] = None,
    minimum_expression: Annotated[float | None, typer.Option(help="lowest mean log2 over training samples")] = None,
    one_probe_a_gene: Annotated[bool, typer.Option(help="one row a symbol is enough")] = False,
    averaged_by: Annotated[str | None, typer.Option(help="name by which rows are averaged: one row a name")] = None,
    measured: Annotated[list[Path] | None, typer.Option(help="genes.parquet of another platform")] = None,
    costs: Annotated[Path | None, typer.Option(help="gene, cost: a tab-separated table")] = None,
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds what is read")] = 2000,
    out: Annotated[Path, typer.Option(help="a row a gene: allowed, included, label, cost")],
) -> None:
    """Find which genes a panel may and must hold, from the designer's constraints."""
    rows = rows_of(expression, read_frame(split), "train")
    table = read_frame(genes)
    total = np.zeros(len(table))
    # Nothing else asks for means: the file is not read for other constraints.
    if include or minimum_expression is not None:
        for values in iterate_rows(expression, rows, BATCH, memory_mb):
            total += values.sum(axis=0, dtype=np.float64)
    choice = constrain(
        table,
        total / len(rows),
        include=include or [],
        exclude=exclude or [],
        minimum_expression=minimum_expression,
        one_probe_a_gene=one_probe_a_gene,
        averaged_by=averaged_by,
        measured=[read_frame(file, ["symbol"]) for file in measured or []],
        costs=None if costs is None else pd.read_csv(costs, sep="\t", dtype={"gene": str}),
    )
    allowed, size = choice.allowed.sum(), capacity(choice)
    logger.info("%d of %d genes may be chosen, a panel holds up to %d", allowed, len(choice.allowed), size)
    write_frame(to_frame(choice), out)
