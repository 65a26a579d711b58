"""Each sample's nearest earlier sample, if it is near: exact, without comparing all pairs in full.

Two samples are never nearer than their projections on a few orthonormal directions. So a k-d tree of the projections
finds all pairs that can be near; only these are compared gene by gene.
"""

import logging
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from landmarks.matrices import Rows

logger = logging.getLogger("landmarks")

DIRECTIONS = 16
"""Directions of the projection: more tell more pairs apart, but slow the tree down."""

DRAWN = 512
"""Samples, drawn at random, whose principal components are the directions."""

BATCH = 256
"""Samples that are projected at a time."""

COMPARED = 16
"""Candidates that are compared in full at a time."""

PAIR = 150
"""Bytes that a candidate pair takes up, at most, while the tree is asked and what it found is sorted."""

STRETCH = 1 + 1e-9
"""How far, at most, directions that are orthonormal but for rounding lengthen a distance; many times what they do."""

Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]


def find_nearest_earlier(
    rows: Rows, labels: npt.NDArray[np.integer], *, distance: float, seed: int, memory_mb: float
) -> Pairs:
    """Find the samples that lie nearer than `distance` to an earlier one of the same label.

    Parameters
    ----------
    rows
        The samples.
    labels
        Integers, shape (samples,).
    distance
        Euclidean; a pair at this distance is not near.
    seed
        Of the draw of samples that directions are fitted to. What is found does not depend on it.
    memory_mb
        Bounds the candidates that are held, besides 128 bytes a sample and a few hundred samples.

    Returns
    -------
    later, earlier, gaps
        int64, int64 and float64, shape (pairs,): the samples' numbers, ascending; the nearest earlier sample of each,
        the first of those equally near; and their distance, from float64 differences gene by gene.
    """
    points, rounding = project(rows, seed)
    compare = np.empty((COMPARED, rows.shape[1]), np.float32)
    found: list[tuple[int, int, float]] = []
    candidates = 0
    for later, earlier, bounds in iterate_candidates(points, labels, distance * STRETCH + rounding, memory_mb):
        candidates += len(later)
        samples, starts = np.unique(later, return_index=True)
        for sample, start, stop in zip(samples, starts, np.append(starts, len(later))[1:], strict=True):
            best = (distance, -1)
            values = rows.read(sample, sample + 1).astype(np.float64)
            for first in range(start, stop, COMPARED):
                # The candidates are sorted by their bounds: of the rest none is as near as the best so far.
                if bounds[first] > best[0] * STRETCH + rounding:
                    break
                numbers = earlier[first : min(first + COMPARED, stop)]
                rows.take(numbers, compare[: len(numbers)])
                gaps = np.sqrt(np.square(compare[: len(numbers)] - values).sum(axis=1))
                best = min(best, *zip(gaps.tolist(), numbers.tolist(), strict=True))
            if best[1] >= 0:
                found.append((int(sample), best[1], best[0]))
    pairs = len(points) * (len(points) - 1) // 2
    logger.info("%s of %s pairs of samples lie so near in projection", f"{candidates:,}", f"{pairs:,}")
    columns = zip(*found, strict=True) if found else ([], [], [])
    later, earlier, gaps = map(np.asarray, columns)
    return later.astype(np.int64), earlier.astype(np.int64), gaps.astype(np.float64)


def project(rows: Rows, seed: int) -> tuple[npt.NDArray[np.float64], float]:
    """Project samples on the principal components of some of them.

    Parameters
    ----------
    rows
        The samples.
    seed
        Of the draw.

    Returns
    -------
    points
        float64, shape (samples, directions).
    rounding
        How much larger, at most, the distance of two points may be for rounding: each of k coordinates is a sum of as
        many products as genes, whose error is under genes · ε · the samples' distance from the centre (Higham 2002,
        section 3.1), √k times that for a point, and twice that for two.
    """
    samples, genes = rows.shape
    drawn = np.sort(np.random.default_rng(seed).choice(samples, min(DRAWN, samples), replace=False))
    values = np.empty((len(drawn), genes), np.float32)
    rows.take(drawn, values)
    centre = values.mean(axis=0, dtype=np.float64)
    directions = fit_directions(values - centre)
    points, reach = np.empty((samples, directions.shape[1])), 0.0
    for start in range(0, samples, BATCH):
        centred = rows.read(start, min(start + BATCH, samples)) - centre
        points[start : start + BATCH] = centred @ directions
        reach = max(reach, float(np.linalg.norm(centred, axis=1).max()))
    epsilon = float(np.finfo(np.float64).eps)
    return points, 2 * np.sqrt(directions.shape[1]) * (genes + 2) * epsilon * reach


def fit_directions(centred: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return up to `DIRECTIONS` principal components of centred samples, float64, shape (genes, directions).

    They are orthonormal, however few of the samples differ: Householder's QR makes up what is missing.
    """
    count = min(DIRECTIONS, *centred.shape)
    # Eigenvectors of the samples' products, of which there are fewer than genes.
    vectors = np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :count]
    return np.linalg.qr(centred.T @ vectors)[0]


def iterate_candidates(
    points: npt.NDArray[np.float64], labels: npt.NDArray[np.integer], radius: float, memory_mb: float
) -> Iterator[Pairs]:
    """Yield the pairs of points of one label that are within `radius`, some later points at a time.

    Parameters
    ----------
    points
        float64, shape (samples, directions).
    labels
        Integers, shape (samples,).
    radius
        The largest distance of a pair.
    memory_mb
        Bounds the pairs that are held, even if all are within the radius.

    Yields
    ------
    later, earlier, bounds
        int64, int64 and float64, shape (pairs,): numbers of points and their distances, sorted by later point,
        distance, and earlier point.
    """
    tree, block = cKDTree(points), max(1, int(memory_mb * 1e6 / (PAIR * len(points))))
    for start in range(0, len(points), block):
        some = cKDTree(points[start : start + block])
        pairs = some.sparse_distance_matrix(tree, radius, output_type="ndarray")
        pairs["i"] += start
        pairs = pairs[(pairs["j"] < pairs["i"]) & (labels[pairs["j"]] == labels[pairs["i"]])]
        pairs = pairs[np.lexsort((pairs["j"], pairs["v"], pairs["i"]))]
        yield pairs["i"], pairs["j"], pairs["v"]
