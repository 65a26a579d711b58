"""How well held-out samples fall into their labels when clustered by their codes, or by something simpler."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.random_projection import GaussianRandomProjection

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import Expression

logger = logging.getLogger("landmarks")

Floats = npt.NDArray[np.floating]

SCORES = ("ari", "nmi", "silhouette")
FRACTION = 0.8
"""The part of the samples that a subsample holds."""


@dataclass(frozen=True)
class Clustering:
    """A dendrogram and its cut.

    Attributes
    ----------
    linkage
        Merges in SciPy's form: left, right, height, size; float64, shape (samples - 1, 4).
    assignments
        Cluster of each sample, from 1, int32, shape (samples,).
    """

    linkage: npt.NDArray[np.float64]
    assignments: npt.NDArray[np.int32]

    @property
    def leaves(self) -> npt.NDArray[np.int64]:
        """The place of each sample among the dendrogram's leaves, from 0, shape (samples,)."""
        return np.argsort(hierarchy.leaves_list(self.linkage))


def label_samples(split: pd.DataFrame, samples: pd.DataFrame, part: str) -> pd.DataFrame:
    """Return the labelled samples of one part of the split.

    Parameters
    ----------
    split
        ``sample_id`` and ``part``.
    samples
        ``sample_id`` and ``label``; missing or empty where a sample has none.
    part
        The part to take.

    Returns
    -------
    pandas.DataFrame
        ``sample_id``, ``label``, in the order of the split.

    Raises
    ------
    LandmarksError
        If the part is unknown, a sample is described twice, fewer than two labels are left, or no label has
        two samples.
    """
    twice = samples.loc[samples["sample_id"].duplicated(), "sample_id"]
    if len(twice):
        raise LandmarksError(
            f"Expected one row a sample in the table of samples, found several for {name_some(list(twice))}.",
            hint="remove the repeated rows, or import the expression again.",
        )
    held = split.loc[split["part"] == part, ["sample_id"]]
    if held.empty:
        raise LandmarksError(
            f"Expected samples of the part {part!r} in the split, "
            f"found {', '.join(sorted(set(split['part']))) or 'none at all'}.",
            hint="choose a part that the split holds.",
        )
    known = samples.set_index("sample_id")["label"]
    label = held["sample_id"].map(known).fillna("").astype(str).str.strip()
    kept = held.assign(label=label)[label != ""].reset_index(drop=True)
    sizes = kept["label"].value_counts()
    logger.info(
        "%s of %s %s samples have a label, %s labels; the others are left out",
        *(f"{len(kept):,}", f"{len(held):,}", part, f"{len(sizes):,}"),
    )
    if len(sizes) < 2 or len(sizes) == len(kept):
        raise LandmarksError(
            f"Expected at least two labels, one of them on two samples or more, among the {part} samples, "
            f"found {len(sizes):,} labels on {len(kept):,} samples.",
            hint="give more labels in the `label` column of samples.parquet, or hold out more samples.",
        )
    if (sizes < 2).any():
        logger.info("labels of a single sample: %s", ", ".join(sorted(sizes.index[sizes < 2])))
    return kept


def compare_with_training(
    datasets: Sequence[Expression], train: npt.ArrayLike, held: npt.ArrayLike
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return training and held-out samples in the columns that all datasets have.

    Parameters
    ----------
    datasets
        The compendium, then the others, which hold the held-out samples; or the compendium alone.
    train, held
        Sample ids.

    Returns
    -------
    numpy.ndarray
        float32, shape (training, columns).
    numpy.ndarray
        float32, shape (samples, columns).
    """
    compendium, *others = datasets
    if not others:
        return compendium.rows(train), compendium.rows(held)
    shared = [pd.Index(compendium.gene_ids).isin(other.gene_ids) for other in others]
    genes = compendium.gene_ids[np.logical_and.reduce(shared)]
    ids = np.concatenate([other.sample_ids for other in others])
    joined = Expression(ids, genes, np.concatenate([other.columns(genes) for other in others]))
    return compendium.rows(train)[:, compendium.positions(genes)], joined.rows(held)


def represent(
    codes: tuple[Floats, Floats], genes: tuple[Floats, Floats], *, seed: int
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the held-out samples in each of the representations compared; nothing is fitted on them.

    Parameters
    ----------
    codes
        Bottleneck codes of the training and the held-out samples, shapes (training, units), (samples, units).
    genes
        Expression of the same samples, shapes (training, genes), (samples, genes).
    seed
        Of the random projection, and of the solver of large principal component analyses.

    Returns
    -------
    dict
        float32 arrays with a row a held-out sample: ``bottleneck`` (z-scores of the units), ``pca`` (as many
        components, fitted on the training samples' z-scores; fewer where these are few), ``genes`` (z-scores)
        and ``random_projection`` (as many Gaussian projections of the genes' z-scores).

    Raises
    ------
    LandmarksError
        If codes or expression have missing values, or nothing varies among the training samples.
    """
    _, bottleneck = standardise(*codes, kind="bottleneck units")
    train, test = standardise(*genes, kind="genes")
    width = bottleneck.shape[1]
    # Centred data of n samples have n - 1 dimensions.
    pca = PCA(min(width, len(train) - 1, train.shape[1]), random_state=seed).fit(train)
    projection = GaussianRandomProjection(width, random_state=seed).fit(train)
    return {
        "bottleneck": bottleneck,
        "pca": pca.transform(test).astype(np.float32),
        "genes": test,
        "random_projection": projection.transform(test).astype(np.float32),
    }


def standardise(train: Floats, test: Floats, *, kind: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return z-scores by the mean and standard deviation of `train`; its constant columns are dropped.

    Parameters
    ----------
    train, test
        Shapes (training, columns) and (samples, columns).
    kind
        What the columns are, for messages.

    Raises
    ------
    LandmarksError
        If a value is not finite, or every column is constant.
    """
    for name, values in (("training", train), ("held-out", test)):
        if not np.isfinite(values).all():
            raise LandmarksError(
                f"Expected finite values of the {kind}, found missing or infinite ones in {name} samples.",
                hint="remove or impute missing values when the expression is imported.",
            )
    mean = train.mean(axis=0, dtype=np.float64)
    scale = train.std(axis=0, dtype=np.float64)
    # The mean of equal float32 values may be off by a rounding, so exact zeros are not to be expected.
    varies = scale > 1e-6 * np.maximum(np.abs(mean), 1e-6)
    if not varies.any():
        raise LandmarksError(
            f"Expected {kind} that vary among the training samples, found {train.shape[1]:,} constant ones.",
            hint="was the autoencoder trained, and does the split name training samples?",
        )
    if not varies.all():
        logger.info("%s of %s %s are constant, dropped", f"{(~varies).sum():,}", f"{len(varies):,}", kind)
    mean, scale = mean[varies].astype(np.float32), scale[varies].astype(np.float32)
    first, second = ((values[:, varies] - mean) / scale for values in (train, test))
    return first.astype(np.float32), second.astype(np.float32)


def cluster(distances: Floats, labels: npt.ArrayLike) -> Clustering:
    """Cluster samples by Ward's method and cut the dendrogram into as many clusters as there are labels.

    Parameters
    ----------
    distances
        Euclidean distances between the samples, symmetric, shape (samples, samples).
    labels
        Shape (samples,); only their number is used.
    """
    linkage = hierarchy.linkage(squareform(distances, checks=False), "ward")
    # By the order of the merges: a cut by height would give fewer clusters where heights tie.
    order = np.arange(len(linkage), dtype=np.float64)
    count = len(np.unique(np.asarray(labels)))
    return Clustering(linkage, hierarchy.fcluster(linkage, count, "maxclust_monocrit", monocrit=order))


def score(assignments: npt.ArrayLike, labels: npt.ArrayLike, distances: Floats) -> npt.NDArray[np.float64]:
    """Return how well clusters and distances agree with the labels, in the order of `SCORES`.

    Parameters
    ----------
    assignments, labels
        Cluster and label of each sample, shapes (samples,).
    distances
        Euclidean distances, shape (samples, samples).

    Returns
    -------
    numpy.ndarray
        Adjusted Rand index and normalised mutual information of clusters and labels, and the mean silhouette
        of the *labels* (not the clusters), float64, shape (3,). Nothing but NaN where there is one label, or
        as many as samples: all three then say nothing.
    """
    if not 1 < len(np.unique(np.asarray(labels))) < len(distances):
        return np.full(len(SCORES), np.nan)
    return np.array(
        [
            adjusted_rand_score(labels, assignments),
            normalized_mutual_info_score(labels, assignments),
            silhouette_score(distances, labels, metric="precomputed"),
        ]
    )


def assess(
    values: Floats, labels: npt.ArrayLike, *, seed: int, subsamples: int = 200
) -> tuple[Clustering, dict[str, float]]:
    """Cluster samples, score the clusters, and see how far the scores move in subsamples.

    Parameters
    ----------
    values
        The samples in one representation, shape (samples, dimensions).
    labels
        Shape (samples,).
    seed
        Of the subsamples: the same seed draws the same ones for every representation, so scores are paired.
    subsamples
        How many times `FRACTION` of the samples, drawn without replacement, are clustered and scored anew.

    Returns
    -------
    Clustering
        Of all samples.
    dict
        ``n_dimensions``, ``n_samples``, ``n_labels``, and for each of `SCORES` its value on all samples with
        ``_low`` and ``_high``, the 2.5th and 97.5th percentiles over the subsamples that can be scored.
    """
    labels = np.asarray(labels)
    # All clusterings share one matrix: with thousands of genes the distances cost more than the merges.
    distances = euclidean_distances(values)
    whole = cluster(distances, labels)
    generator = np.random.default_rng(seed)
    replicates = np.empty((subsamples, len(SCORES)))
    for replicate in range(subsamples):
        drawn = generator.choice(len(labels), int(np.ceil(FRACTION * len(labels))), replace=False)
        part = distances[np.ix_(drawn, drawn)]
        replicates[replicate] = score(cluster(part, labels[drawn]).assignments, labels[drawn], part)
    low, high = np.nanpercentile(replicates, [2.5, 97.5], axis=0)
    row: dict[str, float] = {
        "n_dimensions": values.shape[1],
        "n_samples": len(labels),
        "n_labels": len(np.unique(labels)),
    }
    values_of_all = score(whole.assignments, labels, distances)
    for name, *numbers in zip(SCORES, values_of_all, low, high, strict=True):
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), map(float, numbers), strict=True))
    return whole, row
