"""How well genes are inferred: mean absolute error, Pearson correlation, and the permutation test.

Conventions. A constant gene, true or inferred, has a correlation of 0 with everything: what does not vary tells
nothing about variation. Correlations within `TIE` of each other are ties, and a tie is not better. A value that is
not finite is an error, never a result.
"""

import numpy as np
import numpy.typing as npt
import torch

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
        known = torch.from_numpy(unit_profiles(truth[:, columns]))
        known_single = known.float()
        for rows in _blocks(len(own), ROWS):
            guessed = torch.from_numpy(unit_profiles(inferred[:, rows]))
            constant[rows] = ~guessed.any(dim=1).numpy()
            # All of a constant inference's correlations are ties; nothing is near infinity, so none is recomputed.
            limit = torch.from_numpy(np.where(constant[rows], np.inf, own[rows]))
            better[rows] += _count_better(known, known_single, guessed, limit, rows.start - columns.start).numpy()
    return np.where(constant, 1, better / max(len(own) - 1, 1))


def _count_better(
    known: torch.Tensor, known_single: torch.Tensor, guessed: torch.Tensor, own: torch.Tensor, diagonal: int
) -> torch.Tensor:
    """Count, for each row j of `guessed`, the rows of `known` whose product with it exceeds ``own[j] + TIE``.

    Not counted is the gene itself, row j + `diagonal` of `known`.
    """
    doubt, guessed_single = _doubt(guessed.shape[1]), guessed.float()
    low, high = (own - doubt).float()[:, None], (own + doubt).float()[:, None]
    buffers = torch.empty(2, len(guessed), min(COLUMNS, len(known)))
    masks = torch.empty(buffers.shape, dtype=torch.bool)
    better = torch.zeros(len(own), dtype=torch.int64)
    for columns in _blocks(len(known), COLUMNS):
        size = columns.stop - columns.start
        tile, part = buffers[:, :, :size]
        above, near = masks[:, :, :size]
        _multiply(guessed_single, known_single[columns], tile, part)
        itself = diagonal - columns.start
        tile.diagonal(itself).fill_(-torch.inf)
        torch.gt(tile, high, out=above)
        torch.gt(tile, low, out=near).logical_xor_(above)
        if near.count_nonzero() > MANY * near.numel():
            exact = guessed @ known[columns].T
            exact.diagonal(itself).fill_(-torch.inf)
            better += (exact > own[:, None] + TIE).sum(dim=1)
        else:
            better += above.sum(dim=1, dtype=torch.int32)
            better += _recount(guessed, known[columns], own, near)
    return better


def _doubt(samples: int) -> float:
    """Return how far `_multiply` can be from the product of two unit vectors, and a little more.

    With u = 2⁻²⁴, rounding both vectors to single precision changes a term a·b by up to 2u|a·b|. On its way into the
    sum a term is rounded up to DEPTH times within its part, in whatever order that is added up, and once for each
    part. By Cauchy and Schwarz Σ|a·b| ≤ 1, so the error stays below the number of roundings times u. The rest of the 8
    covers the rounding of the threshold (u), `TIE`, and terms in u².
    """
    return float(min(samples, DEPTH) + -(-samples // DEPTH) + 8) * 2**-24


def _multiply(guessed: torch.Tensor, known: torch.Tensor, tile: torch.Tensor, part: torch.Tensor) -> None:
    """Write ``guessed @ known.T`` to `tile`, adding parts of `DEPTH` samples: long sums in single precision drift."""
    torch.mm(guessed[:, :DEPTH], known[:, :DEPTH].T, out=tile)
    for samples in _blocks(guessed.shape[1], DEPTH)[1:]:
        tile += torch.mm(guessed[:, samples], known[:, samples].T, out=part)


def _recount(guessed: torch.Tensor, known: torch.Tensor, own: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    """Count those of the pairs marked in `near`, shape (guessed, known), that exceed ``own + TIE`` in double."""
    counts = torch.zeros(len(own), dtype=torch.int64)
    for pairs in near.nonzero().split(max(1, PAIRS // guessed.shape[1])):
        row, column = pairs.unbind(dim=1)
        exact = guessed[row].mul_(known[column]).sum(dim=1)
        counts += torch.bincount(row[exact > own[row] + TIE], minlength=len(own))
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
