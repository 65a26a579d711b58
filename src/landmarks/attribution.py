"""From contributions (samples × units × genes) to one importance a gene, without ever holding them all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from landmarks.errors import LandmarksError
from landmarks.progress import track

AGGREGATIONS = ("mean_abs", "abs_mean", "mean_signed", "abs_sum_units")
"""How |C| or C is summed over samples and units; they rank genes differently.

``mean_abs``
    mean over samples and units of |C|, the default.
``mean_signed``
    mean over samples and units of C.
``abs_mean``
    absolute value of that signed mean.
``abs_sum_units``
    mean over samples of |sum over units of C|.
"""

BLOCK = 256
"""Samples attributed at a time: bounds the work to 256 × genes values a unit."""

Contributions = Callable[[Tensor], Iterator[Tensor]]
"""For a block of samples (samples, genes), yields one (samples, genes) tensor a unit."""


@dataclass
class AttributionSums:
    """Sums over samples of each gene's per-sample importance.

    Attributes
    ----------
    samples
        How many samples were summed.
    total, squares
        float64, shape (genes,).
    completeness_error
        Largest |sum of contributions − difference of output| over samples and units, relative to the largest
        absolute difference of output.
    """

    samples: int
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]
    completeness_error: float = 0.0


def attribute(
    z: Tensor, contributions: Contributions, differences: Callable[[Tensor], Tensor], aggregation: str
) -> AttributionSums:
    """Sum each gene's importance over samples.

    Parameters
    ----------
    z
        float32, shape (samples, genes): what is attributed.
    contributions
        The engine, such as `landmarks.captum_engine.contributions`.
    differences
        For a block of samples, each unit's difference of output, shape (samples, units): what the
        contributions of a sample and unit must sum to (completeness; Shrikumar et al. 2017).
    aggregation
        One of `AGGREGATIONS`.
    """
    total = np.zeros(z.shape[1], np.float64)
    squares = np.zeros(z.shape[1], np.float64)
    error, largest = 0.0, 0.0
    for block in z.split(BLOCK):
        wanted = differences(block)
        sums = torch.zeros_like(block)
        for unit, shares in enumerate(track(contributions(block), "attributing", wanted.shape[1])):
            gap = (shares.sum(dim=1, dtype=torch.float64) - wanted[:, unit]).abs().max().item()
            # Unlike max, np.maximum keeps NaN: undefined contributions are not complete.
            error = float(np.maximum(error, gap))
            sums += shares.abs() if aggregation == "mean_abs" else shares
        largest = float(np.maximum(largest, wanted.abs().max().item()))
        if aggregation == "abs_sum_units":
            sums = sums.abs()
        else:
            sums /= wanted.shape[1]
        per_sample = sums.double().cpu().numpy()
        total += per_sample.sum(axis=0)
        squares += (per_sample**2).sum(axis=0)
    return AttributionSums(len(z), total, squares, error / largest if largest else error)


def rank_genes(gene_ids: npt.NDArray[np.object_], sums: AttributionSums, aggregation: str) -> pd.DataFrame:
    """Turn sums into importances, largest first.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``importance``, ``standard_error`` (over samples), ``rank`` from 1. Equal importances
        keep the order of `gene_ids`.
    """
    mean = sums.total / sums.samples
    variance = np.maximum(sums.squares / sums.samples - mean**2, 0.0)
    error = np.sqrt(variance / max(sums.samples - 1, 1))
    importance = np.abs(mean) if aggregation == "abs_mean" else mean
    order = np.argsort(-importance, kind="stable")
    return pd.DataFrame(
        {
            "gene_id": gene_ids[order],
            "importance": importance[order],
            "standard_error": error[order],
            "rank": np.arange(1, len(order) + 1),
        }
    )


def reference_point(kind: str, z_training: Tensor, sample_ids: list[str], z_zero: Tensor) -> Tensor:
    """Return the reference expression as z-scores, shape (genes,).

    Parameters
    ----------
    kind
        ``mean`` or ``median`` of the training samples, ``zero`` (log2 expression 0), or a training sample's id.
    z_training
        float32 z-scores, shape (samples, genes).
    sample_ids
        Of the training samples.
    z_zero
        What log2 expression 0 is in z-scores, shape (genes,).

    Raises
    ------
    LandmarksError
        If `kind` is neither a known reference nor a training sample.
    """
    if kind == "mean":
        return torch.zeros_like(z_zero)
    if kind == "median":
        return z_training.median(dim=0).values
    if kind == "zero":
        return z_zero
    if kind in sample_ids:
        return z_training[sample_ids.index(kind)]
    raise LandmarksError(
        f"Expected attribution.reference to be mean, median, zero or a training sample's id, found {kind!r}.",
        hint="split.parquet lists the training samples.",
    )


def refuse_incomplete(error: float, bound: float) -> None:
    """Raise if contributions do not add up to the differences they explain.

    Raises
    ------
    LandmarksError
        If `error` exceeds `bound`; both are relative to the largest difference of output.
    """
    if not error <= bound:
        raise LandmarksError(
            f"DeepLIFT's contributions miss the differences of output by {error:.3g} of the largest one; "
            f"attribution.completeness allows {bound:.3g}.",
            hint="an attribution that does not add up is wrong: report it, with the run's parameters.parquet.",
        )
