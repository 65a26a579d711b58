"""The list of config keys for people, made from the schema."""

from typing import Any

Schema = dict[str, Any]

HEAD = """# Config keys

Made from `workflow/schemas/config.schema.yaml` by `make docs`; do not edit. `config.yaml` is the default run.
Another config is given with `snakemake --configfile FILE` and replaces the default one as a whole. Keys that are
not listed here are refused. Write numbers with a point (`1.0e-3`): YAML reads `1e-3` as text. Paths are relative to
the folder in which Snakemake runs.

| key | value | default | meaning |
|---|---|---|---|
"""


def render(schema: Schema) -> str:
    """Return the Markdown page that lists every key of `schema`."""
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows("", schema, schema["$defs"]))


def _rows(prefix: str, schema: Schema, definitions: Schema) -> list[tuple[str, str, str, str]]:
    """Return key, value, default and meaning of every key below `schema`."""
    rows = []
    for name, raw in schema.get("properties", {}).items():
        part = _resolve(raw, definitions)
        required = "required" if name in schema.get("required", []) else ""
        default = f"`{part['default']}`" if part.get("default") not in (None, {}) else required
        rows.append((f"`{prefix}{name}`", _value(part, definitions), default, part.get("description", "")))
        rows += _rows(f"{prefix}{name}.", part, definitions)
        if isinstance(other := part.get("additionalProperties"), dict):
            rows += _rows(f"{prefix}{name}.<name>.", _resolve(other, definitions), definitions)
    return rows


def _resolve(part: Schema, definitions: Schema) -> Schema:
    """Return `part` with the definition it refers to."""
    if "$ref" in part:
        return definitions[part["$ref"].rsplit("/", 1)[-1]] | part
    return part


def _value(part: Schema, definitions: Schema) -> str:
    """Say what values a key takes."""
    if "anyOf" in part:
        return " or ".join(_value(choice, definitions) for choice in part["anyOf"])
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    if part.get("type") == "array":
        return f"list of {_value(_resolve(part['items'], definitions), definitions)}"
    limits = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {part[key]}" for key, sign in limits.items() if key in part]
    kind = str(part["type"])
    return " ".join([{"object": "mapping", "string": "text"}.get(kind, kind), *bounds])
