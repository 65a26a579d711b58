"""Ridge regressions of many panels on the same samples, judged without storing a model.

What ridge infers of a target is a weighted sum of its values in the training samples, and the weights, the same for
all targets, follow from the landmarks alone: Ŷ = H Y with H = L_new (LᵀL + λ)⁻¹ Lᵀ = L_new Lᵀ (LLᵀ + λ)⁻¹. The products
LLᵀ or LᵀL, whichever is smaller, are factorised once a penalty; then a panel costs two products with Y. It is the model
of `landmarks.inference.ridge` with the same penalty chosen.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from scipy.linalg import cho_factor, cho_solve

from landmarks.inference.problem import Scores


def smoothers(
    landmarks: npt.NDArray[np.float32], new: npt.NDArray[np.float32], penalties: list[float]
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield, for each penalty, the weights with which training samples make up the inferences for new ones.

    Parameters
    ----------
    landmarks, new
        z-scores of the landmarks in training samples and in others, shapes (samples, k) and (new samples, k).
    penalties
        On the scale of the Gram matrix.

    Yields
    ------
    numpy.ndarray
        float32, shape (new samples, samples).
    """
    x, others = landmarks.astype(np.float64), new.astype(np.float64)
    wide = x.shape[1] > len(x)
    gram = x @ x.T if wide else x.T @ x
    cross = others @ x.T if wide else others
    for penalty in penalties:
        factor = cho_factor(gram + penalty * np.eye(len(gram)), lower=True, overwrite_a=True, check_finite=False)
        solved = cho_solve(factor, cross.T, overwrite_b=False, check_finite=False).T
        yield (solved if wide else solved @ x.T).astype(np.float32)


def infer_ridge(
    scores: Scores, panel: npt.NDArray[np.int64], penalties: list[float]
) -> tuple[npt.NDArray[np.float32], float]:
    """Infer all genes of the test samples from a panel, with the penalty that is best on the validation samples.

    Parameters
    ----------
    scores
        z-scores of all genes.
    panel
        Positions of the landmarks, shape (k,).
    penalties
        Candidates. The best has the smallest validation MAE over the genes that are no landmarks.

    Returns
    -------
    inferred, penalty
        float32 z-scores, shape (test samples, genes), the landmarks' columns included; the penalty taken.
    """
    training = torch.from_numpy(scores.training)
    best = penalties[0]
    landmarks = scores.training[:, panel]
    if len(penalties) > 1:
        truth = torch.from_numpy(scores.validation)
        errors = []
        for weights in smoothers(landmarks, scores.validation[:, panel], penalties):
            error = (torch.from_numpy(weights) @ training).sub_(truth).abs_().sum(dim=0)
            error[panel] = 0
            errors.append(float(error.sum()))
        best = penalties[int(np.argmin(errors))]
    (weights,) = smoothers(landmarks, scores.test[:, panel], [best])
    return (torch.from_numpy(weights) @ training).numpy(), best
