"""Matrices larger than memory: each is read a range of samples at a time."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]

COPIES = 4
"""Blocks that are held at once, at most, while one is read, converted, and cut to its genes."""


class Matrix(Protocol):
    """A matrix, samples first, wherever its values are."""

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        ...

    def read(self, start: int, stop: int) -> Values:
        """Return samples `start` to `stop`, float32, shape (stop - start, genes), in an array that is the caller's."""
        ...


def iterate_blocks(matrix: Matrix, memory_mb: float) -> Iterator[tuple[int, Values]]:
    """Read a matrix block by block.

    Parameters
    ----------
    matrix
        What is read.
    memory_mb
        Bounds a block and its copies; yet a block holds at least one sample.

    Yields
    ------
    tuple
        The number of the block's first sample, and its values: float32, shape (samples of the block, genes).
    """
    samples, genes = matrix.shape
    block = max(1, int(memory_mb * 1e6 / (4 * COPIES * max(genes, 1))))
    for start in range(0, samples, block):
        yield start, matrix.read(start, min(start + block, samples))


class Rows(Matrix, Protocol):
    """A matrix whose samples can be written, and taken in any order."""

    def put(self, row: int, column: int, values: Values) -> None:
        """Write values, with the upper left one at `row` and `column`."""
        ...

    def take(self, samples: npt.NDArray[np.int64], out: Values) -> None:
        """Write the samples with these numbers, in this order, to `out`: float32, contiguous, (samples, genes)."""
        ...


@dataclass(frozen=True)
class InMemory:
    """A matrix that is in memory after all: float32, samples × genes."""

    values: Values

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self.values.shape[0], self.values.shape[1]

    def read(self, start: int, stop: int) -> Values:
        """Return a copy of some samples."""
        return self.values[start:stop].copy()

    def put(self, row: int, column: int, values: Values) -> None:
        """Write values, with the upper left one at `row` and `column`."""
        self.values[row : row + values.shape[0], column : column + values.shape[1]] = values

    def take(self, samples: npt.NDArray[np.int64], out: Values) -> None:
        """Write the samples with these numbers to `out`. Other threads run meanwhile."""
        self.values.take(samples, axis=0, out=out, mode="clip")


@dataclass(frozen=True)
class Staged:
    """A flat temporary file of float32 values, row after row; `transposed` if its rows are genes.

    It is read, not mapped: the pages of a mapping would count as memory held.
    """

    file: BinaryIO
    rows: int
    columns: int
    transposed: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return (self.columns, self.rows) if self.transposed else (self.rows, self.columns)

    def put(self, row: int, column: int, values: Values) -> None:
        """Write values, shape (rows, columns), with the upper left one at `row` and `column` of the file."""
        values = np.ascontiguousarray(values, np.float32)
        if values.shape[1] == self.columns:
            values = values.reshape(1, -1)
        for number, stretch in enumerate(values, row):
            left, offset = stretch.view(np.uint8).data, 4 * (number * self.columns + column)
            while left:
                count = os.pwrite(self.file.fileno(), left, offset)
                left, offset = left[count:], offset + count

    def read(self, start: int, stop: int) -> Values:
        """Return some samples: a stretch of the file, or a stretch of each gene's row."""
        if not self.transposed:
            values = np.empty((stop - start, self.columns), np.float32)
            self._fill(values, start * self.columns)
            return values
        values = np.empty((self.rows, stop - start), np.float32)
        for gene, stretch in enumerate(values):
            self._fill(stretch, gene * self.columns + start)
        return np.ascontiguousarray(values.T)

    def take(self, samples: npt.NDArray[np.int64], out: Values) -> None:
        """Write the samples with these numbers to `out`; not of a file whose rows are genes."""
        for row, sample in zip(out, samples.tolist(), strict=True):
            self._fill(row, sample * self.columns)

    def _fill(self, values: Values, place: int) -> None:
        """Read values from a place that is counted in values."""
        left, offset = values.reshape(-1).view(np.uint8).data, 4 * place
        while left:
            # One call reads 2 GiB at most.
            count = os.preadv(self.file.fileno(), [left], offset)
            if not count:
                raise OSError(f"the staging file ends at byte {offset:,}")
            left, offset = left[count:], offset + count


@dataclass(frozen=True)
class Room:
    """What a job may take up.

    Attributes
    ----------
    folder
        Where staging files go, as large as the matrices: 4 bytes a value.
    memory_mb
        Bounds what is held of all matrices.
    closing
        Closes what was opened, and removes what was staged, when the matrices are done with.
    """

    folder: Path
    memory_mb: float
    closing: ExitStack

    @property
    def block_mb(self) -> float:
        """What blocks of samples may take. As much is for the readers' own caches, the rest for what is written."""
        return self.memory_mb / 8

    def hold(self, samples: int, genes: int) -> Rows:
        """Return an empty matrix to be filled: in memory if it fits, else staged. What is read back is the same."""
        if 4 * samples * genes <= self.memory_mb * 1e6:
            return InMemory(np.empty((samples, genes), np.float32))
        return Staged(self.stage(), samples, genes)

    def stage(self) -> BinaryIO:
        """Open a staging file. It has no name, so that none is left behind however the process ends."""
        return cast(BinaryIO, self.closing.enter_context(tempfile.TemporaryFile(dir=self.folder)))
