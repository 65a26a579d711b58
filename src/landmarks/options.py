"""Option values that hold several numbers or settings."""

import json
from typing import Any

from landmarks.errors import LandmarksError


def integers(text: str) -> list[int]:
    """Read ``500,100``.

    >>> integers("500,100")
    [500, 100]
    """
    return [int(number) for number in numbers(text)]


def numbers(text: str) -> list[float]:
    """Read ``1,0.5``; an empty text is an empty list."""
    try:
        return [float(word) for word in text.split(",") if word]
    except ValueError:
        raise LandmarksError(
            f"Expected numbers joined by commas, found {text!r}.", hint="write them as 500,100."
        ) from None


def mapping(text: str) -> dict[str, Any]:
    """Read ``{"penalty": 300}``; an empty text is an empty mapping.

    >>> mapping('{"penalty": 300}')
    {'penalty': 300}
    """
    try:
        values = json.loads(text or "{}")
    except json.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise LandmarksError(f"Expected a JSON object, found {text!r}.", hint='write it as {"penalty": 300}.')
    return values
