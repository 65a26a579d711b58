"""One pass over a matrix: what its values are, and that none is missing."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import Values, iterate_blocks
from landmarks.readers.base import RawTable

logger = logging.getLogger("landmarks")

JUDGED_SAMPLES = 1_000
"""Evenly spaced samples whose values tell the scale."""
UPPER = 0.99


@dataclass(frozen=True)
class Survey:
    """What one pass over a matrix found.

    Attributes
    ----------
    lowest
        The least value of each gene, shape (genes,).
    empty
        Whether no value of a sample is above 0, shape (samples,).
    high
        The 99th percentile of the values of up to 1,000 evenly spaced samples.
    whole
        Whether all values of these samples are whole numbers.
    """

    lowest: Values
    empty: npt.NDArray[np.bool_]
    high: float
    whole: bool


class UpperTail:
    """The largest of many values, from which an upper percentile is read without holding the others.

    Parameters
    ----------
    total
        How many values there will be.
    """

    def __init__(self, total: int) -> None:
        self.place = UPPER * (total - 1)
        self.size = total - int(self.place)
        self.kept = np.empty(0, np.float32)

    def add(self, values: Values) -> None:
        """Take in more values, of any shape."""
        if len(self.kept) == self.size:
            values = values[values > self.kept.min()]
        self.kept = np.concatenate([self.kept, values.reshape(-1)])
        if len(self.kept) > self.size:
            self.kept = np.partition(self.kept, -self.size)[-self.size :]

    def percentile(self) -> float:
        """Return the 99th percentile, interpolated linearly, once all values are in; as `numpy.percentile`."""
        lower, upper = np.sort(self.kept)[[0, min(1, self.size - 1)]].astype(float)
        return float(lower + (upper - lower) * (self.place - int(self.place)))


def check_matrix(table: RawTable, path: Path, memory_mb: float) -> Survey:
    """Refuse values that are missing or infinite, and warn of constant genes.

    Parameters
    ----------
    table
        What is read, once.
    path
        The file, for messages.
    memory_mb
        Bounds the values that are held.

    Returns
    -------
    Survey
        What tells the scale.

    Raises
    ------
    LandmarksError
        If a value is missing or infinite: it counts and names the genes and the samples.
    """
    samples, genes = table.matrix.shape
    lowest, highest = np.full(genes, np.inf, np.float32), np.full(genes, -np.inf, np.float32)
    empty = np.zeros(samples, bool)
    bad_genes, bad_samples, missing = np.zeros(genes, bool), np.zeros(samples, bool), 0
    judged = np.linspace(0, samples - 1, min(samples, JUDGED_SAMPLES)).astype(int)
    tail, whole = UpperTail(len(judged) * genes), True
    for start, values in iterate_blocks(table.matrix, memory_mb):
        stop = start + len(values)
        finite = np.isfinite(values)
        if not finite.all():
            missing += int((~finite).sum())
            bad_genes |= ~finite.all(axis=0)
            bad_samples[start:stop] = ~finite.all(axis=1)
        if missing:
            continue
        np.minimum(lowest, values.min(axis=0), out=lowest)
        np.maximum(highest, values.max(axis=0), out=highest)
        empty[start:stop] = values.max(axis=1) <= 0
        looked_at = values[judged[(judged >= start) & (judged < stop)] - start]
        tail.add(looked_at)
        whole = whole and bool((looked_at == np.rint(looked_at)).all())
    if missing:
        nameless, incomplete = table.gene_ids[bad_genes].tolist(), table.sample_ids[bad_samples].tolist()
        raise LandmarksError(
            f"Expected finite numbers in {path}, found {missing:,} missing or infinite values: "
            f"{len(nameless):,} genes ({name_some(nameless)}), {len(incomplete):,} samples ({name_some(incomplete)}).",
            hint="drop these genes or samples, or impute their values, before the import.",
        )
    constant = table.gene_ids[lowest == highest].tolist()
    if constant and samples > 1:
        logger.warning(
            "%s of %s genes never change and are kept: %s.", f"{len(constant):,}", f"{genes:,}", name_some(constant)
        )
    return Survey(lowest, empty, tail.percentile(), whole)
