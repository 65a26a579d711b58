"""Write the run's config, defaults filled in, beside its results."""

import json
from pathlib import Path
from typing import Annotated

import typer
import yaml

from landmarks.files import replacing


def main(
    *,
    text: Annotated[str, typer.Option(help="the config as JSON")],
    out: Annotated[Path, typer.Option(help="config.yaml")],
) -> None:
    """Write the run's config, defaults filled in, beside its results."""
    with replacing(out) as temporary:
        temporary.write_text(yaml.safe_dump(json.loads(text), sort_keys=False, allow_unicode=True), encoding="utf-8")
