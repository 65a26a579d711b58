"""Put the judged folds together: selectors and pairs of them, with intervals over groups."""

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.files import read_frame, read_frames, write_frame
from landmarks.standings import compare_arena, summarise_arena

logger = logging.getLogger("landmarks")


def main(
    *,
    folders: Annotated[list[Path], typer.Argument(help="with groups.parquet and targets.parquet")],
    resamples: Annotated[int, typer.Option(help="of the bootstrap")],
    seed: Annotated[int, typer.Option(help="of the bootstrap")],
    out: Annotated[Path, typer.Option(help="a row a pair of selectors, view and metric")],
    out_panels: Annotated[Path, typer.Option(help="a row a panel and view")],
    out_selectors: Annotated[Path, typer.Option(help="a row a selector and view")],
) -> None:
    """Put the judged folds together: selectors and pairs of them, with intervals over groups."""
    judged = pd.concat([read_frame(folder / "groups.parquet") for folder in folders], ignore_index=True)
    panels, selectors = summarise_arena(judged, resamples=resamples, seed=seed)
    for row in selectors.itertuples():
        place = (row.view, row.model, row.k, row.selector)
        logger.info("%s, %s, k = %d, %s: MAE %.4f, %.2f%% under chance", *place, row.mae, row.gain)
    write_frame(panels, out_panels)
    write_frame(selectors, out_selectors)
    genes = read_frames([folder / "targets.parquet" for folder in folders])
    write_frame(compare_arena(judged, genes, resamples=resamples, seed=seed), out)
