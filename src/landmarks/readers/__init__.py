"""Readers of expression files: a function a format, found by name or by suffix."""

from collections.abc import Callable
from pathlib import Path

from landmarks.errors import LandmarksError
from landmarks.readers.base import Orientation, RawTable, ReadOptions, check_matrix
from landmarks.readers.survset import read_survset
from landmarks.readers.tables import read_csv, read_parquet, read_tsv

__all__ = ["READERS", "SUFFIXES", "RawTable", "choose_format", "read_table"]

READERS: dict[str, Callable[[Path, ReadOptions], RawTable]] = {
    "csv": read_csv,
    "tsv": read_tsv,
    "parquet": read_parquet,
    "survset": read_survset,
}
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pickle": "survset",
}
"""Formats by suffix; a final ``.gz`` is looked through."""


def choose_format(path: Path, format: str) -> str:
    """Return the name of the reader of `path`: `format`, or by suffix where it is ``auto``."""
    if format == "auto":
        suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
        if suffix not in SUFFIXES:
            raise LandmarksError(
                f"Expected a file that ends with {', '.join(SUFFIXES)} (or .gz after it), found {path.name}.",
                hint=f"name its format with --format: {', '.join(READERS)}.",
            )
        return SUFFIXES[suffix]
    if format not in READERS:
        raise LandmarksError(
            f"Expected a format among auto, {', '.join(READERS)}; found {format!r}.", hint="mend --format."
        )
    return format


def read_table(
    path: Path,
    format: str = "auto",
    *,
    orientation: Orientation = "auto",
    gene_prefix: str = "",
    sample_column: str = "",
    sha256: str = "",
) -> RawTable:
    """Read an expression file and check that it holds a sound matrix.

    Parameters
    ----------
    path
        The file.
    format
        ``auto`` (by suffix) or a key of `READERS`.
    orientation
        What the rows are: ``samples``, ``genes`` or ``auto``.
    gene_prefix
        Columns that carry it are genes and lose it; the others annotate samples.
    sample_column
        The column of sample ids; the first by default.
    sha256
        The sum of a pickle; the one in ``<file>.sha256`` by default.

    Returns
    -------
    RawTable
        float32 values, samples × genes, on the file's scale; and the samples' annotation.

    Raises
    ------
    LandmarksError
        If the file is missing, empty, of no known format or not numeric; if ids repeat or values are missing
        or infinite; if there are fewer than two samples or two genes.
    """
    read = READERS[choose_format(path, format)]
    if not path.is_file():
        raise LandmarksError(f"Expected an expression file at {path}, found none.", hint="check the path.")
    table = read(path, ReadOptions(orientation, gene_prefix, sample_column, sha256))
    check_matrix(table.expression, path)
    return table
