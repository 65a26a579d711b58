"""From samples to sums of importance: every engine's results are summed here, block by block."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from landmarks.checkpoints import Checkpoint
from landmarks.errors import LandmarksError
from landmarks.progress import Pace

logger = logging.getLogger("landmarks")

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

FIRST_ROUND = 256
"""Samples after which `attribute_until_agreed` looks for the first time; it then doubles them."""


@dataclass(frozen=True)
class Attributed:
    """What an engine makes of a block of samples.

    Attributes
    ----------
    importances
        Shape (samples, genes): contributions summed over units as the aggregation says.
    gap
        Largest |sum of contributions − difference of output|: contributions must add up to what they explain
        (completeness; Shrikumar et al. 2017). By sample and unit, or by sample where the engine sums units first.
    difference
        Largest absolute difference of output, over samples and units.
    """

    importances: Tensor
    gap: float
    difference: float


@dataclass(frozen=True)
class AttributionSums:
    """Sums over samples of each gene's importance.

    Attributes
    ----------
    samples
        How many samples were summed.
    total, squares
        float64, shape (genes,).
    half_samples, half_total
        The same of every second sample, so that two halves can be compared.
    gap, difference
        The largest of any block, see `Attributed`.
    """

    samples: int
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]
    half_samples: int
    half_total: npt.NDArray[np.float64]
    gap: float = 0.0
    difference: float = 0.0

    def __add__(self, other: "AttributionSums") -> "AttributionSums":
        """Return the sums over the samples of both."""
        return AttributionSums(
            self.samples + other.samples,
            self.total + other.total,
            self.squares + other.squares,
            self.half_samples + other.half_samples,
            self.half_total + other.half_total,
            # Unlike max, np.maximum keeps NaN: undefined contributions are not complete.
            float(np.maximum(self.gap, other.gap)),
            float(np.maximum(self.difference, other.difference)),
        )

    @property
    def completeness_error(self) -> float:
        """The largest gap, relative to the largest difference of output."""
        return self.gap / self.difference if self.difference else self.gap


def attribute(
    blocks: Iterable[Tensor],
    engine: Callable[[Tensor], Attributed],
    first: int = 0,
    *,
    sums: AttributionSums | None = None,
    keep: Callable[[AttributionSums], None] = lambda sums: None,
) -> AttributionSums:
    """Sum each gene's importance over samples.

    Parameters
    ----------
    blocks
        z-scores, shape (samples, genes) each; at least one block, unless `sums` are given.
    engine
        Attributes a block, such as `landmarks.deeplift.attribute_samples` with its other arguments bound.
    first
        Number of the first sample: samples with even numbers make the half.
    sums
        Of the samples before; they are added to.
    keep
        Is given the sums after each block.
    """
    for block in blocks:
        attributed = engine(block)
        importances = attributed.importances.double()
        half = importances[first % 2 :: 2]
        new = AttributionSums(
            len(importances),
            importances.sum(dim=0).cpu().numpy(),
            importances.square().sum(dim=0).cpu().numpy(),
            len(half),
            half.sum(dim=0).cpu().numpy(),
            attributed.gap,
            attributed.difference,
        )
        sums = new if sums is None else sums + new
        first += len(block)
        keep(sums)
    if sums is None:
        raise ValueError("no samples to attribute")
    return sums


def attribute_from(
    checkpoint: Checkpoint | None,
    chosen: npt.NDArray[np.int64],
    read: Callable[[npt.NDArray[np.int64]], Iterator[Tensor]],
    engine: Callable[[Tensor], Attributed],
    first: int,
) -> AttributionSums:
    """Sum each gene's importance over samples, from where a job that was killed stopped.

    Parameters
    ----------
    checkpoint
        Keeps the sums after each block, if it is time; the blocks to come are the same, and so are all bytes.
    chosen
        Positions of the samples.
    read
        Gives the z-scores of the samples at some positions, block by block.
    engine, first
        As for `attribute`.
    """
    state = None if checkpoint is None else checkpoint.load()
    sums = None
    if state is not None:
        numbers: dict[str, Any] = {name: array if array.ndim else array.item() for name, array in state.items()}
        sums = AttributionSums(**numbers)
        logger.info("attribution goes on after %d of %d samples", sums.samples, len(chosen))

    done = 0 if sums is None else sums.samples
    with Pace("attribution", len(chosen) - done, "samples") as pace:

        def keep(part: AttributionSums) -> None:
            pace.add(part.samples - done - pace.done, "attribution")
            if checkpoint is not None:
                checkpoint.save({name: np.asarray(value) for name, value in vars(part).items()})

        return attribute(read(chosen[done:]), engine, first + done, sums=sums, keep=keep)


def attribute_until_agreed(
    order: npt.NDArray[np.int64],
    read: Callable[[npt.NDArray[np.int64]], Iterator[Tensor]],
    engine: Callable[[Tensor], Attributed],
    *,
    aggregation: str,
    k: int,
    jaccard: float,
) -> AttributionSums:
    """Attribute ever more samples until the top genes of two halves of them agree.

    Parameters
    ----------
    order
        Positions of all samples, in random order.
    read
        Gives the z-scores of the samples at some positions, block by block.
    engine, aggregation
        As for `attribute`; `aggregation` says what the importance is.
    k
        Size of the top.
    jaccard
        The agreement at which to stop, see `agreement`.

    Returns
    -------
    AttributionSums
        Of all samples seen: `FIRST_ROUND`, or twice, four times as many, or all if the halves never agree.
    """
    ends = [0]
    while ends[-1] < len(order):
        ends.append(min(max(2 * ends[-1], FIRST_ROUND), len(order)))
    sums: AttributionSums | None = None
    for start, end in pairwise(ends):
        new = attribute(read(np.sort(order[start:end])), engine, start)
        sums = new if sums is None else sums + new
        if agreement(sums, aggregation, k) >= jaccard:
            break
    if sums is None:
        raise ValueError("no samples to attribute")
    return sums


def importance(total: npt.NDArray[np.float64], samples: int, aggregation: str) -> npt.NDArray[np.float64]:
    """Return each gene's importance from its sum over samples."""
    mean = total / max(samples, 1)
    return np.abs(mean) if aggregation == "abs_mean" else mean


def agreement(sums: AttributionSums, aggregation: str, k: int) -> float:
    """Return the Jaccard index of the k most important genes in two halves of the samples: 1 for the same set."""
    halves = (
        importance(sums.half_total, sums.half_samples, aggregation),
        importance(sums.total - sums.half_total, sums.samples - sums.half_samples, aggregation),
    )
    one, other = (set(np.argsort(-half, kind="stable")[:k].tolist()) for half in halves)
    return len(one & other) / len(one | other)


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


def refuse_different(difference: float, bound: float) -> None:
    """Raise if the engine and Captum disagree.

    Raises
    ------
    LandmarksError
        If `difference` exceeds `bound`; both are relative to the largest importance.
    """
    if not difference <= bound:
        raise LandmarksError(
            f"DeepLIFT's importances differ from Captum's by {difference:.3g} of the largest one; "
            f"attribution.check.bound allows {bound:.3g}.",
            hint="one of the two is wrong: report it, with the run's parameters.parquet.",
        )
