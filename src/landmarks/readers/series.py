"""Series matrices of the Gene Expression Omnibus: lines of annotation, then a row a probe.

Source: https://www.ncbi.nlm.nih.gov/geo/info/soft.html; the series matrix holds the same attributes, a line each.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import Room, Staged
from landmarks.readers.base import RawTable, ReadOptions, make_table, refuse_options
from landmarks.readers.text import open_text, read_line, stage_rows

BEGIN, END = "!series_matrix_table_begin", "!series_matrix_table_end"
CHARACTERISTICS = re.compile(r"characteristics(_ch\d+)?")
PAIR = re.compile(r"([^:]+):(?:\s+(.*))?")
"""A key and its value; a colon without a space, as in 12:30, is none."""


def read_series(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read a series matrix, gzipped or not; see `open_table`. Samples are annotated by its ``!Sample_`` lines."""
    refuse_options(options, path, "a series matrix", "genes")
    stream = open_text(path, room)
    series, lines = _read_annotation(stream, path)
    names = read_line(stream, path) or []
    ids = names[1:]
    table = stage_rows(stream, names, list(range(1, len(names))), path, room, end=END)
    if not table.ended:
        raise _incomplete(END, path)
    if not table.numbers.rows:
        raise LandmarksError(
            f"Expected values in {path}, found an empty table.",
            hint="of sequencing GEO keeps the values in supplementary files: import those instead.",
        )
    for name, values in lines:
        if len(values) != len(ids):
            raise LandmarksError(
                f"Expected {len(ids):,} values in the line !Sample_{name} of {path}, found {len(values):,}.",
                hint="was it fetched whole? Every sample has a value in each of these lines.",
            )
        if name == "geo_accession" and values != ids:
            raise LandmarksError(
                f"Expected the samples {name_some(ids)} in the line !Sample_geo_accession of {path}, "
                f"found {name_some(values)}.",
                hint="annotation and values must have the same samples in the same order.",
            )
    annotation = collect_annotation(lines, len(ids))
    if series:
        annotation["series"] = [series] * len(ids)
    matrix = Staged(table.numbers.file, table.numbers.rows, len(ids), transposed=True)
    return make_table(ids, table.texts[0], matrix, annotation)


def _incomplete(line: str, path: Path) -> LandmarksError:
    return LandmarksError(
        f"Expected a line {line} in {path}, found none.", hint="was it fetched whole, and is it a series matrix?"
    )


def _read_annotation(stream: BinaryIO, path: Path) -> tuple[str, list[tuple[str, list[str]]]]:
    """Return the accession of the series, and name and values of every line on samples, up to the table."""
    series, lines = "", []
    while (fields := read_line(stream, path)) != [BEGIN]:
        if fields is None:
            raise _incomplete(BEGIN, path)
        if fields[0] == "!Series_geo_accession":
            series = "".join(fields[1:2])
        elif fields[0].startswith("!Sample_"):
            lines.append((fields[0].removeprefix("!Sample_"), fields[1:]))
    return series, lines


def collect_annotation(lines: Sequence[tuple[str, list[str]]], samples: int) -> dict[str, list[str]]:
    """Return the annotation of samples by column.

    Parameters
    ----------
    lines
        Name and values of each line, a value a sample. ``key: value`` in lines of characteristics goes to a column
        named ``key`` (of a second channel ``key_ch2``), whichever line it stands in: samples need not
        have the same keys in the same line. What occurs more than once is numbered: ``key_2``.
    samples
        How many there are.
    """
    columns: dict[str, list[str]] = {}
    seen: dict[str, int] = {}
    for name, values in lines:
        if not CHARACTERISTICS.fullmatch(name):
            seen[name] = seen.get(name, 0) + 1
            columns[_number(name, seen[name])] = values
    for name, values in lines:
        if match := CHARACTERISTICS.fullmatch(name):
            channel = "" if match[1] in (None, "_ch1") else match[1]
            for sample, text in enumerate(values):
                pair = PAIR.fullmatch(text)
                key, value = (f"{pair[1].strip()}{channel}", pair[2] or "") if pair else (name, text)
                _put(columns, key, sample, value, samples)
    return columns


def _number(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _put(columns: dict[str, list[str]], key: str, sample: int, value: str, samples: int) -> None:
    """Put a value into the first column of that key in which the sample has none."""
    number = 1
    while value and columns.setdefault(_number(key, number), [""] * samples)[sample]:
        number += 1
    if value:
        columns[_number(key, number)][sample] = value
