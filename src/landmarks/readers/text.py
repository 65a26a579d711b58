"""Delimited text, read as a stream: numbers go to a staging file, everything else is kept as strings."""

import csv
import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.csv as pa_csv

from landmarks.matrices import Room, Staged
from landmarks.readers.faults import naming_damage, not_numeric

LARGEST_BLOCK = 64e6
"""Bytes of text parsed at a time, at most."""
LONGEST_LINE = 256 << 20
"""Bytes. No sample or gene has so many values."""
UNFOLDED = 400
"""How many times its size a gzipped file may unfold to, beyond `LARGEST_BLOCK`: expression of zeros stays below."""
PARSED = 4
"""What parsing a block holds, in blocks."""
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null"]


@dataclass(frozen=True)
class Rows:
    """The rows of a table of text.

    Attributes
    ----------
    numbers
        The numeric columns, in a file.
    texts
        The other columns by position, each as strings, shape (rows,).
    ended
        Whether the line came that ends the table.
    """

    numbers: Staged
    texts: dict[int, list[str]]
    ended: bool


def open_text(path: Path, room: Room) -> BinaryIO:
    """Open text, gzipped or not, at its first character: a byte order mark is skipped."""
    file = room.closing.enter_context(path.open("rb"))
    zipped = file.peek(2)[:2] == b"\x1f\x8b"
    content = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=file))) if zipped else file
    with naming_damage(path, "text"):
        if content.peek(3)[:3] == b"\xef\xbb\xbf":
            content.read(3)
    return content


def read_heading(stream: BinaryIO, delimiter: str, path: Path) -> list[str]:
    """Read the first row of a table, whose names may be quoted; none if there is none."""
    with naming_damage(path, "text"):
        lines = iter(lambda: _whole_line(stream), b"")
        return next(csv.reader((line.decode() for line in lines), delimiter=delimiter), [])


def read_line(stream: BinaryIO, path: Path) -> list[str] | None:
    """Read the fields of a line of tab-separated text, which has no quotes within quotes; None at the end.

    Text that is not UTF-8 is taken for Latin-1: deposited annotation holds the odd µ.
    """
    with naming_damage(path, "text"):
        line = _whole_line(stream)
    if not line:
        return None
    return [unquote(field) for field in decode(line).rstrip("\r\n").split("\t")]


def decode(text: bytes) -> str:
    """Return text, taken for Latin-1 if it is not UTF-8."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def unquote(field: str) -> str:
    """Return a field without the quotes around it."""
    field = field.strip()
    return field[1:-1] if len(field) > 1 and field[0] == field[-1] == '"' else field


def stage_rows(
    stream: BinaryIO,
    names: list[str],
    numeric: list[int],
    path: Path,
    room: Room,
    *,
    delimiter: str = "\t",
    end: str = "",
) -> Rows:
    """Read the rows of a table to the end of the stream, block by block.

    Parameters
    ----------
    stream
        Stands at the first row after the headings.
    names
        The headings; they may repeat.
    numeric
        Positions of the columns of numbers.
    path
        The file, for messages.
    room
        Bounds the blocks and holds the staging file.
    delimiter
        Between fields, which may be in double quotes.
    end
        What the line that ends the table begins with, if any.

    Raises
    ------
    LandmarksError
        If a row has another number of fields, a field is no number, or the file is damaged.
    """
    numbers = Staged(room.stage(), 0, len(numeric))
    texts: dict[int, list[str]] = {index: [] for index in set(range(len(names))) - set(numeric)}
    # Columns go by position, since headings may repeat. Types are given, since guessing them from the first
    # rows fails where a column of whole numbers turns fractional later on.
    types = {str(index): pa.string() for index in range(len(names))}
    types.update({str(index): pa.float32() for index in numeric})
    convert = pa_csv.ConvertOptions(column_types=types, null_values=MISSING)
    rows, ended = 0, False
    while not ended and (block := _read_block(stream, path, room)):
        if end and (found := block.find(end.encode())) >= 0:
            block, ended = block[: block.rfind(b"\n", 0, found) + 1], True
        if block.isspace() or not block:
            continue
        table = _parse(block, names, delimiter, convert, path)
        if numeric:
            numbers.put(rows, 0, table.select(numeric).to_batches()[0].to_tensor(null_to_nan=True).to_numpy())
        for index, column in texts.items():
            column += [value or "" for value in table.column(index).to_pylist()]
        rows += table.num_rows
    return Rows(Staged(numbers.file, rows, len(numeric)), texts, ended)


def _read_block(stream: BinaryIO, path: Path, room: Room) -> bytes:
    """Read whole lines.

    PyArrow's own incremental reader is not used: it reads up to 32 blocks ahead, whatever it is told.
    """
    with naming_damage(path, "text"):
        block = stream.read(max(1, int(min(LARGEST_BLOCK, room.block_mb * 1e6 / PARSED)))) + _whole_line(stream)
        if stream.tell() > max(LARGEST_BLOCK, UNFOLDED * path.stat().st_size):
            raise OSError(f"it unfolds to more than {UNFOLDED} times its size, as no expression does")
        return block


def _whole_line(stream: BinaryIO) -> bytes:
    """Return a line, with its end; a line without end is an error before memory is full."""
    line = stream.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE:
        raise OSError(f"it has a line of {LONGEST_LINE:,} bytes or more")
    return line


def _parse(block: bytes, names: list[str], delimiter: str, convert: pa_csv.ConvertOptions, path: Path) -> pa.Table:
    """Return the rows of a block, in one chunk."""
    with naming_damage(path, "a table"):
        try:
            return pa_csv.read_csv(
                pa.BufferReader(block),
                read_options=pa_csv.ReadOptions(
                    column_names=list(map(str, range(len(names)))), block_size=len(block) + 1, use_threads=False
                ),
                parse_options=pa_csv.ParseOptions(delimiter=delimiter),
                convert_options=convert,
            )
        except pa.ArrowInvalid as error:
            if found := re.search(r"CSV column #(\d+).*invalid value '(.*)'", str(error)):
                raise not_numeric(path, names[int(found[1])], f"the value {found[2]!r}") from error
            raise
