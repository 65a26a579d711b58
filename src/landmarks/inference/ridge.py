"""Ridge regression in closed form, its penalty chosen on validation samples."""

import logging

import numpy as np
import torch
from torch import Tensor

from landmarks.inference.gram import gram, means
from landmarks.inference.problem import read_choosing
from landmarks.matrices import Rows
from landmarks.parameters import Parameters

logger = logging.getLogger("landmarks")

BLOCK = 256
"""Samples inferred at a time while penalties are judged."""


def fit(training: Rows, validation: Rows, landmarks: int, penalties: list[float]) -> Parameters:
    """Fit every target on all landmarks: minimise Σ(target − inferred)² + penalty · Σ weight².

    Parameters
    ----------
    training
        float32 z-scores, shape (samples, landmarks + targets), landmarks first.
    validation
        The same of the validation samples: the penalty with the smallest MAE on them, or `CHOOSING` of them, is taken.
    landmarks
        How many of the columns are landmarks.
    penalties
        Candidates, on the scale of the Gram matrix (a landmark's z-scores have a squared sum of `samples`).

    Returns
    -------
    dict
        ``part.0.layer.0.weight``, ``part.0.layer.0.bias``, and ``ridge.penalty``, float32, shape (1,).
    """
    # In double precision throughout: with more landmarks than samples, small penalties magnify what is rounded.
    center = means(training)
    products = gram(training, landmarks, center=center, precision=torch.float64)
    # One eigendecomposition of the Gram matrix serves every penalty.
    values, vectors = torch.linalg.eigh(products[:, :landmarks])
    values.clamp_(min=0)
    rotated = vectors.T @ products[:, landmarks:]
    del products
    chosen = torch.from_numpy(read_choosing(validation))
    errors = np.zeros(len(penalties))
    for samples in chosen.split(BLOCK):
        centred = samples.double() - torch.from_numpy(center)
        factors, truth = centred[:, :landmarks] @ vectors, centred[:, landmarks:]
        for index, penalty in enumerate(penalties):
            errors[index] += float(((factors / (values + penalty)) @ rotated - truth).abs_().sum())
    errors /= len(chosen) * rotated.shape[1]
    for penalty, error in zip(penalties, errors, strict=True):
        logger.info("penalty %g: MAE %.4f on validation samples", penalty, error)
    best = penalties[int(np.argmin(errors))]
    if best in (min(penalties), max(penalties)) and len(penalties) > 1:
        logger.warning("the best penalty, %g, is at the end of the candidates: a wider range may do better", best)
    weight: Tensor = rotated.T @ (vectors / (values + best)).T
    bias = center[landmarks:] - weight.numpy() @ center[:landmarks]
    layer = {"part.0.layer.0.weight": weight.float().numpy(), "part.0.layer.0.bias": bias.astype(np.float32)}
    return layer | {"ridge.penalty": np.array([best], np.float32)}
