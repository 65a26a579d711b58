"""Greedy selection on the autoencoder's reconstruction: genes that explain most of what the network has learnt.

As `landmarks.panels.greedy` (Farahat et al. 2013), on the training samples as the autoencoder of Kong et al. 2021
reconstructs them: what it could not learn counts as noise.
"""

import pandas as pd
import torch

from landmarks.autoencoder import from_parameters, z_scores
from landmarks.errors import LandmarksError
from landmarks.panels import Evidence, tabulate
from landmarks.panels.forward import all_samples, select_forward


def rank(evidence: Evidence, *, penalty: float = 300.0) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (share of the reconstruction's variance it adds), ``reason``."""
    if evidence.parameters is None:
        raise LandmarksError(
            "The selector `greedy_autoencoder` needs the autoencoder, none was given.",
            hint="give --parameters the file that the rule train_autoencoder writes.",
        )
    with torch.no_grad():
        learnt = from_parameters(evidence.parameters)(z_scores(evidence.training, evidence.parameters)).numpy()
    learnt -= learnt.mean(axis=0)
    chosen, gains = select_forward(
        all_samples(learnt, penalty), evidence.choice, evidence.k, lambda parts: parts[0].gain()
    )
    return tabulate(evidence, chosen, gains / (learnt**2).sum(), "explains most of what the autoencoder reconstructs")
