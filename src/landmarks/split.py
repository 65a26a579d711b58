"""Training, validation and test samples, with whole groups kept together where asked."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError

PARTS = ("train", "validation", "test")


def split_samples(samples: pd.DataFrame, *, method: str, validation: float, test: float, seed: int) -> pd.DataFrame:
    """Assign every sample to one part.

    Parameters
    ----------
    samples
        Columns ``sample_id`` and ``group`` (study, donor or site).
    method
        ``random`` shuffles samples, as published; ``grouped`` shuffles whole groups, so that no study or
        site is on two sides.
    validation, test
        Shares of the samples. Grouped shares are met as closely as the groups' sizes allow.
    seed
        Of the shuffle.

    Returns
    -------
    pandas.DataFrame
        ``sample_id``, ``group``, ``part``, in the order of `samples`.

    Raises
    ------
    LandmarksError
        If a part would be empty.
    """
    groups = samples["group"] if method == "grouped" else samples["sample_id"]
    codes, names = pd.factorize(groups)
    if len(names) < len(PARTS):
        raise LandmarksError(
            f"A {method} split needs at least {len(PARTS)} groups, found {len(names)}.",
            hint="use split.method: random, or give the dataset's samples a group.",
        )
    sizes = np.bincount(codes)
    wanted = len(samples) * np.array([1 - validation - test, validation, test])
    part_of_group = _fill(sizes, wanted, np.random.default_rng(seed))
    parts = np.asarray(PARTS, object)[part_of_group[codes]]
    empty = [part for part in PARTS if not (parts == part).any()]
    if empty:
        raise LandmarksError(
            f"The split leaves no sample for: {', '.join(empty)} ({len(samples)} samples, {len(names)} groups).",
            hint="raise split.validation or split.test, or use split.method: random.",
        )
    return pd.DataFrame({"sample_id": samples["sample_id"], "group": samples["group"], "part": parts})


def _fill(
    sizes: npt.NDArray[np.intp], wanted: npt.NDArray[np.float64], generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Put each group, in random order, into the part that misses the largest share; return its part's index.

    A group that would fill more than half of a part stays out of it (training aside): one large study is
    no sample of studies.
    """
    missing = wanted.copy()
    part_of_group = np.empty(len(sizes), np.intp)
    order = generator.permutation(len(sizes))
    # Groups that fit training only come first: drawn late, they would overfill it.
    order = order[np.argsort(sizes[order] <= wanted[1:].max() / 2, kind="stable")]
    for group in order:
        fits = sizes[group] <= wanted / 2
        fits[0] = True
        part = int(np.where(fits, missing / wanted, -np.inf).argmax())
        part_of_group[group] = part
        missing[part] -= sizes[group]
    return part_of_group
