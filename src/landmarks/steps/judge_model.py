"""Fit a model on a panel of a fold and judge it on samples held out; the model itself is not kept."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.arena import judge_panels
from landmarks.files import read_frame, write_frame
from landmarks.inference import fit_model, infer_test
from landmarks.inference.problem import prepare
from landmarks.matrices import Room
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
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    memory_mb: Annotated[float, typer.Option(min=1, help="larger compendia are staged on disk")] = 2000,
) -> None:
    """Fit a model on a panel of a fold and judge it on samples held out; the model itself is not kept."""
    parts, name = read_frame(split), panel_of(panel)
    landmarks = read_frame(panel, ["gene_id"])["gene_id"].to_numpy(object)
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        problem = prepare(expression, parts, landmarks, Room(out.parent, memory_mb, closing))
        fitted = fit_model(model, problem, mapping(settings), seed=name[2], device=device)
    targets, parameters = problem.targets, problem.scaling | fitted
    # The training samples are done with, and make room for the test samples.
    del problem
    truth, inferred = infer_test(expression, parts, landmarks, targets, parameters, memory_mb)
    by_group, by_target = judge_panels(
        truth,
        groups_of(parts, "test"),
        read_frame(genes).set_index("gene_id").loc[[*landmarks, *targets]].reset_index(),
        read_frame(common),
        {name: np.arange(len(landmarks))},
        [(model, name, inferred)],
        method,
    )
    write_frame(by_group, out)
    write_frame(by_target, out_targets)
