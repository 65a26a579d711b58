"""Ridge regression in closed form, its penalty chosen on the validation samples."""

import logging

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from landmarks.parameters import Parameters

logger = logging.getLogger("landmarks")


def fit(
    landmarks: npt.NDArray[np.float32],
    targets: npt.NDArray[np.float32],
    validation_landmarks: npt.NDArray[np.float32],
    validation_targets: npt.NDArray[np.float32],
    penalties: list[float],
) -> Parameters:
    """Fit every target on all landmarks: minimise Σ(target − inferred)² + penalty · Σ weight².

    Parameters
    ----------
    landmarks, targets
        float32 z-scores of the training samples, shapes (samples, landmarks) and (samples, targets).
    validation_landmarks, validation_targets
        The same of the validation samples: the penalty with their smallest MAE is taken.
    penalties
        Candidates, on the scale of the Gram matrix (a landmark's z-scores have a squared sum of `samples`).

    Returns
    -------
    dict
        ``part.0.layer.0.weight`` and ``part.0.layer.0.bias``.
    """
    x = landmarks.astype(np.float64)
    center = x.mean(axis=0)
    intercept = targets.mean(axis=0, dtype=np.float64)
    # One eigendecomposition of the Gram matrix serves every penalty.
    values, vectors = eigh((x - center).T @ (x - center))
    rotated = vectors.T @ ((x - center).T @ (targets - intercept))
    rotated_validation = (validation_landmarks - center) @ vectors
    errors = []
    for penalty in penalties:
        inferred = rotated_validation @ (rotated / (np.maximum(values, 0) + penalty)[:, None]) + intercept
        errors.append(float(np.abs(inferred - validation_targets).mean()))
        logger.info("penalty %g: MAE %.4f on validation samples", penalty, errors[-1])
    best = penalties[int(np.argmin(errors))]
    if best in (min(penalties), max(penalties)) and len(penalties) > 1:
        logger.warning("the best penalty, %g, is at the end of the candidates: a wider range may do better", best)
    weight = (vectors @ (rotated / (np.maximum(values, 0) + best)[:, None])).T
    return {
        "part.0.layer.0.weight": weight.astype(np.float32),
        "part.0.layer.0.bias": (intercept - weight @ center).astype(np.float32),
    }
