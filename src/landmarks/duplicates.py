"""Near-identical samples, which would otherwise sit on both sides of a split."""

import logging

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import MiniBatchKMeans

from landmarks.matrices import Rows
from landmarks.neighbours import find_nearest_earlier

logger = logging.getLogger("landmarks")

BATCH = 1_024
"""Samples whose cluster is looked up at a time."""


def find_duplicates(
    sample_ids: npt.NDArray[np.object_],
    rows: Rows,
    *,
    distance: float,
    clusters: int,
    seed: int,
    memory_mb: float,
) -> pd.DataFrame:
    """Find the samples that lie closer than `distance` to an earlier one.

    Parameters
    ----------
    sample_ids
        Shape (samples,).
    rows
        Their values.
    distance
        Euclidean distance below which two samples are duplicates; the published compendium uses 1.0.
    clusters
        1 compares all pairs. More compare only within clusters of MiniBatchKMeans, as Chen et al. 2016 do
        (100 clusters): a pair across clusters is missed.
    seed
        Of the clustering.
    memory_mb
        Bounds what is held besides `rows`. The duplicates do not depend on it, unless clusters are fitted to some of
        the samples because it does not hold all.

    Returns
    -------
    pandas.DataFrame
        A row a duplicate: ``sample_id``, ``duplicate_of`` (the nearest earlier sample), ``distance``.
    """
    labels = label_clusters(rows, clusters, seed, memory_mb) if clusters > 1 else np.zeros(rows.shape[0], np.int32)
    later, earlier, gaps = find_nearest_earlier(rows, labels, distance=distance, seed=seed, memory_mb=memory_mb)
    return pd.DataFrame(
        {
            "sample_id": pd.Series(sample_ids[later], dtype="str"),
            "duplicate_of": pd.Series(sample_ids[earlier], dtype="str"),
            "distance": pd.Series(gaps, dtype="float64"),
        }
    )


def label_clusters(rows: Rows, clusters: int, seed: int, memory_mb: float) -> npt.NDArray[np.int32]:
    """Assign samples to clusters of MiniBatchKMeans.

    Parameters
    ----------
    rows
        The samples.
    clusters
        How many, but no more than samples.
    seed
        Of the clustering, and of the samples it is fitted to.
    memory_mb
        Bounds the samples that clusters are fitted to: all, or as many of them as fit, drawn at random.

    Returns
    -------
    numpy.ndarray
        int32, shape (samples,).
    """
    samples, genes = rows.shape
    fitted = min(samples, max(1, int(memory_mb * 1e6 / (4 * genes))))
    values = np.empty((fitted, genes), np.float32)
    rows.take(np.sort(np.random.default_rng(seed).choice(samples, fitted, replace=False)), values)
    if fitted < samples:
        logger.info("clusters are fitted to %s of %s samples, drawn at random", f"{fitted:,}", f"{samples:,}")
    model = MiniBatchKMeans(n_clusters=min(clusters, fitted), random_state=seed, n_init=3).fit(values)
    del values
    starts = range(0, samples, BATCH)
    return np.concatenate([model.predict(rows.read(start, min(start + BATCH, samples))) for start in starts])
