"""Compare a selector's panels between seeds and folds, and count how often each gene is chosen."""

import logging
import re
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.errors import LandmarksError
from landmarks.files import read_frame, write_frame
from landmarks.stability import NO_FOLD, frequency_of, overlap_of

logger = logging.getLogger("landmarks")

NAME = re.compile(r"(?:arena/fold(\d+)/)?panels/([^/]+)/k(\d+)/seed(\d+)\.parquet$")


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="…/[arena/fold<f>/]panels/<selector>/k<k>/seed<seed>.parquet")],
    candidates: Annotated[list[Path], typer.Option(help="candidates.parquet of the run, or of every fold")],
    out: Annotated[Path, typer.Option(help="a row a selector, size and kind of pair")],
    out_frequency: Annotated[Path, typer.Option(help="a row a selector, size and gene")],
) -> None:
    """Compare a selector's panels between seeds and folds, and count how often each gene is chosen."""
    chosen = pd.concat([_read(file) for file in panels], ignore_index=True)
    # Folds may allow different genes. Among the fewest, more of an overlap is put down to chance.
    allowed = min(int(read_frame(file, ["allowed"])["allowed"].sum()) for file in candidates)
    overlap = overlap_of(chosen, allowed)
    for row in overlap.itertuples():
        logger.info("%s, k = %d, between %s: kappa %.3f", row.selector, row.k, row.between, row.kappa)
    write_frame(overlap, out)
    write_frame(frequency_of(chosen), out_frequency)


def _read(path: Path) -> pd.DataFrame:
    """Read a panel with what its path says of it."""
    found = NAME.search(path.as_posix())
    if found is None:
        raise LandmarksError(
            f"Expected a path ending in panels/<selector>/k<k>/seed<seed>.parquet, found {path}.",
            hint="give the files that select_panels and draw_controls write, where they write them.",
        )
    fold, selector, k, seed = found.groups()
    return read_frame(path, ["gene_id", "rank"]).assign(
        fold=NO_FOLD if fold is None else int(fold), selector=selector, k=int(k), seed=int(seed)
    )
