"""The one exception that users see: what was expected, what was found, where, and what to do."""

from collections.abc import Sequence


class LandmarksError(Exception):
    """A mistake in a file, a config or a request that the user can mend.

    Parameters
    ----------
    message
        What was expected, what was found, and in which file or key.
    hint
        What to do about it; shown on a line of its own after ``Hint:``.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}\nHint: {hint}")


def name_some(names: Sequence[object], limit: int = 5) -> str:
    """Return the first `limit` names joined by commas, and how many more there are.

    >>> name_some(["A", "B", "C"], limit=2)
    'A, B and 1 more'
    """
    shown = ", ".join(str(name) for name in names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown
