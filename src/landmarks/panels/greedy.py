"""Greedy column-subset selection: each gene explains most of what the genes before it leave unexplained.

Farahat, Ghodsi and Kamel (2013), "Efficient greedy feature selection for unsupervised learning", with a ridge
penalty on the regressions, without which the later genes fit the training samples' noise.
"""

import pandas as pd

from landmarks.panels import Evidence, tabulate, training_scores
from landmarks.panels.forward import all_samples, select_forward


def rank(evidence: Evidence, *, penalty: float = 300.0) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (share of the training variance explained beyond the genes before), ``reason``."""
    z = training_scores(evidence)
    chosen, gains = select_forward(all_samples(z, penalty), evidence.choice, evidence.k, lambda parts: parts[0].gain())
    return tabulate(evidence, chosen, gains / (z**2).sum(), "explains most beyond the genes before it")
