"""Per-gene quality of inferred expression, in z-scores and in log2 units."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.metrics import SIGNIFICANCE, mean_absolute_error, pearson, permutation_test


def evaluate_genes(
    gene_ids: npt.NDArray[np.object_],
    truth: npt.NDArray[np.float32],
    inferred: npt.NDArray[np.float32],
    *,
    scale: npt.NDArray[np.float32],
    null: npt.NDArray[np.float32],
    permuted: bool = True,
) -> pd.DataFrame:
    """Compare inferred with true expression, a row a gene.

    Parameters
    ----------
    gene_ids
        Shape (genes,).
    truth, inferred
        float32 z-scores, shape (samples, genes), of samples that took no part in the fit.
    scale
        What one z-score is in log2 units, shape (genes,).
    null
        The constant prediction to beat, z-scores of shape (genes,): the training median.
    permuted
        Whether the permutation test is done; without, its two columns are missing.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``; ``mae`` and ``mae_null`` in z-scores; ``pcc``; ``p_permutation``; ``significant``
        (permutation share under 1%); ``mae_log2`` in log2 units.
    """
    mae = mean_absolute_error(truth, inferred)
    share = permutation_test(truth, inferred) if permuted else np.full(len(mae), np.nan)
    return pd.DataFrame(
        {
            "gene_id": gene_ids,
            "mae": mae,
            "pcc": pearson(truth, inferred),
            "p_permutation": share,
            "significant": share < SIGNIFICANCE if permuted else pd.array([pd.NA] * len(mae), "boolean"),
            "mae_null": mean_absolute_error(truth, np.broadcast_to(null, truth.shape)),
            "mae_log2": mae * scale,
        }
    )
