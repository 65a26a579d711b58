"""The compendium's samples by part of the split."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.expression import Expression


def members_of(split: pd.DataFrame, part: str) -> npt.NDArray[np.object_]:
    """Return the ids of the samples in `part`, in the split's order.

    Raises
    ------
    LandmarksError
        If there is none.
    """
    members = split.loc[split["part"] == part, "sample_id"].to_numpy(object)
    if not len(members):
        raise LandmarksError(
            f"The split holds no {part} sample.", hint="check split.validation and split.test in the config."
        )
    return members


def samples_of(expression: Expression, split: pd.DataFrame, part: str) -> npt.NDArray[np.float32]:
    """Return the values of the samples in `part`, shape (samples, genes), in the split's order.

    Raises
    ------
    LandmarksError
        If the split names no sample of that part, or a sample that the matrix lacks.
    """
    return expression.rows(members_of(split, part))


def groups_of(split: pd.DataFrame, part: str) -> npt.NDArray[np.object_]:
    """Return the study or donor of each sample in `part`, in the split's order; samples without one are their own."""
    members = split[split["part"] == part]
    return np.asarray(members["group"].where(members["group"].notna(), members["sample_id"]), object)
