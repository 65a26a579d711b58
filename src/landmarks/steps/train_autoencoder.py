"""Train the autoencoder."""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from landmarks.autoencoder import Autoencoder, to_parameters, train, z_scores
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.options import integers
from landmarks.parameters import write_parameters
from landmarks.partition import samples_of
from landmarks.standardise import fit_scaling


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    hidden: Annotated[str, typer.Option(help="widths of the encoder, as 500,100")],
    dropout: Annotated[float, typer.Option()],
    penalty: Annotated[float, typer.Option(help="of the squared weights")],
    epochs: Annotated[int, typer.Option()],
    batch_size: Annotated[int, typer.Option()],
    learning_rate: Annotated[float, typer.Option()],
    trained_on: Annotated[str, typer.Option(help="parts of the split, as train or train,validation")],
    seed: Annotated[int, typer.Option(help="of initial weights, batches and dropout")],
    out: Annotated[Path, typer.Option(help="parameters.parquet")],
    out_history: Annotated[Path, typer.Option(help="losses by epoch")],
) -> None:
    """Train the autoencoder."""
    data, parts = read_expression(expression), read_frame(split)
    training = np.concatenate([samples_of(data, parts, part) for part in trained_on.split(",")])
    mean, scale = fit_scaling(training, data.gene_ids)
    scaling = {"input.mean": mean, "input.scale": scale}
    torch.manual_seed(seed)
    model = Autoencoder(len(data.gene_ids), integers(hidden), dropout)
    history = train(
        model,
        z_scores(training, scaling),
        z_scores(samples_of(data, parts, "validation"), scaling),
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        penalty=penalty,
    )
    write_frame(history, out_history)
    write_parameters(out, to_parameters(model, mean, scale))
