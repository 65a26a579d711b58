"""Tensors in Parquet: what is written is read, and faults are named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from landmarks.errors import LandmarksError
from landmarks.files import write_frame
from landmarks.parameters import Parameters, read_parameters, write_parameters

TENSORS: Parameters = {
    "encoder.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "encoder.0.bias": np.array([0.1, -1e-30], np.float32),
    "alone": np.array(2.5, np.float32),
    "empty": np.empty((0, 4), np.float32),
}


def test_round_trip_keeps_order_shapes_and_bits(tmp_path: Path) -> None:
    write_parameters(tmp_path / "p.parquet", TENSORS)
    read = read_parameters(tmp_path / "p.parquet")
    assert list(read) == list(TENSORS)
    for name, tensor in TENSORS.items():
        assert read[name].dtype == np.float32
        assert read[name].shape == tensor.shape
        np.testing.assert_array_equal(read[name], tensor)


def test_transposed_tensors_are_written_as_they_are_indexed(tmp_path: Path) -> None:
    write_parameters(tmp_path / "p.parquet", {"t": TENSORS["encoder.0.weight"].T})
    np.testing.assert_array_equal(read_parameters(tmp_path / "p.parquet")["t"], [[0, 3], [1, 4], [2, 5]])


def test_a_row_and_a_row_group_a_tensor(tmp_path: Path) -> None:
    write_parameters(tmp_path / "p.parquet", TENSORS)
    file = pq.ParquetFile(tmp_path / "p.parquet")
    assert file.schema_arrow.names == ["name", "shape", "values"]
    assert file.num_row_groups == file.metadata.num_rows == len(TENSORS)


def test_same_parameters_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parameters(tmp_path / name, TENSORS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    write_parameters(path, TENSORS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LandmarksError, match=r"p\.parquet is not readable as Parquet[\s\S]*Hint:"):
        read_parameters(path)


def test_missing_columns(tmp_path: Path) -> None:
    write_frame(pd.DataFrame({"name": ["a"]}), tmp_path / "p.parquet")
    with pytest.raises(LandmarksError, match=r"columns shape, values in .*p\.parquet, found name[\s\S]*Hint:"):
        read_parameters(tmp_path / "p.parquet")


def test_a_failing_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.parquet"
    write_parameters(path, TENSORS)
    before = path.read_bytes()

    def fail(writer: object, table: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(OSError, match="no space"):
        write_parameters(path, {"other": np.zeros(3, np.float32)})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
