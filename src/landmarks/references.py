"""The reference expression from which DeepLIFT measures differences."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError
from landmarks.expression import find_positions, iterate_rows, read_sample_ids
from landmarks.medians import gene_medians
from landmarks.parameters import Parameters

ONE_MB = 1
"""Working memory for a single sample."""


def reference_expression(
    kind: str, path: Path, training: npt.NDArray[np.object_], gene_ids: list[str], scaling: Parameters
) -> npt.NDArray[np.float32]:
    """Return the reference expression, float32 on the log2 scale, shape (genes,).

    Parameters
    ----------
    kind
        ``mean`` or ``median`` of the training samples, ``zero`` (log2 expression 0), or a training sample's id.
    path
        The prepared expression; read as far as `kind` needs.
    training
        Ids of the training samples.
    gene_ids
        All genes of the file, in order.
    scaling
        Holds ``input.mean``.

    Raises
    ------
    LandmarksError
        If `kind` is neither a known reference nor a training sample.
    """
    if kind == "mean":
        return scaling["input.mean"]
    if kind == "zero":
        return np.zeros(len(gene_ids), np.float32)
    if kind != "median" and kind not in set(training):
        raise LandmarksError(
            f"Expected attribution.reference to be mean, median, zero or a training sample's id, found {kind!r}.",
            hint="split.parquet lists the training samples.",
        )
    if kind == "median":
        return gene_medians(path, find_positions(read_sample_ids(path), training, "sample"), gene_ids)
    return next(iterate_rows(path, find_positions(read_sample_ids(path), [kind], "sample"), 1, ONE_MB))[0]
