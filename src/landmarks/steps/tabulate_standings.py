"""Write the standings as a table that is read in one look, and how many genes do the work of a reference panel."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.frames import pick
from landmarks.files import read_frame, write_frame
from landmarks.options import integers
from landmarks.overview import tabulate_gains, tabulate_matches


def main(
    *,
    selectors: Annotated[Path, typer.Option(help="standings/selectors.parquet")],
    sizes: Annotated[Path, typer.Option(help="standings/sizes.parquet")],
    view: Annotated[str, typer.Option(help="as_published, grouped or clean")],
    columns: Annotated[str, typer.Option(help="panel sizes, as 50,100")],
    reference: Annotated[str, typer.Option(help="selectors whose largest panel is to be matched")] = "",
    out: Annotated[Path, typer.Option(help="a row a model and selector, a column a size")],
    out_matches: Annotated[Path, typer.Option(help="a row a reference and selector")],
) -> None:
    """Write the standings as a table that is read in one look, and how many genes do the work of a reference panel."""
    write_frame(tabulate_gains(pick(read_frame(selectors), view=view), integers(columns)), out)
    write_frame(tabulate_matches(pick(read_frame(sizes), view=view), reference.split(",")), out_matches)
