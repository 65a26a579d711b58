"""Write a small frame as TSV for the report, with four significant digits."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, replacing


def main(
    *,
    frame: Annotated[Path, typer.Option(help="a Parquet frame")],
    out: Annotated[Path, typer.Option(help="TSV")],
) -> None:
    """Write a small frame as TSV for the report, with four significant digits."""
    with replacing(out) as temporary:
        read_frame(frame).to_csv(temporary, sep="\t", index=False, float_format="%.4g")
