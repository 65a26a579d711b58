"""Compare all panels of a size on the targets they share."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.comparison import common_targets, compare_pairs, read_evaluations, summarise_panels, summarise_selectors
from landmarks.files import write_frame

logger = logging.getLogger("landmarks")


def main(
    *,
    evaluations: Annotated[
        list[Path], typer.Argument(help="genes.parquet files, in folders …/<model>/<selector>/k<k>/seed<seed>/")
    ],
    resamples: Annotated[int, typer.Option(help="of the bootstrap over targets")],
    seed: Annotated[int, typer.Option(help="of the bootstrap")],
    out: Annotated[Path, typer.Option(help="a row a pair of selectors and metric")],
    out_targets: Annotated[Path, typer.Option(help="a row a common target and selector")],
    out_panels: Annotated[Path, typer.Option(help="a row a panel")],
    out_selectors: Annotated[Path, typer.Option(help="a row a selector, over its seeds")],
) -> None:
    """Compare all panels of a size on the targets they share."""
    judged = read_evaluations(evaluations)
    targets = common_targets(judged)
    panels = summarise_panels(judged, targets)
    selectors = summarise_selectors(panels, ["model", "k", "selector"])
    for row in selectors.itertuples():
        logger.info("%s, k = %d, %s: MAE %.4f, PCC %.4f", row.model, row.k, row.selector, row.mae, row.pcc)
    write_frame(targets, out_targets)
    write_frame(panels, out_panels)
    write_frame(selectors, out_selectors)
    write_frame(compare_pairs(targets, resamples=resamples, seed=seed), out)
