"""Train the autoencoder."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from landmarks.autoencoder import Autoencoder, to_parameters
from landmarks.checkpoints import Checkpoint, identify
from landmarks.devices import choose_device, refuse_precision
from landmarks.expression import read_gene_ids
from landmarks.files import read_frame, write_frame
from landmarks.matrices import Room
from landmarks.options import integers
from landmarks.parameters import write_parameters
from landmarks.partition import hold_rows, rows_of
from landmarks.standardise import fit_scaling, standardise
from landmarks.training import STATE, Settings, train


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
    checkpoint: Annotated[Path | None, typer.Option(help="where the state is kept until the training ends")] = None,
    checkpoint_minutes: Annotated[float, typer.Option(help="time between two states")] = 10,
    precision: Annotated[str, typer.Option(help="float32, or bfloat16 on hardware that multiplies it")] = "float32",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    memory_mb: Annotated[float, typer.Option(min=1, help="larger compendia are staged on disk")] = 2000,
) -> None:
    """Train the autoencoder."""
    place = choose_device(device)
    refuse_precision(precision, place)
    settings = Settings(epochs, batch_size, learning_rate, penalty, precision)
    parts, genes = read_frame(split), read_gene_ids(expression)
    with ExitStack() as closing:
        room = Room(out.parent, memory_mb, closing)
        out.parent.mkdir(parents=True, exist_ok=True)
        training = hold_rows(expression, rows_of(expression, parts, *trained_on.split(",")), room)
        validation = hold_rows(expression, rows_of(expression, parts, "validation"), room)
        mean, scale = fit_scaling(training, np.asarray(genes, object))
        for rows in (training, validation):
            standardise(rows, mean, scale)
        torch.manual_seed(seed)
        model = Autoencoder(len(genes), integers(hidden), dropout)
        # Mean and scale tell the training samples apart; hashing all of them would take a minute at full size.
        identity = identify((STATE, settings, hidden, dropout, seed, training.shape, validation.shape), mean, scale)
        kept = None if checkpoint is None else Checkpoint(checkpoint, 60 * checkpoint_minutes, identity)
        history = train(model, training, validation, settings, seed=seed, device=place, checkpoint=kept)
    write_frame(history, out_history)
    write_parameters(out, to_parameters(model, mean, scale))
    # Only now: until the files are there, the state is all that is left of a killed job's work.
    if kept is not None:
        kept.discard()
