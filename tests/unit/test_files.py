"""Files are whole or not there, and a broken one is named."""

from pathlib import Path

import pandas as pd
import pytest

from landmarks.errors import LandmarksError, name_some
from landmarks.files import read_frame, replacing, write_frame

FRAME = pd.DataFrame({"gene_id": ["A", "B", "C"], "mae": [0.5, 0.25, 1.0], "rank": [1, 2, 3]}, index=[7, 8, 9])


def test_replacing_writes_whole_files_and_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "a.txt"
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == ".txt"
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_write_that_stops_midway_leaves_the_old_file(tmp_path: Path, stop: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(stop), replacing(path) as temporary:
        temporary.write_text("ne")
        raise stop
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_stops_midway_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("ne")
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_frames_come_back_without_their_index(tmp_path: Path) -> None:
    write_frame(FRAME, tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "a.parquet"), FRAME.reset_index(drop=True))


def test_wanted_columns_in_the_wanted_order(tmp_path: Path) -> None:
    write_frame(FRAME, tmp_path / "a.parquet")
    assert list(read_frame(tmp_path / "a.parquet", ["rank", "gene_id"]).columns) == ["rank", "gene_id"]


def test_same_frame_same_bytes(tmp_path: Path) -> None:
    write_frame(FRAME, tmp_path / "a.parquet")
    write_frame(FRAME.reset_index(drop=True), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_frame_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_frame(FRAME, path)
    before = path.read_bytes()
    with pytest.raises(Exception, match=r"a_column"):
        write_frame(pd.DataFrame({"a_column": [1, "text", object()]}), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"Parquet file at .*nowhere\.parquet, found none\.\nHint: "):
        read_frame(tmp_path / "nowhere.parquet")


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_truncated_file(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.parquet"
    write_frame(FRAME, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(LandmarksError, match=r"a\.parquet is not readable as Parquet: [\s\S]+\nHint: remove the file"):
        read_frame(path)


def test_damaged_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_frame(pd.DataFrame({"x": [float(number**2) for number in range(5_000)]}), path)
    content = bytearray(path.read_bytes())
    content[100:4_000] = bytes(3_900)
    path.write_bytes(content)
    with pytest.raises(LandmarksError, match="not readable as Parquet"):
        read_frame(path)


def test_text_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("gene_id,mae\nA,0.5\n")
    with pytest.raises(LandmarksError, match="not readable as Parquet"):
        read_frame(tmp_path / "a.parquet")


def test_missing_columns_are_named_with_what_is_there(tmp_path: Path) -> None:
    write_frame(FRAME, tmp_path / "a.parquet")
    with pytest.raises(LandmarksError, match=r"columns pcc, seed in .*a\.parquet, found gene_id, mae, rank\.\nHint: "):
        read_frame(tmp_path / "a.parquet", ["mae", "pcc", "seed"])


def test_errors_end_with_the_hint() -> None:
    assert str(LandmarksError("wrong.", hint="mend it.")) == "wrong.\nHint: mend it."


def test_name_some() -> None:
    assert name_some(["A", "B"]) == "A, B"
    assert name_some(list("ABCDE")) == "A, B, C, D, E"
    assert name_some([*range(2_000)], limit=2) == "0, 1 and 1,998 more"
