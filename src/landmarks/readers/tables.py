"""CSV, TSV and Parquet tables, of samples × genes or genes × samples."""

import csv
import gzip
import io
import logging
import re
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.readers.base import RawTable, ReadOptions, as_strings, split_columns

logger = logging.getLogger("landmarks")

BLOCK = 64 << 20
"""Bytes. A row must fit into one block: a gene of a few million samples does."""
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null"]
SAMPLE_HEADINGS = {"sample", "samples", "sampleid", "samplename", "patient", "patientid", "pid", "barcode"}
SAMPLE_HEADINGS |= {"cell", "cellid", "donor", "donorid", "subject", "subjectid", "geoaccession"}
GENE_HEADINGS = {"gene", "genes", "geneid", "genename", "genesymbol", "symbol", "hgncsymbol", "idref"}
GENE_HEADINGS |= {"probe", "probeid", "probeset", "probesetid", "ensembl", "ensemblid", "ensemblgeneid"}
GENE_HEADINGS |= {"entrez", "entrezid", "entrezgeneid", "feature", "featureid"}


def read_csv(path: Path, options: ReadOptions) -> RawTable:
    """Read comma-separated values, gzipped or not; see `read_table`."""
    return _read_delimited(path, ",", options)


def read_tsv(path: Path, options: ReadOptions) -> RawTable:
    """Read tab-separated values, gzipped or not; see `read_table`."""
    return _read_delimited(path, "\t", options)


def read_parquet(path: Path, options: ReadOptions) -> RawTable:
    """Read a Parquet table; its ids are the first column or a stored pandas index; see `read_table`."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(path, "Parquet", error) from error
    names = list(table.column_names)
    index = (table.schema.pandas_metadata or {}).get("index_columns", [])
    if not options.sample_column and len(index) == 1 and index[0] in names:
        # pandas puts its index last; here it is what names the rows.
        order = [names.index(index[0]), *(i for i, name in enumerate(names) if name != index[0])]
        table, names = table.select(order), [names[i] for i in order]
    return _assemble(table, names, split_columns(names, options, path), options, path)


def _unreadable(path: Path, format_: str, error: Exception) -> LandmarksError:
    return LandmarksError(
        f"{path} is not readable as {format_}: {error}.",
        hint="is it whole, and is --format right? A table needs a heading for every column, "
        "the first included, and UTF-8 text.",
    )


def _read_delimited(path: Path, delimiter: str, options: ReadOptions) -> RawTable:
    try:
        with path.open("rb") as stream:
            zipped = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            content = gzip.GzipFile(fileobj=stream) if zipped else stream
            text = io.TextIOWrapper(content, "utf-8-sig", newline="")
            names = next(csv.reader(text, delimiter=delimiter), [])
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise _unreadable(path, "text", error) from error
    if not names:
        raise LandmarksError(f"Expected a table in {path}, found an empty file.", hint="was it fetched whole?")
    columns = split_columns(names, options, path)
    # Columns go by position, since headings may repeat. Types are given, since guessing them from the first
    # rows fails where a column of whole numbers turns fractional later on.
    types = {str(index): pa.string() for index in range(len(names))}
    types.update({str(index): pa.float32() for index in columns[1]})
    try:
        with pa.input_stream(str(path), compression="gzip" if zipped else None) as stream:
            table = pa_csv.read_csv(
                stream,
                read_options=pa_csv.ReadOptions(column_names=list(types), skip_rows=1, block_size=BLOCK),
                parse_options=pa_csv.ParseOptions(delimiter=delimiter),
                convert_options=pa_csv.ConvertOptions(column_types=types, null_values=MISSING),
            )
    except (pa.ArrowInvalid, OSError) as error:
        if found := re.search(r"CSV column #(\d+).*invalid value '(.*)'", str(error)):
            raise _not_numeric(path, names[int(found[1])], f"the value {found[2]!r}") from error
        raise _unreadable(path, "a table", error) from error
    return _assemble(table, names, columns, options, path)


def _not_numeric(path: Path, name: str, found: str) -> LandmarksError:
    return LandmarksError(
        f"Expected numbers in column {name!r} of {path}, found {found}.",
        hint="drop columns that are no genes or samples, or tell genes apart with --gene-prefix.",
    )


def _assemble(
    table: pa.Table,
    names: list[str],
    columns: tuple[int, list[int], list[int]],
    options: ReadOptions,
    path: Path,
) -> RawTable:
    """Turn a table, whose columns go by position, into samples × genes."""
    ids_at, genes_at, annotation_at = columns
    ids = table.column(ids_at)
    if not (pa.types.is_string(kind := _value_type(ids)) or pa.types.is_large_string(kind)):
        raise LandmarksError(
            f"Expected ids as text in column {names[ids_at]!r} of {path}, found {kind}.",
            hint="put sample or gene ids first, as text, or name the column with --sample-column.",
        )
    rows = _strings(ids)
    prefix = len(options.gene_prefix)
    headings = np.asarray([names[index][prefix:] for index in genes_at], object)
    orientation = choose_orientation(options, names[ids_at], len(rows), len(headings), path)
    values = np.empty((len(rows), len(headings)), np.float32)
    for place, index in enumerate(genes_at):
        values[:, place] = _numbers(table.column(index), names[index], path)
    if orientation == "genes":
        # A view would keep genes first in memory, and every later pass over samples would stride.
        expression = Expression(headings, rows, np.ascontiguousarray(values.T))
        return RawTable(expression, pd.DataFrame({"sample_id": headings}))
    annotation = {names[index]: as_strings(table.column(index).to_pandas()) for index in annotation_at}
    annotation.pop("sample_id", None)
    return RawTable(Expression(rows, headings, values), pd.DataFrame({"sample_id": rows, **annotation}))


def _value_type(column: pa.ChunkedArray) -> pa.DataType:
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def _strings(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    return np.asarray([value or "" for value in column.to_pylist()], object)


def _numbers(column: pa.ChunkedArray, name: str, path: Path) -> npt.NDArray[np.float32]:
    kind = column.type
    numeric = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    if not (numeric or pa.types.is_null(kind)):
        raise _not_numeric(path, name, str(kind))
    # Unsafe only in that large whole numbers are rounded to the nearest float.
    return np.asarray(column.cast(pa.float32(), safe=False).to_numpy(), np.float32)


def choose_orientation(
    options: ReadOptions, heading: str, rows: int, columns: int, path: Path
) -> Literal["samples", "genes"]:
    """Tell what the rows of a table are, and log why.

    Parameters
    ----------
    options
        Its `orientation` decides unless it is ``auto``; a `gene_prefix` or `sample_column` means samples.
    heading
        Of the column of ids: ``sample_id`` and its like mean samples, ``probe`` or ``gene`` genes.
    rows, columns
        The shape without ids and annotation: more rows than columns mean genes.
    path
        The file, for messages.

    Raises
    ------
    LandmarksError
        If genes are said to be both in rows and in columns.
    """
    by_column = options.gene_prefix or options.sample_column
    if options.orientation == "genes" and by_column:
        raise LandmarksError(
            f"{path}: --orientation genes contradicts --gene-prefix and --sample-column.",
            hint="those mean samples in rows: leave one of them out, or use --orientation samples.",
        )
    word = re.sub(r"[^a-z]", "", heading.lower())
    reason = f"its first column is {heading!r}"
    chosen: Literal["samples", "genes"]
    if options.orientation != "auto":
        chosen, reason = options.orientation, "as asked"
    elif by_column or word in SAMPLE_HEADINGS:
        chosen = "samples"
    elif word in GENE_HEADINGS:
        chosen = "genes"
    else:
        chosen, reason = ("genes" if rows > columns else "samples"), "the longer side is taken for genes"
    logger.info("%s: %s rows, %s columns; rows are %s, %s.", path, f"{rows:,}", f"{columns:,}", chosen, reason)
    return chosen


def read_labels(path: Path) -> pd.DataFrame:
    """Read a small CSV, or TSV by its suffix, as strings; empty cells stay empty strings."""
    separator = "\t" if {".tsv", ".txt"} & set(path.suffixes) else ","
    try:
        return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise _unreadable(path, "a table of labels", error) from error
