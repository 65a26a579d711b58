"""Draw figure 5a: the terms over-represented among a panel's genes, beside random panels."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.style import save
from landmarks.figures.terms import draw_terms, term_numbers
from landmarks.files import read_frame


def main(
    *,
    enrichment: Annotated[Path, typer.Option(help="The panel's enrichment.parquet: a row a term.")],
    controls: Annotated[Path, typer.Option(help="Random panels: replicate, n_significant.")],
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw figure 5a: the terms over-represented among a panel's genes, beside random panels."""
    numbers = term_numbers(read_frame(enrichment), read_frame(controls, ["replicate", "n_significant"]))
    save(draw_terms(numbers), out, numbers)
