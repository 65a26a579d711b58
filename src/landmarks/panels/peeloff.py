"""L1000's procedure: cluster genes, take the stable clusters' centres, peel those clusters off, and repeat.

Subramanian et al. (2017), "A Next Generation Connectivity Map": genes as points in the space of the leading
principal components, k-means, repeated on subsamples to find stable clusters, the gene nearest to a
cluster's centre as its landmark. A consensus matrix of all genes would take G × G numbers; a cluster's stability is
instead the mean Jaccard index with the cluster most like it when samples are drawn anew (Hennig 2007).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import eigh
from sklearn.cluster import MiniBatchKMeans

from landmarks.panels import Evidence, tabulate, training_scores

LEAST = 4
"""Every round takes at least one of so many landmarks still wanted, however unstable the clusters are."""


def rank(
    evidence: Evidence, *, components: int = 50, runs: int = 5, subsample: float = 0.8, threshold: float = 0.5
) -> pd.DataFrame:
    """Choose centre genes round by round.

    Parameters
    ----------
    evidence
        Its seed starts the clusterings and draws the subsamples.
    components
        Principal components that make up the space.
    runs, subsample
        Clusterings of a random share of the samples, by which stability is measured.
    threshold
        Stability from which a cluster's centre is taken.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``score`` (the cluster's stability), ``reason``.
    """
    z = training_scores(evidence)
    generator = np.random.default_rng(evidence.seed)
    open_genes = evidence.choice.start()
    chosen = [int(gene) for gene in evidence.choice.included[: evidence.k]]
    scores = [1.0] * len(chosen)
    for gene in chosen:
        evidence.choice.take(open_genes, gene)
    varying = z.any(axis=0)
    unpeeled = np.zeros_like(open_genes)
    while len(chosen) < evidence.k and open_genes.any():
        if not (unpeeled & open_genes).any():
            # Constant genes would make a cluster of their own, and a stable one: they come when all others are gone.
            unpeeled = open_genes & varying if (open_genes & varying).any() else open_genes.copy()
        genes = np.flatnonzero(unpeeled & open_genes)
        wanted = min(evidence.k - len(chosen), len(genes))
        points = _place_genes(z[:, genes], components)
        labels, centres = _cluster(points, wanted, generator)
        stability = np.zeros(wanted)
        for _ in range(runs):
            drawn = generator.choice(len(z), max(2, round(subsample * len(z))), replace=False)
            again = _cluster(_place_genes(z[np.ix_(drawn, genes)], components), wanted, generator)[0]
            stability += recovered(labels, again, wanted) / runs
        costs = evidence.choice.costs[genes]
        nearest = _nearest(points, labels, centres, costs)
        filled = np.flatnonzero(np.bincount(labels, minlength=wanted))
        stable = filled[stability[filled] >= threshold]
        least = filled[np.argsort(-stability[filled], kind="stable")][: -(-wanted // LEAST)]
        taken = stable if len(stable) >= len(least) else least
        taken = taken[np.argsort(-stability[taken] / costs[nearest[taken]], kind="stable")]
        for cluster in taken:
            gene = int(genes[nearest[cluster]])
            unpeeled[genes[labels == cluster]] = False
            if open_genes[gene] and len(chosen) < evidence.k:
                chosen.append(gene)
                scores.append(float(stability[cluster]))
                evidence.choice.take(open_genes, gene)
    return tabulate(evidence, np.asarray(chosen, np.int64), np.asarray(scores), "centre of a stable cluster of genes")


def recovered(labels: npt.NDArray[np.int32], again: npt.NDArray[np.int32], clusters: int) -> npt.NDArray[np.float64]:
    """Return, for each cluster of `labels`, its largest Jaccard index with a cluster of `again`; 0 if it is empty."""
    shared = np.zeros((clusters, clusters))
    np.add.at(shared, (labels, again), 1)
    union = shared.sum(axis=1)[:, None] + shared.sum(axis=0) - shared
    best: npt.NDArray[np.float64] = (shared / np.maximum(union, 1)).max(axis=1)
    return best


def _place_genes(z: npt.NDArray[np.float32], components: int) -> npt.NDArray[np.float64]:
    """Return the genes' coordinates on the leading principal components, shape (genes, components)."""
    gram = z.astype(np.float64) @ z.T
    first = max(0, len(z) - components)
    return z.T @ eigh(gram, subset_by_index=(first, len(z) - 1))[1]


def _cluster(
    points: npt.NDArray[np.float64], clusters: int, generator: np.random.Generator
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return the points' clusters and the clusters' centres."""
    found = MiniBatchKMeans(
        clusters, n_init=1, batch_size=1_024, max_iter=10, random_state=int(generator.integers(2**31))
    ).fit(points)
    return found.labels_, found.cluster_centers_


def _nearest(
    points: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int32],
    centres: npt.NDArray[np.float64],
    costs: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """Return, for each cluster, the point with the least distance × cost to its centre; 0 for an empty cluster."""
    distance = np.sqrt(((points - centres[labels]) ** 2).sum(axis=1)) * costs
    order = np.lexsort((distance, labels))
    nearest = np.zeros(len(centres), np.int64)
    filled, first = np.unique(labels[order], return_index=True)
    nearest[filled] = order[first]
    return nearest
