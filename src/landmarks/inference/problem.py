"""Landmarks and targets of a compendium as the z-scores a model is fitted on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.parameters import Parameters
from landmarks.partition import samples_of
from landmarks.standardise import fit_scaling

OFFSET = 1e-3
"""Added to each gene's standard deviation, as D-GEX's published code does."""


@dataclass(frozen=True)
class Problem:
    """What a model is fitted on.

    Attributes
    ----------
    landmarks, targets
        Gene ids.
    training, validation
        Pairs of float32 z-scores: (samples, landmarks) and (samples, targets).
    scaling
        ``input.mean``, ``input.scale``, ``output.mean``, ``output.scale``, from the training samples.
    """

    landmarks: npt.NDArray[np.object_]
    targets: npt.NDArray[np.object_]
    training: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
    validation: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
    scaling: Parameters


@dataclass(frozen=True)
class Scores:
    """All genes of a compendium as z-scores by the training samples, as `prepare` scales landmarks and targets.

    Attributes
    ----------
    training, validation, test
        float32, shape (samples, genes).
    scale
        What one z-score is in log2 units, shape (genes,).
    """

    training: npt.NDArray[np.float32]
    validation: npt.NDArray[np.float32]
    test: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]


def score(data: Expression, split: pd.DataFrame) -> Scores:
    """Scale all genes by the training samples."""
    training = samples_of(data, split, "train")
    mean, scale = fit_scaling(training, data.gene_ids, offset=OFFSET)
    others = [(samples_of(data, split, part) - mean) / scale for part in ("validation", "test")]
    return Scores((training - mean) / scale, others[0], others[1], scale)


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


def prepare(data: Expression, split: pd.DataFrame, landmarks: npt.NDArray[np.object_]) -> Problem:
    """Scale landmarks and targets (every other gene) by the training samples.

    Parameters
    ----------
    data
        Prepared expression of the compendium.
    split
        ``sample_id``, ``part``.
    landmarks
        Gene ids of the panel, in its order.

    Raises
    ------
    LandmarksError
        If a landmark is not in the compendium, or no gene is left to infer.
    """
    targets = data.gene_ids[targets_of(data.gene_ids, data.positions(landmarks))]
    scaling: Parameters = {}
    train_parts, validation_parts = [], []
    for role, genes in (("input", landmarks), ("output", targets)):
        chosen = Expression(data.sample_ids, genes, data.columns(genes))
        training = samples_of(chosen, split, "train")
        mean, scale = fit_scaling(training, genes, offset=OFFSET)
        scaling |= {f"{role}.mean": mean, f"{role}.scale": scale}
        train_parts.append((training - mean) / scale)
        validation_parts.append((samples_of(chosen, split, "validation") - mean) / scale)
    return Problem(
        landmarks, targets, (train_parts[0], train_parts[1]), (validation_parts[0], validation_parts[1]), scaling
    )
