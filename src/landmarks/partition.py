"""The compendium's samples by part of the split."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.expression import find_positions, iterate_rows, read_gene_ids, read_sample_ids
from landmarks.matrices import Room, Rows
from landmarks.prefetch import prefetched

BATCH = 1_024
"""Samples that are copied at a time."""

BLOCK_MB = 500
"""What is read at a time of rows that are held in memory."""


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


def rows_of(path: Path, split: pd.DataFrame, *parts: str) -> npt.NDArray[np.int64]:
    """Return which rows of an expression file are samples of these parts, ascending, int64, shape (samples,).

    Raises
    ------
    LandmarksError
        If the split names no sample of a part, or a sample that the file lacks.
    """
    members = np.concatenate([members_of(split, part) for part in parts])
    return np.sort(find_positions(read_sample_ids(path), members, "sample")).astype(np.int64)


def hold_rows(path: Path, rows: npt.NDArray[np.int64], room: Room, columns: npt.NDArray[np.intp] | None = None) -> Rows:
    """Copy some rows of an expression file to memory, or to disk where they do not fit; see `Room.hold`.

    Parameters
    ----------
    path
        A file written by `landmarks.expression`.
    rows
        Ascending, shape (samples,).
    room
        Bounds what is held, a row group that is being read aside.
    columns
        Positions of the genes wanted, in the order wanted; by default all, as they are in the file.
    """
    held, start = room.hold(len(rows), len(read_gene_ids(path) if columns is None else columns)), 0
    for values in prefetched(iterate_rows(path, rows, BATCH, room.memory_mb)):
        held.put(start, 0, values if columns is None else values[:, columns])
        start += len(values)
    return held


def read_rows(path: Path, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return some rows of an expression file, shape (samples, genes), holding little beside them.

    Parameters
    ----------
    path
        A file written by `landmarks.expression`.
    rows
        Ascending, shape (samples,).
    """
    values, start = np.empty((len(rows), len(read_gene_ids(path))), np.float32), 0
    for block in iterate_rows(path, rows, BATCH, BLOCK_MB):
        values[start : start + len(block)] = block
        start += len(block)
    return values


def some_of(rows: npt.NDArray[np.int64], limit: int) -> npt.NDArray[np.int64]:
    """Return `limit` of the rows, drawn at random but always the same ones, in their order; all if they are fewer."""
    if len(rows) <= limit:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, limit, replace=False))


def groups_of(split: pd.DataFrame, part: str) -> npt.NDArray[np.object_]:
    """Return the study or donor of each sample in `part`, in the split's order; samples without one are their own."""
    members = split[split["part"] == part]
    return np.asarray(members["group"].where(members["group"].notna(), members["sample_id"]), object)
