"""Greedy selection judged on groups left out: each gene predicts most in studies that its regression did not see.

This project's own. A plain greedy selection (Farahat et al. 2013) counts what a gene explains in the samples
its regression is fitted on, and so prefers genes whose covariances hold in these studies only. Here

- the training samples are divided into folds of whole groups (studies, donors); every candidate's regressions are
  fitted without a fold, and the candidate is worth the squared error it takes from the fold, summed over folds;
- a gene is not credited with what it says of itself: landmarks are measured, so they are no targets;
- the ridge penalty grows with the panel, as does the one that inference finds best;
- at some sizes each landmark is taken out again and the gene put in that is then worth most, as in an exchange
  algorithm for optimal designs (Fedorov 1972), so that what was chosen early is looked at in the light of the rest.
"""

from collections.abc import Sequence

import pandas as pd
import torch

from landmarks.panels import Evidence, tabulate, training_scores
from landmarks.panels.forward import Unmeasured, select_forward
from landmarks.split import leave_groups_out


def rank(
    evidence: Evidence,
    *,
    least_penalty: float = 100.0,
    largest_penalty: float = 1000.0,
    folds: int = 4,
    exchange_at: Sequence[int] = (50, 100, 200, 400),
) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (share of the left-out variance explained beyond the other genes), ``reason``.

    Parameters
    ----------
    evidence
        Its seed deals the groups out to folds.
    least_penalty, largest_penalty
        The penalty is the number of genes chosen, kept within these.
    folds
        Parts of the training groups, each left out once.
    exchange_at
        Sizes at which the genes chosen since the last of them are exchanged.
    """
    z = training_scores(evidence)
    profiles = torch.from_numpy(z)
    parts = [
        Unmeasured(profiles, torch.from_numpy(fitted), torch.from_numpy(held_out), least_penalty)
        for fitted, held_out in leave_groups_out(evidence.groups, folds, evidence.seed)
    ]
    chosen, gains = select_forward(
        parts,
        evidence.choice,
        evidence.k,
        lambda each: torch.stack([part.held_out_gain() for part in each]).sum(dim=0),
        penalty_of=lambda size: min(max(least_penalty, size), largest_penalty),
        drop=Unmeasured.drop,
        exchange_at=exchange_at,
    )
    return tabulate(evidence, chosen, gains / (z**2).sum(), "predicts most beyond the other genes in groups left out")
