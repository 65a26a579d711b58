"""Products of z-scores, summed over more samples than fit in memory."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from landmarks.matrices import Rows
from landmarks.prefetch import prefetched

SAMPLES = 2_048
"""Samples read at a time; up to three such blocks are held at once. Sums do not depend on where rows are kept."""

GENES = 2_048
"""Genes on a side of a tile, the largest of which products there is more than one at a time."""


def iterate_samples(rows: Rows) -> Iterator[Tensor]:
    """Yield all samples, `SAMPLES` at a time, while the next are read: float32, shape (samples of the block, genes)."""
    samples = rows.shape[0]
    starts = range(0, samples, SAMPLES)
    yield from map(torch.from_numpy, prefetched(rows.read(start, min(start + SAMPLES, samples)) for start in starts))


def means(rows: Rows) -> npt.NDArray[np.float64]:
    """Return the mean of each gene, float64, shape (genes,)."""
    total = torch.zeros(rows.shape[1], dtype=torch.float64)
    for block in iterate_samples(rows):
        total += block.sum(dim=0, dtype=torch.float64)
    return total.numpy() / rows.shape[0]


def gram(
    rows: Rows, leading: int, *, center: npt.NDArray[np.float64] | None = None, precision: torch.dtype = torch.float32
) -> Tensor:
    """Return the products of the leading genes with all genes, summed over samples.

    Of the products of leading genes with each other only one half is calculated, tile by tile, so that there is never a
    second matrix of the result's size.

    Parameters
    ----------
    rows
        float32, shape (samples, genes).
    leading
        How many of the genes have a row in the result: all for the whole Gram matrix.
    center
        Subtracted from every sample first, shape (genes,).
    precision
        Of the products within a block of samples. Blocks are summed in float64.

    Returns
    -------
    Tensor
        float64, shape (leading, genes).
    """
    genes = rows.shape[1]
    total = torch.zeros(leading, genes, dtype=torch.float64)
    shift = None if center is None else torch.from_numpy(center).float()
    tiles = [(i, j) for i in range(0, leading, GENES) for j in range(i, genes, GENES)]
    for block in iterate_samples(rows):
        if shift is not None:
            block -= shift
        for i, j in tiles:
            left = block[:, i : min(i + GENES, leading)].to(precision)
            total[i : i + GENES, j : j + GENES] += left.T @ block[:, j : j + GENES].to(precision)
    for i, j in tiles:
        if i < j < leading:
            part = total[i : i + GENES, j : min(j + GENES, leading)]
            total[j : j + part.shape[1], i : i + GENES] = part.T
    return total


def panel_products(rows: Rows, panel: npt.NDArray[np.int64]) -> Tensor:
    """Return the products of some genes with all genes, summed over samples.

    Parameters
    ----------
    rows
        float32, shape (samples, genes).
    panel
        Positions of those genes, shape (k,).

    Returns
    -------
    Tensor
        float64, shape (k, genes): rows of the Gram matrix. Blocks of samples are multiplied in float32.
    """
    total = torch.zeros(len(panel), rows.shape[1], dtype=torch.float64)
    for block in iterate_samples(rows):
        total += block[:, panel].T @ block
    return total
