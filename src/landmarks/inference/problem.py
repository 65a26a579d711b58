"""Landmarks and targets of a compendium as the z-scores a model is fitted on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.expression import find_positions, iterate_rows, read_gene_ids, read_sample_ids
from landmarks.matrices import Room, Rows
from landmarks.parameters import Parameters
from landmarks.partition import BATCH, hold_rows, members_of, rows_of
from landmarks.standardise import fit_scaling, standardise

Array = npt.NDArray[np.float32]

OFFSET = 1e-3
"""Added to each gene's standard deviation, as D-GEX's published code does."""

CHOOSING = 2_000
"""Validation samples on which penalties, or numbers of neighbours, are judged: more would hardly choose others."""


@dataclass(frozen=True)
class Problem:
    """What a model is fitted on.

    Attributes
    ----------
    landmarks, targets
        Gene ids.
    training, validation
        float32 z-scores, shape (samples, landmarks + targets): landmarks in the panel's order, then targets in the
        file's. Samples are in the file's order.
    scaling
        ``input.mean``, ``input.scale``, ``output.mean``, ``output.scale``, from the training samples.
    """

    landmarks: npt.NDArray[np.object_]
    targets: npt.NDArray[np.object_]
    training: Rows
    validation: Rows
    scaling: Parameters


@dataclass(frozen=True)
class Scores:
    """All genes of a compendium as z-scores by the training samples, as `prepare` scales landmarks and targets.

    Attributes
    ----------
    gene_ids
        In the file's order.
    training, validation
        float32, shape (samples, genes), samples in the file's order.
    test
        float32, shape (samples, genes), samples in the split's order, as `landmarks.partition.groups_of` has them.
    mean, scale
        Of the training samples, in log2 units, shape (genes,): what a z-score of 0 is, and what one z-score is.
    """

    gene_ids: npt.NDArray[np.object_]
    training: Rows
    validation: Rows
    test: Array
    mean: Array
    scale: Array


def score(path: Path, split: pd.DataFrame, room: Room) -> Scores:
    """Scale all genes of an expression file by the training samples.

    Parameters
    ----------
    path
        Prepared expression of the compendium.
    split
        ``sample_id``, ``part``.
    room
        Where training and validation samples are held.
    """
    gene_ids = np.asarray(read_gene_ids(path), object)
    training, validation, mean, scale = _hold(path, split, room, gene_ids)
    test = np.empty((len(members_of(split, "test")), len(gene_ids)), np.float32)
    for places, values in iterate_test(path, split, room.memory_mb):
        test[places] = (values - mean) / scale
    return Scores(gene_ids, training, validation, test, mean, scale)


def iterate_test(
    path: Path, split: pd.DataFrame, memory_mb: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]]:
    """Read the test samples of an expression file, some at a time.

    Yields
    ------
    places, values
        Where the samples stand among the split's test samples, shape (samples,), and their values, float32 of shape
        (samples, genes), as in the file. A file is read in its own order, which need not be the split's.
    """
    rows = find_positions(read_sample_ids(path), members_of(split, "test"), "sample")
    order, start = np.argsort(rows), 0
    for values in iterate_rows(path, rows[order].astype(np.int64), BATCH, memory_mb):
        yield order[start : start + len(values)], values
        start += len(values)


def read_choosing(validation: Rows) -> Array:
    """Return all validation samples, or `CHOOSING` of them, evenly spaced: float32, shape (samples, genes)."""
    available, genes = validation.shape
    count = min(available, CHOOSING)
    values = np.empty((count, genes), np.float32)
    validation.take(np.arange(count) * available // count, values)
    return values


def targets_of(gene_ids: npt.NDArray[np.object_], panel: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the positions of the genes that are not in the panel.

    Raises
    ------
    LandmarksError
        If none is left to infer.
    """
    targets = np.setdiff1d(np.arange(len(gene_ids)), panel)
    if not len(targets):
        raise LandmarksError(
            f"The panel holds all {len(panel):,} genes: there is nothing to infer.",
            hint="ask for a smaller panel in panels.<selector>.sizes.",
        )
    return targets


def prepare(path: Path, split: pd.DataFrame, landmarks: npt.NDArray[np.object_], room: Room) -> Problem:
    """Scale landmarks and targets (every other gene) by the training samples.

    Parameters
    ----------
    path
        Prepared expression of the compendium.
    split
        ``sample_id``, ``part``.
    landmarks
        Gene ids of the panel, in its order.
    room
        Where training and validation samples are held.

    Raises
    ------
    LandmarksError
        If a landmark is not in the compendium, or no gene is left to infer.
    """
    gene_ids = np.asarray(read_gene_ids(path), object)
    panel = find_positions(gene_ids, landmarks, "gene")
    columns = np.concatenate([panel, targets_of(gene_ids, panel)])
    training, validation, mean, scale = _hold(path, split, room, gene_ids[columns], columns)
    (mean_in, mean_out), (scale_in, scale_out) = (np.split(values, [len(panel)]) for values in (mean, scale))
    scaling = {"input.mean": mean_in, "input.scale": scale_in, "output.mean": mean_out, "output.scale": scale_out}
    return Problem(landmarks, gene_ids[columns[len(panel) :]], training, validation, scaling)


def _hold(
    path: Path,
    split: pd.DataFrame,
    room: Room,
    gene_ids: npt.NDArray[np.object_],
    columns: npt.NDArray[np.intp] | None = None,
) -> tuple[Rows, Rows, Array, Array]:
    """Return z-scores of training and of validation samples, and each gene's mean and scale; see `hold_rows`."""
    parts = ("train", "validation")
    training, validation = (hold_rows(path, rows_of(path, split, part), room, columns) for part in parts)
    mean, scale = fit_scaling(training, gene_ids, offset=OFFSET)
    for rows in (training, validation):
        standardise(rows, mean, scale)
    return training, validation, mean, scale
