"""Expression matrices, samples first, and their Parquet form."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.errors import LandmarksError, name_some

DECODED = 500
"""Genes decoded at a time when samples are read block by block."""


@dataclass(frozen=True)
class Expression:
    """A sample × gene matrix with its ids.

    Attributes
    ----------
    sample_ids
        One string a row, shape (samples,).
    gene_ids
        One string a column, shape (genes,).
    values
        float32, shape (samples, genes), on the log2 scale unless said otherwise.
    """

    sample_ids: npt.NDArray[np.object_]
    gene_ids: npt.NDArray[np.object_]
    values: npt.NDArray[np.float32]

    def rows(self, sample_ids: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return the values of `sample_ids`, in that order; an unknown id is an error."""
        return self.values[find_positions(self.sample_ids, sample_ids, "sample")]

    def columns(self, gene_ids: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return the values of `gene_ids`, in that order; an unknown id is an error."""
        return self.values[:, self.positions(gene_ids)]

    def positions(self, gene_ids: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return the columns of `gene_ids`, in that order; an unknown id is an error."""
        return find_positions(self.gene_ids, gene_ids, "gene")


def find_positions(known: npt.NDArray[np.object_], wanted: npt.ArrayLike, kind: str) -> npt.NDArray[np.intp]:
    """Return where each of `wanted` stands in `known`; an unknown id is an error that calls it a `kind`."""
    wanted = np.asarray(wanted, dtype=object)
    found = pd.Index(known).get_indexer(pd.Index(wanted))
    if (found < 0).any():
        missing = wanted[found < 0]
        raise LandmarksError(
            f"{len(missing):,} of {len(wanted):,} {kind} ids are not in the expression matrix: "
            f"{name_some(missing.tolist())}.",
            hint=f"both files must name their {kind}s alike; do they belong to the same dataset and run?",
        )
    return found


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Turn a failure of reading into an error that names the file."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise LandmarksError(
            f"{path} is damaged: {error}.", hint="remove the file and run the rule that makes it again."
        ) from error


def read_gene_ids(path: Path) -> list[str]:
    """Read the gene ids of an expression file, and nothing else.

    Raises
    ------
    LandmarksError
        If the file is no expression file.
    """
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise LandmarksError(
            f"Expected an expression file in Parquet at {path}: {error}.",
            hint="make it with `landmarks import-expression`.",
        ) from error
    if names[:1] != ["sample_id"]:
        raise LandmarksError(
            f"Expected `sample_id` as the first column of {path}, found {name_some(names, 1)}.",
            hint="make the file with `landmarks import-expression`.",
        )
    return list(names[1:])


def read_sample_ids(path: Path) -> npt.NDArray[np.object_]:
    """Read the sample ids of an expression file, shape (samples,), and nothing else."""
    return read_expression(path, []).sample_ids


def iterate_rows(
    path: Path, positions: npt.NDArray[np.int64], batch: int, memory_mb: float
) -> Iterator[npt.NDArray[np.float32]]:
    """Read some samples of an expression file batch by batch, so that the file may be larger than memory.

    Parameters
    ----------
    path
        A file written by `write_expression`.
    positions
        Rows wanted, ascending, shape (samples,).
    batch
        Samples a batch; the last one may be smaller. Batches do not depend on how the file is stored.
    memory_mb
        Bounds what is held, besides a batch; a row group that does not fit is read in several passes.

    Yields
    ------
    numpy.ndarray
        float32, shape (samples of the batch, genes).
    """
    kept: list[npt.NDArray[np.float32]] = []
    for values in _read_blocks(path, positions, memory_mb):
        start = 0
        while start < len(values):
            kept.append(values[start : start + batch - sum(map(len, kept))])
            start += len(kept[-1])
            if sum(map(len, kept)) == batch:
                # A copy, as the rest below: a view would keep the whole block alive while the next is read.
                yield np.concatenate(kept)
                kept = []
        kept = [part.copy() for part in kept]
        del values
    if kept:
        yield np.concatenate(kept)


def _read_blocks(path: Path, positions: npt.NDArray[np.int64], memory_mb: float) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the rows at `positions`, at most one row group of them at a time."""
    genes = read_gene_ids(path)
    with _naming_damage(path), pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        # Half of the memory is enough for whole columns of the largest row group: few at a time where it is small.
        room, largest = memory_mb * 1e6 / 4, max([1, *sizes])
        decoded = min(DECODED, max(1, int(room / 2 / largest)))
        block = max(1, int((room - decoded * largest) / max(len(genes), 1)))
        for group, (start, end) in enumerate(pairwise(np.cumsum([0, *sizes]))):
            inside = positions[(positions >= start) & (positions < end)] - start
            for first in range(0, len(inside), block):
                yield _read_rows(file, group, genes, inside[first : first + block], decoded)


def _read_rows(
    file: pq.ParquetFile, group: int, genes: list[str], rows: npt.NDArray[np.int64], decoded: int = DECODED
) -> npt.NDArray[np.float32]:
    """Return some rows and genes of a row group, decoding a few genes at a time: all at once would take more memory.

    By one thread: with a pool of one, PyArrow's threaded reader holds several times the file.
    """
    values = np.empty((len(rows), len(genes)), np.float32)
    whole = len(rows) == file.metadata.row_group(group).num_rows
    for start in range(0, len(genes), decoded):
        part = genes[start : start + decoded]
        table = file.read_row_group(group, columns=part, use_threads=False)
        # Gene by gene, and turned round together: to write single columns would take most of the time.
        columns = np.empty((len(part), len(rows)), np.float32)
        for column, name in zip(columns, part, strict=True):
            stored = table.column(name).to_numpy()
            column[:] = stored if whole else stored[rows]
        values[:, start : start + len(part)] = columns.T
    return values


def read_expression(path: Path, genes: list[str] | None = None) -> Expression:
    """Read an expression file, or only some of its genes.

    Parameters
    ----------
    path
        A file written by `write_expression`.
    genes
        The gene ids to read, in the order wanted; all by default.

    Raises
    ------
    LandmarksError
        If the file is no expression file, or lacks one of `genes`.
    """
    known = read_gene_ids(path)
    wanted = known if genes is None else list(genes)
    find_positions(np.asarray(known, object), wanted, "gene")
    (values,) = iterate_genes(path, wanted, max(len(wanted), 1))
    with _naming_damage(path):
        sample_ids = pq.ParquetFile(path).read(["sample_id"]).column(0).to_pylist()
    return Expression(np.asarray(sample_ids, object), np.asarray(wanted, object), values)


def iterate_genes(path: Path, genes: list[str], count: int) -> Iterator[npt.NDArray[np.float32]]:
    """Read an expression file some genes at a time.

    Parameters
    ----------
    path
        A file written by `write_expression`.
    genes
        Gene ids that the file has, in the order wanted.
    count
        Genes at a time; the last ones may be fewer.

    Yields
    ------
    numpy.ndarray
        float32, shape (samples, genes of the part).
    """
    with _naming_damage(path), pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        for first in range(0, max(len(genes), 1), count):
            part = genes[first : first + count]
            values = np.empty((sum(sizes), len(part)), np.float32)
            for group, (start, end) in enumerate(pairwise(np.cumsum([0, *sizes]))):
                values[start:end] = _read_rows(file, group, part, np.arange(end - start))
            yield values
