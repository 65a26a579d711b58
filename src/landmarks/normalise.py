"""Quantile normalisation: every sample gets the same distribution of values."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

BATCH = 256
"""Samples that are read and mapped at a time. What becomes of a sample does not depend on it."""


def sort_order(sample: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Return the numbers of a sample's values from the lowest to the highest, as `numpy.argsort` does, but faster.

    Parameters
    ----------
    sample
        float32, shape (genes,), nothing missing.
    """
    bits = sample.view(np.uint32)
    # These whole numbers have the order of the floats: negative ones are turned round, and come before the others.
    keys = bits ^ ((bits.view(np.int32) >> 31).view(np.uint32) | np.uint32(1 << 31))
    # NumPy sorts 16 bits by radix. A stable sort by the upper half of those sorted by the lower half sorts all.
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    upper = (keys >> 16).astype(np.uint16)
    return order[np.argsort(upper[order], kind="stable")]


def mean_quantiles(samples: Iterable[npt.NDArray[np.float32]]) -> npt.NDArray[np.float64]:
    """Return the mean of the samples' sorted values.

    Parameters
    ----------
    samples
        At least one, each float32, shape (genes,): a matrix, or the rows of one that is read in a stream.

    Returns
    -------
    numpy.ndarray
        float64, shape (genes,), ascending: the reference distribution of Bolstad et al. 2003.
    """
    total, count = np.zeros(1, np.float64), 0
    for sample in samples:
        total = total + sample[sort_order(sample)]
        count += 1
    return total / count


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
    genes = values.shape[1]
    result = np.empty(values.shape, np.float32)
    # Mean ranks are whole or half: what each of them becomes is worked out once, and looked up by twice the rank.
    twice = np.arange(2 * genes - 1)
    mapped = np.interp(twice / 2 / max(genes - 1, 1), np.linspace(0.0, 1.0, len(quantiles)), quantiles)
    mapped = mapped.astype(np.float32)
    for row, sample in zip(result, values, strict=True):
        order = sort_order(sample)
        ordered, ranks = sample[order], twice[::2].copy()
        tied = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        first, end = (np.searchsorted(ordered, ordered[tied], side) for side in ("left", "right"))
        # Each of them is tied with the one before it, down to the first: twice their mean rank is first plus last.
        ranks[tied] = ranks[first] = first + end - 1
        row[order] = mapped[ranks]
    return result


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
