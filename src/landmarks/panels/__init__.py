"""Selectors: each ranks genes from the same evidence and says why it chose them."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.panels.choice import Choice
from landmarks.parameters import Parameters
from landmarks.standardise import fit_scaling

SELECTORS = (
    "concrete",
    "consensus",
    "crossfit",
    "deeplift",
    "deeplift_nonredundant",
    "given",
    "greedy",
    "greedy_autoencoder",
    "leverage",
    "peeloff",
    "random",
    "random_matched",
    "variance",
)
"""Modules of this package with a function ``rank(evidence, **settings)``."""

CONTROLS = ("random", "random_matched")
"""Selectors that draw: what chance gives. They are drawn many times and never thin out the common targets."""


NESTED = ("crossfit", "deeplift", "deeplift_nonredundant", "greedy", "greedy_autoencoder", "variance")
"""Selectors whose panel of any size is the head of one ranking, whatever is asked for."""


@dataclass(frozen=True)
class Evidence:
    """What a selector may look at: training samples and what was learnt from them, never test samples.

    Attributes
    ----------
    genes
        ``gene_id``, ``symbol``, … of the compendium, in the order of its columns.
    training
        float32, shape (samples, genes), log2.
    groups
        The samples' study or donor, shape (samples,).
    choice
        Which genes may and must be chosen.
    k
        Genes to rank: the largest panel that is asked for.
    seed
        Of selectors that draw.
    importance
        ``gene_id``, ``importance``, … of the autoencoder, where the selector needs it.
    parameters
        The autoencoder, where the selector needs it.
    listed
        Names (gene ids or symbols) of a given list, in its order, where the selector needs it.
    followed
        Gene ids of other panels, ranked, where the selector needs them: the one to imitate, or those to agree on.
    """

    genes: pd.DataFrame
    training: npt.NDArray[np.float32]
    groups: npt.NDArray[np.object_]
    choice: Choice
    k: int
    seed: int = 0
    importance: pd.DataFrame | None = None
    parameters: Parameters | None = None
    listed: list[str] | None = None
    followed: list[list[str]] = field(default_factory=list)


def training_scores(evidence: Evidence) -> npt.NDArray[np.float32]:
    """Return the training samples as z-scores of their own, shape (samples, genes)."""
    mean, scale = fit_scaling(evidence.training, evidence.choice.gene_ids)
    return (evidence.training - mean) / scale


def importance_of(evidence: Evidence, selector: str) -> npt.NDArray[np.float64]:
    """Return the genes' importance in the compendium's order, shape (genes,).

    Raises
    ------
    LandmarksError
        If none was given; `selector` is named.
    """
    if evidence.importance is None:
        raise LandmarksError(
            f"The selector `{selector}` needs the genes' importance, none was given.",
            hint="give --importance the file that the rule rank_genes writes.",
        )
    values = evidence.importance.set_index("gene_id")["importance"]
    return np.array(values.loc[evidence.choice.gene_ids.tolist()], np.float64)


def tabulate(
    evidence: Evidence, positions: npt.NDArray[np.int64], scores: npt.NDArray[np.floating], reason: str
) -> pd.DataFrame:
    """Return a ranking: ``gene_id``, ``score``, ``reason``, best first; included genes say so."""
    required = np.isin(positions, evidence.choice.included)
    return pd.DataFrame(
        {
            "gene_id": evidence.choice.gene_ids[positions],
            "score": np.asarray(scores, np.float64),
            "reason": np.where(required, "must be included", reason).astype(object),
        }
    )


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


def read_list(path: Path, column: int = 1) -> list[str]:
    """Read a list of genes: one of the tab-separated columns, from 1, without empty lines and ``#`` comments.

    Raises
    ------
    LandmarksError
        If there is no file, or a line has too few columns.
    """
    if not path.is_file():
        raise LandmarksError(f"Expected a list of genes at {path}, found none.", hint="check panels.<name>.file.")
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    rows = [(number, line.split("\t")) for number, line in lines if line.strip() and not line.startswith("#")]
    for number, row in rows:
        if len(row) < column:
            raise LandmarksError(
                f"Expected {column} tab-separated columns in line {number} of {path}, found {len(row)}.",
                hint="check panels.<name>.column: columns are counted from 1.",
            )
    return [name for _, row in rows if (name := row[column - 1].strip())]
