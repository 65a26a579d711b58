"""The training samples that selectors look at."""

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.expression import read_sample_ids
from landmarks.partition import groups_of, read_rows, rows_of, some_of

logger = logging.getLogger("landmarks")


def read_training(
    expression: Path, split: pd.DataFrame, limit: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.object_]]:
    """Read the training samples, or some of them where they are many.

    What selectors measure, correlations between genes, is known from some thousand samples as well as it is from a
    hundred thousand, in a fraction of the memory. All selectors see the same samples.

    Parameters
    ----------
    expression
        Prepared expression of the compendium.
    split
        ``sample_id``, ``group``, ``part``.
    limit
        The most samples that are read.

    Returns
    -------
    values
        float32, shape (samples, genes), in the order of the file.
    groups
        The samples' study or donor, shape (samples,).
    """
    all_rows = rows_of(expression, split, "train")
    rows = some_of(all_rows, limit)
    if len(rows) < len(all_rows):
        logger.info("selectors look at %s of %s training samples", f"{len(rows):,}", f"{len(all_rows):,}")
    ids = split.loc[split["part"] == "train", "sample_id"]
    groups = pd.Series(groups_of(split, "train"), index=ids)
    return read_rows(expression, rows), groups.reindex(read_sample_ids(expression)[rows]).to_numpy(object)
