"""What a ridge regression would infer for samples had it not seen their group, without fitting it again."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from landmarks.inference.gram import gram, means
from landmarks.matrices import Rows

Doubles = npt.NDArray[np.float64]


def left_out_residuals(
    training: Rows,
    penalty: float,
    groups: Sequence[npt.NDArray[np.int64]],
    residuals: Sequence[npt.NDArray[np.float32]],
) -> list[npt.NDArray[np.float32]]:
    """Return the residuals of groups of training samples, each by a regression on all other training samples.

    For a linear smoother with hat matrix H, a group's residuals e by all samples become (I − H_gg)⁻¹ e without the
    group, exactly: the identity behind PRESS (Allen 1974, Technometrics 16:125), for several samples at once. H is
    1/n + Z(ZᵀZ + penalty)⁻¹Zᵀ, Z the centred landmarks of n samples, as the intercept is not penalised.

    Parameters
    ----------
    training
        The landmarks' z-scores of all training samples, float32, shape (samples, landmarks).
    penalty
        Of the regression that was fitted on them.
    groups
        Positions of each group's samples in `training`, shape (members,).
    residuals
        Of each group's samples by that regression, float32, shape (members, targets), in any units.

    Returns
    -------
    list of numpy.ndarray
        As `residuals`.
    """
    center = means(training)
    products = gram(training, training.shape[1], center=center, precision=torch.float64).numpy()
    factor = np.linalg.cholesky(products + penalty * np.eye(len(products)))
    # |L⁻¹z|² is z(ZᵀZ + penalty)⁻¹zᵀ.
    inverse = np.linalg.solve(factor, np.eye(len(products)))
    left_out = []
    for members, known in zip(groups, residuals, strict=True):
        values = np.empty((len(members), len(products)), np.float32)
        training.take(members, values)
        scaled: Doubles = inverse @ (values - center).T
        kept = np.eye(len(members)) - scaled.T @ scaled - 1 / training.shape[0]
        left_out.append(np.linalg.solve(kept, known.astype(np.float64)).astype(np.float32))
    return left_out
