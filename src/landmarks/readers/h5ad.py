"""AnnData's format in HDF5: X, with a row an observation, obs and var.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html. Read with h5py alone, since the anndata
package would bring many others. Files of anndata before 0.7, with obs and var as compound datasets, are read as well.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError
from landmarks.matrices import COPIES, Matrix, Room, Staged
from landmarks.readers.base import RawTable, ReadOptions, make_table, refuse_options
from landmarks.readers.hdf5 import (
    InSparse,
    decode,
    find,
    format_values,
    naming_hdf5,
    open_hdf5,
    open_matrix,
    read_strings,
)

Frame = tuple[list[str], dict[str, list[str]]]
"""Ids, and other columns by name."""


@dataclass(frozen=True)
class Compressed:
    """X as the group of compressed rows, or columns, that a file says it is: its shape, and where each of them ends."""

    group: Any
    columns: bool
    shape: tuple[int, ...]
    ends: npt.NDArray[np.int64]


def read_h5ad(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read AnnData; see `open_table`. Observations are samples, and X holds the values, dense or sparse."""
    refuse_options(options, path, "AnnData", "samples")
    (samples, annotation), (genes, described), x = open_hdf5(path, room, _describe)
    matrix = _open_values(x, (len(samples), len(genes)), path, room)
    return make_table(samples, genes, matrix, annotation, described)


def _describe(file: Any, path: Path) -> tuple[Frame, Frame, Any | Compressed]:
    """Return obs, var, and X: a dataset, or what is known of compressed rows or columns."""
    with naming_hdf5(path):
        obs, var = (_read_frame(file, name, path) for name in ("obs", "var"))
        x = find(file, "X", path)
        if isinstance(x, h5py.Dataset):
            return obs, var, x
        kind = decode(x.attrs.get("encoding-type", x.attrs.get("h5sparse_format", "")))
        if kind.removesuffix("_matrix") not in ("csr", "csc"):
            raise LandmarksError(
                f"Expected X of {path} as an array, csr_matrix or csc_matrix, found {kind or 'a group'!r}.",
                hint="write it anew with anndata, with values in X.",
            )
        shape = tuple(int(size) for size in x.attrs.get("shape", x.attrs.get("h5sparse_shape", ())))
        for name in ("data", "indices"):
            find(x, name, path)
        ends = np.asarray(find(x, "indptr", path)[()], np.int64)
        return obs, var, Compressed(x, kind.startswith("csc"), shape, ends)


def _open_values(x: Any | Compressed, shape: tuple[int, int], path: Path, room: Room) -> Matrix:
    _expect(x.shape or (), shape, path)
    if not isinstance(x, Compressed):
        return open_matrix(x, path, room, transposed=False)
    ends, many = x.ends, shape[x.columns] + 1
    if len(ends) != many or (np.diff(ends) < 0).any():
        raise LandmarksError(
            f"Expected {many:,} ascending positions in X/indptr of {path}, found {len(ends):,} or others.",
            hint="it is damaged: write it anew.",
        )
    if not x.columns:
        return InSparse(x.group, path, ends, shape)
    # Samples cannot be picked from compressed columns: these are unpacked, once, to a file with a row a gene.
    columns = InSparse(x.group, path, ends, shape[::-1])
    copy = Staged(room.stage(), *shape[::-1], transposed=True)
    some = max(1, int(room.block_mb * 1e6 / (4 * COPIES * shape[0])))
    for start in range(0, shape[1], some):
        copy.put(start, 0, columns.read(start, min(start + some, shape[1])))
    return copy


def _expect(found: tuple[int, ...], expected: tuple[int, int], path: Path) -> None:
    if found != expected:
        raise LandmarksError(
            f"Expected X of {expected[0]:,} × {expected[1]:,} in {path}, as many as in obs and var, "
            f"found {' × '.join(map(str, found)) or 'no shape'}.",
            hint="its ids do not fit its matrix: write it anew.",
        )


def _read_frame(file: Any, name: str, path: Path) -> Frame:
    """Return the index of obs or var, and its columns, as strings."""
    frame = find(file, name, path)
    if isinstance(frame, h5py.Dataset):
        return _read_compound(file, name)
    index = decode(frame.attrs.get("_index", "_index"))
    order = [decode(column) for column in frame.attrs.get("column-order", [])]
    columns = {column: _read_column(frame, column, path) for column in order if column != index}
    return read_strings(find(frame, index, path), path), columns


def _read_column(frame: Any, name: str, path: Path) -> list[str]:
    """Return a column: an array, categories and codes, or values with a mask."""
    column = find(frame, name, path)
    if isinstance(column, h5py.Group) and "codes" in column:
        return _name_codes(find(column, "codes", path)[()], read_strings(find(column, "categories", path), path))
    if isinstance(column, h5py.Group):
        values = read_strings(find(column, "values", path), path)
        return ["" if gone else value for gone, value in zip(find(column, "mask", path)[()], values, strict=True)]
    if "categories" in column.attrs:
        # anndata 0.7: a reference to the categories.
        return _name_codes(column[()], read_strings(frame.file[column.attrs["categories"]], path))
    return read_strings(column, path)


def _name_codes(codes: Any, categories: list[str]) -> list[str]:
    return [categories[code] if code >= 0 else "" for code in codes]


def _read_compound(file: Any, name: str) -> Frame:
    """Return obs or var of anndata before 0.7: a compound dataset, codes whose categories are in uns."""
    values = file[name][()]
    columns = {}
    for column in values.dtype.names:
        known = f"uns/{column}_categories"
        columns[column] = (
            _name_codes(values[column], format_values(file[known][()]))
            if known in file
            else format_values(values[column])
        )
    return columns.pop("index"), columns
