"""Fit a model on a panel of a fold and judge it on samples held out; the model itself is not kept."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.arena import judge_panels
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference import fit_model, infer
from landmarks.inference.problem import prepare, score
from landmarks.options import mapping
from landmarks.panels.files import panel_of
from landmarks.partition import groups_of


def main(
    *,
    panel: Annotated[Path, typer.Option(help="…/<selector>/k<k>/seed<seed>.parquet")],
    model: Annotated[str, typer.Option(help="a module of landmarks.inference, such as dgex")],
    settings: Annotated[str, typer.Option(help='of the model, as JSON: {"epochs": 40}')],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet of the fold")],
    method: Annotated[str, typer.Option(help="how samples were held out: random or grouped")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    common: Annotated[Path, typer.Option(help="the targets common to the panels of a size")],
    out: Annotated[Path, typer.Option(help="a row a view and group")],
    out_targets: Annotated[Path, typer.Option(help="a row a target")],
) -> None:
    """Fit a model on a panel of a fold and judge it on samples held out; the model itself is not kept."""
    data, parts = read_expression(expression), read_frame(split)
    name = panel_of(panel)
    problem = prepare(data, parts, read_frame(panel, ["gene_id"])["gene_id"].to_numpy(object))
    parameters = fit_model(model, problem, mapping(settings), seed=name[2])
    scores = score(data, parts)
    landmarks, targets = data.positions(problem.landmarks), data.positions(problem.targets)
    inferred = np.zeros_like(scores.test)
    inferred[:, targets] = infer(parameters, scores.test[:, landmarks])
    table = read_frame(genes).set_index("gene_id").loc[data.gene_ids.tolist()].reset_index()
    by_group, by_target = judge_panels(
        scores,
        groups_of(parts, "test"),
        table,
        read_frame(common),
        {name: landmarks},
        [(model, name, inferred)],
        method,
    )
    write_frame(by_group, out)
    write_frame(by_target, out_targets)
