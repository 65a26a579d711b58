"""Genes by column-pivoted QR of the leading principal components: the most independent loadings.

The k leading right singular vectors V of the z-scores are factorised with column pivoting (Businger and Golub 1965;
subset selection as in Golub and Van Loan, section 5.5.7): each gene has the largest leverage that the genes before it
leave. Once the rank is used up the other genes follow by their leverage ‖V_g‖² (Mahoney and Drineas 2009).

V is not multiplied by the singular values: with all of them the pivoted QR would be that of the z-scores, in which the
first components outweigh the others, whereas what k genes have to span is the whole of the k components.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import eigh

from landmarks.panels import Evidence, tabulate, training_scores
from landmarks.panels.choice import Choice

NEGLIGIBLE = 1e-6
"""Relative to the largest: principal components with a smaller variance are rounding."""

SPENT = 1e-9
"""Relative to the largest leverage: a gene with less of it left is told by the genes before it."""


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (leverage that the genes before leave), ``reason``."""
    components = leading_components(training_scores(evidence).astype(np.float64), evidence.k)
    chosen, left, late = pivot(components, evidence.choice, evidence.k)
    ranking = tabulate(evidence, chosen, left, "the largest leverage that the genes before it leave")
    optional = ~np.isin(chosen, evidence.choice.included)
    ranking.loc[late & optional, "reason"] = "the largest leverage of the genes that those before it tell"
    return ranking


def leading_components(z: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """Return the leading right singular vectors of `z`, largest first, shape (at most `count`, genes).

    Parameters
    ----------
    z
        z-scores, shape (samples, genes); decomposed on the smaller side.
    count
        Components wanted; fewer where the rank is lower.
    """
    wide = len(z) <= z.shape[1]
    variance, vectors = eigh(z @ z.T if wide else z.T @ z)
    kept = np.flatnonzero(variance > NEGLIGIBLE * variance[-1])[::-1][:count]
    if wide:
        components: npt.NDArray[np.float64] = (vectors[:, kept].T @ z) / np.sqrt(variance[kept])[:, None]
        return components
    return np.ascontiguousarray(vectors[:, kept].T)


def pivot(
    components: npt.NDArray[np.float64], choice: Choice, k: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Choose columns by pivoted Gram-Schmidt, which costs a product of `components` with a vector a step.

    Parameters
    ----------
    components
        Shape (rank, genes).
    choice
        Included genes come first; a gene's leverage is divided by its cost.
    k
        Genes wanted.

    Returns
    -------
    chosen, left, late
        int64 positions, the leverage that the genes before left, and whether nothing was left to choose by, shape
        (k,), or fewer if no more may be chosen.
    """
    leverage = (components**2).sum(axis=0)
    spent = SPENT * leverage.max(initial=0.0)
    left = leverage.copy()
    basis = np.zeros((0, len(components)))
    open_genes = choice.start()
    chosen: list[int] = []
    scores: list[float] = []
    late: list[bool] = []
    while len(chosen) < k and open_genes.any():
        exhausted = bool(left[open_genes].max() <= spent)
        if len(chosen) < len(choice.included):
            gene = int(choice.included[len(chosen)])
        else:
            worth = (leverage if exhausted else left) / choice.costs
            gene = int(np.where(open_genes, worth, -np.inf).argmax())
        choice.take(open_genes, gene)
        chosen.append(gene)
        scores.append(max(float(left[gene]), 0.0))
        late.append(exhausted)
        if left[gene] > spent:
            direction = components[:, gene]
            # Twice is enough (Giraud, Langou and Rozložník 2005): once leaves the rounding of a large projection.
            for _ in range(2):
                direction = direction - basis.T @ (basis @ direction)
            direction = direction / np.linalg.norm(direction)
            basis = np.vstack([basis, direction])
            left -= (direction @ components) ** 2
    return np.asarray(chosen, np.int64), np.asarray(scores), np.asarray(late, bool)
