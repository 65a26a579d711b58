"""A way to read a whole file as the import does, for tests of readers."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.expression import Expression
from landmarks.matrices import Room, iterate_blocks
from landmarks.readers import open_table
from landmarks.readers.base import RawTable, ReadOptions
from landmarks.readers.survey import check_matrix


@dataclass(frozen=True)
class Read:
    """What a file holds."""

    expression: Expression
    samples: pd.DataFrame
    genes: pd.DataFrame


def read_values(table: RawTable, memory_mb: float) -> npt.NDArray[np.float32]:
    """Return all values of a table, read block by block."""
    return np.concatenate([values for _, values in iterate_blocks(table.matrix, memory_mb)])


def read_table(path: Path, format: str = "auto", *, memory_mb: float = 100, **options: str) -> Read:
    """Read a file, its values checked."""
    with ExitStack() as closing, tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), memory_mb, closing)
        table = open_table(path, format, ReadOptions(**options), room)  # type: ignore[arg-type]
        check_matrix(table, path, room.block_mb)
        values = read_values(table, room.block_mb)
    return Read(Expression(table.sample_ids, table.gene_ids, values), table.samples, table.genes)
