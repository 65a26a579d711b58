"""GCTX, the Connectivity Map's format in HDF5.

Source: as `landmarks.readers.cmap`; the layout is that of https://clue.io/connectopedia/gctx_format:
``/0/DATA/0/matrix``, and ``id`` and any metadata in ``/0/META/ROW`` and ``/0/META/COL``.
"""

import logging
from pathlib import Path
from typing import Any

import h5py

from landmarks.errors import LandmarksError
from landmarks.matrices import Room
from landmarks.readers.base import RawTable, ReadOptions, refuse_options
from landmarks.readers.cmap import orient_table
from landmarks.readers.faults import unreadable
from landmarks.readers.hdf5 import find, open_hdf5, open_matrix, read_strings

logger = logging.getLogger("landmarks")

Metadata = tuple[list[str], dict[str, list[str]]]
"""Ids, and other columns by name."""


def read_gctx(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read GCTX 1.0; see `open_table`.

    HDF5 holds a row of the matrix for each id of COL, the way it is written by cmapPy, cmapR and cmapM. Files
    with a row for each id of ROW are read as well, as the numbers of ids tell. ROW are genes, unless the orientation
    says samples. The attribute ``version`` is not looked at: writers differ in it.
    """
    refuse_options(options, path, "GCTX")
    rows, columns, dataset = open_hdf5(path, room, _describe)
    sizes = len(rows[0]), len(columns[0])
    if dataset.shape not in (sizes, sizes[::-1]):
        raise LandmarksError(
            f"Expected a matrix of {sizes[1]:,} × {sizes[0]:,} in {path}, as many as ids in COL and in ROW, "
            f"found {' × '.join(f'{size:,}' for size in dataset.shape)}.",
            hint="its ids do not fit its matrix: write it anew.",
        )
    # As many ids in ROW as in COL: as the format says.
    samples_first = (dataset.shape == sizes[::-1]) == (options.orientation != "samples")
    return orient_table(rows, columns, open_matrix(dataset, path, room, transposed=not samples_first), options)


def _describe(file: Any, path: Path) -> tuple[Metadata, Metadata, Any]:
    """Return the ids and annotation of ROW and of COL, and the dataset of the values."""
    rows, columns = (_read_metadata(find(file, f"0/META/{name}", path), path) for name in ("ROW", "COL"))
    dataset = find(file, "0/DATA/0/matrix", path)
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        raise unreadable(path, "HDF5", "its matrix holds no values")
    return rows, columns, dataset


def _read_metadata(group: Any, path: Path) -> Metadata:
    """Return the ids of a group and its other columns."""
    ids = read_strings(find(group, "id", path), path)
    columns = {name: read_strings(group[name], path) for name in group if name != "id"}
    for name in [name for name, column in columns.items() if len(column) != len(ids)]:
        logger.warning(
            "%s: %s/%s has %d values for %d ids: left out.", path, group.name, name, len(columns[name]), len(ids)
        )
        del columns[name]
    return ids, columns
