"""Draw figure 4a (MAE) or 4b (PCC): densities on another platform, by selector."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.densities import draw_targets, metric_numbers
from landmarks.figures.frames import pick, shown
from landmarks.figures.style import Metric, name_of, save
from landmarks.files import read_frame

COLUMNS = ["model", "k", "selector", "gene_id", "scaling"]


def main(
    *,
    targets: Annotated[Path, typer.Option(help="model, k, selector, gene_id, scaling, mae, pcc, a row a target.")],
    dataset: Annotated[str, typer.Option(help="The dataset of the other platform, for the title.")],
    model: Annotated[str, typer.Option(help="The model that infers, as in the config.")],
    k: Annotated[int, typer.Option(help="The number of landmarks.")],
    scaling: Annotated[str, typer.Option(help="How the other platform's genes were scaled, as in the file.")],
    metric: Annotated[Metric, typer.Option(help="mae for figure 4a, pcc for figure 4b.")],
    selectors: Annotated[str, typer.Option(help="Those shown, joined by commas; all by default.")] = "",
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw figure 4a (MAE) or 4b (PCC): densities on another platform, by selector."""
    rows = pick(read_frame(targets, [*COLUMNS, metric]), model=model, k=k, scaling=scaling)
    numbers = metric_numbers(shown(rows, selectors).rename(columns={"selector": "series"}), metric)
    title = f"{name_of(dataset)}: {k:,} landmarks, {name_of(model)}, {scaling} scaling"
    save(draw_targets(numbers, title), out, numbers)
