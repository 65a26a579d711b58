"""Models that infer targets from landmarks, in one form: networks of tanh layers with a linear output.

A fitted model is a dictionary of tensors: ``input.mean``, ``input.scale`` (landmarks), ``output.mean``,
``output.scale`` (targets), and for each part p of the targets and layer l
``part.<p>.layer.<l>.weight`` (units, inputs) and ``part.<p>.layer.<l>.bias`` (units,). Ridge regression is
one part of one layer; D-GEX is two parts.
"""

import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError
from landmarks.parameters import Parameters


def infer(parameters: Parameters, landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
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
    """
    inferred = []
    part = 0
    while f"part.{part}.layer.0.weight" in parameters:
        activity, layer = landmarks, 0
        while (weight := parameters.get(f"part.{part}.layer.{layer}.weight")) is not None:
            if layer:
                activity = np.tanh(activity)
            activity = activity @ weight.T + parameters[f"part.{part}.layer.{layer}.bias"]
            layer += 1
        inferred.append(activity)
        part += 1
    if not inferred:
        raise LandmarksError(
            f"Expected an inference model, found tensors named {', '.join(list(parameters)[:4])}.",
            hint="give the model.parquet that the rule fit_inference writes.",
        )
    return np.concatenate(inferred, axis=1).astype(np.float32, copy=False)
