"""Unpickling: frames come back equal, anything else is refused before it can run."""

import hashlib
import io
import os
import pickle
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmarks.errors import LandmarksError
from landmarks.unpickle import RENAMED, FrameUnpickler, read_frame_pickle


def dump(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def frame() -> pd.DataFrame:
    columns = {
        "id": pd.Series(["a", "b", None], dtype=object),
        "grade": pd.Categorical([1, 2, 1]),
        "age": np.array([50, 60, 70]),
        "num_HS_ESR1": np.array([0.5, -1.0, 2.0]),
    }
    made = pd.DataFrame(columns)
    made.columns = pd.Index(list(columns), dtype=object)
    return made


@pytest.mark.parametrize("protocol", [4, 5])
def test_a_frame_comes_back_equal(tmp_path: Path, frame: pd.DataFrame, protocol: int) -> None:
    path = tmp_path / "frame.pickle"
    digest = dump(path, pickle.dumps(frame, protocol=protocol))
    pd.testing.assert_frame_equal(read_frame_pickle(path, digest), frame)


def test_older_names_mean_the_same_objects() -> None:
    unpickler = FrameUnpickler(io.BytesIO(b""))
    assert unpickler.find_class("pandas.core.frame", "DataFrame") is pd.DataFrame
    assert unpickler.find_class("pandas.core.indexes.range", "RangeIndex") is pd.RangeIndex
    for older, newer in RENAMED.items():
        assert unpickler.find_class(*older) is unpickler.find_class(*newer)


def test_extension_strings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "frame.pickle"
    digest = dump(path, pickle.dumps(pd.DataFrame({"a": pd.array(["x"], dtype="string")})))
    with pytest.raises(LandmarksError, match=r"StringDtype|StringArray|pyarrow"):
        read_frame_pickle(path, digest)


def test_the_sum_is_checked_first(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "frame.pickle"
    digest = dump(path, pickle.dumps(frame))
    wrong = "0" * 64
    path.write_bytes(b"no pickle at all")
    with pytest.raises(LandmarksError, match=f"Expected the SHA-256 {wrong}"):
        read_frame_pickle(path, wrong)
    with pytest.raises(LandmarksError, match=f"Expected the SHA-256 {digest}"):
        read_frame_pickle(path, digest)


class Evil:
    """Runs a command when it is unpickled by ordinary means."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.marker}",)


def test_a_pickle_that_runs_a_command_is_refused(tmp_path: Path) -> None:
    path, marker = tmp_path / "evil.pickle", tmp_path / "ran"
    digest = dump(path, pickle.dumps(Evil(marker)))
    with pytest.raises(LandmarksError, match=r"asks for (posix|nt)\.system"):
        read_frame_pickle(path, digest)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("pandas", "read_pickle"),
        ("pandas", "eval"),
        ("pandas", "DataFrame.eval"),
        ("pandas.core.frame", "DataFrame.query"),
        ("numpy", "load"),
        ("numpy._core.multiarray", "fromfile"),
    ],
)
def test_neighbours_of_what_is_allowed_are_refused(tmp_path: Path, module: str, name: str) -> None:
    path = tmp_path / "evil.pickle"
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    digest = dump(path, b"\x80\x04" + texts + b"\x93.")  # PROTO 4, two strings, STACK_GLOBAL, STOP
    with pytest.raises(LandmarksError, match=re.escape(f"asks for {module}.{name}.")):
        read_frame_pickle(path, digest)


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([1.0, 2.0])[:-3]])
def test_a_damaged_pickle_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "frame.pickle"
    with pytest.raises(LandmarksError, match="not readable"):
        read_frame_pickle(path, dump(path, content))


def test_what_is_no_frame_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.pickle"
    with pytest.raises(LandmarksError, match="found list"):
        read_frame_pickle(path, dump(path, pickle.dumps([1, 2])))
