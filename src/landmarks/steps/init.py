"""Look at an expression file, and write a first config for it, with what was guessed and why."""

import os
import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
import yaml

import landmarks
from landmarks.config import check_config
from landmarks.errors import LandmarksError
from landmarks.files import replacing
from landmarks.first_config import Matrix, name_run, render
from landmarks.guessing import (
    Guess,
    guess_format,
    guess_gene_names,
    guess_groups,
    guess_labels,
    guess_normalisation,
    guess_scale,
)
from landmarks.matrices import Room
from landmarks.readers import open_table
from landmarks.readers.base import Orientation, ReadOptions
from landmarks.readers.scale import Scale, to_log2
from landmarks.readers.survey import check_matrix
from landmarks.readers.tables import read_labels

LOOKED_AT = 100
"""Samples whose distribution is looked at."""
ROOT = Path(landmarks.__file__).parents[2]
SCHEMA = Path("workflow/schemas/config.schema.yaml")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="the matrix: any format of import-expression")],
    labels: Annotated[Path | None, typer.Option(help="CSV or TSV with a row a sample: ids and labels")] = None,
    out_dir: Annotated[Path, typer.Option(help="folder for config.yaml")],
    name: Annotated[str, typer.Option(help="of the run; by default the file's name")] = "",
    orientation: Annotated[Orientation, typer.Option(help="what the rows are, if the guess is wrong")] = "auto",
    scale: Annotated[Scale, typer.Option(help="of the values, if the guess is wrong")] = "auto",
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the values held")] = 2000,
) -> None:
    """Look at an expression file, and write a first config for it, with what was guessed and why."""
    out = out_dir / "config.yaml"
    if out.exists():
        raise LandmarksError(
            f"Expected no config at {out} yet, found one.", hint="remove it, or choose another --out-dir."
        )
    kind = guess_format(expression)
    out_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        room = Room(out_dir, memory_mb, closing)
        table = open_table(expression, kind.value or "auto", ReadOptions(orientation), room)
        survey = check_matrix(table, expression, room.block_mb)
        found = guess_scale(survey) if scale == "auto" else Guess(scale, "as asked")
        logs = to_log2(table, found.value, survey).matrix  # type: ignore[arg-type]
        samples, genes = logs.shape
        some = np.unique(np.linspace(0, samples - 1, min(samples, LOOKED_AT)).astype(int)).tolist()
        values = np.concatenate([logs.read(sample, sample + 1) for sample in some])
    guesses = {
        "format": kind,
        "orientation": Guess(table.rows or "auto", f"{samples:,} samples × {genes:,} genes"),
        "scale": found,
        "normalise": guess_normalisation(str(found.value), values),
        "gene_pattern": guess_gene_names(table.gene_ids.tolist()),
        "group_pattern": guess_groups(table.sample_ids.tolist()),
    }
    named = (labels, guess_labels(read_labels(labels), table.sample_ids.tolist(), labels)) if labels else None
    run = name_run(name or expression.name.split(".")[0])
    text = render(run, Matrix(expression, samples, genes, guesses), named)
    home = next((place for place in (Path(), ROOT) if (place / SCHEMA).is_file()), None)
    if home is not None:
        # What is written must run.
        check_config(yaml.safe_load(text), home / SCHEMA)
    with replacing(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    typer.echo(f"{expression}:")
    for key, guess in guesses.items():
        typer.echo(f"  {key:13}  {guess.value or '-'}  ({guess.why})")
    words = ["snakemake", "--cores", str(os.cpu_count() or 1)]
    if home not in (None, Path()):
        words += ["--snakefile", str(ROOT / "Snakefile")]
    words += ["--configfile", str(out)]
    typer.echo(f"\nWritten to {out}: mend there what is guessed wrongly. Then run\n\n  {shlex.join(words)}\n")
