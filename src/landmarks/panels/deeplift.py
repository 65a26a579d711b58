"""The paper's selector: genes by their DeepLIFT importance for the bottleneck (Kong et al. 2021)."""

import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.panels import Evidence


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return ``gene_id``, ``score`` (importance), ``reason``, most important first."""
    if evidence.importance is None:
        raise LandmarksError(
            "The selector `deeplift` needs the genes' importance, none was given.",
            hint="give --importance the file that the rule rank_genes writes.",
        )
    ranked = evidence.importance.sort_values("rank")
    return pd.DataFrame(
        {
            "gene_id": ranked["gene_id"].to_numpy(),
            "score": ranked["importance"].to_numpy(),
            "reason": "mean contribution to the bottleneck",
        }
    )
