"""The genes by importance, with what the samples leave open."""

from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.attribution import AttributionSums, importance

HALF_WIDTH = 1.39
"""Standard errors to each side, so that two means whose intervals do not touch differ at about 5%
(Goldstein and Healy 1995)."""


def to_frame(gene_ids: list[str], sums: AttributionSums) -> pd.DataFrame:
    """Return a shard's sums, a row a gene: what `merge_shards` puts together again."""
    return pd.DataFrame(
        {
            "gene_id": gene_ids,
            "samples": sums.samples,
            "total": sums.total,
            "squares": sums.squares,
            "half_samples": sums.half_samples,
            "half_total": sums.half_total,
        }
    )


def merge_shards(shards: list[pd.DataFrame]) -> tuple[npt.NDArray[np.object_], AttributionSums]:
    """Return the gene ids, and the sums over all shards' samples."""
    parts = [
        AttributionSums(
            samples=int(shard["samples"].iloc[0]),
            total=shard["total"].to_numpy(),
            squares=shard["squares"].to_numpy(),
            half_samples=int(shard["half_samples"].iloc[0]),
            half_total=shard["half_total"].to_numpy(),
        )
        for shard in shards
    ]
    return shards[0]["gene_id"].to_numpy(object), reduce(add, parts)


def merge_checks(checks: pd.DataFrame) -> dict[str, float]:
    """Return one set of checks from one a shard: samples add up, errors are the largest, bounds are the same."""
    summed = {"samples", "captum_samples"}
    return {name: checks[name].sum() if name in summed else checks[name].max() for name in checks.columns.tolist()}


def rank_genes(gene_ids: npt.NDArray[np.object_], sums: AttributionSums, aggregation: str) -> pd.DataFrame:
    """Turn sums into importances, largest first.

    Parameters
    ----------
    gene_ids
        Shape (genes,).
    sums
        Over all samples attributed.
    aggregation
        One of `landmarks.attribution.AGGREGATIONS`.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``importance``, ``standard_error`` (over samples), ``rank`` from 1, ``rank_low`` and
        ``rank_high`` (see `rank_intervals`). Equal importances keep the order of `gene_ids`.
    """
    value = importance(sums.total, sums.samples, aggregation)
    variance = np.maximum(sums.squares / sums.samples - (sums.total / sums.samples) ** 2, 0.0)
    error = np.sqrt(variance / max(sums.samples - 1, 1))
    low, high = rank_intervals(value, error)
    order = np.argsort(-value, kind="stable")
    return pd.DataFrame(
        {
            "gene_id": gene_ids[order],
            "importance": value[order],
            "standard_error": error[order],
            "rank": np.arange(1, len(order) + 1),
            "rank_low": low[order],
            "rank_high": high[order],
        }
    )


def rank_intervals(
    value: npt.NDArray[np.float64], error: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the best and the worst rank that other samples might give each gene.

    A gene's best rank counts the genes that are surely above it, its worst rank those surely below: those whose
    interval of ± `HALF_WIDTH` standard errors does not touch the gene's own.

    Parameters
    ----------
    value, error
        Importances and their standard errors, shape (genes,).

    Returns
    -------
    low, high
        int64, shape (genes,), from 1.
    """
    upper, lower = value + HALF_WIDTH * error, value - HALF_WIDTH * error
    above = len(value) - np.searchsorted(np.sort(lower), upper, side="right")
    below = np.searchsorted(np.sort(upper), lower, side="left")
    return 1 + above, len(value) - below
