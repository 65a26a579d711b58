"""The companion by RNA-seq: counts of most of the genes, under Ensembl ids, of the same tissues."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.simulation.genes import Genes
from landmarks.simulation.programmes import Floats
from landmarks.simulation.seeds import Stream, open_stream
from landmarks.simulation.studies import Plan
from landmarks.simulation.values import CEILING, FLOOR

SHARED = 0.95
"""Share of the compendium's genes that are sequenced; as many others take the place of the rest."""

DEPTH = 8.0, 0.3
"""Median of the reads that a gene of twice the array's floor has, and standard deviation of their logarithm."""

GENE_SPREAD = 0.7
"""Standard deviation of the logarithm of what sequencing sees of a gene, for its length and its probes' affinity."""

DISPERSION = 0.1
"""Of counts beyond Poisson: their variance is mean + dispersion × mean²."""

BLOCK = 250
"""Samples a block: each takes three arrays of this size."""


@dataclass(frozen=True)
class Sequenced:
    """What is sequenced.

    Attributes
    ----------
    table
        A row a gene: ``gene_id`` (Ensembl) and ``symbol``.
    position
        Where the gene is in the compendium, −1 for others, shape (genes,).
    factor
        By which its counts are higher or lower than its level says, float32, shape (genes,).
    other
        Level of other genes, log2, shape (genes,).
    """

    table: pd.DataFrame
    position: npt.NDArray[np.int64]
    factor: Floats
    other: Floats


def design_sequencing(genes: Genes, seed: int) -> Sequenced:
    """Draw which genes are sequenced, in the order of their ids; their number is that of the compendium's genes."""
    random = open_stream(seed, Stream.RNASEQ_VALUES, 1)
    count = len(genes.table)
    shared = np.sort(random.choice(count, round(SHARED * count), replace=False))
    others = count - len(shared)
    table = pd.DataFrame(
        {
            "gene_id": [*genes.table["ensembl"].iloc[shared], *(f"ENSG8{number:010d}" for number in range(others))],
            "symbol": [*genes.table["symbol"].iloc[shared], *(f"SEQ{number:05d}" for number in range(others))],
        }
    )
    order = np.argsort(table["gene_id"].to_numpy(object))
    position = np.concatenate([shared, np.full(others, -1)])[order]
    factor = np.exp(random.normal(0, GENE_SPREAD, count)).astype(np.float32)
    other = random.choice(genes.level, count).astype(np.float32)
    return Sequenced(table.iloc[order].reset_index(drop=True), position, factor, other)


def count_reads(plan: Plan, genes: Genes, sequenced: Sequenced, seed: int) -> Iterator[Floats]:
    """Draw negative binomial counts of the samples of a plan, a few samples at a time.

    Yields
    ------
    numpy.ndarray
        Whole numbers from 0 as float32, shape (samples of the block, sequenced genes). A gene below the array's floor
        has no reads, and the batch effects of arrays are absent.
    """
    random = open_stream(seed, Stream.RNASEQ_VALUES, 2)
    activity = genes.programmes.respond(plan.factors)
    known = sequenced.position >= 0
    position = sequenced.position[known]
    for start in range(0, len(activity), BLOCK):
        part = activity[start : start + BLOCK]
        level = np.tile(sequenced.other, (len(part), 1))
        signal = part @ genes.loadings
        signal += genes.noise_sd * random.standard_normal(signal.shape, dtype=np.float32)
        signal += genes.level
        level[:, known] = signal[:, position]
        # In multiples of the floor, above it.
        mean = np.exp2(np.clip(level - np.float32(FLOOR), 0, np.float32(CEILING - FLOOR))) - np.float32(1)
        depth = np.exp(random.normal(np.log(DEPTH[0]), DEPTH[1], (len(part), 1))).astype(np.float32)
        mean *= depth * sequenced.factor
        mean *= random.standard_gamma(1 / DISPERSION, mean.shape, dtype=np.float32) * np.float32(DISPERSION)
        yield random.poisson(mean).astype(np.float32)
