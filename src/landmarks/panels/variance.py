"""Genes by their variance over the training samples: the simplest data-driven panel."""

import numpy as np
import pandas as pd

from landmarks.panels import Evidence


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (variance of log2 expression), ``reason``, most variable first."""
    variance = evidence.training.var(axis=0, dtype=np.float64)
    order = np.argsort(-variance, kind="stable")
    return pd.DataFrame(
        {
            "gene_id": evidence.genes["gene_id"].to_numpy()[order],
            "score": variance[order],
            "reason": "variance over training samples",
        }
    )
