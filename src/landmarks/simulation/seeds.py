"""A stream of random numbers for each purpose and study, so that no draw depends on what is drawn elsewhere."""

from enum import IntEnum

import numpy as np

from landmarks.errors import LandmarksError


class Stream(IntEnum):
    """What a stream is for."""

    GENES = 0
    TISSUES = 1
    PLAN = 2
    VALUES = 3
    LABELLED_PLAN = 4
    LABELLED_VALUES = 5
    RNASEQ_PLAN = 6
    RNASEQ_VALUES = 7


def open_stream(seed: int, stream: Stream, study: int = 0) -> np.random.Generator:
    """Return the random numbers of a purpose and a study.

    Raises
    ------
    LandmarksError
        If the seed is negative.
    """
    if seed < 0:
        raise LandmarksError(f"Expected a seed of 0 or more, found {seed}.", hint="give another --seed.")
    return np.random.default_rng(np.random.SeedSequence([seed, stream, study]))
