"""Put the cross-platform evaluations of all panels side by side."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.comparison import common_targets, read_evaluations, summarise_panels, summarise_selectors
from landmarks.files import write_frame


def main(
    *,
    evaluations: Annotated[
        list[Path], typer.Argument(help="genes.parquet files, in folders …/<model>/<selector>/k<k>/seed<seed>/")
    ],
    out_targets: Annotated[Path, typer.Option(help="a row a common target, selector and scaling")],
    out_panels: Annotated[Path, typer.Option(help="a row a panel and scaling")],
    out_selectors: Annotated[Path, typer.Option(help="a row a selector and scaling, over its seeds")],
) -> None:
    """Put the cross-platform evaluations of all panels side by side."""
    judged = read_evaluations(evaluations)
    targets, panels = [], []
    for scaling, rows in judged.groupby("scaling"):
        shared = common_targets(rows)
        targets.append(shared.assign(scaling=scaling))
        measured = rows.groupby(["model", "k", "selector", "seed"])["landmarks_measured"].first().reset_index()
        summary = summarise_panels(rows, shared).merge(measured, on=["model", "k", "selector", "seed"])
        panels.append(summary.assign(scaling=scaling))
    write_frame(pd.concat(targets, ignore_index=True), out_targets)
    summaries = pd.concat(panels, ignore_index=True)
    write_frame(summaries, out_panels)
    write_frame(summarise_selectors(summaries, ["scaling", "model", "k", "selector"]), out_selectors)
