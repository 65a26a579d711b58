"""Expression matrices, samples first, and their Parquet form."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.errors import LandmarksError, name_some
from landmarks.files import replacing

ROW_GROUP = 8_192
"""Samples a row group: bounds what a reader must hold, and stays large enough to read fast."""


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
        return self.values[_positions(self.sample_ids, sample_ids, "sample")]

    def columns(self, gene_ids: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return the values of `gene_ids`, in that order; an unknown id is an error."""
        return self.values[:, _positions(self.gene_ids, gene_ids, "gene")]


def _positions(known: npt.NDArray[np.object_], wanted: npt.ArrayLike, kind: str) -> npt.NDArray[np.intp]:
    """Return where each of `wanted` stands in `known`."""
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


def write_expression(path: Path, expression: Expression) -> None:
    """Write `expression` as ``sample_id`` followed by one float32 column a gene."""
    ids = pa.array(expression.sample_ids.tolist(), pa.string())
    columns = [pa.array(column) for column in np.ascontiguousarray(expression.values.T, np.float32)]
    table = pa.Table.from_arrays([ids, *columns], names=["sample_id", *expression.gene_ids.tolist()])
    with replacing(path) as temporary:
        # Statistics and dictionaries cost more than they give on columns of floats.
        pq.write_table(
            table,
            temporary,
            row_group_size=ROW_GROUP,
            use_dictionary=False,
            write_statistics=False,
            compression="zstd",
        )


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
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError) as error:
        raise LandmarksError(
            f"Expected an expression file in Parquet at {path}: {error}.",
            hint="make it with `landmarks import-expression`.",
        ) from error
    if names[:1] != ["sample_id"]:
        raise LandmarksError(
            f"Expected `sample_id` as the first column of {path}, found {name_some(names, 1)}.",
            hint="make the file with `landmarks import-expression`.",
        )
    wanted = names[1:] if genes is None else list(genes)
    _positions(np.asarray(names[1:], object), wanted, "gene")
    try:
        table = pq.read_table(path, columns=["sample_id", *wanted])
    except (pa.ArrowInvalid, OSError) as error:
        raise LandmarksError(
            f"{path} is damaged: {error}.", hint="remove the file and run the rule that makes it again."
        ) from error
    values = np.empty((table.num_rows, len(wanted)), np.float32)
    for index, name in enumerate(wanted):
        values[:, index] = table.column(name).to_numpy()
    return Expression(np.asarray(table.column("sample_id").to_pylist(), object), np.asarray(wanted, object), values)
