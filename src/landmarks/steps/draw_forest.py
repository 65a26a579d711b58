"""Draw the forest of the arena: each selector against chance, a row a selector, a facet a size or model."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.errors import LandmarksError
from landmarks.figures.forest import draw_forest, forest_numbers
from landmarks.figures.frames import pick
from landmarks.figures.style import name_of, save
from landmarks.files import read_frame


def main(
    *,
    selectors: Annotated[Path, typer.Option(help="standings/selectors.parquet")],
    panels: Annotated[Path, typer.Option(help="standings/panels.parquet")],
    view: Annotated[str, typer.Option(help="as_published, grouped or clean")] = "clean",
    sizes: Annotated[str, typer.Option(help="Panel sizes, joined by commas; all by default.")] = "",
    model: Annotated[str, typer.Option(help="The model that judged; all if empty.")] = "ridge",
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw the forest of the arena: each selector against chance, a row a selector, a facet a size or model."""
    summary, judged = pick(read_frame(selectors), view=view), pick(read_frame(panels), view=view)
    if model:
        summary, judged = pick(summary, model=model), judged[judged["model"] == model]
    if sizes:
        summary = pd.concat([pick(summary, k=k) for k in _read_sizes(sizes)])
        judged = judged[judged["k"].isin(summary["k"])]
    numbers = forest_numbers(summary, judged)
    groups = int(summary["groups"].max()) if len(summary) else 0
    by = f", {name_of(model)}" if model else ""
    save(
        draw_forest(numbers, f"Panels against chance{by}, {groups:,} held-out group{'s' * (groups != 1)}"), out, numbers
    )


def _read_sizes(sizes: str) -> list[int]:
    words = sizes.split(",")
    if not all(word.strip().isdecimal() for word in words):
        raise LandmarksError(
            f"Expected panel sizes joined by commas, found {sizes}.", hint="write them as in --sizes 50,100,250."
        )
    return sorted({int(word) for word in words})
