"""Fit a model that infers the targets from a panel's landmarks."""

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference.problem import prepare
from landmarks.options import integers, numbers
from landmarks.parameters import write_parameters

logger = logging.getLogger("landmarks")


def main(
    *,
    model: Annotated[str, typer.Option(help="ridge or dgex")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    panel: Annotated[Path, typer.Option(help="the landmarks")],
    seed: Annotated[int, typer.Option(help="dgex: of initial weights, batches and dropout")],
    penalties: Annotated[str, typer.Option(help="ridge: candidates, as 10,100")] = "",
    hidden: Annotated[str, typer.Option(help="dgex: widths, as 9000,9000,9000")] = "",
    keep: Annotated[float, typer.Option(help="dgex: probability of keeping a hidden unit")] = 1.0,
    epochs: Annotated[int, typer.Option(help="dgex")] = 0,
    batch_size: Annotated[int, typer.Option(help="dgex")] = 0,
    learning_rate: Annotated[float, typer.Option(help="dgex")] = 0.0,
    out: Annotated[Path, typer.Option(help="model.parquet: tensors by name")],
    out_roles: Annotated[Path, typer.Option(help="gene_id, role (landmark or target), in the model's order")],
) -> None:
    """Fit a model that infers the targets from a panel's landmarks."""
    data, parts = read_expression(expression), read_frame(split)
    problem = prepare(data, parts, read_frame(panel, ["gene_id"])["gene_id"].to_numpy(object))
    logger.info("%s: %d landmarks, %d targets", model, len(problem.landmarks), len(problem.targets))
    samples = (*problem.training, *problem.validation)
    if model == "ridge":
        from landmarks.inference import ridge

        parameters = ridge.fit(*samples, numbers(penalties))
    else:
        # Imported here: loading torch takes longer than a ridge regression.
        from landmarks.inference import dgex

        parameters = dgex.fit(
            *samples,
            hidden=integers(hidden),
            keep=keep,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            seed=seed,
        )
    roles = ["landmark"] * len(problem.landmarks) + ["target"] * len(problem.targets)
    write_frame(pd.DataFrame({"gene_id": [*problem.landmarks, *problem.targets], "role": roles}), out_roles)
    write_parameters(out, problem.scaling | parameters)
