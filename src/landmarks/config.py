"""The config of a run: strict validation, defaults from the schema, and which panels it asks for."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from landmarks.config_checks import check_meaning
from landmarks.config_checks import files_of as files_of
from landmarks.config_checks import is_given as is_given
from landmarks.config_checks import is_local as is_local
from landmarks.config_messages import explain
from landmarks.panels import CONTROLS, NESTED

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
    schema = _resolve(schema, definitions)
    if not isinstance(value, dict):
        return value
    known = {key: _resolve(part, definitions) for key, part in schema.get("properties", {}).items()}
    filled = {key: part["default"] for key, part in known.items() if "default" in part} | value
    other = schema.get("additionalProperties") or {}
    return {key: _fill(part, known.get(key, other), definitions) for key, part in filled.items()}


def _resolve(schema: Config, definitions: Config) -> Config:
    """Return a part of the schema with the definition it refers to."""
    return definitions[schema["$ref"].rsplit("/", 1)[-1]] | schema if "$ref" in schema else schema


def list_sources(config: Config) -> dict[str, tuple[str, str | None]]:
    """Return every origin of the config with its hash, by the key that names it."""
    sources = {}
    for name, dataset in config["datasets"].items():
        sources[f"datasets.{name}"] = (dataset["origin"], dataset.get("sha256"))
        if genes := dataset.get("genes"):
            sources[f"datasets.{name}.genes"] = (genes["origin"], genes.get("sha256"))
        for number, names in enumerate(dataset.get("gene_names", [])):
            sources[f"datasets.{name}.gene_names.{number}"] = (names["origin"], names.get("sha256"))
        if "origin" in (labels := dataset.get("labels", {})):
            sources[f"datasets.{name}.labels"] = (labels["origin"], labels.get("sha256"))
    for name, panel in config["panels"].items():
        if is_given(panel):
            sources[f"panels.{name}.file"] = (panel["file"], panel.get("sha256"))
    sets = config.get("gene_sets") or {}
    for kind in ("ontology", "associations", "identifiers", "gmt"):
        if kind in sets:
            sources[f"gene_sets.{kind}"] = (sets[kind], sets.get("sha256"))
    return sources


def sizes_of(config: Config, selector: str, arena: bool = False) -> list[int]:
    """Return the sizes of a selector's panels: of the run, or of the arena.

    In the arena selectors whose small panels are the heads of their large ones are also judged on the sizes of the
    curve and of the given lists, so that each list meets panels of its own size.
    """
    settings, wanted = config["panels"][selector], config["arena"]
    if not arena or "sizes" not in wanted:
        return sorted(settings["sizes"])
    if is_given(settings):
        return sorted({*settings["sizes"], *(k for k in wanted["sizes"] if k < max(settings["sizes"]))})
    if selector not in (*NESTED, "random"):
        return sorted(wanted["sizes"])
    lists = [max(own["sizes"]) for own in config["panels"].values() if is_given(own)]
    return sorted({*wanted["sizes"], *wanted["curve"], *lists})


def nested_sizes(config: Config, arena: bool = False) -> list[int]:
    """Return all sizes that any of the nested selectors is asked for; one ranking gives them all."""
    return sorted({k for name in config["panels"] if name in NESTED for k in sizes_of(config, name, arena)})


def list_panels(config: Config, arena: bool = False) -> list[tuple[str, int, int]]:
    """Return selector, size and seed of every panel of the run, or of a fold of the arena."""
    learnt = dict.fromkeys(LEARNT, config["autoencoder"]["seeds"])
    return [
        (selector, k, seed)
        for selector, settings in config["panels"].items()
        for k in sizes_of(config, selector, arena)
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


def list_evaluations(config: Config, arena: bool = False) -> list[tuple[str, str, int, int]]:
    """Return model, selector, size and seed of every model that is fitted and judged, in the run or in the arena.

    Ridge judges every random panel, other models as many as their ``random_seeds``; in the arena so does
    k nearest neighbours, which there is judged in one job as well.
    """
    everything = ("ridge", "knn") if arena else ("ridge",)
    wanted = []
    for model, settings in config["inference"].items():
        judged = config["arena"].get("models", config["inference"]) if arena else config["inference"]
        sizes = judged[model].get("sizes") if model in judged else []
        met: Counter[tuple[str, int]] = Counter()
        for selector, k, seed in list_panels(config, arena):
            limit = settings.get("random_seeds" if selector in CONTROLS else "seeds", math.inf)
            met[selector, k] += 1
            if (sizes is None or k in sizes) and (model in everything or met[selector, k] <= limit):
                wanted.append((model, selector, k, seed))
    return wanted
