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
        wants them. The next call may write over them.
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
    augmented = np.empty((len(weight), len(input_mean) + 1), np.float32)
    np.multiply(weight, scale[:, None], out=augmented[:, :-1])
    augmented[:, -1] = bias * scale + mean
    # Kept: memory that is new is zeroed first, page by page, which takes a quarter of the product's time.
    memory = np.empty(0, np.float32)

    def infer_linear(landmarks: Array) -> Array:
        nonlocal memory
        inputs = np.ones((len(input_mean) + 1, len(landmarks)), np.float32)
        inputs[:-1] = standardised(landmarks).T
        size = len(augmented) * len(landmarks)
        if len(memory) < size:
            memory = np.empty(size, np.float32)
        return np.matmul(augmented, inputs, out=memory[:size].reshape(len(augmented), len(landmarks)))

    return infer_linear


def linear_map(parameters: Parameters) -> tuple[Array, Array] | None:
    """Return weight, shape (targets, landmarks), and bias of a model that is one linear map, as `ridge`; or nothing."""
    if "part.0.layer.0.weight" not in parameters or "part.1.layer.0.weight" in parameters:
        return None
    if "part.0.layer.1.weight" in parameters:
        return None
    return parameters["part.0.layer.0.weight"], parameters["part.0.layer.0.bias"]
