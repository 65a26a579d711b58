"""The paper's selector: genes by their DeepLIFT importance for the bottleneck (Kong et al. 2021)."""

import pandas as pd

from landmarks.panels import Evidence, importance_of, tabulate


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (importance), ``reason``, most important first."""
    importance = importance_of(evidence, "deeplift")
    order = evidence.choice.order(importance)
    return tabulate(evidence, order, importance[order], "mean contribution to the bottleneck")
