"""K nearest neighbours: a sample's targets are the mean of those of the training samples with the closest landmarks.

Chen et al. 2016 judge D-GEX against it. The model is the training samples themselves.
"""

import logging

import numpy as np
import numpy.typing as npt
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
    for start in range(0, len(new), ROWS):
        rows = slice(start, start + ROWS)
        # Sums of squared differences, not the faster |x|² − 2xy + |y|²: rounded products would break ties at random.
        distances = cdist(new[rows], landmarks, "sqeuclidean")
        order[rows] = np.argsort(distances, axis=1, kind="stable")[:, :count]
    return order


def average(training: Rows, order: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the mean of each row's neighbours.

    Parameters
    ----------
    training
        The training samples, shape (samples, genes), or their targets alone.
    order
        Positions of the neighbours, shape (new samples, neighbours).

    Returns
    -------
    numpy.ndarray
        float32, shape (new samples, genes).
    """
    inferred = np.empty((len(order), training.shape[1]), np.float32)
    chosen = np.empty((order.shape[1], training.shape[1]), np.float32)
    for row, numbers in zip(inferred, order, strict=True):
        training.take(numbers, chosen)
        chosen.mean(axis=0, out=row)
    return inferred
