"""Per-gene z-scores whose mean and scale come from training samples alone."""

import logging

import numpy as np
import numpy.typing as npt

from landmarks.errors import name_some

logger = logging.getLogger("landmarks")


def fit_scaling(
    training: npt.NDArray[np.float32], gene_ids: npt.NDArray[np.object_], *, offset: float = 0.0
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return each gene's mean and scale.

    Parameters
    ----------
    training
        float32, shape (samples, genes): training samples only.
    gene_ids
        Shape (genes,), to name constant genes in the log.
    offset
        Added to the standard deviation; D-GEX's published code adds 1e-3 (Chen et al. 2016).

    Returns
    -------
    mean, scale
        float32, shape (genes,). The scale is the population standard deviation plus `offset`, and 1 for a
        gene that is constant over the training samples: its z-score is then 0 there.
    """
    mean = training.mean(axis=0, dtype=np.float64)
    deviation = training.std(axis=0, dtype=np.float64)
    constant = np.ptp(training, axis=0) == 0
    if constant.any():
        logger.warning(
            "%d genes are constant over the training samples and carry no information: %s",
            constant.sum(),
            name_some(gene_ids[constant]),
        )
    scale = np.where(constant, 1.0, deviation + offset)
    return mean.astype(np.float32), scale.astype(np.float32)
