"""The values of studies on a microarray: programmes, batch effects, noise, and a soft floor and ceiling."""

from collections.abc import Iterable, Iterator

import numpy as np

from landmarks.simulation.genes import Genes
from landmarks.simulation.programmes import Floats
from landmarks.simulation.seeds import open_stream
from landmarks.simulation.studies import Plan

FLOOR, CEILING = 4.0, 15.0
"""Of log2 intensities: the background of the array, and where its scanner saturates."""

BEND = 0.5
"""How far from them values begin to bend, log2 units."""

SCALE_SPREAD = 0.08
"""Standard deviation of the logarithm of a study's scale, by which it stretches what differs between its samples."""

COPY_DISTANCE = 0.1, 0.6
"""Euclidean distances of copies from what they copy: two copies of one sample are less than 1.0 apart as well."""

ROWS = 8
"""Samples handled at a time: few enough that the second pass over them finds them in the processor's cache."""


def simulate_study(plan: Plan, genes: Genes, seed: int) -> Floats:
    """Return the values of a study, log2 units, float32, shape (samples, genes)."""
    random = open_stream(seed, plan.stream, plan.number)
    scale = np.float32(np.exp(random.normal(0, SCALE_SPREAD)))
    places = random.standard_normal(len(genes.batch_axes), dtype=np.float32)
    offset = genes.level + places @ genes.batch_axes
    offset += genes.batch_sd * random.standard_normal(len(offset), dtype=np.float32)
    activity = genes.programmes.respond(plan.factors) * scale
    values = np.empty((len(activity), len(offset)), np.float32)
    np.matmul(activity, genes.loadings, out=values)
    noise_sd = genes.noise_sd * scale
    noise = np.empty((ROWS, len(offset)), np.float32)
    for start in range(0, len(values), ROWS):
        part = values[start : start + ROWS]
        drawn = noise[: len(part)]
        random.standard_normal(out=drawn, dtype=np.float32)
        drawn *= noise_sd
        part += drawn
        part += offset
        bend(part)
    for row in np.flatnonzero(plan.copied >= 0):
        step = random.standard_normal(len(offset), dtype=np.float32)
        step *= np.float32(random.uniform(*COPY_DISTANCE)) / np.linalg.norm(step)
        # To cut what leaves the bounds moves a copy nearer, never away.
        np.clip(values[plan.copied[row]] + step, FLOOR, CEILING, out=values[row])
    return values


def bend(values: Floats) -> None:
    """Bring values softly between the floor and the ceiling, in place.

    x becomes (x + √(x² + b²)) / 2 above the floor, and likewise below the ceiling: smooth as a softplus, and much
    faster in single precision.
    """
    for bound, side in ((FLOOR, np.float32(1)), (CEILING, np.float32(-1))):
        values -= np.float32(bound)
        root = values * values
        root += np.float32(BEND**2)
        np.sqrt(root, out=root)
        root *= side
        values += root
        values *= np.float32(0.5)
        values += np.float32(bound)
    # Rounding may leave the last digit outside.
    np.clip(values, FLOOR, CEILING, out=values)


def iterate_studies(plans: Iterable[Plan], genes: Genes, seed: int) -> Iterator[Floats]:
    """Yield the values of each study; see `simulate_study`."""
    for plan in plans:
        yield simulate_study(plan, genes, seed)


def regroup(studies: Iterable[Floats], samples: int, block: int) -> Iterator[Floats]:
    """Collect the values of studies in blocks, which hold the same values whatever their size.

    Parameters
    ----------
    studies
        float32, shape (samples of the study, genes) each; together at least as many samples as wanted.
    samples
        How many are wanted; the rest is left out.
    block
        Samples a block.

    Yields
    ------
    numpy.ndarray
        float32, shape (samples of the block, genes); it is filled anew for the next block.
    """
    kept, filled, left = np.empty((0, 0), np.float32), 0, samples
    for values in studies:
        if not kept.size:
            kept = np.empty((block, values.shape[1]), np.float32)
        start = 0
        while start < len(values) and left:
            count = min(len(values) - start, min(block, left + filled) - filled)
            kept[filled : filled + count] = values[start : start + count]
            filled, start, left = filled + count, start + count, left - count
            if filled == block or not left:
                yield kept[:filled]
                filled = 0
