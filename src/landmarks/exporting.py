"""What held-out samples say of a model that is exported: intervals, their coverage, and what can be inferred at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.conformal import half_widths
from landmarks.expression import find_positions, iterate_genes, read_gene_ids
from landmarks.inference.applying import make_inferrer
from landmarks.inference.problem import CHOOSING, iterate_test
from landmarks.normalise import mean_quantiles
from landmarks.parameters import Parameters
from landmarks.partition import read_rows, rows_of, some_of

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
        In log2 units, float32, shape (targets,): of validation samples.
    coverage
        Share of the test samples' values inside, float64, shape (targets,).
    calibrated_on
        Number of validation samples.
    """

    half_width: Array
    coverage: npt.NDArray[np.float64]
    calibrated_on: int


def measure_intervals(
    expression: Path,
    split: pd.DataFrame,
    parameters: Parameters,
    landmarks: Ids,
    targets: Ids,
    *,
    level: float,
    memory_mb: float,
) -> Intervals:
    """Calibrate intervals on validation samples, at most `CHOOSING` of them, and count what they cover of test samples.

    On validation samples a penalty or the number of epochs was chosen at most; test samples only say how well it went.

    Parameters
    ----------
    expression, split
        Prepared expression of the compendium; ``sample_id``, ``part``.
    parameters
        A fitted model, with its scaling.
    landmarks, targets
        Gene ids, in the model's order.
    level
        Share of new samples that intervals are to cover.
    memory_mb
        Bounds what is read at a time.
    """
    known = np.asarray(read_gene_ids(expression), object)
    inputs, outputs = (find_positions(known, ids, "gene") for ids in (landmarks, targets))
    infer = make_inferrer(parameters)

    def errors_of(values: Array) -> Array:
        """Return absolute errors, shape (samples, targets)."""
        return np.abs(values[:, outputs] - infer(values[:, inputs]).T)

    held_out = some_of(rows_of(expression, split, "validation"), CHOOSING)
    half_width = half_widths(errors_of(read_rows(expression, held_out)), level)
    covered, tested = np.zeros(len(targets)), 0
    for _, values in iterate_test(expression, split, memory_mb):
        covered += (errors_of(values) <= half_width).sum(axis=0)
        tested += len(values)
    return Intervals(half_width, covered / tested, len(held_out))


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
