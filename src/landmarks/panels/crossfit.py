"""Greedy selection judged on groups left out: each gene predicts most in studies that its regression did not see.

This project's own. A plain greedy selection (Farahat et al. 2013) counts what a gene explains in the samples
its regression is fitted on, and so prefers genes whose covariances hold in these studies only. Here the training
samples are divided into folds of whole groups (studies, donors); every candidate's regressions are fitted without a
fold, and the candidate is worth the squared error it takes from the fold, summed over folds and penalties.
"""

import pandas as pd
import torch

from landmarks.panels import Evidence, tabulate, training_scores
from landmarks.panels.forward import select_forward
from landmarks.split import leave_groups_out


def rank(evidence: Evidence, *, penalties: tuple[float, ...] = (300.0,), folds: int = 4) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (share of the left-out variance explained beyond the genes before), ``reason``.

    Parameters
    ----------
    evidence
        Its seed deals the groups out to folds.
    penalties
        Of the ridge regressions; a gene's worth is summed over them.
    folds
        Parts of the training groups, each left out once.
    """
    z = training_scores(evidence)
    chosen, gains = select_forward(
        z,
        leave_groups_out(evidence.groups, folds, evidence.seed),
        list(penalties),
        evidence.choice,
        evidence.k,
        lambda parts: torch.stack([part.held_out_gain() for part in parts]).sum(dim=0),
    )
    share = gains / ((z**2).sum() * len(penalties))
    return tabulate(evidence, chosen, share, "predicts most beyond the genes before it in groups left out")
