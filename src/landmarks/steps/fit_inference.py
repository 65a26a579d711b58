"""Fit a model that infers the targets from a panel's landmarks."""

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.checkpoints import Checkpoint
from landmarks.files import read_frame, write_frame
from landmarks.inference import fit_model
from landmarks.inference.problem import prepare
from landmarks.matrices import Room
from landmarks.options import mapping
from landmarks.parameters import write_parameters

logger = logging.getLogger("landmarks")


def main(
    *,
    model: Annotated[str, typer.Option(help="a module of landmarks.inference, such as dgex")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    panel: Annotated[Path, typer.Option(help="the landmarks")],
    seed: Annotated[int, typer.Option(help="of models that draw: initial weights, batches, dropout")],
    settings: Annotated[str, typer.Option(help='of the model, as JSON: {"epochs": 40}')],
    part: Annotated[int | None, typer.Option(help="only this part of it, of a model that has several")] = None,
    checkpoint: Annotated[Path, typer.Option(help="where the state of a long training is kept until it ends")],
    checkpoint_minutes: Annotated[float, typer.Option(help="time between two states")],
    out: Annotated[Path, typer.Option(help="model.parquet: tensors by name")],
    out_roles: Annotated[Path, typer.Option(help="gene_id, role (landmark or target), in the model's order")],
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    memory_mb: Annotated[float, typer.Option(min=1, help="larger compendia are staged on disk")] = 2000,
) -> None:
    """Fit a model that infers the targets from a panel's landmarks."""
    landmarks = read_frame(panel, ["gene_id"])["gene_id"].to_numpy(object)
    kept = Checkpoint(checkpoint, every_s=60 * checkpoint_minutes)
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        problem = prepare(expression, read_frame(split), landmarks, Room(out.parent, memory_mb, closing))
        logger.info("%s: %d landmarks, %d targets", model, len(landmarks), len(problem.targets))
        parameters = fit_model(model, problem, mapping(settings), seed=seed, part=part, checkpoint=kept, device=device)
    roles = ["landmark"] * len(landmarks) + ["target"] * len(problem.targets)
    write_frame(pd.DataFrame({"gene_id": [*landmarks, *problem.targets], "role": roles}), out_roles)
    write_parameters(out, problem.scaling | parameters)
    # Only now: until the files are there, the state is all that is left of a killed job's work.
    kept.discard()
