"""Write the page that lists every config key."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from landmarks.config_reference import render
from landmarks.files import replacing


def main(
    *,
    schema: Annotated[Path, typer.Option(help="the config's JSON schema, in YAML")],
    out: Annotated[Path, typer.Option(help="Markdown")],
) -> None:
    """Write the page that lists every config key."""
    with replacing(out) as temporary:
        temporary.write_text(render(yaml.safe_load(schema.read_text(encoding="utf-8"))), encoding="utf-8")
