"""The training samples that selectors look at."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmarks.expression import Expression
from landmarks.panels.evidence import read_training
from landmarks.partition import read_rows, some_of
from landmarks.writing import write_expression


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """Return an expression file whose values tell row and column, and a split in another order."""
    ids = np.array([f"s{row}" for row in range(40)], object)
    values = (np.arange(40)[:, None] + np.arange(3) / 10).astype(np.float32)
    write_expression(tmp_path / "e.parquet", Expression(ids, np.array(["a", "b", "c"], object), values))
    split = pd.DataFrame({"sample_id": ids, "group": [f"g{row // 2}" for row in range(40)], "part": "train"})
    split.loc[::4, "part"] = "test"
    split.loc[5, "group"] = None
    return tmp_path / "e.parquet", split.sample(frac=1, random_state=0)


def test_all_training_samples_where_they_are_few(files: tuple[Path, pd.DataFrame]) -> None:
    values, groups = read_training(*files, limit=30)
    rows = [row for row in range(40) if row % 4]
    np.testing.assert_allclose(values[:, 0], rows)
    assert groups.tolist() == ["s5" if row == 5 else f"g{row // 2}" for row in rows]


def test_of_more_the_same_ones_are_drawn_each_time(files: tuple[Path, pd.DataFrame]) -> None:
    values, groups = read_training(*files, limit=12)
    rows = values[:, 0].astype(int).tolist()
    assert len(rows) == 12 and rows == sorted(set(rows)) and all(row % 4 for row in rows)
    assert groups.tolist() == ["s5" if row == 5 else f"g{row // 2}" for row in rows]
    np.testing.assert_array_equal(read_training(*files, limit=12)[0], values)
    # Not the first ones: a compendium's studies lie one after the other.
    assert rows[-1] > 20


def test_some_of_the_rows() -> None:
    rows = np.arange(10, 1_010)
    drawn = some_of(rows, 100)
    assert len(drawn) == 100 and np.isin(drawn, rows).all() and (np.diff(drawn) > 0).all()
    assert some_of(rows, 1_000) is rows


def test_rows_are_read_across_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmarks.writing.ROW_GROUP", 7)
    monkeypatch.setattr("landmarks.partition.BATCH", 4)
    values = np.random.default_rng(1).normal(size=(25, 5)).astype(np.float32)
    ids = np.array([f"s{row}" for row in range(25)], object)
    write_expression(tmp_path / "e.parquet", Expression(ids, np.array(list("abcde"), object), values))
    rows = np.array([0, 3, 6, 7, 8, 20, 24])
    np.testing.assert_array_equal(read_rows(tmp_path / "e.parquet", rows), values[rows])
    assert read_rows(tmp_path / "e.parquet", rows[:0]).shape == (0, 5)
