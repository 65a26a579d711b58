"""Put the parts of a model, fitted one by one, together."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, write_frame
from landmarks.parameters import Parameters, read_parameters, write_parameters


def main(
    *,
    models: Annotated[list[Path], typer.Argument(help="…/part<p>/model.parquet, in order")],
    roles: Annotated[Path, typer.Option(help="of any of the parts: they are the same")],
    out: Annotated[Path, typer.Option(help="model.parquet: tensors by name")],
    out_roles: Annotated[Path, typer.Option(help="gene_id, role (landmark or target), in the model's order")],
) -> None:
    """Put the parts of a model, fitted one by one, together."""
    joined: Parameters = {}
    for model in models:
        joined |= read_parameters(model)
    write_frame(read_frame(roles), out_roles)
    write_parameters(out, joined)
