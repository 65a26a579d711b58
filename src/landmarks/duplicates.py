"""Near-identical samples, which would otherwise sit on both sides of a split."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import MiniBatchKMeans

BLOCK = 1_024
"""Samples compared at a time: bounds the distance block to 8 MiB."""


def find_duplicates(
    sample_ids: npt.NDArray[np.object_],
    values: npt.NDArray[np.float32],
    *,
    distance: float,
    clusters: int,
    seed: int,
) -> pd.DataFrame:
    """Find the samples that lie closer than `distance` to an earlier one.

    Parameters
    ----------
    sample_ids
        Shape (samples,).
    values
        float32, shape (samples, genes).
    distance
        Euclidean distance below which two samples are duplicates; the published compendium uses 1.0.
    clusters
        1 compares all pairs. More compare only within clusters of MiniBatchKMeans, as Chen et al. 2016 do
        (100 clusters): faster, but a pair across clusters is missed.
    seed
        Of the clustering.

    Returns
    -------
    pandas.DataFrame
        A row a duplicate: ``sample_id``, ``duplicate_of`` (the nearest earlier sample), ``distance``.
    """
    if clusters > 1:
        model = MiniBatchKMeans(n_clusters=min(clusters, len(values)), random_state=seed, n_init=3)
        labels = model.fit_predict(values)
    else:
        labels = np.zeros(len(values), np.intp)
    rows: list[tuple[int, int, float]] = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rows.extend(_pairs(values[members], members, distance))
    rows.sort()
    return pd.DataFrame(
        {
            "sample_id": pd.Series([sample_ids[later] for later, _, _ in rows], dtype="str"),
            "duplicate_of": pd.Series([sample_ids[earlier] for _, earlier, _ in rows], dtype="str"),
            "distance": pd.Series([gap for _, _, gap in rows], dtype="float64"),
        }
    )


def _pairs(
    values: npt.NDArray[np.float32], members: npt.NDArray[np.intp], distance: float
) -> list[tuple[int, int, float]]:
    """Return (later, nearest earlier, distance) of the duplicates among `members`, in their order."""
    # Centred float64: |a|² + |b|² − 2ab loses the digits that matter when samples are nearly equal.
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    squares = np.einsum("ij,ij->i", centred, centred)
    found = []
    for start in range(0, len(values), BLOCK):
        later = np.arange(start, min(start + BLOCK, len(values)))
        gaps = squares[later, None] + squares[None, : later[-1] + 1] - 2 * centred[later] @ centred[: later[-1] + 1].T
        gaps[np.arange(later[-1] + 1)[None, :] >= later[:, None]] = np.inf
        nearest = gaps.argmin(axis=1)
        smallest = np.sqrt(np.maximum(gaps[np.arange(len(later)), nearest], 0.0))
        for row in np.flatnonzero(smallest < distance):
            found.append((int(members[later[row]]), int(members[nearest[row]]), float(smallest[row])))
    return found
