"""The errors of files that are damaged or of another format than was said."""

import csv
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from landmarks.errors import LandmarksError


def unreadable(path: Path, format_: str, error: object) -> LandmarksError:
    """Return the error of a file that is damaged or of another format."""
    return LandmarksError(
        f"{path} is not readable as {format_}: {error}.",
        hint="is it whole, and is --format right? A table needs a heading for every column, "
        "the first included, and UTF-8 text.",
    )


def not_numeric(path: Path, name: str, found: str) -> LandmarksError:
    """Return the error of a column that should hold numbers."""
    return LandmarksError(
        f"Expected numbers in column {name!r} of {path}, found {found}.",
        hint="drop columns that are no genes or samples, or tell genes apart with --gene-prefix.",
    )


@contextmanager
def naming_damage(path: Path, format_: str) -> Iterator[None]:
    """Turn what damaged files raise into an error that names the file; truncated gzip raises an EOFError."""
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, format_, error) from error
