"""Find how many genes of each selector infer as well as each panel of the others."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, write_frame
from landmarks.matching import smallest_sizes


def main(
    *,
    selectors: Annotated[Path, typer.Option(help="selectors.parquet of the arena")],
    out: Annotated[Path, typer.Option(help="a row a panel and selector: the size needed")],
) -> None:
    """Find how many genes of each selector infer as well as each panel of the others."""
    write_frame(smallest_sizes(read_frame(selectors, ["view", "model", "k", "selector", "mae"])), out)
