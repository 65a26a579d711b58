"""Tables with samples or genes in rows: CSV, TSV and Parquet."""

import logging
import re
from itertools import pairwise
from pathlib import Path
from typing import Literal

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
from landmarks.readers.text import open_text, read_heading, stage_rows

logger = logging.getLogger("landmarks")

SAMPLE_HEADINGS = {"sample", "samples", "sampleid", "samplename", "patient", "patientid", "pid", "barcode"}
SAMPLE_HEADINGS |= {"cell", "cellid", "donor", "donorid", "subject", "subjectid", "geoaccession"}
GENE_HEADINGS = {"gene", "genes", "geneid", "genename", "genesymbol", "symbol", "hgncsymbol", "idref"}
GENE_HEADINGS |= {"probe", "probeid", "probeset", "probesetid", "ensembl", "ensemblid", "ensemblgeneid"}
GENE_HEADINGS |= {"entrez", "entrezid", "entrezgeneid", "feature", "featureid"}


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
    refuse_numbers(names[1:], path)
    ids_at, values_at, annotation_at = split_columns(names, options, path)
    rows = stage_rows(stream, names, values_at, path, room, delimiter=delimiter)
    ids, values = rows.texts[ids_at], rows.numbers
    headings = _headings(names, values_at, options)
    if choose_orientation(options, names[ids_at], len(ids), len(headings), path) == "genes":
        turned = Staged(values.file, values.rows, values.columns, transposed=True)
        return make_table(headings, ids, turned, rows="genes")
    return make_table(
        ids, headings, values, {names[index]: rows.texts[index] for index in annotation_at}, rows="samples"
    )


def refuse_numbers(headings: list[str], path: Path) -> None:
    """Refuse headings of which all are numbers and some have a decimal point: the first row is no heading.

    Whole numbers may be Entrez ids.

    Raises
    ------
    LandmarksError
        It shows the first of them.
    """
    try:
        decimal = [float(heading) for heading in headings] and any("." in heading for heading in headings)
    except ValueError:
        return
    if decimal:
        raise LandmarksError(
            f"Expected the names of genes or samples in the first row of {path}, found numbers: {name_some(headings)}.",
            hint="put a row of names first.",
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
    if choose_orientation(options, names[ids_at], len(ids), len(headings), path) == "genes":
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
        raise unreadable(path, "a table of labels", error) from error
