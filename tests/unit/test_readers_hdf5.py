"""Faults of GCTX and AnnData files are named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from reader_data import read_table

from landmarks.errors import LandmarksError
from landmarks.readers import hdf5

VALUES = np.arange(12, dtype=np.float32).reshape(4, 3) ** 2


def write_gctx(path: Path, change: Callable[[Any], object] = lambda file: None) -> Path:
    with h5py.File(path, "w") as file:
        file["0/DATA/0/matrix"] = VALUES
        file["0/META/ROW/id"], file["0/META/COL/id"] = ["a", "b", "c"], ["s", "t", "u", "v"]
        change(file)
    return path


def put(name: str, value: object) -> Callable[[Any], object]:
    """Return a change of a file: a dataset replaced, or removed where there is no value."""

    def change(file: Any) -> None:
        del file[name]
        if value is not None:
            file[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("0", None), "Expected 0/META/ROW in / of .*found nothing"),
        (put("0/META/ROW/id", None), "Expected id in /0/META/ROW"),
        (put("0/DATA/0/matrix", None), "Expected 0/DATA/0/matrix"),
        (put("0/META/ROW/id", ["a", "b"]), "a matrix of 4 × 2 .*found 4 × 3"),
        (put("0/META/COL/id", ["s", "t", "u", "u"]), "every sample id once.*u"),
        (put("0/META/ROW/id", ["a", "", "c"]), "none for gene number 2"),
        (put("0/DATA/0/matrix", np.where(VALUES == 4, np.nan, VALUES)), r"1 missing .*genes \(c\).*samples \(s\)"),
        (put("0/DATA/0/matrix", VALUES.astype(float) * 1e38), "infinite"),
        (put("0/DATA/0/matrix", VALUES.astype("S3")), "numbers in column '/0/DATA/0/matrix'"),
    ],
)
def test_faults_of_gctx(tmp_path: Path, change: Callable[[Any], object], message: str) -> None:
    with pytest.raises(LandmarksError, match=f"(?s){message}"):
        read_table(write_gctx(tmp_path / "a.gctx", change))


def test_files_that_are_no_hdf5_or_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.gctx"
    for content in (b"", b"gene,s1,s2\n", write_gctx(path).read_bytes()[:3000]):
        path.write_bytes(content)
        with pytest.raises(LandmarksError, match=r"a\.gctx is not readable as HDF5"):
            read_table(path)


def test_damage_that_shows_while_values_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gctx"
    with h5py.File(path, "w") as file:
        values = np.random.default_rng(0).normal(size=(90, 90))
        data = file.create_dataset("0/DATA/0/matrix", data=values, compression="gzip", chunks=(90, 90))
        file["0/META/ROW/id"] = file["0/META/COL/id"] = [f"i{number}" for number in range(90)]
        place = data.id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[place.byte_offset + 100 : place.byte_offset + 200] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(LandmarksError, match=r"a\.gctx is not readable as HDF5"):
        read_table(path)


def test_metadata_of_another_length_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read = read_table(write_gctx(tmp_path / "a.gctx", lambda file: file.create_dataset("0/META/COL/dose", data=[1, 2])))
    assert list(read.samples) == ["sample_id"]
    assert "dose has 2 values for 4 ids" in caplog.text


def write_h5ad(path: Path, change: Callable[[Any], object] = lambda file: None) -> Path:
    with h5py.File(path, "w") as file:
        x = file.create_group("X")
        x.attrs["encoding-type"], x.attrs["shape"] = "csr_matrix", (3, 2)
        x["data"], x["indices"], x["indptr"] = [1.0, 2.0, 3.0], [0, 1, 0], [0, 1, 2, 3]
        for name, ids in (("obs", ["s", "t", "u"]), ("var", ["a", "b"])):
            file[f"{name}/_index"] = ids
            file[name].attrs["_index"] = "_index"
        change(file)
    return path


def test_rows_are_observations(tmp_path: Path) -> None:
    path = write_h5ad(tmp_path / "a.h5ad")
    np.testing.assert_array_equal(read_table(path).expression.values, [[1, 0], [0, 2], [3, 0]])
    with pytest.raises(LandmarksError, match="Expected samples in the rows"):
        read_table(path, orientation="genes")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("X", None), "Expected X in /"),
        (put("var", None), "Expected var in /"),
        (put("obs/_index", ["s", "t"]), r"X of 2 × 2 .*found 3 × 2"),
        (put("X", np.ones((3, 3))), r"X of 3 × 2 .*found 3 × 3"),
        (put("X/indices", [0, 2, 0]), "positions below 2"),
        (put("X/indices", [0, 1]), "positions below 2"),
        (put("X/indptr", [0, 2, 1, 3]), "4 ascending positions"),
        (lambda file: file["X"].attrs.__setitem__("encoding-type", "coo"), "found 'coo'"),
    ],
)
def test_faults_of_h5ad(tmp_path: Path, change: Callable[[Any], object], message: str) -> None:
    with pytest.raises(LandmarksError, match=f"(?s){message}"):
        read_table(write_h5ad(tmp_path / "a.h5ad", change))


def test_text_that_is_never_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As HDF5 itself does on a damaged heap of texts: it neither returns nor lets Python's handlers of signals run.
    def never(name: str, found: object) -> None:
        while True:
            pass

    with h5py.File(tmp_path / "x.gctx", "w") as file:
        file["0/META/COL/id"] = ["s1", "s2"]
    monkeypatch.setattr(hdf5, "_read_text", never)
    monkeypatch.setattr(hdf5, "LEAST_S", 1)
    with pytest.raises(LandmarksError, match=r"x\.gctx is not readable as HDF5: its text cannot be read in 1 s"):
        read_table(tmp_path / "x.gctx")
