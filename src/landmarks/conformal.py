"""Prediction intervals by split conformal inference: how far held-out samples lie from what was inferred for them.

After Papadopoulos et al. 2002 (Inductive confidence machines for regression) and Lei et al. 2018 (JASA 113:1094). For
samples exchangeable with those held out, an interval covers at least the wanted share; samples of another study or
platform are not, and are covered less.
"""

import math

import numpy as np
import numpy.typing as npt


def half_widths(errors: npt.NDArray[np.float32], level: float) -> npt.NDArray[np.float32]:
    """Return half the width of each target's interval.

    Parameters
    ----------
    errors
        Absolute errors of samples on which nothing was fitted, float32, shape (samples, targets).
    level
        Share of new samples that the intervals are to cover, under 1.

    Returns
    -------
    numpy.ndarray
        float32, shape (targets,): of n samples the error of rank ⌈(n + 1) · level⌉; infinite where n is too small to
        have one.
    """
    samples = len(errors)
    # Rounded, since (29 + 1) * 0.9 must be 27 whatever the last bit of the product.
    rank = math.ceil(round((samples + 1) * level, 9))
    if rank > samples:
        return np.full(errors.shape[1], np.inf, np.float32)
    return np.partition(errors, rank - 1, axis=0)[rank - 1]
