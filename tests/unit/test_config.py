"""The config: every kind of mistake names its key, what was expected, what was found, and what to do."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from config_data import ABSENT, ROOT, SCHEMA, Config, explain, put, small_config
from jsonschema import Draft202012Validator

from landmarks.config import check_config, is_local, list_sources

SHA256 = "0123456789abcdef" * 4


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return small_config(tmp_path)


def test_the_schema_is_one_and_describes_every_key() -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    def check(part: Config, key: str) -> None:
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] | part
        assert "description" in part or key == "", key
        if "properties" in part:
            # Panels of any other name are lists of genes.
            assert part["additionalProperties"] is False or key == ".panels", key
        for name, inner in part.get("properties", {}).items():
            check(inner, f"{key}.{name}")
        if key == ".datasets":
            for name, inner in part["additionalProperties"]["properties"].items():
                check(inner, f"{key}.*.{name}")
        if "default" in part:
            Draft202012Validator({**part, "$defs": schema["$defs"]}).validate(part["default"])

    check(schema, "")


def test_the_default_config_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    filled = check_config(config, SCHEMA)
    assert filled["compendium"] in filled["datasets"]


def test_defaults_are_filled_in_at_every_depth(config: Config) -> None:
    before = copy.deepcopy(config)
    filled = check_config(config, SCHEMA)
    assert config == before
    assert filled["split"] == {"method": "grouped", "validation": 0.1, "test": 0.2, "test_groups": [], "seed": 0}
    assert filled["autoencoder"]["hidden"] == [500, 100]
    assert filled["datasets"]["a"]["format"] == "auto"
    assert filled["panels"]["random"]["seeds"] == 20
    assert filled["figures"]["pair"] == ["deeplift", "random"]
    assert filled["crossplatform"] == []
    assert "gene_sets" not in filled
    assert check_config(filled, SCHEMA) == filled


def test_given_values_are_kept(config: Config) -> None:
    filled = check_config(put(put(config, "split.test", 0.3), "panels.random.seeds", 2), SCHEMA)
    assert filled["split"]["test"] == 0.3
    assert filled["split"]["validation"] == 0.1
    assert filled["panels"]["random"]["seeds"] == 2


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("version", 2, r"version: expected 1, found 2"),
        ("version", ABSENT, r"\(top level\): the key version is missing, found run, compendium"),
        ("run", "a/b", r"run: expected letters, digits, .*, found 'a/b'"),
        ("run", "../up", r"run: expected letters, digits, .*, found '../up'"),
        ("run", 7, r"run: expected text, found 7"),
        (
            "epochs",
            3,
            r"unknown key epochs in \(top level\); expected one of arena, attribution, autoencoder, .*Hint: .*spelling",
        ),
        ("autoencoder.epoch", 3, r"unknown key epoch in autoencoder; expected one of batch_size, .*epochs"),
        ("datasets.a.url", "x", r"unknown key url in datasets\.a; expected one of .*origin"),
        (
            "panels.best",
            {"sizes": [5]},
            r"panels\.best: the key file is missing, found sizes\.\nHint: .*For a selector, check the spelling",
        ),
        ("autoencoder.epochs", "ten", r"autoencoder\.epochs: expected an integer of at least 1, found 'ten'"),
        ("autoencoder.epochs", True, r"autoencoder\.epochs: expected an integer of at least 1, found True"),
        ("autoencoder.epochs", 1.5, r"autoencoder\.epochs: expected an integer of at least 1, found 1\.5"),
        ("autoencoder.epochs", 0, r"autoencoder\.epochs: expected an integer of at least 1, found 0"),
        (
            "autoencoder.learning_rate",
            "1e-3",
            r"autoencoder\.learning_rate: expected a number above 0, found '1e-3'.*Hint: YAML reads 1e-3 as text",
        ),
        ("autoencoder.learning_rate", 0, r"autoencoder\.learning_rate: expected a number above 0, found 0"),
        ("autoencoder.dropout", 1, r"autoencoder\.dropout: expected a number of at least 0 and below 1, found 1"),
        ("autoencoder.hidden", [], r"autoencoder\.hidden: expected at least 1 entry, found \[\]"),
        ("autoencoder.hidden", 500, r"autoencoder\.hidden: expected a list, found 500"),
        ("autoencoder.hidden", [500, 0], r"autoencoder\.hidden\.1: expected an integer of at least 1, found 0"),
        ("autoencoder.seeds", [0, 0], r"autoencoder\.seeds: expected no entry twice, found \[0, 0\]"),
        ("split", None, r"split: expected a mapping of keys to values, found None"),
        ("split.method", "grouped ", r"split\.method: expected one of \['random', 'grouped'\], found 'grouped '"),
        ("split.test", 1.5, r"split\.test: expected a share under 1 or a whole number of samples, found 1\.5"),
        ("split.test", 0.9, r"split: validation and test take all samples.*Hint: their sum must be under 1"),
        ("inference.dgex", {"keep": 0}, r"inference\.dgex\.keep: expected a number above 0 and of at most 1, found 0"),
        ("inference", {}, r"inference: expected at least 1 key, found \{\}"),
        ("panels.deeplift", {}, r"panels\.deeplift: the key sizes is missing, found none"),
        ("datasets.a.sha256", "abc", r"datasets\.a\.sha256: expected 64 digits .*, found 'abc'"),
        ("datasets.a.gene_pattern", "(", r"datasets\.a\.gene_pattern: expected a regular expression, found '\('"),
        ("datasets.a b", {"origin": "x"}, r"datasets: expected letters, digits, .*, found 'a b'"),
        ("datasets.a.labels", {"origin": "x"}, r"datasets\.a\.labels: the key label_column is missing, found origin"),
        (
            "datasets.a.labels",
            {"origin": "x", "label_column": "l"},
            r"datasets\.a\.labels: expected origin and id_column, or neither, found origin, label_column\.\nHint: a",
        ),
        (
            "datasets.a.labels",
            {"id_column": "i", "label_column": "l"},
            r"datasets\.a\.labels: expected origin and id_column, or neither, found id_column, label_column",
        ),
        (
            "datasets.a.labels",
            {"label_column": "l", "pattern": "("},
            r"datasets\.a\.labels\.pattern: expected a regular expression",
        ),
        ("memory_mb", 0, r"memory_mb: expected an integer of at least 1, found 0"),
        ("comparison.resamples", 10, r"comparison\.resamples: expected an integer of at least 100, found 10"),
        ("figures.pair", ["random"], r"figures\.pair: expected at least 2 entries, found \['random'\]"),
        ("figures.model", "lasso", r"figures\.model: expected one of \['ridge', 'dgex', 'knn', 'mlp'\], found 'lasso'"),
        ("compendium", "b", r"compendium: expected the name of a dataset, found 'b'.*Hint: datasets holds a"),
        ("crossplatform", ["c"], r"crossplatform: expected the name of a dataset, found 'c'.*Hint: datasets holds a"),
        ("datasets.a.origin", "no/such.csv", r"datasets\.a: expected a file at no/such\.csv, found none.*Hint: paths"),
        ("datasets.a.origin", "https://x.org/a.csv", r"datasets\.a: a download needs a sha256, found none for https"),
        ("datasets.a.origin", "pypi:p==1!p/a.csv", r"datasets\.a: a download needs a sha256, .*Hint: add the sha256"),
        (
            "panels.given",
            {"sizes": [10], "file": "no.txt"},
            r"panels\.given\.file: expected a file at no\.txt, found none",
        ),
        ("gene_sets", {}, r"gene_sets: expected gmt, or ontology, .*found \[\].*Hint: give one GMT"),
        ("figures.k", 7, r"figures: no panel of deeplift with 7 genes is judged by ridge.*Hint: .*figures\.model"),
        ("figures.model", "dgex", r"figures: no panel of deeplift with 10 genes is judged by dgex"),
        ("figures.pair", ["random", "variance"], r"figures: no panel of variance with 10 genes"),
    ],
)
def test_mistakes(config: Config, key: str, value: object, expected: str) -> None:
    assert re.search(rf"^config: {expected}", explain(put(config, key, value)), re.DOTALL)


@pytest.mark.parametrize("found", [None, [], "text"])
def test_a_config_that_is_no_mapping(found: Any) -> None:
    assert f"(top level): expected a mapping of keys to values, found {found!r}" in explain(found)


def test_gene_sets_come_whole(config: Config, tmp_path: Path) -> None:
    gmt = str(tmp_path / "sets.gmt")
    assert check_config(put(config, "gene_sets", {"gmt": gmt}), SCHEMA)["gene_sets"]["maximum"] == 500
    assert "found ['gmt', 'ontology']" in explain(put(config, "gene_sets", {"gmt": gmt, "ontology": gmt}))
    assert "found ['associations', 'ontology']" in explain(
        put(config, "gene_sets", {"associations": gmt, "ontology": gmt})
    )


def test_labels_are_sources_too(config: Config, tmp_path: Path) -> None:
    labels = {"origin": "https://x.org/l.csv", "id_column": "id", "label_column": "label"}
    assert "config: datasets.a.labels: a download needs a sha256" in explain(put(config, "datasets.a.labels", labels))
    filled = check_config(put(config, "datasets.a.labels", labels | {"sha256": SHA256}), SCHEMA)
    assert list_sources(filled) == {
        "datasets.a": (str(tmp_path / "a.csv"), None),
        "datasets.a.labels": ("https://x.org/l.csv", SHA256),
    }


def test_labels_may_be_of_the_files_own_annotation(config: Config, tmp_path: Path) -> None:
    filled = check_config(put(config, "datasets.a.labels", {"label_column": "tissue", "pattern": "^breast"}), SCHEMA)
    assert list_sources(filled) == {"datasets.a": (str(tmp_path / "a.csv"), None)}
    assert filled["memory_mb"] == 2000


def test_the_first_mistake_is_the_outermost(config: Config) -> None:
    assert "unknown key epochs" in explain(put(put(config, "autoencoder.epochs", 0), "epochs", 1))


@pytest.mark.parametrize("keys", [[True], [True, "other"], [2021]])
def test_unknown_keys_that_yaml_reads_as_no_strings(config: Config, keys: list[Any]) -> None:
    assert "unknown key" in explain(config | dict.fromkeys(keys, 1))


def test_local_origins() -> None:
    assert [is_local(origin) for origin in ("data/a.csv", "/data/a.csv", "C.csv")] == [True] * 3
    assert [is_local(origin) for origin in ("https://x/a", "http://x/a", "pypi:p==1!a")] == [False] * 3
