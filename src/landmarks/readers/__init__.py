"""Readers of expression files: a function a format, found by name or by suffix."""

from collections.abc import Callable
from pathlib import Path

from landmarks.errors import LandmarksError
from landmarks.matrices import Room
from landmarks.readers.base import RawTable, ReadOptions, check_ids
from landmarks.readers.gct import read_gct
from landmarks.readers.gctx import read_gctx
from landmarks.readers.h5ad import read_h5ad
from landmarks.readers.joined import join_tables
from landmarks.readers.scale import Scale, to_log2
from landmarks.readers.series import read_series
from landmarks.readers.survey import check_matrix
from landmarks.readers.survset import read_survset
from landmarks.readers.tables import read_csv, read_parquet, read_tsv

__all__ = ["READERS", "SUFFIXES", "choose_format", "open_table", "open_tables"]

READERS: dict[str, Callable[[Path, ReadOptions, Room], RawTable]] = {
    "csv": read_csv,
    "tsv": read_tsv,
    "parquet": read_parquet,
    "gctx": read_gctx,
    "gct": read_gct,
    "series": read_series,
    "h5ad": read_h5ad,
    "survset": read_survset,
}
SUFFIXES = {
    "series_matrix.txt": "series",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".gctx": "gctx",
    ".gct": "gct",
    ".h5ad": "h5ad",
    ".pickle": "survset",
}
"""Formats by how a name ends, the first that fits; a final ``.gz`` is looked through."""


def choose_format(path: Path, format: str) -> str:
    """Return the name of the reader of `path`: `format`, or by suffix where it is ``auto``."""
    if format == "auto":
        name = path.name.lower().removesuffix(".gz")
        found = next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)
        if found is None:
            raise LandmarksError(
                f"Expected a file that ends with {', '.join(SUFFIXES)} (or .gz after it), found {path.name}.",
                hint=f"name its format with --format: {', '.join(READERS)}.",
            )
        return found
    if format not in READERS:
        raise LandmarksError(
            f"Expected a format among auto, {', '.join(READERS)}; found {format!r}.", hint="mend --format."
        )
    return format


def open_table(path: Path, format: str, options: ReadOptions, room: Room, samples: int = 2) -> RawTable:
    """Open an expression file, and check its ids; `check_matrix` checks its values.

    Text, and Parquet with samples in rows, are read once here and copied to a staging file.

    Parameters
    ----------
    path
        The file.
    format
        ``auto`` (by suffix) or a key of `READERS`.
    options
        What the file cannot say about itself.
    room
        What the reader may take up; the table can be read until it is closed.
    samples
        The least there must be: one, or two.

    Returns
    -------
    RawTable
        Samples × genes, on the file's scale; and the annotation of both.

    Raises
    ------
    LandmarksError
        If the file is missing, empty, of no known format, damaged or not numeric; if ids are empty or repeat;
        if there are fewer than `samples`, or than two genes.
    """
    read = READERS[choose_format(path, format)]
    if not path.is_file():
        raise LandmarksError(f"Expected an expression file at {path}, found none.", hint="check the path.")
    table = read(path, options, room)
    check_ids(table, path, samples)
    return table


def open_tables(paths: list[Path], format: str, options: ReadOptions, scale: Scale, room: Room) -> RawTable:
    """Open files, check their values, bring each to log2, and join them on the genes they share.

    See `open_table`, `check_matrix`, `to_log2` and `join_tables`, which raise the errors. All values have been read
    once, and are read again, block by block, from the table.
    """
    tables = []
    for path in paths:
        table = open_table(path, format, options, room)
        tables.append(to_log2(table, scale, check_matrix(table, path, room.block_mb)))
    return join_tables(tables, paths)
