"""Models that infer targets from landmarks, stored in one form: a dictionary of tensors, whose names tell the model.

All have ``input.mean``, ``input.scale`` (landmarks), ``output.mean`` and ``output.scale`` (targets). Layers named
``<chain>.layer.<l>.weight`` (units, inputs) and ``<chain>.layer.<l>.bias`` (units,) follow each other, l from 0.

===============================  ==============================================================================
``part.<p>.layer.<l>.…``         a chain of tanh layers with a linear output for each part p of the targets: one
                                 layer for `ridge`, two parts for `dgex`
``ridge.penalty``                what `ridge` chose; nothing is inferred with it
``skip.…``, ``mlp.layer.<l>.…``  a linear map (weight, bias), to which a chain of GELU layers adds: `mlp`
``knn.…``                        the training samples, and how many of the nearest are averaged: `knn`
===============================  ==============================================================================
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.checkpoints import Checkpoint
from landmarks.errors import LandmarksError
from landmarks.expression import find_positions, read_gene_ids
from landmarks.inference.problem import Problem, iterate_test
from landmarks.parameters import Parameters
from landmarks.partition import members_of

Array = npt.NDArray[np.float32]

MODELS = ("ridge", "knn", "dgex", "mlp")
"""Modules of this package with a function ``fit(training, validation, landmarks, …)``."""


def fit_model(
    model: str,
    problem: Problem,
    settings: Mapping[str, Any],
    *,
    seed: int,
    part: int | None = None,
    checkpoint: Checkpoint | None = None,
    device: str = "auto",
) -> Parameters:
    """Fit a model by name.

    Parameters
    ----------
    model
        One of `MODELS`. Only its module is loaded: not every one needs PyTorch.
    problem
        Its training and validation samples.
    settings
        What its ``fit`` takes besides samples and what follows here.
    seed
        Of the models that draw; the others take none.
    part
        Of models of several networks: fit only this one.
    checkpoint
        Where models that train for long keep their state; the others take none.
    device
        Of the models that are trained: ``auto``, ``cpu`` or ``cuda``.

    Raises
    ------
    LandmarksError
        If there is no such model, it has no parts, or settings are missing or unknown.
    """
    if model not in MODELS:
        raise LandmarksError(f"Expected one of {', '.join(MODELS)}, found `{model}`.", hint="check the model's name.")
    fit: Callable[..., Parameters] = import_module(f"landmarks.inference.{model}").fit
    taken = list(signature(fit).parameters)[3:]
    offered = {"seed": seed, "part": part, "checkpoint": checkpoint, "device": device}
    if part is not None and "part" not in taken:
        raise LandmarksError(f"Expected no part of `{model}`, found {part}.", hint="leave it out: it is fitted whole.")
    own = [name for name in taken if name not in offered]
    if settings.keys() != set(own):
        raise LandmarksError(
            f"Expected the settings {', '.join(own) or 'none'} of `{model}`, found {', '.join(settings) or 'none'}.",
            hint=f"give each of them once, as in inference.{model} of the config.",
        )
    given = {**settings, **{name: value for name, value in offered.items() if name in taken}}
    return fit(problem.training, problem.validation, len(problem.landmarks), **given)


def infer(parameters: Parameters, landmarks: Array) -> Array:
    """Infer targets, both as z-scores.

    Parameters
    ----------
    parameters
        A fitted model.
    landmarks
        float32 z-scores, shape (samples, landmarks), in the order of the panel.

    Returns
    -------
    numpy.ndarray
        float32 z-scores, shape (samples, targets), the parts side by side.

    Raises
    ------
    LandmarksError
        If the tensors are no inference model.
    """
    if "knn.landmarks" in parameters:
        # Loaded where it is wanted: SciPy takes a third of a second.
        from landmarks.inference import knn

        return knn.infer(parameters, landmarks)
    if "skip.weight" in parameters:
        skipped = landmarks @ parameters["skip.weight"].T + parameters["skip.bias"]
        return skipped + _follow(parameters, "mlp", landmarks, gelu)
    parts: list[Array] = []
    while f"part.{len(parts)}.layer.0.weight" in parameters:
        parts.append(_follow(parameters, f"part.{len(parts)}", landmarks, np.tanh))
    if not parts:
        raise LandmarksError(
            f"Expected an inference model, found tensors named {', '.join(list(parameters)[:4])}.",
            hint="give the model.parquet that the rule fit_inference writes.",
        )
    return np.concatenate(parts, axis=1).astype(np.float32, copy=False)


def infer_test(
    path: Path,
    split: pd.DataFrame,
    landmarks: npt.NDArray[np.object_],
    targets: npt.NDArray[np.object_],
    model: Parameters,
    memory_mb: float,
) -> tuple[Array, Array]:
    """Infer the test samples of an expression file.

    Parameters
    ----------
    path
        Prepared expression of the compendium.
    split
        ``sample_id``, ``part``.
    landmarks, targets
        Gene ids, in the model's order.
    model
        With the scaling.
    memory_mb
        Bounds what is read at a time.

    Returns
    -------
    truth, inferred
        float32 z-scores, shape (samples, landmarks + targets), samples in the split's order. Landmarks are inferred as
        they are.
    """
    columns = find_positions(np.asarray(read_gene_ids(path), object), np.concatenate([landmarks, targets]), "gene")
    mean, scale = (np.concatenate([model[f"input.{name}"], model[f"output.{name}"]]) for name in ("mean", "scale"))
    count = len(landmarks)
    truth = np.empty((len(members_of(split, "test")), len(columns)), np.float32)
    inferred = np.empty_like(truth)
    for places, values in iterate_test(path, split, memory_mb):
        z = (values[:, columns] - mean) / scale
        truth[places] = z
        inferred[places, :count], inferred[places, count:] = z[:, :count], infer(model, z[:, :count])
    return truth, inferred


def gelu(values: Array) -> Array:
    """Return x·Φ(x), Φ the normal distribution (Hendrycks and Gimpel 2016), not its tanh approximation."""
    from scipy.special import erf

    return values * (1 + erf(values / np.float32(2**0.5))) / 2


def _follow(parameters: Parameters, chain: str, activity: Array, activation: Callable[[Array], Array]) -> Array:
    """Return the output of the layers of `chain`: activations between them, none after the last."""
    layer = 0
    while (weight := parameters.get(f"{chain}.layer.{layer}.weight")) is not None:
        if layer:
            activity = activation(activity)
        activity = activity @ weight.T + parameters[f"{chain}.layer.{layer}.bias"]
        layer += 1
    return activity
