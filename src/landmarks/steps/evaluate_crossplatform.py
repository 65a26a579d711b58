"""Judge an inference model on another platform."""

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.crossplatform import evaluate
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.parameters import read_parameters

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="the other platform, from match-platform")],
    model: Annotated[Path, typer.Option(help="model.parquet, fitted on the compendium")],
    roles: Annotated[Path, typer.Option(help="the model's landmarks and targets")],
    scalings: Annotated[str, typer.Option(help="own, calibrated and training, or some of them")],
    seed: Annotated[int, typer.Option(help="of the calibration half")],
    out: Annotated[Path, typer.Option(help="a row a target and scaling")],
) -> None:
    """Judge an inference model on another platform."""
    other = read_expression(expression)
    tensors, role = read_parameters(model), read_frame(roles)
    landmarks = role.loc[role["role"] == "landmark", "gene_id"].to_numpy(object)
    targets = role.loc[role["role"] == "target", "gene_id"].to_numpy(object)
    frames = [
        evaluate(other, tensors, landmarks, targets, scaling=scaling, seed=seed) for scaling in scalings.split(",")
    ]
    for frame in frames:
        logger.info(
            "%s: MAE %.4f z-scores, PCC %.4f, %d of %d targets significant",
            frame["scaling"].iloc[0],
            frame["mae"].mean(),
            frame["pcc"].mean(),
            frame["significant"].sum(),
            len(frame),
        )
    write_frame(pd.concat(frames, ignore_index=True), out)
