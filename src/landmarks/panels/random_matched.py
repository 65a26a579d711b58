"""Genes drawn at random with a panel's means and variances: is the panel more than strongly expressed genes."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.panels import Evidence, tabulate
from landmarks.panels.choice import positions_of


def rank(evidence: Evidence, *, bins: int = 10) -> pd.DataFrame:
    """Draw, for each gene of the followed panel in turn, a gene of its bin of training mean and variance.

    Parameters
    ----------
    evidence
        The first of its `followed` is the panel to imitate, of which no gene is drawn.
    bins
        Quantiles of the mean, and of the variance. Where a bin has no gene left, the nearest bin that has is used.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``score`` (minus the distance in bins), ``reason``. Costs play no part: a control resembles.

    Raises
    ------
    LandmarksError
        If there is no panel to imitate, it holds fewer than k genes, or names one that is not measured.
    """
    if not evidence.followed:
        raise LandmarksError(
            "The selector `random_matched` needs a panel to imitate, none was given.",
            hint="name a selector as panels.random_matched.like.",
        )
    if evidence.k > len(evidence.followed[0]):
        raise LandmarksError(
            f"{evidence.k:,} genes were asked for, the panel that `random_matched` imitates holds "
            f"{len(evidence.followed[0]):,}.",
            hint=f"ask for at most {len(evidence.followed[0]):,} genes in panels.random_matched.sizes.",
        )
    model = positions_of(evidence.choice, evidence.followed[0])
    statistics = (evidence.training.mean(axis=0, dtype=np.float64), evidence.training.var(axis=0, dtype=np.float64))
    places = np.stack([_quantile_bins(values, bins) for values in statistics], axis=1)
    open_genes = evidence.choice.start()
    for gene in model:
        evidence.choice.take(open_genes, gene)
    draws = np.random.default_rng(evidence.seed).random(len(open_genes))
    included = list(evidence.choice.included[: evidence.k])
    chosen, distances = included.copy(), [0.0] * len(included)
    for gene in included:
        evidence.choice.take(open_genes, gene)
    for gene in model[len(included) : evidence.k]:
        if not open_genes.any():
            break
        distance = np.abs(places - places[gene]).sum(axis=1).astype(np.float64)
        drawn = int(np.where(open_genes, distance + draws, np.inf).argmin())
        chosen.append(drawn)
        distances.append(-distance[drawn])
        evidence.choice.take(open_genes, drawn)
    reason = f"drawn with seed {evidence.seed} to match a panel's means and variances"
    return tabulate(evidence, np.asarray(chosen, np.int64), np.asarray(distances), reason)


def _quantile_bins(values: npt.NDArray[np.float64], bins: int) -> npt.NDArray[np.int64]:
    """Return the quantile bin of each value, from 0."""
    edges = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, values, side="right")
