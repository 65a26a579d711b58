"""What a file should hold: shape and range."""

import numpy as np
import pytest

from landmarks.errors import LandmarksError
from landmarks.readers.expected import check_range, check_shape

BLOCKS = [np.array([[4, 5]], np.float32), np.array([[3.5, 15.5]], np.float32)]


def test_shapes() -> None:
    check_shape((2, 3), {}, "f.gctx")
    check_shape((2, 3), {"samples": 2, "genes": 3}, "f.gctx")
    with pytest.raises(LandmarksError, match=r"Expected 129,158 samples in f.gctx, found 2\.\nHint: .*datasets"):
        check_shape((2, 3), {"samples": 129_158}, "f.gctx")
    with pytest.raises(LandmarksError, match=r"Expected 4 genes in f\.gctx, found 3"):
        check_shape((2, 3), {"genes": 4}, "f.gctx")


def test_ranges() -> None:
    for found, block in zip(check_range(BLOCKS, {"lowest": 3.5, "highest": 15.5}, "f"), BLOCKS, strict=True):
        np.testing.assert_array_equal(found, block)
    with pytest.raises(LandmarksError, match=r"Expected no value under 4 in f, found 3\.5"):
        list(check_range(BLOCKS, {"lowest": 4}, "f"))
    with pytest.raises(LandmarksError, match=r"Expected no value over 15 in f, found 15\.5"):
        list(check_range(BLOCKS, {"highest": 15}, "f"))
