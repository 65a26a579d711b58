"""A newly measured set brought to the landmarks of a model: matched by name, checked, mapped where asked."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.annotation import GENE_NAMES, describe_genes
from landmarks.errors import LandmarksError, name_some
from landmarks.gene_metadata import usual_names
from landmarks.matrices import Room
from landmarks.readers import open_table
from landmarks.readers.base import Orientation, RawTable, ReadOptions
from landmarks.readers.scale import Scale, to_log2
from landmarks.readers.survey import check_matrix

logger = logging.getLogger("landmarks")

Array = npt.NDArray[np.float32]

SHIFTED, FAR = 2.0, 6.0
"""Median distance of genes' means from those of training, in standard deviations, that is warned of, and refused."""
UNORDERED = 0.5
"""Rank correlation of genes' means with those of training under which names are doubted."""


@dataclass(frozen=True)
class Match:
    """Which columns of a table are a model's landmarks.

    Attributes
    ----------
    columns
        Of each landmark, in the model's order, the columns that measure it; none where it is missing.
    names
        By what they were matched: the name in the table, and that in the model.
    """

    columns: list[npt.NDArray[np.intp]]
    names: tuple[str, str]

    @property
    def missing(self) -> npt.NDArray[np.intp]:
        """Positions of the landmarks that are not measured."""
        return np.flatnonzero([not len(columns) for columns in self.columns])


def open_measured(
    path: Path, format: str, options: ReadOptions, scale: Scale, room: Room, landmarks: pd.DataFrame
) -> tuple[RawTable, Match]:
    """Open a measured set, find the landmarks in it, and bring it to log2.

    Parameters
    ----------
    path, format, options, scale, room
        As `landmarks.readers.open_table` and `to_log2` take them, whose errors are raised; one sample is enough. Where
        the orientation is ``auto``, landmarks that stand where samples were taken to be turn the table round.
    landmarks
        The model's ``gene_id`` and names.

    Returns
    -------
    table, match
        Samples × genes of the file, log2; and its columns that are landmarks.
    """
    table = open_table(path, format, options, room, samples=1)
    match = match_landmarks(_describe(table.gene_ids, table.genes), landmarks)
    if options.orientation == "auto" and len(match.missing):
        turned = match_landmarks(_describe(table.sample_ids), landmarks)
        if table.rows and len(turned.missing) < len(match.missing):
            rows: Orientation = "samples" if table.rows == "genes" else "genes"
            logger.info("%s: the landmarks tell that rows are %s.", path, rows)
            table = open_table(path, format, replace(options, orientation=rows), room, samples=1)
            match = match_landmarks(_describe(table.gene_ids, table.genes), landmarks)
    if scale == "counts" and len(table.gene_ids) < 2 * len(landmarks):
        logger.warning(
            "Counts are divided by the sum over the file's %s genes, which are hardly more than the landmarks: the "
            "training samples' were divided by the sum over all genes.",
            f"{len(table.gene_ids):,}",
        )
    return to_log2(table, scale, check_matrix(table, path, room.block_mb)), match


def _describe(ids: Sequence[str] | npt.NDArray[np.object_], annotation: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the names of measured genes."""
    genes = describe_genes(list(ids))
    return genes if annotation is None else genes.assign(**usual_names(annotation))


def match_landmarks(genes: pd.DataFrame, landmarks: pd.DataFrame) -> Match:
    """Find a model's landmarks among measured genes, by the names that find most of them.

    Parameters
    ----------
    genes
        Measured: ``gene_id`` and any of ``symbol``, ``entrez``, ``ensembl``; a row a column of the matrix.
    landmarks
        The model's, with the same columns. Ids of the table may be any kind of name of the model.

    Returns
    -------
    Match
        Ties go to the first of: the model's own ids, Ensembl ids, Entrez numbers, symbols.
    """
    kinds = ("gene_id", *reversed(GENE_NAMES))
    pairs = [("gene_id", kind) for kind in kinds] + [(kind, kind) for kind in kinds[1:] if kind in genes]
    best = Match([np.empty(0, np.intp)] * len(landmarks), ("gene_id", "gene_id"))
    for own, kind in pairs:
        where: dict[str, list[int]] = {}
        for column, name in enumerate(genes[own]):
            if name:
                where.setdefault(name, []).append(column)
        found = [np.asarray(where.get(name, []), np.intp) for name in landmarks[kind]]
        match = Match(found, (own, kind))
        if len(match.missing) < len(best.missing):
            best = match
    return best


def check_missing(match: Match, landmarks: pd.DataFrame, path: object, *, allowed: bool) -> None:
    """Refuse a set without all landmarks, or warn where some may be missing.

    Raises
    ------
    LandmarksError
        It names the landmarks. Fewer than half of them are never enough.
    """
    missing, wanted = landmarks["gene_id"].to_numpy(object)[match.missing].tolist(), len(landmarks)
    if not missing:
        logger.info("all %s landmarks are measured, matched by %s = %s", f"{wanted:,}", *match.names)
        return
    found = f"found {wanted - len(missing):,} in {path}; missing are {name_some(missing, 20)}"
    if 2 * len(missing) > wanted:
        raise LandmarksError(
            f"Expected the model's {wanted:,} landmarks, {found}.",
            hint="name genes by the ids, symbols, Entrez numbers or Ensembl ids of the model's genes.parquet.",
        )
    if not allowed:
        raise LandmarksError(
            f"Expected the model's {wanted:,} landmarks, {found}.",
            hint="measure them, or add --allow-missing: they then enter as the training mean, and errors grow.",
        )
    logger.warning(
        "Of %s landmarks %s are missing and enter as the training mean; errors and intervals are of models that have "
        "all: %s.",
        f"{wanted:,}",
        f"{len(missing):,}",
        name_some(missing, 20),
    )


def gather_landmarks(values: Array, match: Match, mean: Array) -> Array:
    """Return the landmarks of some samples: the mean of the columns of each, or the training mean where there is none.

    Parameters
    ----------
    values
        float32, shape (samples, columns of the table), log2.
    match
        From `match_landmarks`.
    mean
        The training means, shape (landmarks,).

    Returns
    -------
    numpy.ndarray
        float32, shape (samples, landmarks).
    """
    counts = np.array([len(columns) for columns in match.columns])
    # The first column of each, by `take`: indexing columns by a list takes seven times as long.
    gathered = values.take([columns[0] if len(columns) else 0 for columns in match.columns], axis=1)
    gathered[:, counts == 0] = mean[counts == 0]
    for place in np.flatnonzero(counts > 1):
        gathered[:, place] = values[:, match.columns[place]].mean(axis=1)
    return gathered


class ScaleCheck:
    """Whether landmarks, seen block by block, are on the scale of the training samples.

    Parameters
    ----------
    mean, scale
        Of the training samples, shape (landmarks,).
    measured
        Which landmarks are measured, bool.
    """

    def __init__(self, mean: Array, scale: Array, measured: npt.NDArray[np.bool_]) -> None:
        self.mean, self.scale, self.measured = mean.astype(float), scale.astype(float), measured
        self.total, self.samples = np.zeros(len(mean)), 0

    def add(self, landmarks: Array) -> None:
        """Take in some samples, shape (samples, landmarks)."""
        self.total += landmarks.sum(axis=0, dtype=float)
        self.samples += len(landmarks)

    def finish(self, path: object, *, mapped: bool) -> None:
        """Warn of a set that lies elsewhere than the training samples.

        Raises
        ------
        LandmarksError
            If it lies so far off that it cannot be on the same scale.
        """
        means = (self.total / max(self.samples, 1))[self.measured]
        known = self.mean[self.measured]
        distance = float(np.median(np.abs(means - known) / self.scale[self.measured]))
        found = f"{means.min():.3g} to {means.max():.3g}, {distance:.1f} standard deviations off in the median gene"
        expected = f"genes' means from {known.min():.3g} to {known.max():.3g}, as the training samples have them (log2)"
        advice = "give --scale linear or counts if the values are, or add --map-quantiles for another platform."
        if distance > FAR:
            raise LandmarksError(f"Expected {expected}; found {found}, in {path}.", hint=advice)
        if distance > SHIFTED and not mapped:
            logger.warning("Expected %s; found %s: is this another platform? Hint: %s", expected, found, advice)
        if len(known) > 2 and np.ptp(means) > 0 and np.ptp(known) > 0:
            # Spearman's, without SciPy's half a second of loading.
            order = float(pd.Series(means).rank().corr(pd.Series(known).rank()))
            if order < UNORDERED:
                logger.warning(
                    "Genes that are high in the training samples are not high here (rank correlation of means %.2f): "
                    "are they named rightly?",
                    order,
                )
