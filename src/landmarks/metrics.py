"""How well genes are inferred: mean absolute error, Pearson correlation, and the permutation test.

Conventions. A constant gene, true or inferred, has a correlation of 0 with everything: what does not vary tells
nothing about variation. Correlations within `TIE` of each other are ties, and a tie is not better. A value that is
not finite is an error, never a result.
"""

import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError

SIGNIFICANCE = 0.01
"""A gene passes the permutation test if fewer than this share of the other genes correlate better."""

TIE = 1e-12
"""Correlations closer than this are ties: products and sums in double precision round differently."""

BLOCK = 256
"""Genes, or samples, worked on at a time where an array is prepared: temporaries stay in cache."""

ROWS, COLUMNS, DEPTH = 1_024, 2_048, 512
"""A tile of correlations (inferences × true genes), which stays in cache, and the samples summed at a time."""

HELD = 2**26
"""Values of true genes held in double precision at a time: all of 22,268 genes up to 3,000 samples."""

PAIRS = 2**19
"""Values gathered at a time to recompute single correlations in double precision."""

MANY = 1 / 64
"""With more than this share of its correlations in doubt, a whole tile in double precision is faster."""


def mean_absolute_error(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return each gene's MAE (Kong et al. 2021).

    Parameters
    ----------
    truth, inferred
        Shape (samples, genes).

    Returns
    -------
    numpy.ndarray
        float64, shape (genes,), in the unit of the values.

    Raises
    ------
    LandmarksError
        If a value is not finite.
    """
    _refuse_unknown(truth, inferred)
    error = np.zeros(truth.shape[1])
    for samples in _blocks(len(truth), BLOCK):
        error += np.abs(truth[samples].astype(np.float64) - inferred[samples]).sum(axis=0)
    return error / len(truth)


def unit_profiles(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Centre each gene and divide by its length, so that PCCs are dot products of rows.

    Parameters
    ----------
    values
        Shape (samples, genes), all finite.

    Returns
    -------
    numpy.ndarray
        float64, shape (genes, samples): genes first. A constant gene becomes zeros.
    """
    profiles = np.empty(values.shape[::-1])
    for genes in _blocks(len(profiles), BLOCK):
        profile = profiles[genes]
        profile[:] = values[:, genes].T
        largest = np.abs(profile).max(axis=1)
        profile -= profile.mean(axis=1, keepdims=True)
        length = np.sqrt(np.einsum("ij,ij->i", profile, profile))
        # A constant gene leaves rounding noise of its mean's size, which must not become a direction.
        constant = length <= 1e-7 * np.maximum(largest, 1e-30) * np.sqrt(len(values))
        profile[constant] = 0
        profile /= np.where(constant, 1, length)[:, None]
    return profiles


def pearson(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return each gene's Pearson correlation over samples; 0 for a gene that is constant in either.

    Parameters
    ----------
    truth, inferred
        Shape (samples, genes).

    Returns
    -------
    numpy.ndarray
        float64, shape (genes,).

    Raises
    ------
    LandmarksError
        If a value is not finite.
    """
    _refuse_unknown(truth, inferred)
    correlations = np.empty(truth.shape[1])
    for genes in _blocks(len(correlations), BLOCK):
        correlations[genes] = _dot(unit_profiles(truth[:, genes]), unit_profiles(inferred[:, genes]))
    return correlations


def permutation_test(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the share of other genes with which a gene's inference correlates better than with its own truth.

    The correlations are single-precision products, tile by tile; those too close to a gene's own for single
    precision to tell are recomputed in double. The counts are double precision's, up to its own rounding where a
    correlation exceeds the gene's own by exactly `TIE`.

    Parameters
    ----------
    truth, inferred
        Shape (samples, genes).

    Returns
    -------
    numpy.ndarray
        float64, shape (genes,): the fraction of k ≠ j with PCC(inferred_j, truth_k) > PCC(inferred_j, truth_j)
        (Kong et al. 2021). Ties do not count as better. A gene whose inference is constant gets 1.

    Raises
    ------
    LandmarksError
        If a value is not finite.
    """
    own = pearson(truth, inferred)
    better, constant = np.zeros(len(own), np.int64), np.zeros(len(own), bool)
    # Profiles of all genes in double precision would take four times the memory of what is given.
    for columns in _blocks(len(own), max(ROWS, HELD // len(truth))):
        known = unit_profiles(truth[:, columns])
        known_single = known.astype(np.float32)
        for rows in _blocks(len(own), ROWS):
            guessed = unit_profiles(inferred[:, rows])
            constant[rows] = ~guessed.any(axis=1)
            # All of a constant inference's correlations are ties; nothing is near infinity, so none is recomputed.
            limit = np.where(constant[rows], np.inf, own[rows])
            better[rows] += _count_better(known, known_single, guessed, limit, rows.start - columns.start)
    return np.where(constant, 1, better / max(len(own) - 1, 1))


def _count_better(
    known: npt.NDArray[np.float64],
    known_single: npt.NDArray[np.float32],
    guessed: npt.NDArray[np.float64],
    own: npt.NDArray[np.float64],
    diagonal: int,
) -> npt.NDArray[np.int64]:
    """Count, for each row j of `guessed`, the rows of `known` whose product with it exceeds ``own[j] + TIE``.

    Not counted is the gene itself, row j + `diagonal` of `known`.
    """
    doubt, guessed_single = _doubt(guessed.shape[1]), guessed.astype(np.float32)
    low, high = (limit.astype(np.float32)[:, None] for limit in (own - doubt, own + doubt))
    buffers = np.empty((2, len(guessed), min(COLUMNS, len(known))), np.float32)
    masks = np.empty(buffers.shape, bool)
    better = np.zeros(len(own), np.int64)
    for columns in _blocks(len(known), COLUMNS):
        size = columns.stop - columns.start
        tile, part = buffers[:, :, :size]
        above, near = masks[:, :, :size]
        _multiply(guessed_single, known_single[columns], tile, part)
        itself = diagonal - columns.start
        _leave_out(tile, itself)
        np.greater(tile, high, out=above)
        np.greater(tile, low, out=near)
        np.logical_xor(near, above, out=near)
        if np.count_nonzero(near) > MANY * near.size:
            exact = guessed @ known[columns].T
            _leave_out(exact, itself)
            better += np.count_nonzero(exact > own[:, None] + TIE, axis=1)
        else:
            better += np.count_nonzero(above, axis=1)
            better += _recount(guessed, known[columns], own, near)
    return better


def _leave_out(products: npt.NDArray[np.floating], diagonal: int) -> None:
    """Put minus infinity where the column is the row + `diagonal`, in place."""
    rows = np.arange(max(0, -diagonal), min(len(products), products.shape[1] - diagonal))
    products[rows, rows + diagonal] = -np.inf


def _doubt(samples: int) -> float:
    """Return how far `_multiply` can be from the product of two unit vectors, and a little more.

    With u = 2⁻²⁴, rounding both vectors to single precision changes a term a·b by up to 2u|a·b|. On its way into the
    sum a term is rounded up to DEPTH times within its part, in whatever order that is added up, and once for each
    part. By Cauchy and Schwarz Σ|a·b| ≤ 1, so the error stays below the number of roundings times u. The rest of the 8
    covers the rounding of the threshold (u), `TIE`, and terms in u².
    """
    return float(min(samples, DEPTH) + -(-samples // DEPTH) + 8) * 2**-24


def _multiply(
    guessed: npt.NDArray[np.float32],
    known: npt.NDArray[np.float32],
    tile: npt.NDArray[np.float32],
    part: npt.NDArray[np.float32],
) -> None:
    """Write ``guessed @ known.T`` to `tile`, adding parts of `DEPTH` samples: long sums in single precision drift."""
    np.matmul(guessed[:, :DEPTH], known[:, :DEPTH].T, out=tile)
    for samples in _blocks(guessed.shape[1], DEPTH)[1:]:
        tile += np.matmul(guessed[:, samples], known[:, samples].T, out=part)


def _recount(
    guessed: npt.NDArray[np.float64],
    known: npt.NDArray[np.float64],
    own: npt.NDArray[np.float64],
    near: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Count those of the pairs marked in `near`, shape (guessed, known), that exceed ``own + TIE`` in double."""
    counts = np.zeros(len(own), np.int64)
    row, column = np.nonzero(near)
    for pairs in _blocks(len(row), max(1, PAIRS // guessed.shape[1])):
        exact = _dot(guessed[row[pairs]], known[column[pairs]])
        counts += np.bincount(row[pairs][exact > own[row[pairs]] + TIE], minlength=len(own))
    return counts


def _dot(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the dot products of equal rows."""
    return np.einsum("ij,ij->i", first, second)


def _blocks(length: int, size: int) -> list[slice]:
    """Return the slices of up to `size` that make up `length`."""
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def _refuse_unknown(truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32]) -> None:
    """Raise a LandmarksError if a value of either is not finite."""
    for name, values in (("true", truth), ("inferred", inferred)):
        unknown = sum(np.count_nonzero(~np.isfinite(values[block])) for block in _blocks(len(values), BLOCK))
        if unknown:
            raise LandmarksError(
                f"Expected finite {name} values, found {unknown:,} of {values.size:,} that are NaN or infinite.",
                hint="remove genes or samples with missing values, or impute them, before the evaluation.",
            )
