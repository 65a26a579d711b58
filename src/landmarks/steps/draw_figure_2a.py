"""Draw figure 2a: how well the autoencoder reconstructs each gene of held-out samples."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.densities import autoencoder_numbers, draw_autoencoder
from landmarks.figures.style import save
from landmarks.files import read_frame

COLUMNS = ["gene_id", "mae", "mae_null", "pcc", "significant"]


def main(
    *,
    genes: Annotated[Path, typer.Option(help="The autoencoder's genes.parquet: metrics a gene.")],
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw figure 2a: how well the autoencoder reconstructs each gene of held-out samples."""
    numbers = autoencoder_numbers(read_frame(genes, COLUMNS))
    save(draw_autoencoder(numbers), out, numbers)
