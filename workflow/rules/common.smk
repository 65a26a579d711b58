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

from landmarks.config import check_config, files_of, is_local, list_carried, list_evaluations, list_panels, list_sources
from landmarks.dependencies import module_files
from landmarks.errors import LandmarksError
from landmarks.panels import CONTROLS, SELECTORS
from snakemake.exceptions import WorkflowError

try:
    config = check_config(config, Path(workflow.basedir) / "workflow/schemas/config.schema.yaml")
except LandmarksError as error:
    raise WorkflowError(str(error)) from None

COMPENDIUM = config["compendium"]
SEED = config["autoencoder"]["seeds"][0]
SOURCES = list_sources(config)
EVALUATIONS = list_evaluations(config)
CARRIED = list_carried(config)

# Selectors that only sort or draw; the others calculate on both cores.
QUICK = ("deeplift", "variance", "given")


pathvars:
    results=f"results/{config['run']}",
    logs=f"results/{config['run']}/logs",
    benchmarks=f"results/{config['run']}/benchmarks",


wildcard_constraints:
    fold=r"(?:arena/fold\d+/)?",
    dataset="[A-Za-z0-9][A-Za-z0-9_-]*",
    model="ridge|dgex",
    selector="|".join(SELECTORS),
    k=r"\d+",
    seed=r"\d+",
    shard=r"\d+",


def code(step, *loaded):
    """The modules that a step's result depends on, as inputs: editing one reruns the rule."""
    return [os.path.relpath(file) for file in module_files(step, *loaded)]


def source(key):
    """The file of an origin: itself, or all that match it, if it is local, else what the rule fetch makes of it."""
    origin, sha256 = SOURCES[key]
    if is_local(origin) and sha256 is None:
        return files_of(origin)
    return [f"<results>/sources/{key}/{os.path.basename(origin)}"]


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


def arena_models(fold):
    """One path for every model of a fold that is fitted job by job."""
    path = "<results>/{}inference/{}/{}/k{}/seed{}/model.parquet"
    return [path.format(fold, *evaluation) for evaluation in EVALUATIONS if evaluation[0] != "ridge"]


def folds(path):
    """One path for every fold of the arena."""
    return [path.format(fold=f"arena/fold{fold}/") for fold in range(config["arena"]["folds"])]


def import_inputs(wildcards):
    """The dataset's matrix and, if it has any, its tables of genes and of labels."""
    files = source(f"datasets.{wildcards.dataset}")
    inputs = {"expression": files}
    if files[0].startswith("<results>"):
        inputs["digest"] = f"{files[0]}.sha256"
    for table in ("genes", "labels"):
        if table in config["datasets"][wildcards.dataset]:
            inputs[table] = source(f"datasets.{wildcards.dataset}.{table}")
    return inputs


def import_options(wildcards, input):
    """What the config says of the dataset's file."""
    dataset = config["datasets"][wildcards.dataset]
    labels = dataset.get("labels", {})
    names = labels.get("names")
    return options(
        format=dataset["format"],
        orientation=dataset["orientation"],
        scale=dataset["scale"],
        gene_pattern=dataset.get("gene_pattern"),
        gene_prefix=dataset.get("gene_prefix"),
        sample_column=dataset.get("sample_column"),
        group_pattern=dataset.get("group_pattern"),
        group_column=dataset.get("group_column"),
        gene_table=input.get("genes"),
        labels=input.get("labels"),
        label_id_column=labels.get("id_column"),
        label_column=labels.get("label_column"),
        label_names=names and ",".join(f"{code}={name}" for code, name in names.items()),
    )


def fold_options(wildcards):
    """Which fold of the arena is held out; none where the run itself is split."""
    if not wildcards.fold:
        return ""
    return options(folds=config["arena"]["folds"], fold=re.search(r"\d+", wildcards.fold)[0])


def panel_files(fold, controls=None):
    """One path for every panel of a fold; only those drawn at random, or none of them, if asked for."""
    return [
        f"<results>/{fold}panels/{selector}/k{k}/seed{seed}.parquet"
        for selector, k, seed in list_panels(config)
        if controls in (None, selector in CONTROLS)
    ]


def constraint_tables(wildcards):
    """The tables that the designer's constraints name."""
    constraints = config["constraints"]
    tables = {"measured": [f"<results>/data/{name}/genes.parquet" for name in constraints["measured_on"]]}
    return tables | ({"costs": constraints["costs"]} if "costs" in constraints else {})


def constraint_options(wildcards, input):
    """The designer's constraints."""
    constraints = config["constraints"]
    lists = {name: constraints[name] for name in ("include", "exclude")} | {"measured": input.get("measured", [])}
    single = options(minimum_expression=constraints.get("minimum_expression"), costs=input.get("costs"))
    flag = "--one-probe-a-gene" if constraints["one_probe_a_gene"] else ""
    return " ".join([single, flag, *(repeated(name, entries) for name, entries in lists.items())])


def panel_evidence(wildcards):
    """What the selector needs beyond the training samples; a given list is taken as it is."""
    if wildcards.selector == "given":
        return {"listed": config["panels"]["given"]["file"]}
    evidence = {"candidates": f"<results>/{wildcards.fold}candidates.parquet"}
    if wildcards.selector in ("deeplift", "deeplift_nonredundant"):
        evidence["importance"] = f"<results>/{wildcards.fold}importance/seed{wildcards.seed}.parquet"
    if wildcards.selector == "greedy_autoencoder":
        evidence["parameters"] = f"<results>/{wildcards.fold}autoencoder/seed{wildcards.seed}/parameters.parquet"
    return evidence


def own_settings(selector):
    """The settings of a selector, less those of the workflow, as an option."""
    settings = config["panels"].get(selector, {})
    own = {name: value for name, value in settings.items() if name not in ("sizes", "seeds", "file", "like")}
    return options(settings=json.dumps(own) if own else None)


def panel_options(wildcards, input):
    """The selector's evidence and settings."""
    evidence = {name: input.get(name) for name in ("candidates", "importance", "parameters", "listed")}
    return f"{options(**evidence)} {own_settings(wildcards.selector)}"


def imitated_panels(wildcards):
    """The panels whose genes random_matched imitates."""
    matched = config["panels"].get("random_matched")
    if not matched:
        return {}
    return {
        "like": [f"<results>/{wildcards.fold}panels/{matched['like']}/k{k}/seed0.parquet" for k in matched["sizes"]]
    }


def control_options(wildcards, input):
    """What random_matched imitates, and its settings."""
    return f"{repeated('like', input.get('like', []))} {own_settings('random_matched')}"


def inference_options(wildcards):
    """The settings of the model."""
    settings = config["inference"][wildcards.model]
    if wildcards.model == "ridge":
        return options(penalties=joined(settings["penalties"]))
    return options(
        hidden=joined(settings["hidden"]),
        **{key: settings[key] for key in ("keep", "epochs", "batch_size", "learning_rate")},
    )


def gene_set_inputs(wildcards):
    """The files the gene sets are built from."""
    kinds = ("ontology", "associations", "identifiers", "gmt")
    return {kind: source(f"gene_sets.{kind}") for kind in kinds if kind in config["gene_sets"]}


def stem(wildcards, output):
    """A figure's path without its suffix."""
    return os.path.splitext(output.pdf)[0]


def list_tables():
    """The report's tables, by name, and the frames they show."""
    tables = {
        "attribution": f"<results>/importance/checks/seed{SEED}.parquet",
        "selectors": "<results>/comparison/selectors.parquet",
        "pairs": "<results>/comparison.parquet",
    }
    if "labels" in config["datasets"][COMPENDIUM]:
        tables["clustering"] = f"<results>/clustering/{COMPENDIUM}/seed{SEED}/scores.parquet"
    for name in config["crossplatform"]:
        tables[f"crossplatform-{name}"] = f"<results>/crossplatform/{name}/selectors.parquet"
    return tables


TABLES = list_tables()
ARENA = {"arena": "<results>/arena/selectors.parquet", "arena-pairs": "<results>/arena/comparison.parquet"}


def list_targets():
    """What a run makes, but for the report."""
    figures = ["2a", "3a", "3b", "3c", "3d"]
    targets = [f"<results>/tables/{table}.html" for table in TABLES]
    targets += [f"<results>/importance/seed{seed}.parquet" for seed in config["autoencoder"]["seeds"]]
    targets += panel_files("")
    if "labels" in config["datasets"][COMPENDIUM]:
        figures.append("2b")
    if config["crossplatform"]:
        figures += ["4a", "4b"]
    if "gene_sets" in config:
        figures.append("5a")
    return targets + [f"<results>/figures/figure_{figure}.png" for figure in figures]


TARGETS = list_targets()
