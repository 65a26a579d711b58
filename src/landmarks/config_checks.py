"""What no schema can check of a config: keys that depend on each other, patterns, hashes, files."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from landmarks.annotation import GENE_NAMES
from landmarks.errors import LandmarksError
from landmarks.origins import UNKNOWN, parse_origin
from landmarks.panels import CONTROLS

Config = dict[str, Any]


def check_meaning(
    config: Config,
    sources: Mapping[str, tuple[str, str | None]],
    evaluations: Iterable[tuple[str, str, int, int]],
) -> None:
    """Check what a schema cannot: keys that depend on each other, patterns, hashes, files.

    Parameters
    ----------
    config
        Follows the schema, defaults filled in.
    sources
        Every origin of the config with its hash, by key.
    evaluations
        Model, selector, size and seed of every model that is fitted and judged.

    Raises
    ------
    LandmarksError
        For the first mistake found: it names the key, what was expected, what was found, and what to do.
    """
    _check_names(config)
    for name, dataset in config["datasets"].items():
        _check_patterns(f"datasets.{name}", dataset)
        _check_labels(f"datasets.{name}.labels", dataset.get("labels", {}))
        _check_pickle(f"datasets.{name}", dataset)
    for key, (origin, sha256) in sources.items():
        _check_source(key, origin, sha256)
    _check_followers(config["panels"])
    _check_samples(config["split"], config["attribution"])
    for model, settings in config["inference"].items():
        _check_model(model, settings, config["panels"])
    _check_arena(config)
    if "gene_sets" in config:
        _check_gene_sets(config["gene_sets"])
    _check_figures(config["figures"], config["panels"], evaluations)


def _error(key: str, expected: object, found: object, hint: str) -> LandmarksError:
    return LandmarksError(f"config: {key}: expected {expected}, found {found}.", hint=hint)


def _check_names(config: Config) -> None:
    """Check that datasets are named that there are, and that the compendium is no other platform."""
    known = f"datasets holds {', '.join(config['datasets'])}."
    for key in ("compendium", "crossplatform", "clustering"):
        for name in [config[key]] if key == "compendium" else config[key]:
            if name not in config["datasets"]:
                raise _error(key, "the name of a dataset", repr(name), known)
    if config["compendium"] in config["crossplatform"]:
        hint = "leave it out: models are carried to other platforms."
        raise _error("crossplatform", "datasets other than the compendium", repr(config["compendium"]), hint)
    for name in config["clustering"]:
        if name == config["compendium"] or "labels" not in config["datasets"][name]:
            hint = "clusters are compared with labels; without clustering the compendium's test samples are taken."
            raise _error("clustering", "datasets other than the compendium that have labels", repr(name), hint)
    if config["datasets"][config["compendium"]]["normalise"] == "compendium":
        hint = "only other platforms are mapped into the compendium."
        raise _error(f"datasets.{config['compendium']}.normalise", "none or quantile", "'compendium'", hint)


def _check_patterns(key: str, dataset: Config) -> None:
    """Check that the regular expressions have the groups that are read."""
    gene_pattern, group_pattern = dataset.get("gene_pattern"), dataset.get("group_pattern")
    if gene_pattern is not None:
        groups = set(re.compile(gene_pattern).groupindex)
        if not groups or groups - set(GENE_NAMES):
            expected = f"groups named {', '.join(GENE_NAMES)}"
            hint = r"for ids like ESR1_2099 write ^(?P<symbol>.+)_(?P<entrez>\d+)$."
            raise _error(f"{key}.gene_pattern", expected, repr(gene_pattern), hint)
    if group_pattern is not None:
        if "group_column" in dataset:
            raise _error(key, "one of group_pattern and group_column", "both", "leave one of them out.")
        if not re.compile(group_pattern).groups:
            hint = r"the first one is what samples share: ^TCGA-(\w{2})-."
            raise _error(f"{key}.group_pattern", "a group in parentheses", repr(group_pattern), hint)


def _check_labels(key: str, labels: Config) -> None:
    """Check that labels are of a file with a column of ids, or of the matrix's own annotation."""
    if {"origin", "id_column", "sha256"} & set(labels) and not {"origin", "id_column"} <= set(labels):
        hint = "a file of labels needs both; without them the column is one of the matrix's own annotation."
        raise _error(key, "origin and id_column, or neither", ", ".join(labels), hint)


def _check_pickle(key: str, dataset: Config) -> None:
    """Check that a pickle, which can ask for anything to be run, has a hash that was known before it came."""
    suffix = Path(dataset["origin"].lower().removesuffix(".gz")).suffix
    if dataset.get("sha256") == UNKNOWN and (dataset["format"] == "survset" or suffix == ".pickle"):
        hint = "a pickle is only read if its sha256 is known; ask its authors for it, or for CSV or Parquet."
        raise _error(f"{key}.sha256", "the sha256 of a pickle", repr(UNKNOWN), hint)


def is_given(settings: Config) -> bool:
    """Tell whether the settings of a selector are those of a list of genes from a file."""
    return "file" in settings


def is_local(origin: str) -> bool:
    """Tell whether an origin is a path on this machine."""
    return not origin.startswith(("https://", "http://", "pypi:", "by-hand:"))


def files_of(origin: str) -> list[str]:
    """Return the files of a local origin: itself, or what matches it, sorted, if it holds a ``*``."""
    if "*" not in origin:
        return [origin]
    anchor = Path(Path(origin).anchor)
    return sorted(map(str, anchor.glob(str(Path(origin).relative_to(anchor)))))


def _check_source(key: str, origin: str, sha256: str | None) -> None:
    """Check that an origin is well-formed, a download has a hash and a local file exists."""
    if is_local(origin):
        _check_file(key, origin)
        return
    if sha256 is None:
        raise LandmarksError(
            f"config: {key}: a download needs a sha256, found none for {origin}.",
            hint="add the sha256 of the file (of the wheel for pypi origins); unknown if its publisher states none.",
        )
    try:
        kind = parse_origin(origin).kind
    except LandmarksError as error:
        message, _, hint = str(error).partition("\nHint: ")
        raise LandmarksError(f"config: {key}: {message}", hint=hint) from None
    if kind == "pypi" and sha256 == UNKNOWN:
        hint = "package indexes show it beside each file."
        raise _error(key, f"the sha256 of the wheel of {origin}", repr(sha256), hint)


def _check_file(key: str, file: str) -> None:
    """Check that there is a file; with a ``*``, one that matches."""
    if not any(Path(match).is_file() for match in files_of(file)):
        hint = "paths are relative to the folder in which snakemake runs."
        raise _error(key, f"a file at {file}", "none", hint)


def _check_followers(panels: Config) -> None:
    """Check that the panels that random_matched imitates and consensus agrees on are made, size by size."""
    for follower, key in (("random_matched", "like"), ("consensus", "of")):
        if own := panels.get(follower):
            followed = panels.get(own[key], {"sizes": []})
            lacking = sorted(set(own["sizes"]) - set(followed["sizes"]))
            if lacking or own[key] in (*CONTROLS, follower):
                expected = f"a selector with panels of {lacking or own['sizes']} genes that is no control"
                hint = f"{follower} follows another selector's panels, size by size."
                raise _error(f"panels.{follower}.{key}", expected, repr(own[key]), hint)


def _check_samples(split: Config, attribution: Config) -> None:
    """Check that samples are left for training, and that those taken one by one are in one job."""
    shares = [split["validation"], split["test"]]
    for key, share in zip(("validation", "test"), shares, strict=True):
        if share >= 1 and share != int(share):
            raise _error(f"split.{key}", "a share under 1 or a whole number of samples", share, "mend it.")
    if max(shares) < 1 and sum(shares) >= 1:
        raise LandmarksError(
            "config: split: validation and test take all samples, none is left for training: "
            f"expected a sum below 1, found {split['validation']} + {split['test']}.",
            hint="their sum must be under 1; lower one of them.",
        )
    if attribution["samples"] == "auto" and attribution["shards"] > 1:
        expected = "shards: 1, as samples: auto looks at one sample after the other"
        hint = "set attribution.shards to 1, or attribution.samples to all or a number."
        raise _error("attribution", expected, f"shards: {attribution['shards']}", hint)


def _check_model(model: str, settings: Config, panels: Config) -> None:
    """Check that the panels on which a model is fitted are made."""
    key = f"inference.{model}"
    sizes = sorted({k for panel in panels.values() for k in panel["sizes"]})
    if lacking := sorted(set(settings.get("sizes", [])) - set(sizes)):
        hint = "leave it out here, or add it to the sizes of a selector in panels."
        raise _error(f"{key}.sizes", f"sizes of panels, any of {sizes}", lacking, hint)
    if "random" in panels and settings.get("random_seeds", 0) > (drawn := panels["random"]["seeds"]):
        hint = f"set {key}.random_seeds to {drawn} or fewer, or raise panels.random.seeds."
        expected = f"at most {drawn}, as many as panels.random.seeds"
        raise _error(f"{key}.random_seeds", expected, settings["random_seeds"], hint)


def _check_arena(config: Config) -> None:
    """Check that the arena's models have settings."""
    if strangers := sorted(set(config["arena"].get("models", {})) - set(config["inference"])):
        hint = "add it to inference with its settings; with sizes: [] it is in the arena only."
        raise _error("arena.models", f"models of inference, any of {sorted(config['inference'])}", strangers, hint)


def _check_gene_sets(sets: Config) -> None:
    """Check that gene sets come whole, a GMT file or three GO files, and that some size is allowed."""
    named = {"ontology", "associations", "identifiers", "gmt"} & set(sets)
    if named not in ({"gmt"}, {"ontology", "associations", "identifiers"}):
        hint = "give one GMT file or the three GO files."
        raise _error("gene_sets", "gmt, or ontology, associations and identifiers", sorted(named), hint)
    if sets["minimum"] > sets["maximum"]:
        expected, hint = f"at most {sets['maximum']}, as gene_sets.maximum", "lower one or raise the other."
        raise _error("gene_sets.minimum", expected, sets["minimum"], hint)


def _check_figures(figures: Config, panels: Config, evaluations: Iterable[tuple[str, str, int, int]]) -> None:
    """Check that what the figures show is made."""
    judged = {(selector, k) for model, selector, k, _ in evaluations if model == figures["model"]}
    for selector in figures["pair"]:
        if (selector, figures["k"]) not in judged:
            raise LandmarksError(
                f"config: figures: no panel of {selector} with {figures['k']} genes is judged by "
                f"{figures['model']}; found sizes {sorted(k for name, k in judged if name == selector)}.",
                hint="panels.<selector>.sizes and inference must hold what figures.model, k and pair name.",
            )
    shown = figures.get("panel", figures["pair"][0])
    if figures["k"] not in panels.get(shown, {"sizes": []})["sizes"]:
        hint = f"add {figures['k']} to the sizes of that selector, or name another."
        raise _error("figures.panel", f"a selector with a panel of {figures['k']} genes", repr(shown), hint)
