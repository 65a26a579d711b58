"""Write every sample's bottleneck activities."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import torch
import typer

from landmarks.autoencoder import complete, from_parameters, z_scores
from landmarks.expression import Expression, iterate_rows, read_gene_ids, read_sample_ids
from landmarks.parameters import read_parameters
from landmarks.sampling import BATCH
from landmarks.writing import write_expression_blocks


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression, with genes the model was trained on")],
    parameters: Annotated[Path, typer.Option(help="the trained autoencoder")],
    genes: Annotated[Path, typer.Option(help="expression whose genes are the model's, in its order")],
    out: Annotated[Path, typer.Option(help="sample_id, then a column a bottleneck unit")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the samples held")] = 2000,
) -> None:
    """Write every sample's bottleneck activities."""
    tensors, wanted = read_parameters(parameters), read_gene_ids(genes)
    encoder = from_parameters(tensors).encoder
    samples, measured = read_sample_ids(expression), np.asarray(read_gene_ids(expression), object)

    def encode() -> Iterator[npt.NDArray[np.float32]]:
        start = 0
        for values in iterate_rows(expression, np.arange(len(samples)), BATCH, memory_mb):
            block = Expression(samples[start : start + len(values)], measured, values)
            with torch.no_grad():
                yield encoder(z_scores(complete(block, wanted, tensors["input.mean"]), tensors)).numpy()
            start += len(values)

    widths = [len(tensor) for name, tensor in tensors.items() if name.startswith("encoder") and name.endswith("bias")]
    units = np.asarray([f"unit{index}" for index in range(widths[-1])], object)
    write_expression_blocks(out, samples, units, encode())
