"""Write the page that lists every file of a run and its columns."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from landmarks.file_reference import parse_reference, render
from landmarks.files import replacing


def main(
    *,
    schema: Annotated[Path, typer.Option(help="the list of files, in YAML")],
    out: Annotated[Path, typer.Option(help="Markdown")],
) -> None:
    """Write the page that lists every file of a run and its columns."""
    reference = parse_reference(yaml.safe_load(schema.read_text(encoding="utf-8")))
    with replacing(out) as temporary:
        temporary.write_text(render(reference), encoding="utf-8")
