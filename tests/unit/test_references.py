"""Reference expressions by hand, and medians against NumPy."""

from pathlib import Path

import numpy as np
import pytest

from landmarks import medians
from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.references import reference_expression
from landmarks.writing import write_expression

IDS = np.array(["s1", "s2", "s3", "held"], object)
GENES = ["A", "B"]
VALUES = np.array([[1, -1], [2, 5], [9, 0], [100, 100]], np.float32)
SCALING = {"input.mean": np.array([4, 2], np.float32), "input.scale": np.ones(2, np.float32)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_expression(tmp_path / "e.parquet", Expression(IDS, np.array(GENES, object), VALUES))
    return tmp_path / "e.parquet"


@pytest.mark.parametrize(("kind", "wanted"), [("mean", [4, 2]), ("median", [2, 0]), ("zero", [0, 0]), ("s3", [9, 0])])
def test_by_hand(file: Path, kind: str, wanted: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    for values in (1, 500):
        monkeypatch.setattr(medians, "VALUES", values)
        point = reference_expression(kind, file, IDS[:3], GENES, SCALING)
        assert point.dtype == np.float32
        assert point.tolist() == wanted


@pytest.mark.parametrize("kind", ["s9", "held"])
def test_only_training_samples_can_be_the_reference(file: Path, kind: str) -> None:
    with pytest.raises(LandmarksError, match=rf"attribution\.reference to be mean, .* found '{kind}'\.\nHint: "):
        reference_expression(kind, file, IDS[:3], GENES, SCALING)
