"""Draw figure 3a (MAE) or 3b (PCC): densities over the common targets, by selector."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.figures.densities import draw_targets, metric_numbers
from landmarks.figures.frames import pick, shown
from landmarks.figures.style import Metric, name_of, save
from landmarks.files import read_frame


def main(
    *,
    targets: Annotated[Path, typer.Option(help="The common targets: model, k, selector, gene_id, mae, pcc.")],
    model: Annotated[str, typer.Option(help="The model that infers, as in the config.")],
    k: Annotated[int, typer.Option(help="The number of landmarks.")],
    metric: Annotated[Metric, typer.Option(help="mae for figure 3a, pcc for figure 3b.")],
    selectors: Annotated[str, typer.Option(help="Those shown, joined by commas; all by default.")] = "",
    out: Annotated[Path, typer.Option(help="The figure; .pdf, .png and .parquet are added to it.")],
) -> None:
    """Draw figure 3a (MAE) or 3b (PCC): densities over the common targets, by selector."""
    rows = pick(read_frame(targets, ["model", "k", "selector", "gene_id", metric]), model=model, k=k)
    numbers = metric_numbers(shown(rows, selectors).rename(columns={"selector": "series"}), metric)
    title = f"Common targets inferred from {k:,} landmarks by {name_of(model)}"
    save(draw_targets(numbers, title), out, numbers)
