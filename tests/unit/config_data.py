"""A valid config, ways to spoil it, and the error that follows."""

import copy
from pathlib import Path
from typing import Any

import pytest

from landmarks.config import check_config
from landmarks.errors import LandmarksError

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"

Config = dict[str, Any]
ABSENT = object()


def small_config(folder: Path) -> Config:
    """Return a valid config of local files in `folder`, with few keys."""
    for name in ("a.csv", "labels.csv", "genes.txt", "sets.gmt"):
        (folder / name).touch()
    return {
        "version": 1,
        "run": "test",
        "compendium": "a",
        "datasets": {"a": {"origin": str(folder / "a.csv")}},
        "panels": {"deeplift": {"sizes": [5, 10]}, "random": {"sizes": [5, 10]}},
        "inference": {"ridge": {}},
        "figures": {"model": "ridge", "k": 10},
    }


def put(config: Config, key: str, value: object) -> Config:
    """Return a copy with the value of a dotted key replaced, or removed if `value` is ABSENT."""
    changed = copy.deepcopy(config)
    *folders, last = key.split(".")
    place = changed
    for folder in folders:
        place = place.setdefault(folder, {})
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return changed


def explain(config: Config) -> str:
    """Return the error of a config."""
    with pytest.raises(LandmarksError) as error:
        check_config(config, SCHEMA)
    message, _, hint = str(error.value).partition("\nHint: ")
    assert message.startswith("config: ")
    assert hint
    return str(error.value)
