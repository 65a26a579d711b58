"""Choose the k landmark genes of one selector."""

import importlib
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.options import mapping
from landmarks.panels import Evidence, make_panel, read_list
from landmarks.panels.constraints import constrain
from landmarks.parameters import read_parameters
from landmarks.partition import groups_of, samples_of


def main(
    *,
    selector: Annotated[str, typer.Option(help="a module of landmarks.panels, such as crossfit")],
    k: Annotated[int, typer.Option(help="genes in the panel")],
    seed: Annotated[int, typer.Option(help="of the autoencoder or of the draw")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    importance: Annotated[Path | None, typer.Option(help="for deeplift…: what rank_genes wrote")] = None,
    parameters: Annotated[Path | None, typer.Option(help="for greedy_autoencoder: the autoencoder")] = None,
    listed: Annotated[Path | None, typer.Option(help="for given: one gene a line, or its first column")] = None,
    like: Annotated[Path | None, typer.Option(help="for random_matched: the panel to imitate")] = None,
    settings: Annotated[str, typer.Option(help='the selector\'s own, as JSON: {"penalty": 300}')] = "",
    include: Annotated[str, typer.Option(help="genes that must be chosen, joined by commas")] = "",
    exclude: Annotated[str, typer.Option(help="genes that must not")] = "",
    minimum_expression: Annotated[float | None, typer.Option(help="lowest mean log2 over training samples")] = None,
    one_probe_a_gene: Annotated[str, typer.Option(help="yes: one row a symbol is enough")] = "no",
    measured: Annotated[list[Path] | None, typer.Option(help="genes.parquet of platforms that must measure it")] = None,
    costs: Annotated[Path | None, typer.Option(help="gene, cost: a tab-separated table")] = None,
    out: Annotated[Path, typer.Option(help="gene_id, rank, score, reason")],
) -> None:
    """Choose the k landmark genes of one selector."""
    data, parts, table = read_expression(expression), read_frame(split), read_frame(genes)
    training = samples_of(data, parts, "train")
    choice = constrain(
        table,
        training.mean(axis=0, dtype=np.float64),
        include=[name for name in include.split(",") if name],
        exclude=[name for name in exclude.split(",") if name],
        minimum_expression=minimum_expression,
        one_probe_a_gene=one_probe_a_gene == "yes",
        measured=[read_frame(file, ["symbol"]) for file in measured or []],
        costs=None if costs is None else pd.read_csv(costs, sep="\t", dtype={"gene": str}),
    )
    evidence = Evidence(
        genes=table,
        training=training,
        groups=groups_of(parts, "train"),
        choice=choice,
        k=k,
        seed=seed,
        importance=None if importance is None else read_frame(importance),
        parameters=None if parameters is None else read_parameters(parameters),
        listed=None if listed is None else read_list(listed),
        model=None if like is None else read_frame(like, ["gene_id"])["gene_id"].tolist(),
    )
    ranking = importlib.import_module(f"landmarks.panels.{selector}").rank(evidence, **mapping(settings))
    write_frame(make_panel(ranking, k, selector), out)
