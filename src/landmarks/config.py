"""The config of a run: strict validation, defaults from the schema, and which panels it asks for."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from landmarks.config_checks import check_meaning, explain
from landmarks.config_checks import files_of as files_of
from landmarks.config_checks import is_local as is_local
from landmarks.panels import CONTROLS

Config = dict[str, Any]

LEARNT = ("deeplift", "deeplift_nonredundant", "greedy_autoencoder")
"""Selectors that follow an autoencoder: a panel for each of its seeds."""


def _is_integer(_: TypeChecker, value: object) -> bool:
    """Tell whether `value` is written as an integer; JSON schema alone would take 100.0 for one."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker: TypeChecker, value: object) -> bool:
    """Tell whether `value` is an integer or a finite float."""
    return math.isfinite(value) if isinstance(value, float) else _is_integer(checker, value)


def _check_const(_: object, expected: object, found: object, __: object) -> Iterator[ValidationError]:
    """Compare types as well: JSON schema alone would take 1.0 for 1."""
    if type(found) is not type(expected) or found != expected:
        yield ValidationError(f"{expected!r} was expected")


STRICT_TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number})
ConfigValidator = extend(Draft202012Validator, {"const": _check_const}, type_checker=STRICT_TYPES)
"""JSON schema, but an integer has no point and a number is finite."""


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
        For the first mistake found: it names the key, what was expected, what was found, and what to do.
    """
    schema = yaml.safe_load(schema_file.read_text(encoding="utf-8"))
    validator = ConfigValidator(schema, format_checker=FormatChecker())
    # Not by `json_path`, which fails where YAML reads a key as a number.
    mistakes = sorted(validator.iter_errors(config), key=lambda one: (len(one.path), [*map(str, one.path)]))
    if mistakes:
        raise explain(mistakes[0], schema)
    filled: Config = _fill(config, schema, schema["$defs"])
    check_meaning(filled, list_sources(filled), list_evaluations(filled))
    return filled


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


def list_sources(config: Config) -> dict[str, tuple[str, str | None]]:
    """Return every origin of the config with its hash, by the key that names it."""
    sources = {}
    for name, dataset in config["datasets"].items():
        sources[f"datasets.{name}"] = (dataset["origin"], dataset.get("sha256"))
        if genes := dataset.get("genes"):
            sources[f"datasets.{name}.genes"] = (genes["origin"], genes.get("sha256"))
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


def list_carried(config: Config) -> list[tuple[str, str, int, int]]:
    """Return model, selector, size and seed of every model carried to other platforms: those of the figures' size."""
    tested = config["comparison"]["tested_controls"]
    return [
        (model, selector, k, seed)
        for model, selector, k, seed in list_evaluations(config)
        if k == config["figures"]["k"] and (selector not in CONTROLS or seed < tested)
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
