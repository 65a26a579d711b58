from pathlib import Path

import yaml

from landmarks.config_reference import render

REPOSITORY = Path(__file__).parents[2]


def test_page_is_what_the_schema_says() -> None:
    schema = yaml.safe_load((REPOSITORY / "workflow/schemas/config.schema.yaml").read_text())
    page = (REPOSITORY / "config/README.md").read_text()
    assert page == render(schema), "config/README.md is out of date: run `make docs`"


def test_nested_keys_defaults_and_limits() -> None:
    schema = {
        "$defs": {"share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}},
        "required": ["a"],
        "properties": {
            "a": {
                "type": "object",
                "properties": {"b": {"$ref": "#/$defs/share", "default": 0.1, "description": "B"}},
            },
            "c": {"type": "array", "items": {"enum": ["x", "y"]}},
        },
    }
    rows = render(schema).split("|---|---|---|---|\n")[1].splitlines()
    assert rows == [
        "| `a` | mapping | required |  |",
        "| `a.b` | number > 0 < 1 | `0.1` | B |",
        "| `c` | list of `x`, `y` |  |  |",
    ]
