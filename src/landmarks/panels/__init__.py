"""Selectors: each ranks genes from the same evidence and says why it chose them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError


@dataclass(frozen=True)
class Evidence:
    """What a selector may look at: training samples and what was learnt from them, never test samples.

    Attributes
    ----------
    genes
        ``gene_id``, ``symbol``, … of the compendium, in the order of its columns.
    training
        float32, shape (samples, genes), log2.
    importance
        ``gene_id``, ``importance``, … of the autoencoder, where the selector needs it.
    listed
        Names (gene ids or symbols) of a given list, in its order, where the selector needs it.
    seed
        Of selectors that draw.
    """

    genes: pd.DataFrame
    training: npt.NDArray[np.float32]
    importance: pd.DataFrame | None
    listed: list[str] | None
    seed: int


def make_panel(ranking: pd.DataFrame, k: int, selector: str) -> pd.DataFrame:
    """Cut a ranking to a panel.

    Parameters
    ----------
    ranking
        ``gene_id``, ``score``, ``reason``, best first.
    k
        Genes in the panel.
    selector
        Its name, for the error.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``rank`` from 1, ``score``, ``reason``.

    Raises
    ------
    LandmarksError
        If the ranking holds fewer than `k` genes.
    """
    if len(ranking) < k:
        raise LandmarksError(
            f"A panel of {k:,} genes was asked for, the selector `{selector}` ranks {len(ranking):,} here.",
            hint=f"ask for at most {len(ranking):,} genes in panels.{selector}.sizes.",
        )
    panel = ranking.head(k).reset_index(drop=True)
    panel.insert(1, "rank", np.arange(1, k + 1))
    return panel[["gene_id", "rank", "score", "reason"]]


def read_list(path: Path) -> list[str]:
    """Read a list of genes: the first tab-separated column, without empty lines and ``#`` comments."""
    if not path.is_file():
        raise LandmarksError(f"Expected a list of genes at {path}, found none.", hint="check panels.given.file.")
    lines = (line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
