"""Look at this machine and at a config: what is there, what the run will need and take, and what to change."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import landmarks
from landmarks.checkup import Finding, look_at_machine, look_at_run

COLOURS = {"good": "green", "look": "yellow", "bad": "red"}


def main(
    *,
    configfile: Annotated[Path, typer.Option(help="the config of the run")] = Path("config/config.yaml"),
) -> None:
    """Look at this machine and at a config: what is there, what the run will need and take, and what to change."""
    home = Path() if Path("Snakefile").is_file() else Path(landmarks.__file__).parents[2]
    findings = look_at_machine(home)
    if configfile.is_file():
        findings += look_at_run(configfile, home)
    else:
        advice = "write one: landmarks init --expression FILE --out-dir ."
        findings.append(Finding("bad", "config", f"none at {configfile}", advice))
    table = Table(box=None, title=f"landmarks {landmarks.__version__}", title_justify="left")
    for heading in ("", "what", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    for one in findings:
        table.add_row(f"[{COLOURS[one.state]}]{one.state}[/]", one.what, one.found, one.advice)
    Console().print(table)
    if any(one.state == "bad" for one in findings):
        raise SystemExit(1)
