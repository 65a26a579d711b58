"""Draw the size curve of the arena: each selector against chance, by panel size."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.curve import curve_numbers, draw_curve
from landmarks.figures.frames import pick, shown
from landmarks.figures.style import save
from landmarks.files import read_frame


def main(
    *,
    selectors: Annotated[Path, typer.Option(help="standings/selectors.parquet")],
    panels: Annotated[Path, typer.Option(help="standings/panels.parquet")],
    view: Annotated[str, typer.Option(help="as_published, grouped or clean")] = "clean",
    chosen: Annotated[str, typer.Option(help="Those shown, joined by commas; all by default.")] = "",
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw the size curve of the arena: each selector against chance, by panel size."""
    summary = pick(read_frame(selectors), view=view)
    numbers = curve_numbers(shown(summary, chosen), pick(read_frame(panels), view=view))
    groups = int(summary["groups"].max()) if len(summary) else 0
    save(draw_curve(numbers, f"Panels against chance, {groups:,} held-out group{'s' * (groups != 1)}"), out, numbers)
