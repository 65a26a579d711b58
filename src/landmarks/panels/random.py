"""Genes drawn at random: the control that every other panel has to beat."""

import numpy as np
import pandas as pd

from landmarks.panels import Evidence, tabulate


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (a uniform draw), ``reason``; panels of one seed are nested."""
    draws = np.random.default_rng(evidence.seed).random(len(evidence.genes))
    order = evidence.choice.order(draws)
    return tabulate(evidence, order, draws[order], f"drawn with seed {evidence.seed}")
