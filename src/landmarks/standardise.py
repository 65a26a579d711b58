"""Per-gene z-scores whose mean and scale come from training samples alone."""

import logging
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from landmarks.errors import name_some
from landmarks.matrices import InMemory, Matrix, Rows
from landmarks.prefetch import prefetched

logger = logging.getLogger("landmarks")

BLOCK = 256
"""Samples summed at a time. Sums do not depend on where a matrix is kept."""


def fit_scaling(
    training: npt.NDArray[np.float32] | Matrix, gene_ids: npt.NDArray[np.object_], *, offset: float = 0.0
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
    matrix = InMemory(training) if isinstance(training, np.ndarray) else training
    samples, genes = matrix.shape
    total, lowest, highest = np.zeros(genes), np.full(genes, np.inf, np.float32), np.full(genes, -np.inf, np.float32)
    for _, block in _blocks(matrix):
        total += block.sum(axis=0, dtype=np.float64)
        np.minimum(lowest, block.min(axis=0), out=lowest)
        np.maximum(highest, block.max(axis=0), out=highest)
    mean, squares = total / samples, np.zeros(genes)
    for _, block in _blocks(matrix):
        deviations = block - mean
        squares += np.einsum("ij,ij->j", deviations, deviations)
    constant = lowest == highest
    if constant.any():
        logger.warning(
            "%d genes are constant over the training samples and carry no information: %s",
            constant.sum(),
            name_some(gene_ids[constant]),
        )
    scale = np.where(constant, 1.0, np.sqrt(squares / samples) + offset)
    return mean.astype(np.float32), scale.astype(np.float32)


def standardise(rows: Rows, mean: npt.NDArray[np.float32], scale: npt.NDArray[np.float32]) -> None:
    """Replace expression by z-scores, in place, block by block."""
    for start, block in _blocks(rows):
        rows.put(start, 0, (block - mean) / scale)


def _blocks(matrix: Matrix) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """Yield the number of each block's first sample and its values, while the next block is read."""
    samples = matrix.shape[0]
    starts = range(0, samples, BLOCK)
    yield from prefetched((start, matrix.read(start, min(start + BLOCK, samples))) for start in starts)
