"""Every file of a run is in the list of files, and holds the columns that the list says."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import REPO, Workflow

from landmarks.errors import LandmarksError
from landmarks.file_reference import Column, FileKind, find_kind, parse_reference

REFERENCE = parse_reference(yaml.safe_load((REPO / "workflow/schemas/files.yaml").read_text(encoding="utf-8")))
TYPES = {"string": "text", "float": "float32", "double": "float64"}
NOT_MADE = {
    # Without labelled datasets that are clustered, and without `average_by`.
    "encoded/<dataset>/matched.parquet",
    "averaged/expression.parquet",
    "averaged/genes.parquet",
    "gene_panels/<selector>/k<k>/seed<seed>.parquet",
    # Gone when the run ends.
    "checkpoints/",
}
"""Paths of the list that the tiny config has no files for; for those of the arena see test_arena_run.py."""


def list_files(results: Path) -> list[str]:
    """Return the files of a run, relative to its results, but for those that are gone when it ends."""
    paths = (file.relative_to(results) for file in results.rglob("*") if file.is_file())
    return sorted(path.as_posix() for path in paths if path.parts[0] not in ("checkpoints", ".snakemake"))


def list_not_made(results: Path) -> set[str]:
    """Return the paths of the list that no file of a run has."""
    files = list_files(results)
    patterns = [pattern for kind in REFERENCE.kinds for pattern in kind.patterns.items()]
    return {name for name, pattern in patterns if not any(map(pattern.fullmatch, files))}


def list_faults(results: Path) -> list[str]:
    """Return what is not as the list says: files that it lacks or has twice, and columns."""
    faults = []
    for path in list_files(results):
        try:
            kind = find_kind(REFERENCE, path)
        except LandmarksError as error:
            faults.append(str(error))
            continue
        if kind.columns:
            faults += [f"{path}: {fault}" for fault in compare_columns(results / path, kind)]
    return faults


def compare_columns(file: Path, kind: FileKind) -> list[str]:
    """Return where a file's columns are not those of its kind, in order and with their types."""
    schema = pq.read_schema(file)
    expected = list(kind.columns)
    if expected[-1].repeats:
        last = expected.pop()
        expected += [Column(name, last.type, "") for name in schema.names[len(expected) :]]
    names = [column.name for column in expected]
    if schema.names != names:
        return [f"expected the columns {names}, found {schema.names}"]
    faults = ["it stores an index"] if schema.pandas_metadata else []
    for column, found in zip(expected, map(name_type, schema.types), strict=True):
        if found not in column.type.split(" or ") and has_values(file, column.name):
            faults.append(f"expected {column.name} to be {column.type}, found {found}")
    return faults


def name_type(kind: Any) -> str:
    """Return the name of a Parquet type as the list has it."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list of {name_type(kind.value_type)}"
    name = str(kind).removeprefix("large_")
    return TYPES.get(name, name)


def has_values(file: Path, name: str) -> bool:
    """Tell whether any row has a value; without one, Parquet may have any type."""
    column = pq.read_table(file, columns=[name]).column(0)
    return bool(column.null_count < len(column))


@pytest.mark.slow
def test_files_hold_what_the_list_says(finished: Workflow) -> None:
    assert list_faults(finished.results) == []


@pytest.mark.slow
def test_every_kind_of_file_is_made(finished: Workflow) -> None:
    assert {name for name in list_not_made(finished.results) if not name.startswith("arena")} == NOT_MADE


def test_wrong_columns_are_found(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    right = pa.table({"sample_id": ["a"], "group": ["b"], "part": ["train"]})
    wrong = {
        "expected the columns": [
            right.drop(["part"]),
            right.append_column("more", pa.array([1])),
            right.select(["group", "sample_id", "part"]),
        ],
        "expected group to be text, found int64": [right.set_column(1, "group", pa.array([1]))],
        "it stores an index": [pa.Table.from_pandas(right.to_pandas())],
    }
    for fault, tables in wrong.items():
        for table in tables:
            pq.write_table(table, file)
            (found,) = compare_columns(file, find_kind(REFERENCE, "split.parquet"))
            assert found.startswith(fault)


def test_a_column_without_values_has_any_type(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    right = pa.table({"sample_id": ["a"], "group": ["b"], "part": ["train"]})
    for table in (right, right.set_column(1, "group", pa.nulls(1)), right.slice(0, 0)):
        pq.write_table(table, file)
        assert compare_columns(file, find_kind(REFERENCE, "split.parquet")) == []


def test_every_further_column_is_of_the_same_type(tmp_path: Path) -> None:
    file = tmp_path / "expression.parquet"
    for second, right in ((pa.float32(), True), (pa.float64(), False)):
        genes = {"G1": pa.array([1.0], pa.float32()), "G2": pa.array([1.0], second)}
        pq.write_table(pa.table({"sample_id": ["a"], **genes}), file)
        assert (compare_columns(file, find_kind(REFERENCE, "prepared/main.parquet")) == []) is right
