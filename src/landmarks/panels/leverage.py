"""Genes by column-pivoted QR of the leading principal components: the most independent loadings.

The k leading right singular vectors V of the z-scores are factorised with column pivoting (Businger and Golub 1965;
subset selection as in Golub and Van Loan, section 5.5.7): each gene has the largest leverage that the genes before it
leave. Once the rank is used up the other genes follow by their leverage ‖V_g‖² (Mahoney and Drineas 2009).
"""

import numpy as np
import pandas as pd
from scipy.linalg import eigh

from landmarks.panels import Evidence, tabulate, training_scores
from landmarks.panels.forward import all_samples, select_forward

NEGLIGIBLE = 1e-6
"""Relative to the largest: principal components with a smaller variance are rounding."""


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (leverage that the genes before leave), ``reason``."""
    z = training_scores(evidence).astype(np.float64)
    variance, samples = eigh(z @ z.T)
    kept = np.flatnonzero(variance > NEGLIGIBLE * variance[-1])[::-1][: evidence.k]
    components = (samples[:, kept].T @ z) / np.sqrt(variance[kept])[:, None]
    chosen, left = select_forward(
        components,
        all_samples(len(components)),
        # As good as none: the residual lengths of a pivoted QR.
        [NEGLIGIBLE**2],
        evidence.choice,
        min(evidence.k, len(kept)),
        lambda parts: parts[0].length,
    )
    leverage = (components**2).sum(axis=0)
    taken = set(evidence.choice.labels[chosen])
    later = [g for g in evidence.choice.order(leverage) if evidence.choice.labels[g] not in taken]
    order = np.concatenate([chosen, np.asarray(later, np.int64)])[: evidence.k]
    scores = np.concatenate([left, np.zeros(len(later))])[: evidence.k]
    return tabulate(evidence, order, scores, "the largest leverage that the genes before it leave")
