"""Matrices read in parts hold the same as those in memory, for any bound of the memory."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reader_data import read_table, read_values

from landmarks import writing as module
from landmarks.errors import LandmarksError
from landmarks.expression import read_expression
from landmarks.matrices import InMemory, Room, iterate_blocks
from landmarks.readers import matrices, open_tables, tables
from landmarks.readers.base import RawTable, ReadOptions, make_table
from landmarks.readers.joined import select_genes
from landmarks.readers.scale import Scale, to_log2
from landmarks.readers.survey import JUDGED_SAMPLES, UpperTail, check_matrix
from landmarks.writing import write_expression_blocks

Values = npt.NDArray[np.float32]
NUMBERS = st.floats(0, 1e6, width=32)


def write_as(values: Values, folder: Path) -> Iterator[Path]:
    """Write a matrix in every format, and orientation, that is read in parts."""
    samples, genes = (
        [f"{kind}{number}" for number in range(size)] for kind, size in zip("sg", values.shape, strict=True)
    )
    frame = pd.DataFrame(values, samples, genes)
    frame.to_csv(folder / "samples.csv", index_label="sample")
    frame.T.to_csv(folder / "genes.tsv", index_label="gene", sep="\t")
    for name, table in (("samples", frame.rename_axis("sample")), ("genes", frame.T.rename_axis("gene"))):
        pq.write_table(pa.Table.from_pandas(table.reset_index()), folder / f"{name}.parquet", row_group_size=2)
    with h5py.File(folder / "a.gctx", "w") as file:
        file.create_dataset("0/DATA/0/matrix", data=values, chunks=(2, 2))
        file["0/META/ROW/id"], file["0/META/COL/id"] = genes, samples
    yield from (folder / name for name in ("samples.csv", "genes.tsv", "samples.parquet", "genes.parquet", "a.gctx"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=arrays(np.float32, st.tuples(st.integers(2, 7), st.integers(2, 5)), elements=NUMBERS),
    memory_mb=st.sampled_from([1e-6, 1e-4, 3e-4, 1e-3, 100]),
)
def test_every_format_for_any_memory(tmp_path: Path, values: Values, memory_mb: float) -> None:
    for path in write_as(values, tmp_path):
        np.testing.assert_array_equal(read_table(path, memory_mb=memory_mb).expression.values, values, str(path))


def test_few_columns_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (matrices, tables):
        monkeypatch.setattr(place, "DECODED", 2)
    values = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    for path in write_as(values, tmp_path):
        np.testing.assert_array_equal(read_table(path).expression.values, values, str(path))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 5)), elements=NUMBERS),
    sizes=st.lists(st.integers(1, 4), min_size=9, max_size=9),
    memory_mb=st.sampled_from([1e-9, 1e-4, 1e-2, np.inf]),
    limit=st.integers(1, 10),
)
def test_what_is_written_block_by_block(
    tmp_path: Path, values: Values, sizes: list[int], memory_mb: float, limit: int
) -> None:
    file, ids = tmp_path / "e.parquet", np.array([f"s{number}" for number in range(len(values))], object)
    blocks = np.split(values, [cut for cut in np.cumsum(sizes) if cut < len(values)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROW_GROUP", limit)
        write_expression_blocks(file, ids, np.array(list("ABCDE")[: values.shape[1]], object), blocks, memory_mb)
    read = read_expression(file)
    np.testing.assert_array_equal(read.values, values)
    assert read.sample_ids.tolist() == ids.tolist()
    metadata = pq.read_metadata(file)
    assert max(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)) <= limit


def test_more_samples_than_ids_are_refused(tmp_path: Path) -> None:
    values, ids = np.zeros((3, 1), np.float32), np.array(["s0", "s1"], object)
    with pytest.raises(ValueError, match="more samples than their 2 ids"):
        write_expression_blocks(tmp_path / "e.parquet", ids, np.array(["A"], object), [values[:1], values])
    assert not list(tmp_path.iterdir())


def test_row_groups_are_those_that_need_the_least() -> None:
    def needs(rows: int) -> float:
        return 4 * 22_268 * rows + module.DESCRIPTION * 22_268 * 129_158 / rows

    rows = module._size_row_group(129_158, 22_268, 1)
    assert needs(rows) <= min(needs(rows - 50), needs(rows + 50))
    assert module._size_row_group(129_158, 22_268, 2_000) == module.ROW_GROUP
    between = module._size_row_group(129_158, 22_268, 1_010)
    assert rows < between < module.ROW_GROUP and needs(between) <= 1_010e6 < needs(between + 1)


@settings(max_examples=50, deadline=None)
@given(
    values=arrays(np.float32, st.integers(2, 400), elements=st.floats(-1e3, 1e6, width=32)),
    parts=st.integers(1, 5),
)
def test_the_percentile_of_parts_is_that_of_all(values: Values, parts: int) -> None:
    tail = UpperTail(len(values))
    for part in np.array_split(values, parts):
        tail.add(part)
    np.testing.assert_allclose(tail.percentile(), np.percentile(values.astype(float), 99), rtol=1e-12)


def table_of(values: npt.ArrayLike) -> RawTable:
    array = np.asarray(values, np.float32)
    samples, genes = ([f"{kind}{number}" for number in range(n)] for kind, n in zip("sg", array.shape, strict=True))
    return make_table(samples, genes, InMemory(array))


def scaled(table: RawTable, scale: Scale, memory_mb: float) -> Values:
    return read_values(to_log2(table, scale, check_matrix(table, Path("a"), memory_mb)), memory_mb)


@pytest.mark.parametrize("memory_mb", [1e-6, 1])
def test_counts_by_hand(memory_mb: float) -> None:
    table = table_of([[1, 3, 0], [0, 0, 8], [5, 10, 5]])
    million = np.array([[250_000, 750_000, 0], [0, 0, 1e6], [250_000, 500_000, 250_000]])
    np.testing.assert_allclose(scaled(table, "counts", memory_mb), np.log2(million + 1), rtol=1e-6)
    # The total is over all genes of the file, also of those that are then left out.
    chosen = select_genes(to_log2(table, "counts", check_matrix(table, Path("a"), 1)), np.array(["g2", "g0"], object))
    expected = np.log2(million + 1)[:, [2, 0]]
    np.testing.assert_allclose(read_values(chosen, memory_mb), expected, rtol=1e-6)
    assert table.matrix.read(0, 1).tolist() == [[1, 3, 0]]  # what is in memory is not changed


@pytest.mark.parametrize(
    ("values", "scale", "message"),
    [
        ([[1, 2], [0, 0], [3, 4]], "counts", "counts above 0 in every sample, found none in 1: s1"),
        ([[1, 2], [0, -1], [3, 4]], "counts", "counts of 0 or more, found -1 .*1 genes: g1"),
        ([[1, 2], [0, -1], [3, 4]], "linear", "linear values of 0 or more, found -1 .*1 genes: g1"),
    ],
)
def test_counts_that_are_none(values: list[list[float]], scale: Scale, message: str) -> None:
    with pytest.raises(LandmarksError, match=rf"{message}[\s\S]*\nHint: "):
        scaled(table_of(values), scale, 1e-6)


def test_what_is_missing_is_counted_over_all_blocks() -> None:
    values = np.ones((5, 3), np.float32)
    values[0, 0], values[3, 0], values[4, 2] = np.nan, np.inf, np.nan
    with pytest.raises(LandmarksError, match=r"found 3 missing .*2 genes \(g0, g2\), 3 samples \(s0, s3, s4\)"):
        check_matrix(table_of(values), Path("a"), 1e-6)


def test_the_scale_is_judged_by_evenly_spaced_samples(caplog: pytest.LogCaptureFixture) -> None:
    values = np.ones((3 * JUDGED_SAMPLES, 2), np.float32)
    judged = np.linspace(0, len(values) - 1, JUDGED_SAMPLES).astype(int)
    others = np.setdiff1d(np.arange(len(values)), judged)
    values[others] = 1e4
    with caplog.at_level("INFO", "landmarks"):
        scaled(table_of(values), "auto", 1e-3)
    assert "minimum 1, 99th percentile 1: taken as log2" in caplog.text


@pytest.mark.parametrize("memory_mb", [1e-6, 100])
def test_files_of_several_formats_are_joined(tmp_path: Path, memory_mb: float) -> None:
    (tmp_path / "one.csv").write_text("gene,s1,s2\ng0,0,1\ng1,3,1023\ng2,9,9\n")
    with h5py.File(tmp_path / "two.gctx", "w") as file:
        file["0/DATA/0/matrix"] = [[5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]
        file["0/META/ROW/id"], file["0/META/COL/id"] = ["g1", "g0"], ["t1", "t2", "t3"]
        file["0/META/COL/dose"] = [1, 2, 3]
    with ExitStack() as closing:
        room = Room(tmp_path, memory_mb, closing)
        paths = [tmp_path / "one.csv", tmp_path / "two.gctx"]
        table = open_tables(paths, "auto", ReadOptions(), "auto", room)
        assert table.gene_ids.tolist() == ["g0", "g1"]
        np.testing.assert_allclose(read_values(table, memory_mb), [[0, 2], [1, 10], [6, 5], [8, 7], [10, 9]])
        sizes = [len(values) for _, values in iterate_blocks(table.matrix, memory_mb)]
        assert sizes == ([1] * 5 if memory_mb < 1 else [5])
    assert table.samples["file"].tolist() == ["one", "one", "two", "two", "two"]
    assert table.samples["dose"].tolist() == ["", "", "1", "2", "3"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv", "two.gctx"]
