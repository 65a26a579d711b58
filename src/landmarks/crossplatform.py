"""A model carried over to another platform, its genes matched by name."""

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

SCALINGS = ("own", "calibrated", "training")
"""Where the other platform's means and scales come from.

``own``
    all of its samples, targets included, as published: it presumes what it tests, since no one who measures
    landmarks alone knows the targets' means.
``calibrated``
    a random half of its samples, on which all genes are known; the other half is judged.
``training``
    the compendium's training samples, for a platform that was mapped into the compendium's distribution: nothing
    about the targets is known.
"""

MATCHED_BY = ("gene_id", "ensembl", "entrez", "symbol")


def match_genes(expression: Expression, genes: pd.DataFrame, wanted: pd.DataFrame) -> Expression:
    """Bring another platform's matrix to the compendium's gene ids.

    Parameters
    ----------
    expression
        The other platform's matrix.
    genes
        Its ``gene_id`` and some of the names in `MATCHED_BY`.
    wanted
        The compendium's ``gene_id`` and names. Genes are matched by the name that finds most of them.

    Returns
    -------
    Expression
        One column for each of the compendium's genes whose name is measured, in the compendium's order;
        several columns of one name (probes) are averaged. Columns that never vary, such as genes without a count in
        any sample, tell nothing and count as not measured.
    """
    varies = expression.values.min(axis=0) < expression.values.max(axis=0)
    genes = genes[varies[expression.positions(genes["gene_id"])]]
    if not varies.all():
        logger.info("%s of %s genes never vary there: not measured", f"{(~varies).sum():,}", f"{len(varies):,}")
    names = [name for name in MATCHED_BY if name in genes and name in wanted]
    found = {name: wanted[name].isin(set(genes[name]) - {""}) for name in names}
    name = max(names, key=lambda name: found[name].sum())
    shared = wanted[found[name]]
    if shared.empty:
        raise LandmarksError(
            f"None of the {len(wanted):,} genes of the compendium is measured on the other platform, "
            f"judged by {', '.join(names)}.",
            hint="check how both datasets name their genes: gene_pattern, gene_prefix and gene_names in the config.",
        )
    logger.info("%s of %s genes are matched by %s", f"{len(shared):,}", f"{len(wanted):,}", name)
    columns_of: dict[str, list[int]] = {}
    for column, known in zip(expression.positions(genes["gene_id"]), genes[name], strict=True):
        columns_of.setdefault(known, []).append(column)
    values = np.stack([expression.values[:, columns_of[known]].mean(axis=1) for known in shared[name]], axis=1)
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
    if scaling not in SCALINGS:
        raise LandmarksError(
            f"Expected a scaling among {', '.join(SCALINGS)}, found {scaling!r}.", hint="mend --scalings."
        )
    samples = np.random.default_rng(seed).permutation(len(other.values))
    half = len(samples) // 2
    known, judged = (samples[:half], samples[half:]) if scaling == "calibrated" else (samples, samples)
    where = {gene: index for index, gene in enumerate(other.gene_ids)}
    if scaling == "training":
        mean, scale = _training_scaling(parameters, [*landmarks, *targets], where)
        null = np.zeros(len(other.gene_ids), np.float32)
    else:
        mean, scale = fit_scaling(other.values[known], other.gene_ids)
        null = np.median((other.values[known] - mean) / scale, axis=0)
    z = (other.values[judged] - mean) / scale
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
        null=null[columns],
    )
    return frame.assign(scaling=scaling, landmarks_measured=len(measured))


def _training_scaling(
    parameters: Parameters, genes: list[str], where: dict[str, int]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return means and scales of the other platform's genes over the model's training samples.

    A gene of the compendium that is neither landmark nor target of the model is not looked at: its scale is one.
    """
    mean, scale = np.zeros(len(where), np.float32), np.ones(len(where), np.float32)
    kept = [index for index, gene in enumerate(genes) if gene in where]
    columns = [where[genes[index]] for index in kept]
    for array, name in ((mean, "mean"), (scale, "scale")):
        array[columns] = np.concatenate([parameters[f"input.{name}"], parameters[f"output.{name}"]])[kept]
    return mean, scale
