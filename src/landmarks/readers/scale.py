"""The scale of expression values: log2, or linear and turned into log2(x + 1)."""

import logging
from dataclasses import replace
from typing import Literal

import numpy as np

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import Expression

logger = logging.getLogger("landmarks")

Scale = Literal["auto", "log2", "linear"]

LINEAR_ABOVE = 50.0
"""No log2 intensity or count comes near it; the upper percent of linear ones lies far above."""
JUDGED_SAMPLES = 1_000


def to_log2(expression: Expression, scale: Scale) -> Expression:
    """Return `expression` on the log2 scale.

    Parameters
    ----------
    expression
        Samples × genes, finite.
    scale
        ``log2`` leaves the values alone, ``linear`` gives log2(x + 1), and ``auto`` takes them as linear if
        none is negative and their 99th percentile, over up to 1,000 evenly spaced samples, is above 50.

    Raises
    ------
    LandmarksError
        If linear values are negative.
    """
    values = expression.values
    lowest = float(values.min())
    if scale == "auto":
        rows = np.linspace(0, len(values) - 1, min(len(values), JUDGED_SAMPLES)).astype(int)
        high = float(np.percentile(values[rows], 99))
        scale = "linear" if high > LINEAR_ABOVE and lowest >= 0 else "log2"
        logger.info("Scale: minimum %.4g, 99th percentile %.4g: taken as %s.", lowest, high, scale)
        if scale == "log2" and high > LINEAR_ABOVE:
            logger.warning("Such high values are seldom log2; if they are linear, mend the negative ones.")
    if scale == "log2":
        return expression
    if lowest < 0:
        genes = expression.gene_ids[values.min(axis=0) < 0].tolist()
        raise LandmarksError(
            f"Expected linear values of 0 or more, found {lowest:.4g} and other negative ones in "
            f"{len(genes):,} genes: {name_some(genes)}.",
            hint="use --scale log2 if the values are logarithms; else raise negative ones to 0 beforehand.",
        )
    return replace(expression, values=np.log2(values + np.float32(1)))
