"""Choose the k landmark genes of one selector."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.panels import Evidence, make_panel, read_list
from landmarks.partition import samples_of


def main(
    *,
    selector: Annotated[str, typer.Option(help="deeplift, variance, random or given")],
    k: Annotated[int, typer.Option(help="genes in the panel")],
    seed: Annotated[int, typer.Option(help="of the autoencoder or of the draw")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    importance: Annotated[Path | None, typer.Option(help="for deeplift: what rank_genes wrote")] = None,
    listed: Annotated[Path | None, typer.Option(help="for given: one gene a line, or its first column")] = None,
    out: Annotated[Path, typer.Option(help="gene_id, rank, score, reason")],
) -> None:
    """Choose the k landmark genes of one selector."""
    data = read_expression(expression)
    evidence = Evidence(
        genes=read_frame(genes),
        training=samples_of(data, read_frame(split), "train"),
        importance=None if importance is None else read_frame(importance),
        listed=None if listed is None else read_list(listed),
        seed=seed,
    )
    ranking = importlib.import_module(f"landmarks.panels.{selector}").rank(evidence)
    write_frame(make_panel(ranking, k, selector), out)
