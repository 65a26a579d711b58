"""Matrices as files hold them: a row a gene, on another scale, in several files."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.expression import DECODED
from landmarks.matrices import Matrix, Values
from landmarks.readers.faults import naming_damage


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
