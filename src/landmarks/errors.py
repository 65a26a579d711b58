"""The one exception that users see: what was expected, what was found, where, and what to do."""

import errno
from collections.abc import Sequence

FAULTS = {
    errno.ENOSPC: "free space on that disk, or write elsewhere; nothing of this step was kept.",
    errno.EDQUOT: "free space within your quota, or write elsewhere; nothing of this step was kept.",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f), or write to another disk.",
    errno.EROFS: "that disk can only be read: write elsewhere.",
    errno.EACCES: "you may not read or write there: change its permissions, or take another path.",
    errno.EPERM: "you may not do that there: change its permissions, or take another path.",
    errno.ENOTDIR: "a part of the path is a file, not a folder: take another path.",
    errno.EISDIR: "a folder is in its place: give a file.",
    errno.ENOENT: "check the path.",
    errno.ENAMETOOLONG: "take a shorter path.",
}
"""What to do about what the system refuses."""


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


def name_fault(error: Exception) -> str:
    """Return what users are told of a mistake of theirs, or of what the machine refuses: a message and a hint."""
    if isinstance(error, MemoryError):
        return (
            f"The memory of this machine is not enough{f': {error}' if str(error) else ''}.\n"
            "Hint: lower memory_mb, or run where there is more; is the file what it says it is?"
        )
    if isinstance(error, OSError):
        place = f" at {error.filename}" if error.filename else ""
        hint = FAULTS.get(error.errno or 0, "check the disk and the path.")
        return f"{error.strerror or error}{place}.\nHint: {hint}"
    return str(error)
