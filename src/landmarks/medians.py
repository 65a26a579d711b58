"""Per-gene medians of samples that do not fit in memory."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from landmarks.expression import iterate_genes

VALUES = 50_000_000
"""Values held at a time: as many genes as that makes."""


def gene_medians(path: Path, rows: npt.NDArray[np.int64], gene_ids: list[str]) -> npt.NDArray[np.float32]:
    """Return each gene's median over some rows of an expression file.

    Parameters
    ----------
    path
        A file written by `landmarks.expression`.
    rows
        Shape (samples,), at least one.
    gene_ids
        The genes wanted.

    Returns
    -------
    numpy.ndarray
        float32, shape (genes,).
    """
    count = max(1, VALUES // (int(rows.max()) + 1))
    parts = iterate_genes(path, gene_ids, count)
    return np.concatenate([_medians(values, rows) for values in parts])


def _medians(values: npt.NDArray[np.float32], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the median of each column over some rows; each column's values are laid side by side first."""
    medians: npt.NDArray[np.float32] = np.median(np.ascontiguousarray(values[rows].T), axis=1, overwrite_input=True)
    return medians
