"""Tables with samples or genes in rows: CSV, TSV and Parquet."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import DECODED
from landmarks.matrices import Room, Staged
from landmarks.readers.base import RawTable, ReadOptions, as_strings, make_table, split_columns
from landmarks.readers.faults import naming_damage, not_numeric, unreadable
from landmarks.readers.matrices import InParquet, as_floats
from landmarks.readers.orientation import choose_orientation
from landmarks.readers.text import open_text, read_heading, stage_rows


def read_csv(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read comma-separated values, gzipped or not; see `open_table`."""
    return _read_delimited(path, ",", options, room)


def read_tsv(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read tab-separated values, gzipped or not; see `open_table`."""
    return _read_delimited(path, "\t", options, room)


def _read_delimited(path: Path, delimiter: str, options: ReadOptions, room: Room) -> RawTable:
    stream = open_text(path, room)
    names = read_heading(stream, delimiter, path)
    if not names:
        raise LandmarksError(f"Expected a table in {path}, found an empty file.", hint="was it fetched whole?")
    refuse_numbers(names[1:], "the names of genes or samples in the first row", path)
    ids_at, values_at, annotation_at = split_columns(names, options, path)
    rows = stage_rows(stream, names, values_at, path, room, delimiter=delimiter)
    ids, values = rows.texts[ids_at], rows.numbers
    refuse_numbers(ids, f"ids of samples or genes in column {names[ids_at]!r}", path)
    headings = _headings(names, values_at, options)
    if choose_orientation(options, names[ids_at], ids, headings, path) == "genes":
        turned = Staged(values.file, values.rows, values.columns, transposed=True)
        return make_table(headings, ids, turned, rows="genes")
    return make_table(
        ids, headings, values, {names[index]: rows.texts[index] for index in annotation_at}, rows="samples"
    )


def refuse_numbers(names: list[str], expected: str, path: Path) -> None:
    """Refuse names of which all are numbers and some have a decimal point: they are values, and names are missing.

    Whole numbers may be Entrez ids.

    Raises
    ------
    LandmarksError
        It says what was expected, and shows the first of them.
    """
    try:
        decimal = [float(name) for name in names] and any("." in name for name in names)
    except ValueError:
        return
    if decimal:
        raise LandmarksError(
            f"Expected {expected} of {path}, found numbers: {name_some(names)}.",
            hint="put a row of names first, and a column of ids.",
        )


def _headings(names: list[str], positions: list[int], options: ReadOptions) -> list[str]:
    """Return what is measured in the columns of numbers: their names without the prefix of genes."""
    return [names[index][len(options.gene_prefix) :] for index in positions]


def read_parquet(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read a Parquet table; its ids are the first column or a stored pandas index; see `open_table`."""
    with naming_damage(path, "Parquet"):
        file = room.closing.enter_context(pq.ParquetFile(path))
        schema = file.schema_arrow
        index = _index_columns(schema)
    names, kinds = list(schema.names), dict(zip(schema.names, schema.types, strict=True))
    if len(kinds) < len(names):
        raise unreadable(path, "Parquet", f"columns repeat among {name_some(names)}")
    if not options.sample_column and len(index) == 1 and index[0] in names:
        # pandas puts its index last; here it is what names the rows.
        names = [index[0], *(name for name in names if name != index[0])]
    ids_at, values_at, annotation_at = split_columns(names, options, path)
    kind = kinds[names[ids_at]]
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise LandmarksError(
            f"Expected ids as text in column {names[ids_at]!r} of {path}, found {kind}.",
            hint="put sample or gene ids first, as text, or name the column with --sample-column.",
        )
    columns = [names[index] for index in values_at]
    for name in columns:
        kind = kinds[name]
        numeric = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
        if not (numeric or pa.types.is_null(kind)):
            raise not_numeric(path, name, str(kind))
    ids = _read_texts(file, names[ids_at], path)
    headings = _headings(names, values_at, options)
    if choose_orientation(options, names[ids_at], ids, headings, path) == "genes":
        return make_table(headings, ids, InParquet(file, columns, path), rows="genes")
    annotation = {names[index]: _read_texts(file, names[index], path) for index in annotation_at}
    return make_table(ids, headings, _stage_columns(file, columns, path, room), annotation, rows="samples")


def _index_columns(schema: pa.Schema) -> list[object]:
    """Return the columns that pandas calls its index."""
    try:
        found = (schema.pandas_metadata or {}).get("index_columns", [])
    except (ValueError, AttributeError) as error:
        raise OSError(f"the metadata of pandas is damaged: {error}") from error
    return found if isinstance(found, list) else []


def _read_texts(file: pq.ParquetFile, name: str, path: Path) -> list[str]:
    with naming_damage(path, "Parquet"):
        return as_strings(file.read(columns=[name], use_threads=False).column(name).to_pandas())


def _stage_columns(file: pq.ParquetFile, columns: list[str], path: Path, room: Room) -> Staged:
    """Copy columns of genes, few at a time, to a file with a row a gene."""
    values = Staged(room.stage(), len(columns), file.metadata.num_rows, transposed=True)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    for group, start in enumerate(np.cumsum([0, *sizes])[:-1].tolist()):
        # What is decoded may be of 8 bytes, and is held once more as 4.
        some = min(DECODED, max(1, int(room.memory_mb * 1e6 / (16 * max(sizes[group], 1)))))
        for first, end in pairwise([*range(0, len(columns), some), len(columns)]):
            with naming_damage(path, "Parquet"):
                table = file.read_row_group(group, columns=columns[first:end], use_threads=False)
            block = [as_floats(table.column(name)) for name in columns[first:end]]
            values.put(first, start, np.stack(block))
    return values


def read_labels(path: Path) -> pd.DataFrame:
    """Read a small CSV, or TSV by its suffix, as strings; empty cells stay empty strings."""
    separator = "\t" if {".tsv", ".txt"} & set(path.suffixes) else ","
    try:
        return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise unreadable(path, "a table of labels", error) from error
