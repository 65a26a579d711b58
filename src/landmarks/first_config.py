"""A first config for a matrix of one's own: what was guessed, each with its reason beside it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from landmarks.guessing import Guess, Labels, network_sizes, panel_sizes

TEMPLATE = """# Made by `landmarks init`: guesses have their reasons beside them. config/README.md describes every key.
version: 1
run: {run} # results are in results/{run}/
compendium: {run}

datasets:
{dataset}

# Samples that are held out, in whole groups: to choose (validation), and to judge what was chosen (test).
split: {{method: grouped, validation: {validation}, test: 0.2}}

# The autoencoder behind the paper's panel, `deeplift`. If it learns nothing the run stops: raise epochs then.
autoencoder: {network}

# Panels: how they are chosen, and of how many genes. The recommended one, the paper's, and chance, which judges both.
panels:
  crossfit: {{sizes: &sizes {sizes}}}
  deeplift: {{sizes: *sizes}}
  random: {{sizes: *sizes, seeds: 50}}
  # mine: {{file: path/to/list.tsv, sizes: [{k}]}} # a list of your own, judged beside them

# How the other genes are inferred.
inference:
  ridge: {{}}

# The panel that figures, sheet and exported model show.
figures: {{model: ridge, k: {k}, pair: [deeplift, random], selectors: [crossfit, deeplift, random], panel: crossfit}}
"""
DATASET_HINTS = """\
    # genes: {origin: path/to/genes.tsv} # ids first, then symbol, entrez or ensembl: names genes, leaves out others
    # group_pattern, or group_column, keeps samples of a study or donor together when some are held out"""


@dataclass(frozen=True)
class Matrix:
    """A file of expression, and what was guessed of it, by key of the config."""

    path: Path
    samples: int
    genes: int
    guesses: Mapping[str, Guess]


def name_run(words: str) -> str:
    """Return a name of a run made of these words.

    >>> name_run("my data (2).v1")
    'my-data-2-v1'
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", words).strip("-_") or "mine"


def render(run: str, matrix: Matrix, labels: tuple[Path, Labels] | None = None) -> str:
    """Return a config's text.

    Parameters
    ----------
    run
        Its name, and that of the dataset.
    matrix
        The compendium.
    labels
        A file of labels and its columns.
    """
    samples, genes = matrix.samples, matrix.genes
    lines = [f"  {run}: # {samples:,} samples × {genes:,} genes", f"    origin: {quoted(from_here(matrix.path))}"]
    for key, guess in matrix.guesses.items():
        shown = f"{key}: {quoted(guess.value)}" if guess.value else f"# {key}:"
        lines.append(f"    {shown} # {guess.why}")
    lines.append(DATASET_HINTS)
    if labels is not None:
        path, found = labels
        others = f"; others: {', '.join(found.others)}" if found.others else ""
        lines += [
            f"    labels: # of {found.found:,} of {samples:,} samples",
            f"      origin: {quoted(from_here(path))}",
            f"      id_column: {quoted(found.id_column)}",
            f"      label_column: {quoted(found.label_column)} # {found.classes:,} labels{others}",
        ]
    sizes = panel_sizes(genes)
    return TEMPLATE.format(
        run=run,
        dataset="\n".join(lines),
        network=json.dumps(network_sizes(samples, genes)).replace('"', ""),
        sizes=sizes,
        k=100 if 100 in sizes else sizes[-1],
        # A few samples more where there are few: penalties are chosen on them, and intervals measured.
        validation=0.1 if samples >= 200 else 0.2,
    )


def quoted(text: str) -> str:
    """Return text as YAML writes it: plain words as they are, the rest as in JSON.

    >>> quoted("data/my matrix.csv")
    '"data/my matrix.csv"'
    """
    plain = re.fullmatch(r"[A-Za-z][\w./-]*", text) and text.lower() not in (
        "true",
        "false",
        "yes",
        "no",
        "null",
        "none",
    )
    return text if plain else json.dumps(text, ensure_ascii=False)


def from_here(path: Path) -> str:
    """Return a path as Snakemake is to find it: relative inside this folder, else absolute."""
    absolute, here = Path.cwd() / path, Path.cwd()
    return (
        str(absolute.relative_to(here)) if absolute.is_relative_to(here) and ".." not in path.parts else str(absolute)
    )
