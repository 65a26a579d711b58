"""DeepLIFT's genes without repetition: importance counts only as far as the genes before leave a gene unexplained.

The importance is that of Kong et al. 2021; the discount is the share of the gene's training variance that its
ridge regression on the genes before it does not explain, as in minimum-redundancy selection (Peng et al. 2005).
"""

import pandas as pd
import torch

from landmarks.panels import Evidence, importance_of, tabulate, training_scores
from landmarks.panels.forward import all_samples, select_forward


def rank(evidence: Evidence, *, penalty: float = 30.0) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (importance × unexplained share), ``reason``."""
    importance = torch.from_numpy(importance_of(evidence, "deeplift_nonredundant"))
    z = training_scores(evidence)
    whole = torch.from_numpy((z**2).sum(axis=0)).clamp(min=1e-12)
    chosen, scores = select_forward(
        all_samples(z, penalty),
        evidence.choice,
        evidence.k,
        lambda parts: importance * (parts[0].length / whole),
    )
    return tabulate(evidence, chosen, scores, "important for the bottleneck, and not told by the genes before it")
