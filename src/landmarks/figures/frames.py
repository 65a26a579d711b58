"""The rows of a result that a figure shows."""

import logging

import numpy as np
import pandas as pd

from landmarks.errors import LandmarksError, name_some

logger = logging.getLogger("landmarks")


def pick(frame: pd.DataFrame, **wanted: object) -> pd.DataFrame:
    """Return the rows of `frame` whose columns have the `wanted` values.

    Parameters
    ----------
    frame
        A long frame; one without any row is returned as it is, since a figure can say so.
    wanted
        A value a column, as ``model="dgex", k=250``.

    Raises
    ------
    LandmarksError
        If `frame` has rows, but none with one of these values.
    """
    for column, value in wanted.items():
        rows = frame[frame[column] == value]
        if rows.empty and len(frame):
            found = sorted(frame[column].unique())
            raise LandmarksError(
                f"Expected rows with {column} = {value} among the results, found {column} = {name_some(found)}.",
                hint=f"choose one of these, or have {value} computed. A panel size at which the panels "
                "share no target has no rows: compare fewer or smaller panels.",
            )
        frame = rows
    return frame


def shown(frame: pd.DataFrame, selectors: str) -> pd.DataFrame:
    """Return the rows of the selectors that a figure shows, joined by commas; of all if empty."""
    return frame[frame["selector"].isin(selectors.split(","))] if selectors else frame


def drop_missing(frame: pd.DataFrame, columns: list[str], what: str) -> pd.DataFrame:
    """Return the rows of `frame` that are finite in all of `columns`; say how many are not.

    A PCC is not a number where a gene, or its inferred values, are constant.
    """
    finite = np.isfinite(frame[columns].to_numpy(dtype=float)).all(axis=1)
    if not finite.all():
        logger.warning("%s: %d of %d rows are no finite numbers and are not shown.", what, (~finite).sum(), len(frame))
    return frame[finite]
