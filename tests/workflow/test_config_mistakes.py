"""Every kind of mistake in a config stops before any job and names the key, the find and a remedy."""

import copy
import math
from pathlib import Path

import pytest
from conftest import REPO, Config, K, Workflow, write_inputs

from landmarks.config import check_config
from landmarks.errors import LandmarksError

SCHEMA = REPO / "workflow" / "schemas" / "config.schema.yaml"
GONE = object()
"""In place of a value: the key is left out."""

# key that is set, value, words that the message must hold
MISTAKES: list[tuple[str, object, list[str]]] = [
    # keys nobody knows
    ("splits", {}, ["unknown key splits", "(top level)", "split"]),
    ("autoencoder.hiden", [5], ["unknown key hiden", "autoencoder", "hidden"]),
    ("datasets.main.orign", "x", ["unknown key orign", "datasets.main", "origin"]),
    ("datasets.main.labels.id", "x", ["unknown key id", "datasets.main.labels", "id_column"]),
    ("inference.lasso", {}, ["unknown key lasso", "inference", "ridge"]),
    ("panels.kmeans", {"sizes": [5]}, ["panels.kmeans", "the key file is missing", "check the spelling"]),
    ("datasets.bad name", {"origin": "expression.csv"}, ["datasets", "'bad name'"]),
    # keys left out
    ("compendium", GONE, ["compendium"]),
    ("figures", GONE, ["figures"]),
    ("figures.k", GONE, ["figures", "the key k is missing"]),
    ("panels.given.file", GONE, ["panels.given", "file"]),
    ("panels.random.sizes", GONE, ["panels.random", "sizes"]),
    ("datasets.main.origin", GONE, ["datasets.main", "origin"]),
    ("datasets.main.labels.id_column", GONE, ["datasets.main.labels", "id_column"]),
    # wrong types
    ("autoencoder.epochs", "ten", ["autoencoder.epochs", "integer", "'ten'"]),
    ("autoencoder.epochs", 1.5, ["autoencoder.epochs", "integer", "1.5"]),
    ("autoencoder.learning_rate", "1e-3", ["autoencoder.learning_rate", "'1e-3'", "1.0e-3"]),
    ("autoencoder.hidden", 500, ["autoencoder.hidden", "list", "500"]),
    ("autoencoder.hidden", ["a"], ["autoencoder.hidden.0", "'a'"]),
    ("autoencoder", None, ["autoencoder", "mapping", "None"]),
    ("inference.ridge", None, ["inference.ridge", "mapping", "None"]),
    ("autoencoder.seeds", [True], ["autoencoder.seeds.0", "True"]),
    ("crossplatform", "other", ["crossplatform", "list", "'other'"]),
    ("version", "1", ["version", "'1'"]),
    ("run", 3, ["run", "text", "3"]),
    ("datasets.main.labels.names", {"A": 1}, ["datasets.main.labels.names.A", "1"]),
    # values out of range
    ("version", 2, ["version", "expected 1", "found 2"]),
    ("run", "a/b", ["run", "'a/b'"]),
    ("panels.deeplift.sizes", [], ["panels.deeplift.sizes", "[]"]),
    ("panels.deeplift.sizes", [0], ["panels.deeplift.sizes.0", "found 0"]),
    ("panels.deeplift.sizes", [K, K], ["panels.deeplift.sizes", f"[{K}, {K}]"]),
    ("duplicates.distance", -1, ["duplicates.distance", "-1"]),
    ("split.seed", -1, ["split.seed", "-1"]),
    ("split.test", 0, ["split.test", "found 0"]),
    ("split.test", -0.1, ["split.test", "-0.1"]),
    ("split.test", 0.85, ["split", "none is left for training"]),
    ("attribution", {"samples": "auto", "shards": 2}, ["attribution", "one sample after the other", "shards: 2"]),
    ("attribution.samples", "some", ["attribution.samples", "'some'"]),
    ("attribution.samples", 1, ["attribution.samples", "found 1"]),
    ("attribution.engine", "shap", ["attribution.engine", "exact", "'shap'"]),
    ("attribution.check", {"sample": 1}, ["unknown key sample", "attribution.check", "samples"]),
    ("autoencoder.dropout", 1, ["autoencoder.dropout", "found 1"]),
    ("autoencoder.penalty", -1.0e-6, ["autoencoder.penalty", "-1e-06"]),
    ("autoencoder.learning_rate", 0, ["autoencoder.learning_rate", "found 0"]),
    ("inference.ridge.penalties", [0], ["inference.ridge.penalties.0", "found 0"]),
    ("inference.dgex.keep", 0, ["inference.dgex.keep", "found 0"]),
    ("comparison.resamples", 5, ["comparison.resamples", "found 5"]),
    ("datasets", {}, ["datasets", "{}"]),
    ("panels", {}, ["panels", "{}"]),
    ("inference", {}, ["inference", "{}"]),
    # words that are none of the choices
    ("datasets.main.scale", "log10", ["datasets.main.scale", "'log2'", "'log10'"]),
    ("datasets.main.format", "xlsx", ["datasets.main.format", "'csv'", "'xlsx'"]),
    ("split.method", "stratified", ["split.method", "'grouped'", "'stratified'"]),
    ("attribution.aggregation", "max", ["attribution.aggregation", "'mean_abs'", "'max'"]),
    ("figures.model", "lasso", ["figures.model", "'ridge'", "'lasso'"]),
    ("figures.pair", ["deeplift", "kmeans"], ["figures", "no panel of kmeans"]),
    ("figures.pair", ["deeplift"], ["figures.pair", "['deeplift']"]),
    ("datasets.main.gene_pattern", "(", ["datasets.main.gene_pattern", "regular expression", "'('"]),
    # names and files that are not there
    ("compendium", "absent", ["compendium", "'absent'", "main, other"]),
    ("crossplatform", ["absent"], ["crossplatform", "'absent'", "main, other"]),
    ("datasets.main.origin", "absent.csv", ["datasets.main", "absent.csv", "found none"]),
    ("datasets.main.labels.origin", "absent.csv", ["datasets.main.labels", "absent.csv", "found none"]),
    ("panels.given.file", "absent.txt", ["panels.given.file", "absent.txt", "found none"]),
    ("gene_sets.gmt", "absent.gmt", ["gene_sets.gmt", "absent.gmt", "found none"]),
    ("gene_sets.gmt", GONE, ["gene_sets", "found []"]),
    ("gene_sets.ontology", "sets.gmt", ["gene_sets", "['gmt', 'ontology']"]),
    # downloads
    ("datasets.main.labels.sha256", "abc", ["datasets.main.labels.sha256", "'abc'"]),
    ("datasets.main.labels.sha256", 12345, ["datasets.main.labels.sha256", "text", "12345"]),
    ("datasets.main.origin", "pypi:name==1!a.csv", ["datasets.main", "sha256", "found none for pypi:name==1!a.csv"]),
    ("datasets.main.origin", "https://example.org/a.csv", ["datasets.main", "sha256", "https://example.org/a.csv"]),
    # figures of what is not made
    ("figures.k", K + 1, ["figures", f"{K + 1} genes", "ridge"]),
    ("panels.random", GONE, ["figures", "random", f"{K} genes"]),
    ("panels.deeplift", GONE, ["figures", "deeplift", f"{K} genes"]),
    ("inference.ridge", GONE, ["figures", "ridge"]),
]


def spoil(config: Config, key: str, value: object) -> Config:
    """Return a copy of `config` with `value` under the dotted `key`."""
    spoilt = copy.deepcopy(config)
    *words, last = key.split(".")
    section = spoilt
    for word in words:
        section = section[word]
    if value is GONE:
        del section[last]
    else:
        section[last] = value
    return spoilt


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [pytest.param(*row, id=f"{row[0]}={'gone' if row[1] is GONE else row[1]}") for row in MISTAKES],
)
def test_mistake_is_named_with_a_hint(tiny: Config, key: str, value: object, words: list[str]) -> None:
    with pytest.raises(LandmarksError) as caught:
        check_config(spoil(tiny, key, value), SCHEMA)
    message, _, hint = str(caught.value).partition("\nHint: ")
    assert message.startswith("config: ")
    assert hint
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("key", ["gene_sets", "enrichment", "crossplatform", "duplicates", "split", "panels.given"])
def test_optional_key_may_be_left_out(tiny: Config, key: str) -> None:
    assert check_config(spoil(tiny, key, GONE), SCHEMA)["version"] == 1


def test_defaults_are_filled_in_and_the_config_is_kept(tiny: Config) -> None:
    given = copy.deepcopy(tiny)
    del given["split"], given["autoencoder"]["dropout"], given["panels"]["random"]["seeds"]
    before = copy.deepcopy(given)
    filled = check_config(given, SCHEMA)
    assert given == before
    assert filled["split"] == {"method": "grouped", "validation": 0.1, "test": 0.2, "test_groups": [], "seed": 0}
    assert filled["autoencoder"]["dropout"] == 0.1
    assert filled["panels"]["random"]["seeds"] == 20
    assert math.isclose(filled["autoencoder"]["learning_rate"], 1.0e-2)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("autoencoder.hiden", [5], ["unknown key hiden in autoencoder"]),
        ("autoencoder.learning_rate", "1e-3", ["autoencoder.learning_rate", "found '1e-3'"]),
        ("datasets.main.origin", "absent.csv", ["datasets.main", "absent.csv"]),
    ],
)
def test_snakemake_stops_before_any_job(tmp_path: Path, key: str, value: object, words: list[str]) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, REPO)
    workflow.write_config(spoil(workflow.config(), key, value))
    done = workflow.snakemake("--dry-run", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    for word in [*words, "Hint: "]:
        assert word in done.stdout
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
def test_panel_larger_than_its_list_is_refused(finished: Workflow) -> None:
    target = "results/tiny/panels/given/k81/seed0.parquet"
    done = finished.snakemake("--", target, check=False)
    assert done.returncode != 0
    assert "Error: A panel of 81 genes" in done.stdout
    assert "Hint: ask for at most 12 genes in panels.given.sizes." in done.stdout
    assert not (finished.folder / target).exists()
    (finished.results / "logs" / "select_panels" / "given" / "k81" / "seed0.log").unlink()


def test_file_with_another_hash_is_refused(tmp_path: Path) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, REPO)
    workflow.write_config(spoil(workflow.config(), "datasets.main.labels.sha256", "0" * 64))
    done = workflow.snakemake("--", "results/tiny/sources/datasets.main.labels/labels.csv", check=False)
    assert done.returncode != 0
    assert "0" * 64 in done.stdout and "Hint: " in done.stdout
    assert not list(tmp_path.glob("results/tiny/sources/**/labels.csv"))
