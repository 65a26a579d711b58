"""Draw figure 2b: the circular dendrogram of labelled held-out samples."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.dendrogram import dendrogram_numbers, draw_dendrogram
from landmarks.figures.style import save
from landmarks.files import read_frame


def main(
    *,
    linkage: Annotated[Path, typer.Option(help="The merges: left, right, height, size.")],
    assignments: Annotated[Path, typer.Option(help="The samples: sample_id, label, cluster, leaf.")],
    scores: Annotated[Path, typer.Option(help="The scores: representation, ari, nmi, silhouette.")],
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw figure 2b: the circular dendrogram of labelled held-out samples."""
    numbers = dendrogram_numbers(
        read_frame(linkage, ["left", "right", "height", "size"]),
        read_frame(assignments, ["sample_id", "label", "cluster", "leaf"]),
        read_frame(scores, ["representation", "ari", "nmi", "silhouette"]),
    )
    save(draw_dendrogram(numbers), out, numbers)
