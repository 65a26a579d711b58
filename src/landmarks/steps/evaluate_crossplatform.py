"""Judge an inference model on another platform, its genes matched by symbol."""

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.crossplatform import SCALINGS, evaluate, match_genes
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.parameters import read_parameters

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the other platform")],
    genes: Annotated[Path, typer.Option(help="its genes.parquet")],
    compendium_genes: Annotated[Path, typer.Option(help="the compendium's genes.parquet")],
    model: Annotated[Path, typer.Option(help="model.parquet, fitted on the compendium")],
    roles: Annotated[Path, typer.Option(help="the model's landmarks and targets")],
    seed: Annotated[int, typer.Option(help="of the calibration half")],
    out: Annotated[Path, typer.Option(help="a row a target and scaling")],
) -> None:
    """Judge an inference model on another platform, its genes matched by symbol."""
    wanted, measured = read_frame(compendium_genes), read_frame(genes)
    measured = measured[measured["symbol"].isin(wanted["symbol"])]
    other = match_genes(read_expression(expression, measured["gene_id"].tolist()), measured, wanted)
    tensors, role = read_parameters(model), read_frame(roles)
    landmarks = role.loc[role["role"] == "landmark", "gene_id"].to_numpy(object)
    targets = role.loc[role["role"] == "target", "gene_id"].to_numpy(object)
    frames = [evaluate(other, tensors, landmarks, targets, scaling=scaling, seed=seed) for scaling in SCALINGS]
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
