"""A fitted model applied to many new samples: expression in log2 units, gene by gene, as files hold it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from landmarks.inference import infer
from landmarks.parameters import Parameters

Array = npt.NDArray[np.float32]


def make_inferrer(parameters: Parameters) -> Callable[[Array], Array]:
    """Return a function that infers targets of samples.

    Parameters
    ----------
    parameters
        A fitted model, with its scaling.

    Returns
    -------
    callable
        From landmarks in log2 units, float32, shape (samples, landmarks) in the panel's order, to targets in log2
        units, float32, shape (targets, samples), contiguous: a gene's values lie side by side, as a column of Parquet
        wants them.
    """
    input_mean, input_scale = parameters["input.mean"], parameters["input.scale"]
    mean, scale = parameters["output.mean"], parameters["output.scale"]

    def standardised(landmarks: Array) -> Array:
        return (landmarks - input_mean) / input_scale

    linear = linear_map(parameters)
    if linear is None:

        def infer_chain(landmarks: Array) -> Array:
            inferred = np.ascontiguousarray(infer(parameters, standardised(landmarks)).T)
            inferred *= scale[:, None]
            inferred += mean[:, None]
            return inferred

        return infer_chain

    weight, bias = linear
    # Scaling and bias are part of one product: passes over all values would take as long as a third of it.
    augmented = np.concatenate([weight * scale[:, None], (bias * scale + mean)[:, None]], axis=1)

    def infer_linear(landmarks: Array) -> Array:
        inputs = np.ones((len(input_mean) + 1, len(landmarks)), np.float32)
        inputs[:-1] = standardised(landmarks).T
        return augmented @ inputs

    return infer_linear


def linear_map(parameters: Parameters) -> tuple[Array, Array] | None:
    """Return weight, shape (targets, landmarks), and bias of a model that is one linear map, as `ridge`; or nothing."""
    if "part.0.layer.0.weight" not in parameters or "part.1.layer.0.weight" in parameters:
        return None
    if "part.0.layer.1.weight" in parameters:
        return None
    return parameters["part.0.layer.0.weight"], parameters["part.0.layer.0.bias"]
