"""The scale of expression values: log2, or linear or counts and turned into log2."""

import logging
from dataclasses import replace
from typing import Literal

import numpy as np

from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import Values
from landmarks.readers.base import RawTable
from landmarks.readers.matrices import Mapped
from landmarks.readers.survey import Survey

logger = logging.getLogger("landmarks")

Scale = Literal["auto", "log2", "linear", "counts"]

LINEAR_ABOVE = 50.0
"""No log2 intensity or count comes near it; the upper percent of linear ones lies far above."""


def to_log2(table: RawTable, scale: Scale, survey: Survey) -> RawTable:
    """Return `table` on the log2 scale; its values are converted block by block, as they are read.

    Parameters
    ----------
    table
        With all genes of the file.
    scale
        ``log2`` leaves the values alone, ``linear`` gives log2(x + 1), ``counts`` gives log2(1e6 x / total + 1) with
        the total over all genes of the sample, and ``auto`` takes values as linear if none is negative and their
        99th percentile, over up to 1,000 evenly spaced samples, is above 50.
    survey
        Of the table, by `check_matrix`.

    Raises
    ------
    LandmarksError
        If linear values or counts are negative, or a sample has no counts.
    """
    lowest = float(survey.lowest.min())
    if scale == "auto":
        scale = "linear" if survey.high > LINEAR_ABOVE and lowest >= 0 else "log2"
        logger.info("Scale: minimum %.4g, 99th percentile %.4g: taken as %s.", lowest, survey.high, scale)
        if scale == "log2" and survey.high > LINEAR_ABOVE:
            logger.warning("Such high values are seldom log2; if they are linear, mend the negative ones.")
    if scale == "log2":
        return table
    if lowest < 0:
        genes = table.gene_ids[survey.lowest < 0].tolist()
        raise LandmarksError(
            f"Expected {'counts' if scale == 'counts' else 'linear values'} of 0 or more, found {lowest:.4g} and "
            f"other negative ones in {len(genes):,} genes: {name_some(genes)}.",
            hint="use --scale log2 if the values are logarithms; else raise negative ones to 0 beforehand.",
        )
    if scale == "linear":
        return replace(table, matrix=Mapped(table.matrix, _log))
    if survey.empty.any():
        samples = table.sample_ids[survey.empty].tolist()
        raise LandmarksError(
            f"Expected counts above 0 in every sample, found none in {len(samples):,}: {name_some(samples)}.",
            hint="drop these samples before the import: counts are divided by their sum.",
        )
    return replace(table, matrix=Mapped(table.matrix, _log_counts))


def _log(values: Values) -> Values:
    values += np.float32(1)
    return np.log2(values, out=values)


def _log_counts(values: Values) -> Values:
    totals = values.sum(axis=1, dtype=np.float64)
    values *= (1e6 / totals).astype(np.float32)[:, None]
    return _log(values)
