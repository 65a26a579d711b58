"""Matrices larger than memory: each is read a range of samples at a time."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.expression import DECODED
from landmarks.readers.faults import naming_damage

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


@dataclass(frozen=True)
class InParquet:
    """An open Parquet file at `path` with a row a gene; `columns` are its samples."""

    file: pq.ParquetFile
    columns: list[str]
    path: Path

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return len(self.columns), self.file.metadata.num_rows

    def read(self, start: int, stop: int) -> Values:
        """Return some samples, decoding few columns at a time by one thread: see `landmarks.expression`."""
        values = np.empty((stop - start, self.shape[1]), np.float32)
        for first in range(start, stop, DECODED):
            names = self.columns[first : min(first + DECODED, stop)]
            with naming_damage(self.path, "Parquet"):
                table = self.file.read(columns=names, use_threads=False)
            for row, name in enumerate(names, first - start):
                values[row] = as_floats(table.column(name))
        return values


def as_floats(column: pa.ChunkedArray) -> Values:
    """Return a numeric column as float32, NaN where a value is missing."""
    # Unsafe only in that large whole numbers are rounded to the nearest float.
    return np.asarray(column.cast(pa.float32(), safe=False).to_numpy(), np.float32)


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
class Mapped:
    """A matrix with a function applied to every block of samples; the function may change the block in place."""

    matrix: Matrix
    function: Callable[[Values], Values]

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self.matrix.shape

    def read(self, start: int, stop: int) -> Values:
        """Return some samples."""
        return self.function(self.matrix.read(start, stop))


@dataclass(frozen=True)
class Stacked:
    """Matrices below each other, of each only some genes in some order.

    `parts` are the matrices, each with the columns to take, shape (genes,).
    """

    parts: list[tuple[Matrix, npt.NDArray[np.intp]]]

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return sum(matrix.shape[0] for matrix, _ in self.parts), len(self.parts[0][1])

    def read(self, start: int, stop: int) -> Values:
        """Return some samples, from all matrices that hold any of them."""
        ends = np.cumsum([0, *(matrix.shape[0] for matrix, _ in self.parts)]).tolist()
        blocks = []
        for (matrix, columns), (first, end) in zip(self.parts, pairwise(ends), strict=True):
            if start < end and stop > first:
                values = matrix.read(max(start, first) - first, min(stop, end) - first)
                whole = np.array_equal(columns, np.arange(values.shape[1]))
                blocks.append(values if whole else values[:, columns])
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
