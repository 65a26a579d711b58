"""Files that are either whole or not there, and frames as Parquet."""

import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.errors import LandmarksError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; on success it is renamed to `path`, else removed.

    Parameters
    ----------
    path
        The file to be written. Its folder is made where it is missing.

    Yields
    ------
    Path
        The name to write to. It keeps the suffix of `path`, since some writers choose a format by it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=f".part{path.suffix}", dir=path.parent)
    temporary = Path(name)
    try:
        # As long as this process lives, the file is no leftover.
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield temporary
        # mkstemp makes private files; results are shared like any other file.
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


def _remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed left of `path`: nobody holds a lock on it."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.part{glob.escape(path.suffix)}"):
        # Another process may remove it first, or the folder may be on a disk without locks.
        with suppress(OSError), leftover.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            leftover.unlink()


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` as Parquet without its index; the same frame gives the same bytes."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_frame(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet frame, with an error that names the file when it is not what it should be.

    Parameters
    ----------
    path
        A Parquet file.
    columns
        The columns to read; all of them by default.

    Raises
    ------
    LandmarksError
        If the file is missing or unreadable, or lacks one of `columns`.
    """
    if not path.is_file():
        raise LandmarksError(
            f"Expected a Parquet file at {path}, found none.",
            hint="check the path, or run the rule that makes it.",
        )
    try:
        # Not pq.read_table: it takes folders named like "a=b" for columns, and long lists several times as long.
        # Mapped: what is not compressed is not held twice.
        with pq.ParquetFile(path, memory_map=True) as file:
            known = file.schema_arrow.names
            missing = [name for name in columns or [] if name not in known]
            if missing:
                raise LandmarksError(
                    f"Expected the columns {', '.join(missing)} in {path}, found {', '.join(known[:8])}.",
                    hint="the file may come from another rule or an older version: remove it and run again.",
                )
            return file.read(columns).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise LandmarksError(
            f"{path} is not readable as Parquet: {error}.",
            hint="remove the file and run the rule that makes it again.",
        ) from error


def read_frames(paths: Sequence[Path]) -> pd.DataFrame:
    """Read Parquet frames with the same columns as one, text as categories: millions of rows fit in memory."""
    for path in paths:
        read_frame(path, [])  # names the file that is missing or damaged
    tables = [pq.ParquetFile(path).read() for path in paths]
    encoded = [
        pa.table(
            {
                name: column.dictionary_encode() if pa.types.is_string(column.type) else column
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
        )
        for table in tables
    ]
    return pa.concat_tables(encoded).unify_dictionaries().to_pandas()
