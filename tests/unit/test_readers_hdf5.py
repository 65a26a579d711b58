"""Faults of GCTX and AnnData files are named."""

import base64
import gzip
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from reader_data import read_table

from landmarks.errors import LandmarksError
from landmarks.readers import gctx, hdf5

DAMAGED = """
H4sIAAAAAAACA+1aTUwTQRSe3f4tLZSSkFBA+dGIKH8KaAg/HRGqJRJp1ANGE1poY9fEgm1DqhjxYGLhpDc8mHAkHrh48cjBRMPVxGg4iCc9eC
DxQLyA2+5Mu/NoaS0JgTLf5eO9mZ2Zffv2dd97zLkGr5SYq8woDklCemRDWmwTLLWxMh33EBYIxwgviVQvJMbsRF9G1ofzbt1wOuOztwHoPusG
le2I4yjC5ex3x3mUyHWEP4nsPDo+OR5O8LQ3xPhn13/uKyhvhNZ/bcR/G02q/B7l5r+2Su6/3H93+m/MwM7zeSPeOMtBnzzhD8d5KhLK339vXh
8ZFJAOSXRfHRuvXUQOGKh/q4geY+ctEnmlhvXjhVp23uhZcn1zYT0/+rsF7VWMXOT+rahcsbI/ODHpk4P3WiKPpvyKvlIQElfakjaSGHuZU6qE
LrWeUfnbjsIBb2Idm0SnXVLHBXUFGv4oGwkbcryvqwMjw4LmwTPnUjARDo098EZCchSl3U/2qawD+nCHynqo72TPl9RfYM+f1LerbIL680hjTY
3+nMpFGc5pBt8rg4QtQO9E9Pmy+gHCJUB/mbAV6PuBvResPBZycHBwcHBw7Bnz3AQcHAWCP9wEHPsHQcnEBU3CKpDKDq0vkHJPknXKeHykrK6W
5PZ1qEJCFbPJuoOUGBdFUVDzc3U9nUBLXlFwgtiBsgesl2Ur2NJ62WjV7vPIMpuBau5X6f3KlpgK61yZ/SlK/GkD7PzyUNqD1rdMedsjUK9e2X
VI7KFL21fpIvVkD9Fn7aucUVnasUMrD+5HALCvQuPxeg07j9Z/k32PPe5L+wGwL1JM6/PKmxzvB4zJQZ8/mr0PIGqcWNzl/dhoZt+PveJ36Un8
pH7esfb5dN+m70Xv43Y3vv1WxjPD1XhopRuLTRb8yzOJP665sRzt6Pn29A42vSrqe7fajcu+dziu/b2LO9+Y8Zfwa8f0/a+Opa2fvT2xrT7Lch
O+uHwK/5g7jscffnA0DM1io30GL8+24WfPG3AqDmjuH6X6CPod8aIw5tG+B+1DlBIuJ1wJfhe1fiEB2QRkI5B1QNYD2UDPTWQrkEuAXAxkM5At
PBxxcHBwFEyeRvvxRpD/Z/qeSeUnCOQni/Xpv1wOYv4vpPKJRu4j+SBb3uZpzZS3cRzlvG2heX/yNvh/ahnztnDueVtRDvHUAPKA/OMpOqGu4D
5U8dTdwn0/H/wDRsv1OagvAAA=
"""
"""An AnnData file found by tests/fuzz, compressed."""

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


def in_place_of(name: str) -> Callable[[Any], object]:
    """Return a change of a file: a group where a dataset should be."""

    def change(file: Any) -> None:
        del file[name]
        file.create_group(name)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("0", None), "Expected 0/META/ROW in / of .*found nothing"),
        (put("0/META/ROW/id", None), "Expected id in /0/META/ROW"),
        (put("0/DATA/0/matrix", None), "Expected 0/DATA/0/matrix"),
        (in_place_of("0/DATA/0/matrix"), "holds no values"),
        (in_place_of("0/META/ROW/id"), "not readable as HDF5"),
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


def never(file: object, path: Path) -> None:
    """Neither return nor let Python's handlers of signals run, as HDF5 does on a damaged heap of texts."""
    while True:
        pass


def crash(file: object, path: Path) -> None:
    """End the process, as HDF5 does on some damaged attributes."""
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize(("describe", "ended"), [(never, "SIGKILL"), (crash, "SIGSEGV")])
def test_what_ends_the_process_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, describe: Callable[[object, Path], None], ended: str
) -> None:
    with h5py.File(tmp_path / "x.gctx", "w") as file:
        file["0/META/COL/id"] = ["s1", "s2"]
    monkeypatch.setattr(gctx, "_describe", describe)
    monkeypatch.setattr(hdf5, "LEAST_S", 1)
    message = rf"x\.gctx is not readable as HDF5: its ids and annotation cannot be read in 1 s \({ended}\)"
    with pytest.raises(LandmarksError, match=message):
        read_table(tmp_path / "x.gctx")


def test_of_a_file_that_ends_the_process_only_an_error_is_left(tmp_path: Path) -> None:
    # A damaged AnnData file on which HDF5 2.0 reads no attribute of var, but ends.
    damaged = tmp_path / "x.h5ad"
    damaged.write_bytes(gzip.decompress(base64.b64decode(DAMAGED)))
    with pytest.raises(LandmarksError, match=r"x\.h5ad is not readable as HDF5"):
        read_table(damaged)
