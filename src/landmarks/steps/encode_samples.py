"""Write every sample's bottleneck activities."""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from landmarks.autoencoder import complete, from_parameters, z_scores
from landmarks.expression import Expression, read_expression, read_gene_ids, write_expression
from landmarks.parameters import read_parameters


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression, with genes the model was trained on")],
    parameters: Annotated[Path, typer.Option(help="the trained autoencoder")],
    genes: Annotated[Path, typer.Option(help="expression whose genes are the model's, in its order")],
    out: Annotated[Path, typer.Option(help="sample_id, then a column a bottleneck unit")],
) -> None:
    """Write every sample's bottleneck activities."""
    data, tensors = read_expression(expression), read_parameters(parameters)
    values = complete(data, read_gene_ids(genes), tensors["input.mean"])
    with torch.no_grad():
        codes = from_parameters(tensors).encoder(z_scores(values, tensors)).numpy()
    units = np.asarray([f"unit{index}" for index in range(codes.shape[1])], object)
    write_expression(out, Expression(data.sample_ids, units, codes))
