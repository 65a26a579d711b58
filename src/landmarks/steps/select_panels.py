"""Choose the k landmark genes of one selector."""

import importlib
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.options import mapping
from landmarks.panels import Evidence, make_panel, read_list
from landmarks.panels.choice import from_frame, unconstrained
from landmarks.parameters import read_parameters
from landmarks.partition import groups_of, samples_of


def main(
    *,
    selector: Annotated[str, typer.Option(help="a module of landmarks.panels, such as crossfit")],
    k: Annotated[int, typer.Option(help="genes in the panel")],
    seed: Annotated[int, typer.Option(help="of the autoencoder or of the selector's own draws")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    candidates: Annotated[Path | None, typer.Option(help="which genes may and must be chosen; all by default")] = None,
    importance: Annotated[Path | None, typer.Option(help="for deeplift…: what rank_genes wrote")] = None,
    parameters: Annotated[Path | None, typer.Option(help="for greedy_autoencoder: the autoencoder")] = None,
    listed: Annotated[Path | None, typer.Option(help="for given: one gene a line, or its first column")] = None,
    settings: Annotated[str, typer.Option(help='the selector\'s own, as JSON: {"penalty": 300}')] = "",
    out: Annotated[Path, typer.Option(help="gene_id, rank, score, reason")],
) -> None:
    """Choose the k landmark genes of one selector."""
    data, parts, table = read_expression(expression), read_frame(split), read_frame(genes)
    ids = np.asarray(table["gene_id"], object)
    evidence = Evidence(
        genes=table,
        training=samples_of(data, parts, "train"),
        groups=groups_of(parts, "train"),
        choice=unconstrained(ids) if candidates is None else from_frame(read_frame(candidates)),
        k=k,
        seed=seed,
        importance=None if importance is None else read_frame(importance),
        parameters=None if parameters is None else read_parameters(parameters),
        listed=None if listed is None else read_list(listed),
    )
    ranking = importlib.import_module(f"landmarks.panels.{selector}").rank(evidence, **mapping(settings))
    write_frame(make_panel(ranking, k, selector), out)
