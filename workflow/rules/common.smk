# What all stages share: the checked config, where files are, and what a rule's result depends on.
#
# REQUIRED INPUTS: the config
# OUTPUTS: none; defines path variables and functions

import json
import os
import re
import sys
from pathlib import Path
from shlex import quote

# Rules call `landmarks`, which is installed beside the Python that runs Snakemake.
# A prefix replaces Snakemake's own, so strict mode is set here.
shell.prefix(f"set -euo pipefail; export PATH={quote(str(Path(sys.executable).parent))}:$PATH; ")

from landmarks.config import (
    check_config,
    files_of,
    is_given,
    is_local,
    list_carried,
    list_evaluations,
    list_panels,
    list_sources,
    nested_sizes,
)
from landmarks.dependencies import PACKAGE, module_files
from landmarks.errors import LandmarksError
from landmarks.panels import CONTROLS, NESTED
from snakemake.exceptions import WorkflowError

try:
    config = check_config(config, Path(workflow.basedir) / "workflow/schemas/config.schema.yaml")
except LandmarksError as error:
    raise WorkflowError(str(error)) from None

COMPENDIUM = config["compendium"]
SEED = config["autoencoder"]["seeds"][0]
SOURCES = list_sources(config)
EVALUATIONS = list_evaluations(config)
ARENA_EVALUATIONS = list_evaluations(config, arena=True)
CARRIED = list_carried(config)

# What models infer: the rows of the compendium, or genes, of which they are averaged.
JUDGED = "gene_panels" if "average_by" in config else "panels"
INFERRED = f"<results>/prepared/{COMPENDIUM}.parquet"
INFERRED_GENES = f"<results>/data/{COMPENDIUM}/genes.parquet"
if "average_by" in config:
    INFERRED, INFERRED_GENES = "<results>/averaged/expression.parquet", "<results>/averaged/genes.parquet"

# What is clustered: other datasets, or the compendium's own test samples.
CLUSTERED = "-".join(config["clustering"]) or COMPENDIUM

# The selector whose panel is shown gene by gene.
PANEL = config["figures"].get("panel", config["figures"]["pair"][0])

# Selectors that only sort or draw; the others calculate on both cores. Lists from files are quick as well.
QUICK = ("consensus", "deeplift", "variance")

# Models judged in one job for all panels; the others are fitted and judged panel by panel.
CLOSED = ("ridge", "knn")

# Models of several networks, each for some of the targets, which are fitted one a job; and how many they are.
PARTS = {"dgex": 2}
JOINED = "|".join(model for model in config["inference"] if model in PARTS) or "(?!)"
WHOLE = "|".join(model for model in config["inference"] if model not in PARTS) or "(?!)"

# The folds of the arena: whole groups held out in turn, and samples held out at random, as published.
FOLDS = [f"arena/fold{fold}/" for fold in range(config["arena"]["folds"])] + ["arena/random/"]


pathvars:
    results=f"results/{config['run']}",
    logs=f"results/{config['run']}/logs",
    benchmarks=f"results/{config['run']}/benchmarks",


wildcard_constraints:
    fold=r"(?:arena/(?:fold\d+|random)/)?",
    scope="(?:arena/)?",
    dataset="[A-Za-z0-9][A-Za-z0-9_-]*",
    model="|".join(config["inference"]),
    selector="|".join(config["panels"]),
    k=r"\d+",
    seed=r"\d+",
    shard=r"\d+",


def code(step, *loaded):
    """The modules that a step's result depends on, as inputs: editing one reruns the rule."""
    return [os.path.relpath(file) for file in module_files(step, *loaded)]


def template(name):
    """The template of a page, as an input: editing it reruns the rule."""
    return os.path.relpath(PACKAGE / f"templates/{name}.html.jinja")


def source(key):
    """The file of an origin: itself, or all that match it, if it is local, else what the rule fetch makes of it."""
    origin, sha256 = SOURCES[key]
    if is_local(origin) and sha256 is None:
        return files_of(origin)
    return [f"<results>/sources/{key}/{os.path.basename(origin.removeprefix('by-hand:'))}"]


def options(**values):
    """Command-line options for the values that are set: gene_prefix="x" gives --gene-prefix x, quoted."""
    return " ".join(
        f"--{name.replace('_', '-')} {quote(str(value))}" for name, value in values.items() if value is not None
    )


def joined(numbers):
    """A list of numbers as one option value."""
    return ",".join(str(number) for number in numbers)


def repeated(name, files):
    """An option that takes several files, once for each."""
    return " ".join(f"--{name} {quote(str(file))}" for file in files)


def shards(path):
    """One path for every shard of the attribution."""
    return expand(path, shard=range(config["attribution"]["shards"]))


def attribution_options(wildcards):
    """The settings of the attribution: those of a group are named after it."""
    settings = dict(config["attribution"])
    for group in ("agreement", "check"):
        settings |= {f"{group}_{name}": value for name, value in settings.pop(group).items()}
    return options(**settings)


def evaluated(path):
    """One path for every model, selector, size and seed that is judged."""
    return [path.format(model=model, selector=selector, k=k, seed=seed) for model, selector, k, seed in EVALUATIONS]


def carried(path):
    """One path for every model, selector, size and seed that is carried to other platforms."""
    return [path.format(model=model, selector=selector, k=k, seed=seed) for model, selector, k, seed in CARRIED]


def ridge_evaluations():
    """One path for every panel that ridge is judged on."""
    path = "<results>/inference/ridge/{}/k{}/seed{}/genes.parquet"
    return [path.format(*panel) for model, *panel in EVALUATIONS if model == "ridge"]


def judged(fold):
    """The folders of what is judged in a fold of the arena, by model, or by model and panel.

    Models that are fitted panel by panel, which takes most of the time, judge in the folds of whole groups alone.
    """
    base = f"<results>/{fold}judged"
    fitted = [] if fold == "arena/random/" else [one for one in ARENA_EVALUATIONS if one[0] not in CLOSED]
    alone = [f"{base}/{model}/{selector}/k{k}/seed{seed}" for model, selector, k, seed in fitted]
    return alone + [f"{base}/{model}" for model in CLOSED if any(model == one[0] for one in ARENA_EVALUATIONS)]


def folders_judged(scope):
    """The folders of what the standings of the run, or of the arena, are made of."""
    return [folder for fold in FOLDS for folder in judged(fold)] if scope else ["<results>/judged/ridge"]


def prepared(wildcards):
    """The compendium's samples: in a fold of whole groups, normalised by its training samples alone."""
    own = wildcards.fold.startswith("arena/fold") and config["datasets"][COMPENDIUM]["normalise"] != "none"
    return f"<results>/{wildcards.fold}prepared.parquet" if own else f"<results>/prepared/{COMPENDIUM}.parquet"


def inferred(wildcards):
    """The expression of a fold on which models are fitted and judged: as prepared, or averaged to genes."""
    return f"<results>/{wildcards.fold}averaged/expression.parquet" if "average_by" in config else prepared(wildcards)
