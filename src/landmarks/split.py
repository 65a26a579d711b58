"""Training, validation and test samples, with whole groups kept together where asked."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError, name_some

PARTS = ("train", "validation", "test")


def split_samples(
    samples: pd.DataFrame,
    *,
    method: str,
    validation: float,
    test: float,
    seed: int,
    test_groups: Sequence[str] = (),
) -> pd.DataFrame:
    """Assign every sample to one part.

    Parameters
    ----------
    samples
        Columns ``sample_id`` and ``group`` (study, donor or site).
    method
        ``random`` shuffles samples, as published; ``grouped`` shuffles whole groups, so that no study or
        site is on two sides.
    validation, test
        Shares of the samples, or their numbers from 1 on. Grouped shares are met as closely as the groups'
        sizes allow.
    seed
        Of the shuffle.
    test_groups
        Groups that are the test part, all others being training and validation; `test` is not looked at.

    Returns
    -------
    pandas.DataFrame
        ``sample_id``, ``group``, ``part``, in the order of `samples`.

    Raises
    ------
    LandmarksError
        If a part would be empty, or there is no such group.
    """
    if test_groups:
        return _hold_out(samples, method, validation, seed, test_groups)
    groups = samples["group"] if method == "grouped" else samples["sample_id"]
    codes, names = pd.factorize(groups)
    if len(names) < len(PARTS):
        raise LandmarksError(
            f"A {method} split needs at least {len(PARTS)} groups, found {len(names)}.",
            hint="use split.method: random, or give the dataset's samples a group.",
        )
    sizes = np.bincount(codes)
    validated, tested = _number(validation, len(samples)), _number(test, len(samples))
    wanted = np.array([len(samples) - validated - tested, validated, tested])
    if wanted[0] <= 0:
        raise LandmarksError(
            f"The split leaves no sample for training: {validated:g} of {len(samples)} validate and {tested:g} test.",
            hint="lower split.validation or split.test.",
        )
    part_of_group = _fill(sizes, wanted, np.random.default_rng(seed))
    parts = np.asarray(PARTS, object)[part_of_group[codes]]
    _refuse_empty(parts, len(names))
    return pd.DataFrame({"sample_id": samples["sample_id"], "group": samples["group"], "part": parts})


def _number(share: float, samples: int) -> float:
    """Return a share of the samples as a number of them; from 1 on it is one."""
    return share if share >= 1 else share * samples


def _hold_out(
    samples: pd.DataFrame, method: str, validation: float, seed: int, test_groups: Sequence[str]
) -> pd.DataFrame:
    """Test the named groups, and divide the other samples into training and validation."""
    known = samples["group"].unique().tolist()
    if unknown := [group for group in test_groups if group not in known]:
        raise LandmarksError(
            f"Expected groups of the samples in split.test_groups, found {name_some(unknown)}.",
            hint=f"the groups are {name_some(known, 20)}.",
        )
    held_out = samples["group"].isin(test_groups).to_numpy()
    rest = samples[~held_out]
    parts = np.full(len(samples), PARTS[2], object)
    parts[~held_out] = _validate(rest["group"] if method == "grouped" else rest["sample_id"], validation, seed)
    _refuse_empty(parts, rest["group"].nunique())
    return pd.DataFrame({"sample_id": samples["sample_id"], "group": samples["group"], "part": parts})


def _validate(groups: pd.Series, validation: float, seed: int) -> npt.NDArray[np.object_]:
    """Return training or validation for each sample, its groups kept whole."""
    codes, _ = pd.factorize(groups)
    validated = _number(validation, len(groups))
    wanted = np.array([len(groups) - validated, validated])
    return np.asarray(PARTS[:2], object)[_fill(np.bincount(codes), wanted, np.random.default_rng(seed))[codes]]


def _refuse_empty(parts: npt.NDArray[np.object_], groups: int) -> None:
    empty = [part for part in PARTS if not (parts == part).any()]
    if empty:
        raise LandmarksError(
            f"The split leaves no sample for: {', '.join(empty)} ({len(parts)} samples, {groups} groups to divide).",
            hint="raise split.validation or split.test, or use split.method: random.",
        )


def split_fold(
    samples: pd.DataFrame, *, method: str, validation: float, folds: int, fold: int, seed: int
) -> pd.DataFrame:
    """Hold out one of several folds, so that every sample is tested once.

    Parameters
    ----------
    samples, method, validation, seed
        As for `split_samples`.
    folds, fold
        How many parts of whole groups, of nearly equal size, and which of them is the test part, from 0.

    Returns
    -------
    pandas.DataFrame
        ``sample_id``, ``group``, ``part``, in the order of `samples`.

    Raises
    ------
    LandmarksError
        If there are fewer groups than folds, or none is left for validation.
    """
    groups = samples["group"] if method == "grouped" else samples["sample_id"]
    held_out = leave_groups_out(groups.to_numpy(object), folds, seed)
    if groups.nunique() < folds + 1:
        raise LandmarksError(
            f"{folds} folds need at least {folds + 1} groups, found {groups.nunique()}.",
            hint="lower arena.folds, or give the dataset's samples a group.",
        )
    rest = held_out[fold][0]
    parts = np.full(len(samples), PARTS[2], object)
    parts[rest] = _validate(groups.iloc[rest], validation, seed)
    if not (parts == PARTS[1]).any():
        raise LandmarksError(
            f"Fold {fold} leaves no validation sample ({len(rest)} samples of "
            f"{groups.iloc[rest].nunique()} groups besides).",
            hint="raise split.validation.",
        )
    return pd.DataFrame({"sample_id": samples["sample_id"], "group": samples["group"], "part": parts})


def leave_groups_out(
    groups: npt.NDArray[np.object_], folds: int, seed: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Divide samples into folds of whole groups of nearly equal size, each held out once.

    Parameters
    ----------
    groups
        The samples' study or donor, shape (samples,).
    folds
        How many; fewer where there are fewer groups. With a single group, samples are their own groups.
    seed
        Of the order in which groups of equal size are dealt out.
    """
    codes = np.unique(groups.astype(str), return_inverse=True)[1]
    if codes.max() == 0:
        codes = np.arange(len(groups))
    sizes = np.bincount(codes)
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    folds = min(folds, len(sizes))
    filled, fold_of = np.zeros(folds), np.empty(len(sizes), np.int64)
    for group in order:
        fold_of[group] = filled.argmin()
        filled[fold_of[group]] += sizes[group]
    return [(np.flatnonzero(fold_of[codes] != fold), np.flatnonzero(fold_of[codes] == fold)) for fold in range(folds)]


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
