"""Draw how stable the selectors are: overlap of their panels by size, and how often genes are chosen."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.stability import draw_stability, stability_numbers
from landmarks.figures.style import save
from landmarks.files import read_frame


def main(
    *,
    overlap: Annotated[Path, typer.Option(help="A row a selector, size and kind of pairs: kappa.")],
    frequency: Annotated[Path, typer.Option(help="A row a selector, size and gene: how often it was chosen.")],
    selector: Annotated[str, typer.Option(help="Whose genes are counted.")],
    k: Annotated[int, typer.Option(help="The size of its panels.")],
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw how stable the selectors are: overlap of their panels by size, and how often genes are chosen."""
    numbers = stability_numbers(read_frame(overlap), read_frame(frequency), selector, k)
    save(draw_stability(numbers, "How many of the genes are chosen again"), out, numbers)
