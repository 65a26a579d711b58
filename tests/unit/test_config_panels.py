"""Which panels and models a config asks for, of the run and of the arena."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from config_data import SCHEMA, Config, explain, put, small_config

from landmarks.config import check_config, list_evaluations, list_panels, nested_sizes, sizes_of


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return small_config(tmp_path)


def seeds(config: Config, listing: Callable[[Config], list[Any]], *wanted: object) -> list[int]:
    """Return the seeds of the listed rows that begin with `wanted`."""
    return [row[-1] for row in listing(config) if row[:-1] == wanted]


def test_panels_and_their_seeds(config: Config, tmp_path: Path) -> None:
    config["panels"]["given"] = {"sizes": [3], "file": str(tmp_path / "genes.txt")}
    config["panels"]["random"]["seeds"] = 3
    filled = check_config(put(config, "autoencoder.seeds", [4, 9]), SCHEMA)
    assert len(list_panels(filled)) == 2 * 2 + 2 * 3 + 1
    assert seeds(filled, list_panels, "deeplift", 5) == [4, 9]
    assert seeds(filled, list_panels, "random", 10) == [0, 1, 2]
    assert seeds(filled, list_panels, "given", 3) == [0]


def test_dgex_is_fitted_on_fewer_panels(config: Config) -> None:
    config["inference"]["dgex"] = {"sizes": [10], "random_seeds": 2}
    filled = check_config(config, SCHEMA)
    assert seeds(filled, list_evaluations, "ridge", "random", 5) == list(range(20))
    assert seeds(filled, list_evaluations, "dgex", "random", 5) == []
    assert seeds(filled, list_evaluations, "dgex", "random", 10) == [0, 1]
    assert seeds(filled, list_evaluations, "dgex", "deeplift", 10) == [0]


def test_without_sizes_dgex_is_fitted_on_all(config: Config) -> None:
    filled = check_config(put(config, "inference.dgex", {}), SCHEMA)
    assert seeds(filled, list_evaluations, "dgex", "deeplift", 5) == [0]
    assert seeds(filled, list_evaluations, "dgex", "random", 10) == [0, 1, 2]


ARENA_PANELS = {
    "deeplift": {"sizes": [5, 10]},
    "leverage": {"sizes": [5]},
    "random": {"sizes": [5, 10], "seeds": 4},
}


def test_the_arena_has_sizes_and_models_of_its_own(config: Config, tmp_path: Path) -> None:
    mine = {"sizes": [7], "file": str(tmp_path / "genes.txt"), "column": 3}
    config["panels"] = ARENA_PANELS | {"mine": mine}
    config["inference"] |= {"dgex": {"sizes": [], "random_seeds": 2, "seeds": 1}, "knn": {"sizes": []}, "mlp": {}}
    config["arena"] = {"sizes": [5, 20], "curve": [40], "models": {"ridge": {}, "knn": {}, "dgex": {"sizes": [20]}}}
    filled = check_config(put(config, "autoencoder.seeds", [4, 9]), SCHEMA)
    sizes = {name: sizes_of(filled, name, arena=True) for name in config["panels"]}
    # Nested rankings and chance meet the list at its own size; the list has no panel beyond its length.
    assert sizes == {"deeplift": [5, 7, 20, 40], "leverage": [5, 20], "random": [5, 7, 20, 40], "mine": [5, 7]}
    assert nested_sizes(filled, arena=True) == [5, 7, 20, 40] and nested_sizes(filled) == [5, 10]
    judged = list_evaluations(filled, arena=True)
    assert {model for model, *_ in judged} == {"ridge", "knn", "dgex"}
    assert seeds_of(judged, "knn", "random", 20) == [0, 1, 2, 3]  # judged in one job
    assert seeds_of(judged, "dgex", "random", 20) == [0, 1] and seeds_of(judged, "dgex", "deeplift", 20) == [4]
    assert {k for model, _, k, _ in judged if model == "dgex"} == {20}
    assert {model for model, *_ in list_evaluations(filled)} == {"ridge", "mlp"}


def seeds_of(rows: list[tuple[str, str, int, int]], *wanted: object) -> list[int]:
    return [row[-1] for row in rows if row[:-1] == wanted]


def test_without_settings_the_arena_judges_what_the_run_does(config: Config) -> None:
    filled = check_config(config, SCHEMA)
    assert list_panels(filled, arena=True) == list_panels(filled)
    assert list_evaluations(filled, arena=True) == list_evaluations(filled)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("arena.models", {"mlp": {}}, r"arena\.models: .*, any of \['ridge'\], found \['mlp'\]"),
        ("panels.consensus", {"sizes": [5], "of": "crossfit"}, r"panels\.consensus\.of: expected a selector"),
        ("panels.consensus", {"sizes": [5], "of": "random"}, r"panels\.consensus\.of: .* no control, found .random."),
        ("figures.panel", "greedy", r"figures\.panel: expected a selector with a panel of 10 genes, found 'greedy'"),
        ("panels.mine", {"sizes": [5], "file": "none.txt"}, r"panels\.mine\.file: .* found none"),
        ("panels.mine", {"sizes": [5], "file": "x", "column": 0}, r"panels\.mine\.column: expected an integer"),
    ],
)
def test_mistakes_of_the_arena(config: Config, key: str, value: object, words: str) -> None:
    assert re.search(words, explain(put(config, key, value)))
