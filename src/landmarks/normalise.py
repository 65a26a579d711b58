"""Quantile normalisation: every sample gets the same distribution of values."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata


def mean_quantiles(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the mean of the samples' sorted values.

    Parameters
    ----------
    values
        float32, shape (samples, genes).

    Returns
    -------
    numpy.ndarray
        float64, shape (genes,), ascending: the reference distribution of Bolstad et al. 2003.
    """
    total = np.zeros(values.shape[1], np.float64)
    for sample in values:
        total += np.sort(sample)
    return total / len(values)


def map_to_quantiles(values: npt.NDArray[np.float32], quantiles: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Replace each value by the reference value of the same rank within its sample.

    Parameters
    ----------
    values
        float32, shape (samples, genes).
    quantiles
        float64, shape (any,), ascending. Where its length differs from the number of genes, ranks are
        stretched onto it.

    Returns
    -------
    numpy.ndarray
        float32, shape (samples, genes). Tied values share a rank, the mean of the ranks they cover
        (as limma's ``normalizeQuantiles(ties=TRUE)``), so they stay tied.
    """
    result = np.empty(values.shape, np.float32)
    positions = np.linspace(0.0, 1.0, len(quantiles))
    last_rank = max(values.shape[1] - 1, 1)
    for index, sample in enumerate(values):
        result[index] = np.interp((rankdata(sample) - 1) / last_rank, positions, quantiles)
    return result


def quantile_normalise(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Give every sample the mean distribution of all samples (Bolstad et al. 2003).

    Parameters
    ----------
    values
        float32, shape (samples, genes).
    """
    return map_to_quantiles(values, mean_quantiles(values))


def map_jointly(values: npt.NDArray[np.float32], quantiles: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Map another platform's samples into a compendium's distribution, by rank among the unique values of a sample.

    Parameters
    ----------
    values
        float32, shape (samples, genes).
    quantiles
        float64, shape (genes,), ascending: the compendium's mean quantiles of the same genes.

    Returns
    -------
    numpy.ndarray
        float32, shape (samples, genes). The r-th of u unique values, r from 1, becomes the quantile number
        ⌊r/u · genes⌋, as in the published code of Chen et al. 2016 (GTEx_reqnorm.py): ties, such as the zeros of
        RNA-seq, stay tied and count as one.
    """
    result = np.empty(values.shape, np.float32)
    for index, sample in enumerate(values):
        unique, rank = np.unique(sample, return_inverse=True)
        # In whole numbers: the published code divides first, and loses a place where that rounds down.
        numbers = (rank.astype(np.int64) + 1) * len(quantiles) // len(unique)
        result[index] = quantiles[np.maximum(numbers, 1) - 1]
    return result
