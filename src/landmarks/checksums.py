"""SHA-256 sums of files, and the sidecar ``<file>.sha256`` that carries one."""

import hashlib
import re
from pathlib import Path

from landmarks.errors import LandmarksError
from landmarks.files import replacing


def hash_file(path: Path) -> str:
    """Return the SHA-256 of `path` as 64 lower-case hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_digest(digest: str) -> str:
    """Return `digest` in lower case; a LandmarksError if it is not 64 hexadecimal digits."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise LandmarksError(
            f"Expected a SHA-256 of 64 hexadecimal digits, found {digest!r}.",
            hint="`sha256sum FILE` prints it; package indexes show it beside each file.",
        )
    return digest.lower()


def expect_digest(found: str, expected: str, what: str) -> None:
    """Raise a LandmarksError that names both sums unless `found` is `expected`."""
    if found != check_digest(expected):
        raise LandmarksError(
            f"Expected the SHA-256 {expected.lower()} of {what}, found {found}.",
            hint="the file was damaged or replaced; compare with the sum its publisher gives, and mend the "
            "sum only if you trust the new file.",
        )


def sidecar(path: Path) -> Path:
    """Return where the sum of `path` is kept."""
    return path.with_name(f"{path.name}.sha256")


def write_sidecar(path: Path, digest: str) -> None:
    """Write `digest` beside `path`, as ``sha256sum`` would print it."""
    with replacing(sidecar(path)) as temporary:
        temporary.write_text(f"{digest}  {path.name}\n", encoding="utf-8")


def read_sidecar(path: Path) -> str | None:
    """Return the sum kept beside `path`, or None where there is none."""
    file = sidecar(path)
    if not file.is_file():
        return None
    words = file.read_text(encoding="utf-8").split()
    return check_digest(words[0] if words else "")
