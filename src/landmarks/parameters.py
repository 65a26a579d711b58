"""Model parameters as Parquet: a row a tensor, and nothing that can run code."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.files import read_frame, replacing

Parameters = dict[str, npt.NDArray[np.float32]]
"""Tensors by name, such as ``encoder.0.weight`` with shape (units, inputs)."""


def write_parameters(path: Path, parameters: Parameters) -> None:
    """Write `parameters` as columns ``name``, ``shape`` (list of int64), ``values`` (list of float32)."""
    flat = [np.ascontiguousarray(tensor, np.float32).ravel() for tensor in parameters.values()]
    offsets = np.cumsum([0, *(len(values) for values in flat)])
    table = pa.table(
        {
            "name": pa.array(list(parameters), pa.string()),
            "shape": pa.array([list(tensor.shape) for tensor in parameters.values()], pa.list_(pa.int64())),
            "values": pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), pa.array(np.concatenate(flat))),
        }
    )
    with replacing(path) as temporary:
        # A row group a tensor: each can be read by itself, and none overflows Arrow's 32-bit lists.
        pq.write_table(table, temporary, row_group_size=1, use_dictionary=False, compression="zstd")


def read_parameters(path: Path) -> Parameters:
    """Read parameters written by `write_parameters`, in their order."""
    frame = read_frame(path, ["name", "shape", "values"])
    return {
        name: np.asarray(values, np.float32).reshape(shape)
        for name, shape, values in zip(frame["name"], frame["shape"], frame["values"], strict=True)
    }
