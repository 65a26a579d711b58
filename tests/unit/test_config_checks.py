"""Every mistake in a config is told in plain words: key, what was expected, what was found, what to do."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from landmarks.config import check_config
from landmarks.config_messages import COUNTS, LIMITS, PATTERNS, TYPES
from landmarks.errors import LandmarksError

ROOT = Path(__file__).parents[2]
SCHEMA_FILE = ROOT / "workflow" / "schemas" / "config.schema.yaml"
SCHEMA = yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))
JARGON = re.compile(r"[a-z](Minimum|Maximum|Items|Properties|Length|Of)\b|\b(pattern|format|regex|enum) ")
NAME = "letters, digits, _ and -, the first a letter or a digit"
SAMPLES = "one of ['all', 'auto'], or an integer of at least 2"

Config = dict[str, Any]
ABSENT = object()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return a valid config of local files in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv", "sets.gmt"):
        (tmp_path / name).touch()
    return {
        "version": 1,
        "run": "test",
        "compendium": "a",
        "crossplatform": ["b"],
        "datasets": {"a": {"origin": "a.csv"}, "b": {"origin": "b.csv"}},
        "panels": {"deeplift": {"sizes": [5, 10]}, "random": {"sizes": [10], "seeds": 4}},
        "inference": {"ridge": {}, "dgex": {"sizes": [10], "random_seeds": 4}},
        "gene_sets": {"gmt": "sets.gmt", "minimum": 5, "maximum": 5},
        "figures": {"model": "ridge", "k": 10},
    }


def put(config: Config, key: str, value: object) -> Config:
    """Return a copy with the value of a dotted key replaced, or removed if `value` is ABSENT."""
    changed = copy.deepcopy(config)
    *folders, last = key.split(".")
    place: Any = changed
    for folder in folders:
        place = place[int(folder)] if isinstance(place, list) else place.setdefault(folder, {})
    if value is ABSENT:
        del place[last]
    elif isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return changed


def explain(config: Config) -> tuple[str, str]:
    """Return what the error of a config says, and its hint."""
    with pytest.raises(LandmarksError) as error:
        check_config(config, SCHEMA_FILE)
    message, _, hint = str(error.value).partition("\nHint: ")
    assert message.startswith("config: ") and message.endswith(".") and hint
    return message.removeprefix("config: "), hint


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every value that is no mapping and no list, by its dotted key."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for word, part in value.items():
            yield from leaves(part, (*path, str(word)))
    else:
        yield ".".join(path), value


def keywords(part: Config) -> Iterator[tuple[str, Any]]:
    """Yield every keyword of a schema that can be violated, with what it asks for."""
    for keyword, value in part.items():
        if keyword in ("$defs", "properties"):
            for inner in value.values():
                yield from keywords(inner)
        elif keyword in ("items", "propertyNames") or (keyword == "additionalProperties" and value):
            yield from keywords(value)
        elif keyword == "anyOf":
            for inner in value:
                yield from keywords(inner)
        elif keyword not in ("$schema", "$ref", "title", "description", "default"):
            yield keyword, value


def default() -> Config:
    """Return the default config, no two keys sharing a list; its files are named from the root."""
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    return dict(json.loads(json.dumps(config)))


# Of a list, the first entry stands for all.
GIVEN = {key: value for key, value in leaves(default()) if not re.search(r"\.[1-9]\d*$", key)}
NUMBERS = [key for key, value in GIVEN.items() if type(value) in (int, float)]
INTEGERS = [key for key in NUMBERS if type(GIVEN[key]) is int and not re.search("penalt|distance", key)]


def test_the_default_config_is_valid_and_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    filled = check_config(default(), SCHEMA_FILE)
    assert check_config(filled, SCHEMA_FILE) == filled


@pytest.mark.parametrize("key", GIVEN)
def test_no_key_takes_nan(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.chdir(ROOT)
    message, hint = explain(put(default(), key, float("nan")))
    assert message.startswith(f"{key}: expected ")
    assert message.endswith(", found nan.")
    assert (hint == "write a finite number; .nan and .inf are none.") == (key in NUMBERS)


@pytest.mark.parametrize("key", INTEGERS)
def test_an_integer_is_written_without_a_point(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.chdir(ROOT)
    message, hint = explain(put(default(), key, float(GIVEN[key])))
    assert re.fullmatch(rf"{re.escape(key)}: expected (1|an integer.*), found {GIVEN[key]}\.0\.", message)
    assert hint == f"write {GIVEN[key]}, without quotes or a point."


@pytest.mark.parametrize(
    ("key", "value", "expected", "hint"),
    [
        ("autoencoder.epochs", 100.0, "an integer of at least 1, found 100.0", "write 100, without"),
        ("autoencoder.epochs", "1e2", "an integer of at least 1, found '1e2'", "write 100, without"),
        ("autoencoder.epochs", 1.5, "an integer of at least 1, found 1.5", "Passes over"),
        ("attribution.samples", 64.0, f"{SAMPLES}, found 64.0", "write 64, without"),
        ("attribution.samples", 1, f"{SAMPLES}, found 1", "all training samples"),
        ("version", 1.0, "1, found 1.0", "write 1, without"),
        ("version", "1", "1, found '1'", "write 1, without"),
        ("version", True, "1, found True", "Version of this schema."),
        ("split.test", "1e-1", "a number above 0, found '1e-1'", "YAML reads 1e-1 as text"),
        ("split.test", ".nan", "a number above 0, found '.nan'", "Share of the samples, or their number."),
        ("split.test", "nan", "a number above 0, found 'nan'", "write a finite number"),
        ("split.test", float("inf"), "a number above 0, found inf", "write a finite number"),
        ("duplicates.distance", float("inf"), "a number of at least 0, found inf", "write a finite number"),
        ("constraints.minimum_expression", float("-inf"), "a number, found -inf", "write a finite number"),
        ("autoencoder.dropout", 10**400, f"a number of at least 0 and below 1, found {10**400}", "Probability"),
        ("autoencoder.dropout", 1, "a number of at least 0 and below 1, found 1", "Probability"),
        ("autoencoder.learning_rate", 0, "a number above 0, found 0", "Of Adam."),
        ("attribution.check.samples", 257, "an integer of at least 1 and of at most 256, found 257", "How"),
        ("autoencoder.hidden", [], "at least 1 entry, found []", "Widths"),
        ("autoencoder.hidden", 500, "a list, found 500", "Widths"),
        ("autoencoder.seeds", [0, 0], "no entry twice, found [0, 0]", "One autoencoder"),
        ("figures.pair", ["random"], "at least 2 entries, found ['random']", "The selectors"),
        ("figures.pair", list("abc"), "at most 2 entries, found ['a', 'b', 'c']", "The selectors"),
        ("split.method", "any", "one of ['random', 'grouped'], found 'any'", "grouped keeps"),
        ("inference", {}, "at least 1 key, found {}", "The models"),
        ("split", None, "a mapping of keys to values, found None", "Training, validation"),
        ("attribution.reference", "", "text of at least 1 character, found ''", "mean, median"),
        ("datasets.a.gene_pattern", "(", "a regular expression, found '('", "Regular expression on gene ids"),
        ("constraints.one_probe_a_gene", 1, "true or false, found 1", "Choose one row"),
        # described beside the $ref, in the definition, beside and in it, and in neither
        ("run", "a/b", f"{NAME}, found 'a/b'", "Name of the run"),
        ("split.seed", -1, "an integer of at least 0, found -1", "Of the shuffle."),
        ("datasets.a.origin", "", "text of at least 1 character, found ''", "Where a file comes from"),
        ("datasets.a.sha256", "abc", "64 digits 0-9 and a-f, or unknown, found 'abc'", "SHA-256 of the download"),
        ("panels.deeplift.sizes", [], "at least 1 entry, found []", "Genes in the panel"),
        ("arena.sizes", [], "at least 1 entry, found []", "Panel sizes of all selectors in the arena"),
        ("gene_sets.gmt", "", "text of at least 1 character, found ''", "Gene sets in GMT format"),
        ("crossplatform.0", "b/c", f"{NAME}, found 'b/c'", "Datasets of"),
        ("panels.deeplift.sizes.1", 0, "an integer of at least 1, found 0", "Genes in the panel"),
        ("datasets.a.labels", 5, "a mapping of keys to values, found 5", "A table of sample labels;"),
    ],
)
def test_violations_in_plain_words(config: Config, key: str, value: object, expected: str, hint: str) -> None:
    message, advice = explain(put(config, key, value))
    assert message == f"{key}: expected {expected}."
    assert advice.startswith(hint)
    assert not JARGON.search(message)


@pytest.mark.parametrize("name", ["a b", 2021, float("nan"), None])
def test_names_of_datasets(config: Config, name: object) -> None:
    config["datasets"][name] = {"origin": 5}
    message, hint = explain(config)
    assert message == f"datasets: expected {NAME if isinstance(name, str) else 'text'}, found {name!r}."
    assert hint == "Every dataset by name."


@pytest.mark.parametrize(
    ("key", "found", "hint"),
    [
        ("figures.k", "model", "Panel size of figures"),
        ("panels.random.sizes", "seeds", "Genes in the panel"),
        ("panels.deeplift.sizes", "none", "Genes in the panel"),
        ("datasets.a.origin", "none", "Where a file comes from"),
    ],
)
def test_a_missing_key_is_named_alone(config: Config, key: str, found: str, hint: str) -> None:
    message, advice = explain(put(config, key, ABSENT))
    section, _, name = key.rpartition(".")
    assert message == f"{section}: the key {name} is missing, found {found}."
    assert advice.startswith(hint)


def test_of_several_missing_keys_the_first_is_named(config: Config) -> None:
    message, _ = explain(put(config, "datasets.a.labels", {"origin": "a.csv"}))
    assert message == "datasets.a.labels: the key label_column is missing, found origin."
    message, hint = explain({"run": "test", "figures": {}})
    assert message == "(top level): the key version is missing, found run, figures."
    assert hint == "Version of this schema."


def test_every_keyword_of_the_schema_has_words() -> None:
    used = list(keywords(SCHEMA))
    plain = {"type", "enum", "const", "required", "additionalProperties", "uniqueItems", "pattern", "format"}
    assert {keyword for keyword, _ in used} <= plain | set(LIMITS) | set(COUNTS)
    assert {value for keyword, value in used if keyword in ("pattern", "format")} == set(PATTERNS)
    assert {value for keyword, value in used if keyword == "type"} == set(TYPES)


SHARED = {"origin": "b.csv", "group_pattern": r"^(\w+)-", "group_column": "study"}
LIKE = ".like: expected a selector with panels of"
GROUPS = "expected groups named symbol, entrez, ensembl"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("crossplatform", ["b", "a"], ": expected datasets other than the compendium, found 'a'."),
        ("gene_sets.minimum", 6, ": expected at most 5, as gene_sets.maximum, found 6."),
        ("inference.dgex.sizes", [10, 7, 6], ": expected sizes of panels, any of [5, 10], found [6, 7]."),
        ("inference.dgex.random_seeds", 5, ": expected at most 4, as many as panels.random.seeds, found 5."),
        ("datasets.b.gene_pattern", "^(.+)_", f": {GROUPS}, found '^(.+)_'."),
        ("datasets.b.gene_pattern", "", f": {GROUPS}, found ''."),
        ("datasets.b.gene_pattern", "(?P<symbol>.)(?P<id>.)", f": {GROUPS}, found '(?P<symbol>.)(?P<id>.)'."),
        ("datasets.b.group_pattern", "^(?:A|B)-", ": expected a group in parentheses, found '^(?:A|B)-'."),
        ("datasets.b", SHARED, ": expected one of group_pattern and group_column, found both."),
        (
            "split",
            {"validation": 0.1, "test": 0.9},
            ": validation and test take all samples, none is left for training: "
            "expected a sum below 1, found 0.1 + 0.9.",
        ),
        (
            "attribution",
            {"samples": "auto", "shards": 2},
            ": expected shards: 1, as samples: auto looks at one sample after the other, found shards: 2.",
        ),
        (
            "panels.random_matched",
            {"sizes": [5, 7], "like": "deeplift"},
            f"{LIKE} [7] genes that is no control, found 'deeplift'.",
        ),
        (
            "panels.random_matched",
            {"sizes": [10], "like": "random"},
            f"{LIKE} [10] genes that is no control, found 'random'.",
        ),
        (
            "figures",
            {"model": "ridge", "k": 7},
            ": no panel of deeplift with 7 genes is judged by ridge; found sizes [5, 10].",
        ),
    ],
)
def test_keys_that_contradict_each_other(config: Config, key: str, value: object, message: str) -> None:
    found, _ = explain(put(config, key, value))
    assert found == key + message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("crossplatform", []),
        ("datasets.b.gene_pattern", r"^(?P<symbol>.+)_(?P<entrez>\d+)$"),
        ("datasets.b.gene_pattern", "(?P<ensembl>ENSG[0-9]+)"),
        ("datasets.b.group_pattern", r"^(\w+)-"),
        ("datasets.b.group_pattern", r"^(?P<donor>\w+)-"),
        ("datasets.b.group_column", "study"),
        ("inference.dgex", {"random_seeds": 4}),
        ("inference.ridge.penalties", [10, 1.0e6]),
        ("panels.random_matched", {"sizes": [5], "like": "deeplift"}),
        ("attribution", {"samples": "auto"}),
    ],
)
def test_what_is_allowed(config: Config, key: str, value: object) -> None:
    check_config(put(config, key, value), SCHEMA_FILE)


def test_seeds_of_dgex_are_free_without_random_panels(config: Config) -> None:
    changed = put(put(config, "panels.random", ABSENT), "inference.dgex.random_seeds", 50)
    changed["panels"]["variance"] = {"sizes": [10]}
    changed["figures"]["pair"] = ["deeplift", "variance"]
    check_config(changed, SCHEMA_FILE)
