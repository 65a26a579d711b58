"""Choose the landmark genes of one selector, at one size or several."""

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.files import read_frame, write_frame
from landmarks.options import mapping
from landmarks.panels import NESTED, Evidence, make_panel, read_list
from landmarks.panels.choice import from_frame, unconstrained
from landmarks.panels.evidence import read_training
from landmarks.panels.files import panel_of
from landmarks.parameters import read_parameters


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="to be written: …/k<k>/seed<seed>.parquet")],
    selector: Annotated[str, typer.Option(help="a module of landmarks.panels, such as crossfit")],
    seed: Annotated[int, typer.Option(help="of the autoencoder or of the selector's own draws")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    candidates: Annotated[Path | None, typer.Option(help="which genes may and must be chosen; all by default")] = None,
    importance: Annotated[Path | None, typer.Option(help="for deeplift…: what rank_genes wrote")] = None,
    parameters: Annotated[Path | None, typer.Option(help="for greedy_autoencoder: the autoencoder")] = None,
    listed: Annotated[Path | None, typer.Option(help="for given: a gene a line, in one of its columns")] = None,
    column: Annotated[int, typer.Option(help="of the list, from 1")] = 1,
    followed: Annotated[list[Path] | None, typer.Option(help="for consensus: panels to agree on")] = None,
    settings: Annotated[str, typer.Option(help='the selector\'s own, as JSON: {"penalty": 300}')] = "",
    samples: Annotated[int, typer.Option(min=2, help="the most training samples that are looked at")] = 3_000,
) -> None:
    """Choose the landmark genes of one selector, at one size or several."""
    table = read_frame(genes)
    training, groups = read_training(expression, read_frame(split, ["sample_id", "group", "part"]), samples)
    ids = np.asarray(table["gene_id"], object)
    sizes = {file: panel_of(file)[1] for file in panels}
    evidence = Evidence(
        genes=table,
        training=training,
        groups=groups,
        choice=unconstrained(ids) if candidates is None else from_frame(read_frame(candidates)),
        k=max(sizes.values()),
        seed=seed,
        importance=None if importance is None else read_frame(importance),
        parameters=None if parameters is None else read_parameters(parameters),
        listed=None if listed is None else read_list(listed, column),
        followed=[read_frame(file, ["gene_id"])["gene_id"].tolist() for file in followed or []],
    )
    rank, ranking = importlib.import_module(f"landmarks.panels.{selector}").rank, None
    for file, k in sorted(sizes.items(), key=lambda item: -item[1]):
        if ranking is None or selector not in NESTED:
            ranking = rank(replace(evidence, k=k), **mapping(settings))
        write_frame(make_panel(ranking, k, panel_of(file)[0]), file)
