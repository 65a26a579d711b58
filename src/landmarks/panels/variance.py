"""Genes by their variance over the training samples: the simplest data-driven panel."""

import numpy as np
import pandas as pd

from landmarks.panels import Evidence, tabulate


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (variance of log2 expression), ``reason``, most variable first."""
    variance = evidence.training.var(axis=0, dtype=np.float64)
    order = evidence.choice.order(variance)
    return tabulate(evidence, order, variance[order], "variance over training samples")
