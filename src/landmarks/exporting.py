"""What held-out samples say of a model that is exported: intervals, their coverage, and what can be inferred at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.conformal import half_widths
from landmarks.expression import find_positions, iterate_genes, read_gene_ids, read_sample_ids
from landmarks.inference.applying import make_inferrer
from landmarks.inference.left_out import left_out_residuals
from landmarks.inference.problem import CHOOSING, iterate_test
from landmarks.matrices import Room
from landmarks.normalise import mean_quantiles
from landmarks.parameters import Parameters
from landmarks.partition import hold_rows, read_rows, rows_of, some_of
from landmarks.standardise import standardise

Array = npt.NDArray[np.float32]
Ids = npt.NDArray[np.object_]

AT_A_TIME = 100
"""Landmarks of which all samples are read at a time."""


@dataclass(frozen=True)
class Intervals:
    """Conformal intervals of targets, and how they fared.

    Attributes
    ----------
    half_width
        In log2 units, float32, shape (targets,).
    coverage
        Share of the test samples' values inside, float64, shape (targets,).
    validation, left_out
        Numbers of the samples that gave the widths: validation samples, and training samples left out.
    """

    half_width: Array
    coverage: npt.NDArray[np.float64]
    validation: int
    left_out: int


def measure_intervals(
    expression: Path,
    split: pd.DataFrame,
    parameters: Parameters,
    landmarks: Ids,
    targets: Ids,
    *,
    method: str,
    level: float,
    room: Room,
) -> Intervals:
    """Calibrate intervals on samples that the model has not seen, and count what they cover of test samples.

    These are the validation samples, on which a penalty or the number of epochs was chosen at most. Where they are
    fewer than `CHOOSING` and the model is `ridge`, training samples join them, each inferred as if its group had been
    left out (the jackknife of Barber et al. 2021, Ann. Statist. 49:486, by groups): the rank of an error among few is
    rough. Test samples only say how well it went.

    Parameters
    ----------
    expression, split
        Prepared expression of the compendium; ``sample_id``, ``group``, ``part``.
    parameters
        A fitted model, with its scaling.
    landmarks, targets
        Gene ids, in the model's order.
    method
        ``grouped`` if whole groups are held out by the split, ``random`` if samples are.
    level
        Share of new samples that intervals are to cover.
    room
        Where the training samples' landmarks are held.
    """
    known = np.asarray(read_gene_ids(expression), object)
    inputs, outputs = (find_positions(known, ids, "gene") for ids in (landmarks, targets))
    infer = make_inferrer(parameters)

    def residuals_of(values: Array) -> Array:
        """Return what was inferred short of what was measured, shape (samples, targets)."""
        return np.asarray(values[:, outputs] - infer(values[:, inputs]).T)

    held_out = some_of(rows_of(expression, split, "validation"), CHOOSING)
    errors = [np.abs(residuals_of(read_rows(expression, held_out)))]
    if "ridge.penalty" in parameters and len(held_out) < CHOOSING:
        rows = rows_of(expression, split, "train")
        groups = _some_groups(expression, split, rows, method, CHOOSING - len(held_out))
        training = hold_rows(expression, rows, room, inputs)
        standardise(training, parameters["input.mean"], parameters["input.scale"])
        # Read at once, in the file's order: sample by sample takes a second each.
        some = np.sort(np.concatenate([*groups, np.empty(0, np.int64)]))
        found = residuals_of(read_rows(expression, rows[some]))
        by_all = [found[np.searchsorted(some, members)] for members in groups]
        left_out = left_out_residuals(training, float(parameters["ridge.penalty"][0]), groups, by_all)
        errors += [np.abs(residuals) for residuals in left_out]
    half_width = half_widths(np.concatenate(errors), level)
    covered, tested = np.zeros(len(targets)), 0
    for _, values in iterate_test(expression, split, room.memory_mb):
        covered += (np.abs(residuals_of(values)) <= half_width).sum(axis=0)
        tested += len(values)
    return Intervals(half_width, covered / tested, len(held_out), sum(map(len, errors)) - len(held_out))


def _some_groups(
    expression: Path, split: pd.DataFrame, rows: npt.NDArray[np.int64], method: str, limit: int
) -> list[npt.NDArray[np.int64]]:
    """Return positions among `rows` of whole groups, drawn always alike, of so many samples in all at most."""
    ids = pd.Series(np.asarray(read_sample_ids(expression), object)[rows])
    # A sample without a group is its own.
    group = ids.map(split.set_index("sample_id")["group"]).fillna(ids) if method == "grouped" else ids
    found, left = [], limit
    members = list(group.groupby(group).indices.values())
    for index in np.random.default_rng(0).permutation(len(members)):
        if len(members[index]) <= left:
            found.append(members[index].astype(np.int64))
            left -= len(members[index])
    return found


def training_quantiles(expression: Path, split: pd.DataFrame, landmarks: Ids) -> Array:
    """Return the mean of sorted landmarks over training samples, at most `CHOOSING`: float32, shape (landmarks,)."""
    rows = some_of(rows_of(expression, split, "train"), CHOOSING)
    parts = iterate_genes(expression, landmarks.tolist(), AT_A_TIME)
    measured = np.concatenate([values[rows] for values in parts], axis=1)
    return mean_quantiles(measured).astype(np.float32)


def describe_targets(evaluation: pd.DataFrame, targets: Ids, intervals: Intervals) -> pd.DataFrame:
    """Return a row a target: ``gene_id``, ``expected_error``, ``pcc``, ``half_width``, ``coverage``, ``inferable``.

    Parameters
    ----------
    evaluation
        Of test samples: ``gene_id``, ``mae``, ``mae_null``, ``mae_log2``, ``pcc``, ``significant``.
    targets
        In the model's order.
    intervals
        Of the same targets.

    Returns
    -------
    pandas.DataFrame
        A target is ``inferable`` if its error is below that of the training median and it passes the permutation test:
        otherwise what is inferred is no better than a constant, or not told apart from other genes.
    """
    judged = evaluation.set_index("gene_id").loc[targets.tolist()]
    better = (judged["mae"] < judged["mae_null"]).to_numpy(bool)
    return pd.DataFrame(
        {
            "gene_id": targets,
            "expected_error": judged["mae_log2"].to_numpy(float),
            "pcc": judged["pcc"].to_numpy(float),
            "half_width": intervals.half_width.astype(float),
            "coverage": intervals.coverage,
            "inferable": better & judged["significant"].fillna(False).to_numpy(bool),
        }
    )
