# What all stages share: the checked config, where files are, and what a rule's result depends on.
#
# REQUIRED INPUTS: the config
# OUTPUTS: none; defines path variables and functions

import json
import os
import sys
from pathlib import Path

# Rules call `landmarks`, which is installed beside the Python that runs Snakemake.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

from landmarks.config import check_config, is_local, list_evaluations, list_panels, list_sources
from landmarks.dependencies import module_files
from landmarks.errors import LandmarksError
from snakemake.exceptions import WorkflowError

try:
    config = check_config(config, Path(workflow.basedir) / "workflow/schemas/config.schema.yaml")
except LandmarksError as error:
    raise WorkflowError(str(error)) from None

COMPENDIUM = config["compendium"]
SEED = config["autoencoder"]["seeds"][0]
SOURCES = list_sources(config)
EVALUATIONS = list_evaluations(config)


pathvars:
    results=f"results/{config['run']}",
    logs=f"results/{config['run']}/logs",
    benchmarks=f"results/{config['run']}/benchmarks",


wildcard_constraints:
    dataset="[A-Za-z0-9][A-Za-z0-9_-]*",
    model="ridge|dgex",
    selector="deeplift|variance|random|given",
    k=r"\d+",
    seed=r"\d+",


def code(step):
    """The modules that a step's result depends on, as inputs: editing one reruns the rule."""
    return [os.path.relpath(file) for file in module_files(step)]


def source(key):
    """The file of an origin: itself if it is local, else what the rule fetch makes of it."""
    origin, sha256 = SOURCES[key]
    if is_local(origin) and sha256 is None:
        return origin
    return f"<results>/sources/{key}/{os.path.basename(origin)}"


def options(**values):
    """Command-line options for the values that are set: gene_prefix="x" gives --gene-prefix x, quoted."""
    from shlex import quote

    return " ".join(
        f"--{name.replace('_', '-')} {quote(str(value))}" for name, value in values.items() if value is not None
    )


def joined(numbers):
    """A list of numbers as one option value."""
    return ",".join(str(number) for number in numbers)


def evaluated(path):
    """One path for every model, selector, size and seed that is judged."""
    return [path.format(model=model, selector=selector, k=k, seed=seed) for model, selector, k, seed in EVALUATIONS]


def list_targets():
    """What a run makes, but for the report."""
    figures = ["2a", "3a", "3b", "3c", "3d"]
    targets = ["<results>/comparison.parquet"]
    targets += [f"<results>/importance/seed{seed}.parquet" for seed in config["autoencoder"]["seeds"]]
    targets += [f"<results>/panels/{s}/k{k}/seed{seed}.parquet" for s, k, seed in list_panels(config)]
    targets += [f"<results>/crossplatform/{name}/panels.parquet" for name in config["crossplatform"]]
    if "labels" in config["datasets"][COMPENDIUM]:
        figures.append("2b")
    if config["crossplatform"]:
        figures += ["4a", "4b"]
    if "gene_sets" in config:
        figures.append("5a")
    return targets + [f"<results>/figures/figure_{figure}.png" for figure in figures]


TARGETS = list_targets()
