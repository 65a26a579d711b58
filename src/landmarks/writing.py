"""Expression files in Parquet, written block by block."""

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.expression import Expression
from landmarks.files import replacing

ROW_GROUP = 8_192
"""Samples a row group: bounds what a reader must hold, and stays large enough to read fast."""

BUFFER = 1 << 20
"""Bytes that are collected before they are written: a gene of a row group alone is some 20 KB."""

DESCRIPTION = 950
"""Bytes that PyArrow 26 holds for each gene of a row group that is written, as measured; twice that at the end."""


def write_expression(path: Path, expression: Expression) -> None:
    """Write `expression` as ``sample_id`` followed by one float32 column a gene."""
    write_expression_blocks(path, expression.sample_ids, expression.gene_ids, [expression.values])


def write_expression_blocks(
    path: Path,
    sample_ids: npt.NDArray[np.object_],
    gene_ids: npt.NDArray[np.object_],
    blocks: Iterable[npt.NDArray[np.float32]],
    memory_mb: float = math.inf,
) -> None:
    """Write an expression file block by block, so that it may be larger than memory.

    Parameters
    ----------
    path
        The file; it gets its name when all blocks are written.
    sample_ids, gene_ids
        One string a sample and a gene.
    blocks
        float32, shape (samples of the block, genes): together all samples, in order. They may be of any size.
    memory_mb
        Bounds what is collected before it is written, and with it the row groups, as far as can be.

    Raises
    ------
    ValueError
        If blocks hold more samples than there are ids.
    """
    rows = _size_row_group(len(sample_ids), len(gene_ids), memory_mb)
    write_groups(path, gene_ids, _collect_groups(sample_ids, len(gene_ids), blocks, rows))


def write_groups(
    path: Path,
    gene_ids: npt.NDArray[np.object_],
    groups: Iterable[tuple[npt.NDArray[np.object_], npt.NDArray[np.float32]]],
    compression: str = "zstd",
) -> None:
    """Write an expression file row group by row group.

    Parameters
    ----------
    path
        The file; it gets its name when all is written.
    gene_ids
        One string a gene.
    groups
        Sample ids of a row group, shape (samples,), and its values, float32, shape (genes, samples), contiguous: the
        values of a gene side by side, as Parquet wants them.
    compression
        One of Parquet's.
    """
    names = ["sample_id", *gene_ids.tolist()]
    kinds = [pa.string(), *[pa.float32()] * len(gene_ids)]
    # No value is ever missing: whether it is need not be said of each, which takes a quarter of the time of writing.
    schema = pa.schema([pa.field(name, kind, nullable=False) for name, kind in zip(names, kinds, strict=True)])
    # Statistics and dictionaries cost more than they give on columns of floats.
    settings = {
        "use_dictionary": False,
        "write_statistics": False,
        "compression": compression,
        "write_batch_size": ROW_GROUP,
    }
    with ExitStack() as closing:
        # Appended to: a file that PyArrow opens to write is truncated, and ext4 flushes such a file when it is closed.
        file = closing.enter_context(pa.OSFile(str(closing.enter_context(replacing(path))), "ab"))
        stream = closing.enter_context(pa.BufferedOutputStream(file, BUFFER))
        writer = closing.enter_context(pq.ParquetWriter(stream, schema, **settings))
        for ids, group in groups:
            values, size = pa.array(group.ravel()), len(ids)
            columns = [pa.array(ids.tolist(), pa.string())]
            columns += [values.slice(start, size) for start in range(0, len(values), size)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=max(1, len(ids)))
            # Nothing is kept of the last group while the file is closed, which takes memory of its own.
            del columns, values, group


def _collect_groups(
    sample_ids: npt.NDArray[np.object_], genes: int, blocks: Iterable[npt.NDArray[np.float32]], rows: int
) -> Iterator[tuple[npt.NDArray[np.object_], npt.NDArray[np.float32]]]:
    """Yield the ids and the values of row groups."""
    memory = np.empty(genes * rows, np.float32)
    written = filled = 0
    for values in blocks:
        start = 0
        while start < len(values):
            size = min(rows, len(sample_ids) - written)
            if not size:
                raise ValueError(f"more samples than their {len(sample_ids):,} ids")
            group = memory[: genes * size].reshape(genes, size)
            stop = min(start + size - filled, len(values))
            group[:, filled : filled + stop - start] = values[start:stop].T
            filled, start = filled + stop - start, stop
            if filled == size:
                yield sample_ids[written : written + size], group
                written, filled = written + size, 0


def _size_row_group(samples: int, genes: int, memory_mb: float) -> int:
    """Return how many samples a row group holds.

    Small ones are no way to save memory: PyArrow keeps a description of every gene of every row group until the file
    is closed. Taken are as many samples as fit beside these, or else as many as need the least for both.
    """
    memory, values = memory_mb * 1e6, 4 * max(genes, 1)
    descriptions = DESCRIPTION * genes * samples  # of row groups of one sample each
    free = memory**2 - 4 * values * descriptions
    fitting = (memory + math.sqrt(free)) / (2 * values) if free > 0 else math.sqrt(descriptions / values)
    return max(1, int(min(ROW_GROUP, samples, fitting)))
