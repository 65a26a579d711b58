"""Draw figure 3c (MAE) or 3d (PCC): two selectors' panels compared target by target."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.frames import pick
from landmarks.figures.scatters import draw_pairs, pair_numbers
from landmarks.figures.style import Metric, name_of, save
from landmarks.files import read_frame


def main(
    *,
    targets: Annotated[Path, typer.Option(help="The common targets: model, k, selector, gene_id, mae, pcc.")],
    selector_a: Annotated[str, typer.Option(help="The selector on the horizontal axis.")],
    selector_b: Annotated[str, typer.Option(help="The selector on the vertical axis.")],
    model: Annotated[str, typer.Option(help="The model that infers, as in the config.")],
    k: Annotated[int, typer.Option(help="The number of landmarks.")],
    metric: Annotated[Metric, typer.Option(help="mae for figure 3c, pcc for figure 3d.")],
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw figure 3c (MAE) or 3d (PCC): two selectors' panels compared target by target."""
    rows = pick(read_frame(targets, ["model", "k", "selector", "gene_id", metric]), model=model, k=k)
    numbers = pair_numbers(rows, metric, selector_a, selector_b)
    title = f"{name_of(selector_a)} against {name_of(selector_b)}: {k:,} landmarks, {name_of(model)}"
    save(draw_pairs(numbers, title), out, numbers)
