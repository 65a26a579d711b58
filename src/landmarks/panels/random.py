"""Genes drawn at random: the control that every other panel has to beat."""

import numpy as np
import pandas as pd

from landmarks.panels import Evidence


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (a uniform draw), ``reason``; panels of one seed are nested."""
    draws = np.random.default_rng(evidence.seed).random(len(evidence.genes))
    order = np.argsort(-draws, kind="stable")
    return pd.DataFrame(
        {
            "gene_id": evidence.genes["gene_id"].to_numpy()[order],
            "score": draws[order],
            "reason": f"drawn with seed {evidence.seed}",
        }
    )
