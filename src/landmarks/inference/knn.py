"""K nearest neighbours: a sample's targets are the mean of those of the training samples with the closest landmarks.

Chen et al. 2016 judge D-GEX against it. The model is the training samples themselves.
"""

import logging

import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial.distance import cdist

from landmarks.errors import LandmarksError
from landmarks.inference.problem import read_choosing
from landmarks.matrices import InMemory, Rows
from landmarks.parameters import Parameters

logger = logging.getLogger("landmarks")

ROWS = 256
"""New samples whose distances are held at a time."""


def fit(training: Rows, validation: Rows, landmarks: int, neighbours: list[int]) -> Parameters:
    """Keep the training samples, and the number of neighbours that is best on the validation samples.

    The model needs as much memory as the training samples, wherever these are held: 9.2 GB for 103,000 samples of
    22,268 genes. `landmarks.inference.judging.infer_knn` judges without it.

    Parameters
    ----------
    training
        float32 z-scores, shape (samples, landmarks + targets), landmarks first.
    validation
        The same of the validation samples: the number with the smallest MAE on them, or `CHOOSING` of them, is taken.
    landmarks
        How many of the columns are landmarks.
    neighbours
        Candidates. Those over the number of training samples are passed over.

    Returns
    -------
    dict
        ``knn.landmarks`` and ``knn.targets``, as given, and ``knn.neighbours``, shape (1,).

    Raises
    ------
    LandmarksError
        If there are fewer training samples than every candidate asks for.
    """
    samples, genes = training.shape
    possible = feasible(neighbours, samples)
    known = np.empty((samples, landmarks), np.float32)
    targets = np.empty((samples, genes - landmarks), np.float32)
    for start in range(0, samples, ROWS):
        block = training.read(start, min(start + ROWS, samples))
        known[start : start + ROWS], targets[start : start + ROWS] = block[:, :landmarks], block[:, landmarks:]
    chosen = read_choosing(validation)
    order = nearest(known, chosen[:, :landmarks], max(possible))
    errors = []
    for count in possible:
        inferred = average(InMemory(targets), order[:, :count])
        errors.append(float(np.abs(inferred - chosen[:, landmarks:]).mean(dtype=np.float64)))
        logger.info("%d neighbours: MAE %.4f on validation samples", count, errors[-1])
    best = possible[int(np.argmin(errors))]
    if len(possible) > 1 and best in (min(possible), max(possible)):
        logger.warning("the best number of neighbours, %d, is at the end of the candidates: others may do better", best)
    return {"knn.landmarks": known, "knn.targets": targets, "knn.neighbours": np.array([best], np.float32)}


def infer(parameters: Parameters, landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Infer targets, shape (samples, targets), with the model that `fit` returns."""
    order = nearest(parameters["knn.landmarks"], landmarks, int(parameters["knn.neighbours"][0]))
    return average(InMemory(parameters["knn.targets"]), order)


def feasible(neighbours: list[int], samples: int) -> list[int]:
    """Return the candidates that `samples` training samples can serve.

    Raises
    ------
    LandmarksError
        If there is none.
    """
    possible = [count for count in neighbours if 1 <= count <= samples]
    if not possible:
        raise LandmarksError(
            f"Expected numbers of neighbours from 1 to the {samples:,} training samples, "
            f"found {', '.join(map(str, neighbours)) or 'none'}.",
            hint="give a smaller one in inference.knn.neighbours.",
        )
    if len(possible) < len(neighbours):
        tried = ", ".join(map(str, possible))
        logger.warning("%d training samples: of the numbers of neighbours, %s are tried", samples, tried)
    return possible


def nearest(landmarks: npt.NDArray[np.float32], new: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
    """Return the training samples closest to each new one, closest first.

    Distances are float64 sums of squared differences. Only those samples are given one that a product of matrices in
    float32, a hundred times faster, cannot rule out for its rounding.

    Parameters
    ----------
    landmarks, new
        z-scores of training samples and of others, shapes (samples, landmarks) and (new samples, landmarks).
    count
        Neighbours of each.

    Returns
    -------
    numpy.ndarray
        Positions of training samples, shape (new samples, `count`). Of equally distant ones the first comes first.
    """
    order = np.empty((len(new), count), np.int64)
    # PyTorch warns of arrays that it must not write to, as those of a stored model are.
    known, squares = torch.from_numpy(np.require(landmarks, requirements="W")), _squares(landmarks)
    base, longest = torch.from_numpy(squares.astype(np.float32)), float(squares.max())
    for start in range(0, len(new), ROWS):
        block = new[start : start + ROWS]
        # Squared distances but for the new samples' own squares, which do not change a sample's order.
        rough = torch.addmm(base, torch.from_numpy(block), known.T, alpha=-2).numpy()
        slack = _rounding(_squares(block), longest, landmarks.shape[1])
        limits = np.partition(rough, count - 1, axis=1)[:, count - 1] + 2 * slack
        # Rounded up to the precision of what they are compared with.
        upper = np.nextafter(limits.astype(np.float32), np.float32(np.inf))
        for row, (distances, limit) in enumerate(zip(rough, upper, strict=True)):
            near = np.flatnonzero(distances <= limit)
            exact = cdist(block[row : row + 1], landmarks[near], "sqeuclidean")[0]
            order[start + row] = near[np.argsort(exact, kind="stable")[:count]]
    return order


def _squares(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return each row's sum of squares, summed in float64."""
    return np.einsum("ij,ij->i", rows, rows, dtype=np.float64)


def _rounding(squares: npt.NDArray[np.float64], longest: float, landmarks: int) -> npt.NDArray[np.float64]:
    """Return how far, at most, `nearest`'s rough distances of each new sample are from what they stand for.

    A float32 sum of n products x·y, in whatever order, is within n·u/(1 − n·u)·|x||y| (Higham 2002, section 3.1) for a
    unit roundoff u; it is doubled, added to a rounded |y|², and the sum rounded.

    Parameters
    ----------
    squares, longest
        |x|² of the new samples, shape (new samples,), and the largest |y|² of the training samples.
    landmarks
        n.
    """
    unit = float(np.finfo(np.float32).eps) / 2
    products = np.sqrt(squares * longest)
    # Two more roundings each than there are, for what higher orders in u add.
    return unit * (2 * (landmarks + 4) * products / (1 - landmarks * unit) + 4 * longest)


def average(
    training: Rows, order: npt.NDArray[np.int64], out: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """Return the mean of each row's neighbours.

    Parameters
    ----------
    training
        The training samples, shape (samples, genes), or their targets alone.
    order
        Positions of the neighbours, shape (new samples, neighbours).
    out
        What to write to and return, if given: shape (new samples, genes).

    Returns
    -------
    numpy.ndarray
        float32, shape (new samples, genes).
    """
    inferred = np.empty((len(order), training.shape[1]), np.float32) if out is None else out
    chosen = np.empty((order.shape[1], training.shape[1]), np.float32)
    for row, numbers in zip(inferred, order, strict=True):
        training.take(numbers, chosen)
        chosen.mean(axis=0, out=row)
    return inferred
