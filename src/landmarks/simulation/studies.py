"""Studies: which samples they have, what these are of, and which are copies of others. No values yet."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.simulation.programmes import Floats
from landmarks.simulation.seeds import Stream, open_stream

TISSUES = 24
STUDY_SAMPLES, STUDY_SPREAD = 40.0, 1.1
"""Mean number of samples of a study, and the standard deviation of its logarithm."""

SMALLEST, LARGEST = 4, 1_500
"""Bounds of a study: the largest of 22,268 genes takes 134 MB."""

TISSUES_OF_STUDY = (0.6, 0.3, 0.1)
"""Probabilities of one, two and three tissues in a study."""

OWN_TISSUE = 0.8
"""Mean share of the cells that are of the sample's own tissue; the others are of the other tissues."""

SHARES = {"tissue": 0.35, "study": 0.2, "sample": 0.45}
"""Of the variance of latent factors: by tissue, by study (its own kind of patients or cells) and by sample."""

CONDITION_FACTORS, CONDITION_SHIFT = 0.15, 1.0
"""Share of the factors that a study's condition moves, and how far, in standard deviations."""

SUBTYPE_FACTORS, SUBTYPE_SHIFT = 0.4, 1.2
"""The same of the subtypes of the labelled study."""

DUPLICATES = 0.12
"""Share of samples that copy another one of their study."""


@dataclass(frozen=True)
class Plan:
    """The samples of a study.

    Attributes
    ----------
    number
        The study's, from 1; it chooses the random numbers of the values.
    samples
        ``sample_id``, ``group`` (the study), ``label`` (the tissue or subtype), ``duplicate_of`` (a sample_id, or
        empty).
    factors
        Latent factors, float32, shape (samples, factors).
    copied
        The row that each sample copies, −1 for none, shape (samples,). A copied row is earlier and copies none.
    stream
        Of the random numbers of the values.
    """

    number: int
    samples: pd.DataFrame
    factors: Floats
    copied: npt.NDArray[np.int64]
    stream: Stream = Stream.VALUES


def plan_studies(samples: int, factors: int, seed: int, duplicates: float = DUPLICATES) -> Iterator[Plan]:
    """Plan studies until they have the wanted number of samples together; the last one may be larger than needed.

    Parameters
    ----------
    samples
        At least so many.
    factors
        Latent factors of the genes.
    seed
        The compendium's. A study depends on it and on the study's number only.
    duplicates
        Probability of a sample, the first of a study aside, to copy an earlier one.

    Yields
    ------
    Plan
        Study 1, 2 and so on.
    """
    tissues = draw_tissues(factors, seed)
    number = planned = 0
    while planned < samples:
        number += 1
        random = open_stream(seed, Stream.PLAN, number)
        drawn = random.lognormal(np.log(STUDY_SAMPLES) - STUDY_SPREAD**2 / 2, STUDY_SPREAD)
        size = int(np.clip(round(drawn), SMALLEST, LARGEST))
        label = draw_labels(size, random)
        moved = draw_factors(label, tissues, random) + draw_condition(size, factors, random)
        copied = draw_copies(size, duplicates, random)
        same = copied >= 0
        label[same], moved[same] = label[copied[same]], moved[copied[same]]
        names = np.asarray([f"tissue{tissue:02d}" for tissue in range(1, TISSUES + 1)], object)[label]
        yield Plan(number, name_samples(f"study{number:05d}", names, copied), moved, copied)
        planned += size


def plan_rnaseq(samples: int, factors: int, seed: int) -> Plan:
    """Plan the samples of the companion by sequencing: one study of the compendium's tissues."""
    random = open_stream(seed, Stream.RNASEQ_PLAN)
    label = random.integers(0, TISSUES, samples)
    moved = draw_factors(label, draw_tissues(factors, seed), random)
    names = np.asarray([f"tissue{tissue + 1:02d}" for tissue in label], object)
    return Plan(0, name_samples("rnaseq", names, np.full(samples, -1)), moved, np.full(samples, -1))


def plan_labelled(samples: int, factors: int, seed: int) -> Plan:
    """Plan the labelled companion: a new study of one tissue, with two or three subtypes in equal parts."""
    random = open_stream(seed, Stream.LABELLED_PLAN)
    subtypes = int(random.integers(2, 4))
    subtype = random.permutation(np.arange(samples) % subtypes)
    tissue = np.full(samples, random.integers(0, TISSUES))
    moves = random.normal(0, SUBTYPE_SHIFT, (subtypes, factors)) * (
        random.random((subtypes, factors)) < SUBTYPE_FACTORS
    )
    moved = draw_factors(tissue, draw_tissues(factors, seed), random) + moves[subtype].astype(np.float32)
    names = np.asarray([f"subtype{number + 1}" for number in subtype], object)
    alone = np.full(samples, -1)
    return Plan(0, name_samples("labelled", names, alone), moved, alone, Stream.LABELLED_VALUES)


def draw_tissues(factors: int, seed: int) -> Floats:
    """Return the factors of pure tissues, shape (tissues, factors), shared by all studies."""
    return open_stream(seed, Stream.TISSUES).standard_normal((TISSUES, factors), dtype=np.float32)


def draw_labels(size: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the tissue of each sample of a study; some tissues are studied far more than others."""
    weights = 1 / np.arange(2, TISSUES + 2)
    count = random.choice(len(TISSUES_OF_STUDY), p=TISSUES_OF_STUDY) + 1
    chosen = random.choice(TISSUES, count, replace=False, p=weights / weights.sum())
    return random.choice(chosen, size).astype(np.int64)


def draw_factors(label: npt.NDArray[np.int64], tissues: Floats, random: np.random.Generator) -> Floats:
    """Return latent factors, float32, shape (samples, factors): a mixture of tissues, the study's shift and noise."""
    size, factors = len(label), tissues.shape[1]
    own = random.beta(8, 8 / OWN_TISSUE - 8, size)
    mixture = random.dirichlet(np.full(TISSUES, 0.2), size) * (1 - own)[:, None]
    mixture[np.arange(size), label] += own
    moved = np.sqrt(SHARES["tissue"]) * (mixture @ tissues)
    moved += np.sqrt(SHARES["study"]) * random.standard_normal(factors)
    moved += np.sqrt(SHARES["sample"]) * random.standard_normal((size, factors))
    return moved.astype(np.float32)


def draw_condition(size: int, factors: int, random: np.random.Generator) -> Floats:
    """Return how a condition moves about half the samples of a study, as treated or diseased, (samples, factors)."""
    move = random.normal(0, CONDITION_SHIFT, factors) * (random.random(factors) < CONDITION_FACTORS)
    return (random.integers(0, 2, (size, 1)) * move).astype(np.float32)


def draw_copies(size: int, share: float, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the row that each sample copies, or −1. A copied row is earlier and is no copy itself."""
    copies = random.random(size) < share
    copies[0] = False
    own = np.flatnonzero(~copies)
    # As many originals as come before each row, of which one is drawn.
    before: npt.NDArray[np.int64] = np.cumsum(~copies) - ~copies
    chosen = own[(random.random(size) * np.maximum(before, 1)).astype(np.int64)]
    return np.where(copies, chosen, -1)


def name_samples(group: str, labels: npt.NDArray[np.object_], copied: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return the table of a study's samples; see `Plan`."""
    ids = np.asarray([f"{group}-{row:04d}" for row in range(1, len(labels) + 1)], object)
    original = np.where(copied < 0, "", ids[copied])
    return pd.DataFrame({"sample_id": ids, "group": group, "label": labels, "duplicate_of": original}, dtype=object)
