"""A model carried over to another platform, its genes matched by symbol."""

import logging

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.evaluation import evaluate_genes
from landmarks.expression import Expression
from landmarks.inference import infer
from landmarks.parameters import Parameters
from landmarks.standardise import fit_scaling

logger = logging.getLogger("landmarks")

SCALINGS = ("own", "calibrated")
"""Where the other platform's means and scales come from.

``own``
    all of its samples, targets included, as published: it presumes what it tests, since no one who measures
    landmarks alone knows the targets' means.
``calibrated``
    a random half of its samples, on which all genes are known; the other half is judged.
"""


def match_genes(expression: Expression, genes: pd.DataFrame, wanted: pd.DataFrame) -> Expression:
    """Bring another platform's matrix to the compendium's gene ids.

    Parameters
    ----------
    expression
        The other platform's matrix.
    genes
        Its ``gene_id`` and ``symbol``.
    wanted
        The compendium's ``gene_id`` and ``symbol``.

    Returns
    -------
    Expression
        One column for each of the compendium's genes whose symbol is measured, in the compendium's order;
        several columns of one symbol (probes) are averaged.
    """
    columns_of: dict[str, list[int]] = {}
    position = {gene: index for index, gene in enumerate(expression.gene_ids)}
    for gene, symbol in zip(genes["gene_id"], genes["symbol"], strict=True):
        if symbol:
            columns_of.setdefault(symbol, []).append(position[gene])
    shared = wanted[wanted["symbol"].isin(columns_of.keys())]
    if shared.empty:
        raise LandmarksError(
            f"None of the {len(wanted):,} gene symbols of the compendium is measured on the other platform.",
            hint="check how both datasets name their genes: gene_pattern and gene_prefix in the config.",
        )
    values = np.stack([expression.values[:, columns_of[symbol]].mean(axis=1) for symbol in shared["symbol"]], axis=1)
    return Expression(expression.sample_ids, shared["gene_id"].to_numpy(object), values)


def evaluate(
    other: Expression,
    parameters: Parameters,
    landmarks: npt.NDArray[np.object_],
    targets: npt.NDArray[np.object_],
    *,
    scaling: str,
    seed: int,
) -> pd.DataFrame:
    """Judge a model on another platform.

    Parameters
    ----------
    other
        From `match_genes`.
    parameters
        The model, fitted on the compendium.
    landmarks, targets
        Its gene ids, in its order. A landmark that is not measured enters as the training mean (z = 0) and is
        counted in the log; a target that is not measured is not judged.
    scaling
        One of `SCALINGS`.
    seed
        Of the calibration half.

    Returns
    -------
    pandas.DataFrame
        As `evaluate_genes`, and ``scaling``, ``landmarks_measured``.
    """
    samples = np.random.default_rng(seed).permutation(len(other.values))
    half = len(samples) // 2
    known, judged = (samples, samples) if scaling == "own" else (samples[:half], samples[half:])
    mean, scale = fit_scaling(other.values[known], other.gene_ids)
    z = (other.values[judged] - mean) / scale
    where = {gene: index for index, gene in enumerate(other.gene_ids)}
    inputs = np.zeros((len(judged), len(landmarks)), np.float32)
    measured = [index for index, gene in enumerate(landmarks) if gene in where]
    inputs[:, measured] = z[:, [where[landmarks[index]] for index in measured]]
    logger.info(
        "%s scaling: %d of %d landmarks measured, %d samples judged",
        scaling,
        len(measured),
        len(landmarks),
        len(judged),
    )
    kept = [index for index, gene in enumerate(targets) if gene in where]
    columns = [where[targets[index]] for index in kept]
    frame = evaluate_genes(
        targets[kept],
        z[:, columns],
        infer(parameters, inputs)[:, kept],
        scale=scale[columns],
        null=np.median((other.values[known][:, columns] - mean[columns]) / scale[columns], axis=0),
    )
    return frame.assign(scaling=scaling, landmarks_measured=len(measured))
