"""What is wrong with a config that violates the schema, in plain words."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError

from landmarks.errors import LandmarksError

Config = dict[str, Any]

TYPES = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
}
LIMITS = {
    "minimum": "of at least",
    "exclusiveMinimum": "above",
    "maximum": "of at most",
    "exclusiveMaximum": "below",
}
COUNTS = {
    "minItems": ("at least", "entry", "entries"),
    "maxItems": ("at most", "entry", "entries"),
    "minProperties": ("at least", "key", "keys"),
    "minLength": ("text of at least", "character", "characters"),
}
PATTERNS = {
    "^([0-9a-f]{64}|unknown)$": "64 digits 0-9 and a-f, or unknown",
    "^[A-Za-z0-9][A-Za-z0-9_-]*$": "letters, digits, _ and -, the first a letter or a digit",
    "regex": "a regular expression",
}


def explain(mistake: ValidationError, schema: Config) -> LandmarksError:
    """Turn a violation of the schema into an error.

    Parameters
    ----------
    mistake
        Of the validator of `landmarks.config`.
    schema
        The whole schema, in which the key's description is looked up.

    Returns
    -------
    LandmarksError
        Names the key, what was expected, what was found, and what to do.
    """
    path = list(mistake.absolute_path)
    key = ".".join(map(str, path)) or "(top level)"
    found: Any = mistake.instance
    part: Config = dict(mistake.schema) if isinstance(mistake.schema, Mapping) else {}
    if mistake.validator == "additionalProperties":
        known = sorted(part.get("properties", {}))
        unknown = sorted(map(str, set(found) - set(known)))
        return LandmarksError(
            f"config: unknown key {', '.join(unknown)} in {key}; expected one of {', '.join(known)}.",
            hint="check the spelling; config/README.md lists every key.",
        )
    if mistake.validator == "required":
        missing = next(name for name in part["required"] if name not in found)
        return LandmarksError(
            f"config: {key}: the key {missing} is missing, found {', '.join(map(str, found)) or 'none'}.",
            hint=_describe_key([*path, missing], schema),
        )
    hint = _spell_number(found, part) if mistake.validator in ("type", "anyOf", "const") else ""
    return LandmarksError(
        f"config: {key}: expected {_expect(str(mistake.validator), part)}, found {found!r}.",
        hint=hint or _describe_key(path, schema),
    )


def _expect(keyword: str, part: Config) -> str:
    """Say what `keyword` of a part of the schema asks for."""
    if keyword in COUNTS:
        words, one, many = COUNTS[keyword]
        return f"{words} {part[keyword]} {one if part[keyword] == 1 else many}"
    if keyword == "uniqueItems":
        return "no entry twice"
    if keyword in ("pattern", "format"):
        return PATTERNS.get(part[keyword], f"text of the form {part[keyword]}")
    return _describe_values(part)


def _describe_values(part: Config) -> str:
    """Say which values a part of the schema takes: "a number of at least 0 and below 1"."""
    if "anyOf" in part:
        return ", or ".join(map(_describe_values, part["anyOf"]))
    if "enum" in part:
        return f"one of {part['enum']}"
    if "const" in part:
        return str(part["const"])
    limits = [f"{words} {part[keyword]}" for keyword, words in LIMITS.items() if keyword in part]
    return f"{TYPES[part['type']]} {' and '.join(limits)}".rstrip()


def _spell_number(value: object, part: Config) -> str:
    """Say how to write a number where one belongs; empty if none does or `value` spells none."""
    kinds = {choice.get("type") for choice in part.get("anyOf", [part])}
    if isinstance(part.get("const"), int):
        kinds = {"integer"}
    if not isinstance(value, str | float) or not kinds & {"integer", "number"}:
        return ""
    try:
        number = float(value)
    except ValueError:
        return ""
    if not math.isfinite(number):
        return "write a finite number; .nan and .inf are none."
    if "number" in kinds:
        return f"YAML reads {value} as text; write numbers without quotes and with a point, as 1.0e-3."
    return f"write {int(number)}, without quotes or a point." if number.is_integer() else ""


def _describe_key(path: Sequence[object], schema: Config) -> str:
    """Return the description of the key at `path`, or of the nearest key above that has one.

    A description beside a ``$ref`` goes before that of the definition it refers to.
    """
    part, description = schema, "config/README.md describes every key."
    for word in path:
        inner = part.get("properties", {}).get(word)
        part = inner or part.get("additionalProperties") or part.get("items") or {}
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] | part
        description = part.get("description", description)
    return str(description)
