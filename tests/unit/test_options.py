"""Option values that hold several numbers."""

import pytest

from landmarks.errors import LandmarksError
from landmarks.options import integers, numbers


def test_numbers() -> None:
    assert numbers("10,0.5,1e-3") == [10.0, 0.5, 1e-3]
    assert numbers("7") == [7.0]
    assert numbers("") == []


def test_integers() -> None:
    assert integers("500,100") == [500, 100]
    assert all(isinstance(number, int) for number in integers("500,100"))
    assert integers("") == []


@pytest.mark.parametrize("text", ["500;100", "500, hundred", "a"])
def test_other_text_is_named(text: str) -> None:
    for read in (numbers, integers):
        with pytest.raises(LandmarksError, match=rf"numbers joined by commas, found '{text}'\.\nHint: .*500,100"):
            read(text)
