"""Expression files: what is written is read, by gene and sample, and faults are named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from landmarks import writing as module
from landmarks.errors import LandmarksError
from landmarks.expression import Expression, iterate_rows, read_expression, read_gene_ids, read_sample_ids
from landmarks.files import write_frame
from landmarks.writing import write_expression

DATA = Expression(
    np.array(["s1", "s2", "s3"], object),
    np.array(["ESR1", "FOXA1"], object),
    np.array([[1, 2], [3, np.nan], [5, 6]], np.float32),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_expression(tmp_path / "e.parquet", DATA)
    return tmp_path / "e.parquet"


def test_rows_and_columns_come_in_the_order_asked_for() -> None:
    np.testing.assert_array_equal(DATA.rows(["s3", "s1"]), [[5, 6], [1, 2]])
    np.testing.assert_array_equal(DATA.columns(["FOXA1", "ESR1"])[0], [2, 1])


def test_unknown_ids_are_counted_and_named() -> None:
    with pytest.raises(LandmarksError, match=r"2 of 3 sample ids are not in the expression matrix: x, y\.\nHint: "):
        DATA.rows(["s1", "x", "y"])
    with pytest.raises(LandmarksError, match=r"1 of 1 gene ids are not in the expression matrix: KRT5\.\nHint: "):
        DATA.columns(["KRT5"])


def test_round_trip(path: Path) -> None:
    read = read_expression(path)
    assert read.sample_ids.tolist() == ["s1", "s2", "s3"]
    assert read.gene_ids.tolist() == ["ESR1", "FOXA1"]
    assert read.values.dtype == np.float32
    assert read.values.flags.c_contiguous
    np.testing.assert_array_equal(read.values, DATA.values)


def test_the_file_is_as_the_contract_says(path: Path) -> None:
    schema = pq.read_schema(path)
    assert schema.names == ["sample_id", "ESR1", "FOXA1"]
    assert [str(kind) for kind in schema.types] == ["string", "float", "float"]
    assert not schema.metadata


def test_chosen_genes_in_the_order_asked_for(path: Path) -> None:
    read = read_expression(path, ["FOXA1"])
    assert read.gene_ids.tolist() == ["FOXA1"]
    np.testing.assert_array_equal(read.values[[0, 2]], [[2], [6]])
    assert read_expression(path, ["FOXA1", "ESR1"]).values[0].tolist() == [2, 1]


def test_many_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 2)
    write_expression(tmp_path / "e.parquet", DATA)
    assert pq.ParquetFile(tmp_path / "e.parquet").num_row_groups == 2
    np.testing.assert_array_equal(read_expression(tmp_path / "e.parquet").values, DATA.values)


def test_same_data_same_bytes(path: Path) -> None:
    write_expression(path.with_name("again"), read_expression(path))
    assert path.with_name("again").read_bytes() == path.read_bytes()


def test_an_unknown_gene_is_named(path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"1 of 2 gene ids are not in the expression matrix: KRT5"):
        read_expression(path, ["ESR1", "KRT5"])


def test_missing_and_truncated_files(path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"expression file in Parquet at .*none\.parquet[\s\S]*\nHint: "):
        read_expression(path.with_name("none.parquet"))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(LandmarksError, match=r"expression file in Parquet at .*e\.parquet[\s\S]*\nHint: "):
        read_expression(path)


def test_damaged_pages(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    values = np.random.default_rng(0).normal(size=(2_000, 1)).astype(np.float32)
    ids = np.array([f"s{index}" for index in range(2_000)], object)
    write_expression(path, Expression(ids, DATA.gene_ids[:1], values))
    content = bytearray(path.read_bytes())
    content[100:-1_000] = bytes(len(content) - 1_100)
    path.write_bytes(content)
    with pytest.raises(LandmarksError, match=r"e\.parquet[\s\S]*\nHint: "):
        read_expression(path)


def test_another_table_is_refused(tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"gene_id": ["A"], "mae": [0.5]}), tmp_path / "genes.parquet")
    with pytest.raises(LandmarksError, match=r"`sample_id` as the first column of .*genes\.parquet, found gene_id"):
        read_expression(tmp_path / "genes.parquet")


def test_a_failing_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(OSError, match="no space"):
        write_expression(path, Expression(DATA.sample_ids[:1], DATA.gene_ids, DATA.values[:1]))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("memory_mb", [1e-6, 1e-3, 100])
@pytest.mark.parametrize("batch", [1, 4, 7, 100])
def test_rows_batch_by_batch(tmp_path: Path, batch: int, memory_mb: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 10)
    monkeypatch.setattr("landmarks.expression.DECODED", 2)
    values = np.random.default_rng(0).normal(size=(33, 5)).astype(np.float32)
    ids = np.array([f"s{row}" for row in range(33)], object)
    file = tmp_path / "e.parquet"
    write_expression(file, Expression(ids, np.array(list("ABCDE"), object), values))
    positions = np.array([0, 3, 4, 9, 10, 11, 12, 13, 19, 31, 32])
    batches = list(iterate_rows(file, positions, batch, memory_mb))
    assert [len(part) for part in batches[:-1]] == [batch] * (len(batches) - 1)
    assert 0 < len(batches[-1]) <= batch
    np.testing.assert_array_equal(np.concatenate(batches), values[positions])


def test_ids_alone(tmp_path: Path) -> None:
    file = tmp_path / "e.parquet"
    values = np.ones((2, 1), np.float32)
    write_expression(file, Expression(np.array(["x", "y"], object), np.array(["A"], object), values))
    assert read_gene_ids(file) == ["A"]
    assert read_sample_ids(file).tolist() == ["x", "y"]


def test_a_truncated_file_is_named_while_rows_are_read(tmp_path: Path) -> None:
    file = tmp_path / "e.parquet"
    write_expression(file, Expression(np.array(["x"], object), np.array(["A"], object), np.ones((1, 1), np.float32)))
    content = file.read_bytes()
    # The footer stays whole: the damage shows only when values are decoded.
    file.write_bytes(content[:4] + bytes(40) + content[44:])
    with pytest.raises(LandmarksError, match=r"e\.parquet is damaged"):
        list(iterate_rows(file, np.array([0]), 1, 1))
