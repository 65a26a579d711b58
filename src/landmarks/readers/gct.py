"""GCT, the Broad Institute's format of text: a row a gene, metadata before the values.

Source: https://clue.io/connectopedia/gct_format and, for 1.2, GenePattern's guide to file formats.
"""

from pathlib import Path
from typing import BinaryIO

from landmarks.errors import LandmarksError
from landmarks.matrices import Room, Staged
from landmarks.readers.base import RawTable, ReadOptions, refuse_options
from landmarks.readers.cmap import orient_table
from landmarks.readers.text import open_text, read_line, stage_rows

NUMBERS = {"#1.2": 2, "#1.3": 4}
"""How many numbers the second line holds, by the version in the first."""


def read_gct(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read GCT 1.2 or 1.3, gzipped or not; see `open_table`.

    Rows are genes, unless the orientation says samples.
    """
    refuse_options(options, path, "GCT")
    stream = open_text(path, room)
    version = (read_line(stream, path) or [""])[0]
    if version not in NUMBERS:
        raise LandmarksError(
            f"Expected #1.2 or #1.3 in the first line of {path}, found {version[:80]!r}.",
            hint="is it GCT? Name another format with --format.",
        )
    rows, columns, described, lines = _read_numbers(stream, NUMBERS[version], path)
    names = read_line(stream, path) or []
    _expect(1 + described + columns, len(names), "headings", path)
    ids, first = names[1 + described :], 1 + described
    metadata = {}
    for _ in range(lines):
        fields = read_line(stream, path) or []
        _expect(len(names), len(fields), f"fields in the line of metadata {fields[:1]}", path)
        metadata[fields[0]] = fields[first:]
    table = stage_rows(stream, names, list(range(first, len(names))), path, room)
    _expect(rows, table.numbers.rows, "rows", path)
    values = Staged(table.numbers.file, rows, columns, transposed=options.orientation != "samples")
    annotation = {names[index]: table.texts[index] for index in range(1, first)}
    return orient_table((table.texts[0], annotation), (ids, metadata), values, options)


def _read_numbers(stream: BinaryIO, count: int, path: Path) -> tuple[int, int, int, int]:
    """Return rows, columns, metadata a row, and lines of metadata; 1.2 has a description a row, and no line."""
    fields = [field for field in read_line(stream, path) or [] if field]
    if len(fields) != count or not all(field.isdecimal() for field in fields):
        raise LandmarksError(
            f"Expected {count} whole numbers in the second line of {path}, found {' '.join(fields)[:80]!r}.",
            hint="1.2 has rows and columns there, 1.3 also the metadata of rows and of columns.",
        )
    rows, columns, described, lines = [*map(int, fields), 1, 0][:4]
    return rows, columns, described, lines


def _expect(expected: int, found: int, what: str, path: Path) -> None:
    if found != expected:
        raise LandmarksError(
            f"Expected {expected:,} {what} in {path}, as its second line says, found {found:,}.",
            hint="was it fetched whole? Its second line must hold the true numbers.",
        )
