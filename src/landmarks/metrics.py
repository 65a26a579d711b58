"""How well genes are inferred: mean absolute error, Pearson correlation, and the permutation test."""

import numpy as np
import numpy.typing as npt

SIGNIFICANCE = 0.01
"""A gene passes the permutation test if fewer than this share of the other genes correlate better."""

TIE = 1e-12
"""Correlations closer than this are ties: the product and the sum of a gene's own round differently."""

BLOCK = 2_048
"""Genes tested at a time: bounds the correlation block to 2,048 × genes values."""


def mean_absolute_error(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return each gene's MAE (Kong et al. 2021); both arrays have shape (samples, genes)."""
    return np.abs(truth.astype(np.float64) - inferred).mean(axis=0)


def normalise_columns(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Centre each gene and divide by its length, so that PCCs are dot products.

    Constant columns become zeros: they correlate 0 with everything, by definition here.
    """
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    length = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    # A constant column leaves rounding noise of its mean's size, which must not become a direction.
    constant = length <= 1e-7 * np.maximum(np.abs(values).max(axis=0), 1e-30) * np.sqrt(len(values))
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, length))


def pearson(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return each gene's Pearson correlation over samples.

    Both arrays have shape (samples, genes). A gene that is constant in either has a PCC of 0: an inference
    that does not vary tells nothing about the gene's variation.
    """
    return np.einsum("ij,ij->j", normalise_columns(truth), normalise_columns(inferred))


def permutation_test(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the share of other genes with which a gene's inference correlates better than with its own truth.

    Parameters
    ----------
    truth, inferred
        Shape (samples, genes).

    Returns
    -------
    numpy.ndarray
        float64, shape (genes,): the fraction of k ≠ j with PCC(inferred_j, truth_k) > PCC(inferred_j, truth_j)
        (Kong et al. 2021). Ties do not count as better. A gene whose inference is constant gets 1.
    """
    known, guessed = normalise_columns(truth), normalise_columns(inferred)
    own = np.einsum("ij,ij->j", known, guessed)
    genes = len(own)
    better = np.empty(genes, np.int64)
    for start in range(0, genes, BLOCK):
        block = slice(start, start + BLOCK)
        correlations = guessed[:, block].T @ known
        rows = np.arange(len(correlations))
        # The product and the sum above round differently: a gene must not be better than itself.
        correlations[rows, start + rows] = -np.inf
        better[block] = (correlations > own[block, None] + TIE).sum(axis=1)
    shares = better / max(genes - 1, 1)
    shares[~guessed.any(axis=0)] = 1.0
    return shares
