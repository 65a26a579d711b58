"""Matrices and columns of strings in HDF5 files, on which GCTX and AnnData build."""

import faulthandler
import logging
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import Matrix, Room, Staged, Values
from landmarks.readers.faults import naming_damage, not_numeric, unreadable

Described = TypeVar("Described")

MOST_IDS = 20_000_000
"""No file has so many samples or genes: a column that claims more is not read."""
LEAST_S, PACE = 10, 2_000_000
"""Seconds in which a small file is described, and bytes of a larger one that take another."""
SLOTS = 10_007
"""Places in the cache of chunks: a prime, as HDF5 advises, and more than the chunks that fit."""


@contextmanager
def naming_hdf5(path: Path) -> Iterator[None]:
    """Name the file in the errors of damaged HDF5; h5py has several kinds of them."""
    with naming_damage(path, "HDF5"):
        try:
            yield
        except (KeyError, RuntimeError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise OSError(str(error)) from error


def open_hdf5(path: Path, room: Room, describe: Callable[[Any, Path], Described]) -> Described:
    """Open an HDF5 file and describe it, once it is known that this can be done; `room` closes it.

    Parameters
    ----------
    path
        The file.
    room
        Bounds the cache of chunks.
    describe
        Reads all but the values from the open file at `path`: ids, annotation, the datasets that hold values.
    """
    _try(path, describe)
    with naming_hdf5(path):
        cache = int(room.block_mb * 1e6)
        file = room.closing.enter_context(h5py.File(path, "r", rdcc_nbytes=cache, rdcc_nslots=SLOTS))
    return describe(file, path)


def _try(path: Path, describe: Callable[[Any, Path], object]) -> None:
    """Describe an HDF5 file in a process of its own.

    On a damaged heap of texts HDF5 2.0 never returns, nor hears a signal's handler (1 of some 1,200 damaged AnnData
    files); a damaged attribute may end the process (1 of some 30,000). What is wrong in another way is left to be
    found, and named, where it is read.

    Raises
    ------
    LandmarksError
        If the process had to be ended, or broke.
    """
    seconds = LEAST_S + path.stat().st_size // PACE
    if not (child := os.fork()):
        try:
            # Its own processor time, and a clock for what waits; either signal ends it.
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(20 * seconds)
            # What is to be said is said where the file is read.
            logging.disable()
            faulthandler.disable()
            with h5py.File(path, "r") as file:
                describe(file, path)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        ended = signal.Signals(os.WTERMSIG(status)).name
        raise unreadable(path, "HDF5", f"its ids and annotation cannot be read in {seconds} s ({ended})")


def find(group: Any, name: str, path: Path) -> Any:
    """Return what is called `name` in a group; an error that lists what there is instead."""
    with naming_hdf5(path):
        if name not in group:
            raise LandmarksError(
                f"Expected {name} in {group.name} of {path}, found {name_some(list(group)) or 'nothing'}.",
                hint="is it whole, and is --format right?",
            )
        if isinstance(found := group[name], h5py.Datatype):
            raise OSError(f"{name} is a type without values")
        if isinstance(found, h5py.Dataset) and found.chunks:
            # Walks the index of chunks, which may be what is damaged.
            found.id.get_num_chunks()
        return found


def read_strings(dataset: Any, path: Path) -> list[str]:
    """Return a column of strings, numbers or bytes as strings; whole numbers without a point, NaN as empty."""
    with naming_hdf5(path):
        if dataset.size > MOST_IDS:
            raise OSError(f"{dataset.name} claims {dataset.size:,} entries")
        values = dataset[()]
    return format_values(np.asarray(values).reshape(-1))


def format_values(values: npt.NDArray[Any]) -> list[str]:
    """Return values of any type as strings, padding cut off; text that is not UTF-8 is taken for Latin-1."""
    if values.dtype.kind == "f":
        whole = bool(np.isin(values[np.isfinite(values)] % 1, 0).all())
        return [
            "" if np.isnan(value) else str(int(value) if whole and np.isfinite(value) else value) for value in values
        ]
    return [decode(value) for value in values]


def decode(value: Any) -> str:
    """Return a value as a string."""
    if isinstance(value, bytes):
        try:
            return value.decode().strip()
        except UnicodeDecodeError:
            return value.decode("latin-1").strip()
    return str(value).strip()


def open_matrix(dataset: Any, path: Path, room: Room, *, transposed: bool) -> Matrix:
    """Return a two-dimensional dataset as a matrix.

    Parameters
    ----------
    dataset
        Of numbers, stored in any way.
    path
        Its file, for messages.
    room
        If a row of chunks is larger than the cache of open files, blocks of samples would unpack every chunk many
        times: then the chunks are copied, once each, to a staging file.
    transposed
        Whether the rows are genes.
    """
    if dataset.dtype.kind not in "fiu":
        raise not_numeric(path, dataset.name, str(dataset.dtype))
    rows, columns = dataset.shape
    if dataset.chunks is None:
        return InHdf5(dataset, path, transposed)
    height, width = dataset.chunks
    across = width * rows if transposed else height * columns
    if across * dataset.dtype.itemsize <= room.block_mb * 1e6:
        return InHdf5(dataset, path, transposed)
    copy = Staged(room.stage(), rows, columns, transposed)
    for row in range(0, rows, height):
        for column in range(0, columns, width):
            values = np.empty((min(height, rows - row), min(width, columns - column)), np.float32)
            with naming_hdf5(path):
                dataset.read_direct(values, np.s_[row : row + height, column : column + width])
            copy.put(row, column, values)
    return copy


@dataclass(frozen=True)
class InHdf5:
    """A dataset of numbers in an open HDF5 file at `path`; `transposed` if its rows are genes."""

    dataset: Any
    path: Path
    transposed: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        rows, columns = self.dataset.shape
        return (columns, rows) if self.transposed else (rows, columns)

    def read(self, start: int, stop: int) -> Values:
        """Return some samples; HDF5 itself converts them, few at a time."""
        rows, columns = self.dataset.shape
        values = np.empty((rows, stop - start) if self.transposed else (stop - start, columns), np.float32)
        with naming_hdf5(self.path):
            self.dataset.read_direct(values, np.s_[:, start:stop] if self.transposed else np.s_[start:stop])
        return np.ascontiguousarray(values.T) if self.transposed else values


@dataclass(frozen=True)
class InSparse:
    """Compressed sparse rows (or columns) in a group of an open HDF5 file at `path`.

    Attributes
    ----------
    group
        Holds ``data`` and ``indices``.
    path
        Its file.
    ends
        Where each row begins and ends in them, shape (rows + 1,).
    shape
        Rows, that is samples of compressed rows, and the length of each.
    """

    group: Any
    path: Path
    ends: npt.NDArray[np.int64]
    shape: tuple[int, int]

    def read(self, start: int, stop: int) -> Values:
        """Return some rows, with zeros where the file holds nothing."""
        # Here, for SciPy takes as long to load as a small file to read, and no other format needs it.
        from scipy import sparse

        first, last = int(self.ends[start]), int(self.ends[stop])
        with naming_hdf5(self.path):
            data, indices = self.group["data"][first:last].astype(np.float32), self.group["indices"][first:last]
        if len(indices) != last - first or (len(indices) and not 0 <= indices.min() <= indices.max() < self.shape[1]):
            raise LandmarksError(
                f"Expected {last - first:,} positions below {self.shape[1]:,} in {self.group.name}/indices of "
                f"{self.path}, found others.",
                hint="its obs and var do not fit its matrix, or it is not whole: write it anew.",
            )
        rows = sparse.csr_matrix((data, indices, self.ends[start : stop + 1] - first), (stop - start, self.shape[1]))
        return np.asarray(rows.toarray(), np.float32)
