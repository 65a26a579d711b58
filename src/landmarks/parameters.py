"""Model parameters as Parquet: a row a tensor, and nothing that can run code."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.files import read_frame, replacing

Parameters = dict[str, npt.NDArray[np.float32]]
"""Tensors by name, such as ``encoder.0.weight`` with shape (units, inputs)."""


SCHEMA = pa.schema(
    [("name", pa.string()), ("shape", pa.list_(pa.int64())), ("values", pa.large_list(pa.float32()))],
)


def write_parameters(path: Path, parameters: Parameters) -> None:
    """Write `parameters` as columns ``name``, ``shape`` (list of int64), ``values`` (list of float32)."""
    # Weights compress by a tenth, for which a reader would hold them once more.
    settings = {"use_dictionary": False, "compression": "none"}
    with replacing(path) as temporary, pq.ParquetWriter(temporary, SCHEMA, **settings) as writer:
        # A row group a tensor: each can be written and read by itself, and none overflows Arrow's 32-bit lists.
        for name, tensor in parameters.items():
            values = pa.array(np.ascontiguousarray(tensor, np.float32).ravel())
            offsets = pa.array([0, len(values)], pa.int64())
            row = [[name], [list(tensor.shape)], pa.LargeListArray.from_arrays(offsets, values)]
            writer.write_table(pa.table(row, schema=SCHEMA))


def read_parameters(path: Path) -> Parameters:
    """Read parameters written by `write_parameters`, in their order."""
    frame = read_frame(path, ["name", "shape", "values"])
    return {
        name: np.asarray(values, np.float32).reshape(shape)
        for name, shape, values in zip(frame["name"], frame["shape"], frame["values"], strict=True)
    }
