"""Which training samples are attributed, by which shard, and their z-scores batch by batch."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from landmarks.autoencoder import z_scores
from landmarks.errors import LandmarksError
from landmarks.expression import iterate_rows
from landmarks.parameters import Parameters

BATCH = 256
"""Samples given to an engine at a time."""

ALIGNMENT = 32
"""Shards begin at multiples of this: matrix products have the same batches, and so the same rounding, in any number
of shards."""


def choose_samples(available: int, wanted: str, seed: int) -> npt.NDArray[np.int64]:
    """Return the numbers of the samples to attribute, of `available`.

    Parameters
    ----------
    available
        How many training samples there are.
    wanted
        ``all``, or a number of samples to draw at random: both give ascending numbers. ``auto`` gives all in
        random order.
    seed
        Of the draw.

    Raises
    ------
    LandmarksError
        If `wanted` is neither, or more than there are.
    """
    if wanted == "all":
        return np.arange(available)
    order = np.random.default_rng(seed).permutation(available)
    if wanted == "auto":
        return order
    if not wanted.isdecimal() or not 2 <= int(wanted) <= available:
        raise LandmarksError(
            f"Expected attribution.samples to be all, auto, or 2 to {available:,} training samples, found {wanted}.",
            hint="all takes every training sample.",
        )
    return np.sort(order[: int(wanted)])


def shard_bounds(samples: int, shard: int, shards: int) -> tuple[int, int]:
    """Return the first and the end of a shard's samples among `samples`.

    Parameters
    ----------
    samples
        How many samples there are in all.
    shard
        From 0.
    shards
        How many shards there are.

    Raises
    ------
    LandmarksError
        If there are more shards than batches of `ALIGNMENT` samples: one would be empty.
    """
    batches = -(-samples // ALIGNMENT)
    if shards > batches:
        raise LandmarksError(
            f"Expected attribution.shards to be at most {batches:,} for {samples:,} samples, found {shards:,}.",
            hint=f"a shard needs {ALIGNMENT} samples or more.",
        )
    return batches * shard // shards * ALIGNMENT, min(batches * (shard + 1) // shards * ALIGNMENT, samples)


def iterate_z_scores(
    path: Path, positions: npt.NDArray[np.int64], parameters: Parameters, *, memory_mb: float, device: torch.device
) -> Iterator[Tensor]:
    """Yield the z-scores of some samples of an expression file, `BATCH` at a time; see `iterate_rows`."""
    for values in iterate_rows(path, positions, BATCH, memory_mb):
        yield z_scores(values, parameters).to(device)
