"""A first config: what is guessed of a file, and that what is written is a config."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

from landmarks.config import check_config
from landmarks.errors import LandmarksError
from landmarks.first_config import name_run, quoted
from landmarks.guessing import (
    guess_format,
    guess_gene_names,
    guess_groups,
    guess_labels,
    guess_normalisation,
    guess_scale,
    network_sizes,
    panel_sizes,
)
from landmarks.readers.survey import Survey
from landmarks.steps import init

SCHEMA = Path(__file__).parents[2] / "workflow/schemas/config.schema.yaml"


def survey(lowest: float, high: float, whole: bool) -> Survey:
    return Survey(np.array([lowest, lowest + 1], np.float32), np.zeros(3, bool), high, whole)


@pytest.mark.parametrize(
    ("found", "scale"),
    [
        (survey(0, 14, False), "log2"),
        (survey(-3, 4000, False), "log2"),
        (survey(0.1, 4000, False), "linear"),
        (survey(0, 4000, True), "counts"),
        (survey(0, 12, True), "counts"),
        (survey(0, 1, True), "log2"),
    ],
)
def test_scale(found: Survey, scale: str) -> None:
    assert guess_scale(found).value == scale


def test_normalisation() -> None:
    generator = np.random.default_rng(0)
    arrays = generator.uniform(4, 14, (10, 500)).astype(np.float32)
    assert guess_normalisation("log2", arrays).value == "quantile"
    assert guess_normalisation("counts", arrays).value == "none"
    sequenced = np.where(generator.random((10, 500)) < 0.1, 0, arrays)
    assert guess_normalisation("log2", sequenced).value == "none"
    same = np.stack([generator.permutation(arrays[0]) for _ in range(10)])
    assert guess_normalisation("log2", same).value == "none"


@pytest.mark.parametrize(
    ("ids", "pattern", "why"),
    [
        (["TP53_7157", "ESR1_2099"], True, "symbol and Entrez"),
        (["TP53|7157", "?|100130426"], True, "symbol and Entrez"),
        (["TP53_7157", "ESR1"], False, "symbols"),
        (["ENSG00000141510.5", "ENSG00000091831"], False, "Ensembl"),
        (["1007_s_at", "1053_at"], False, "Affymetrix"),
        (["TP53", "ESR1"], False, "symbols"),
    ],
)
def test_gene_names(ids: list[str], pattern: bool, why: str) -> None:
    guess = guess_gene_names(ids)
    assert (guess.value is not None) == pattern and why in guess.why


@pytest.mark.parametrize(
    ("ids", "groups"),
    [
        ([f"TCGA-A{i // 2}-000{i // 2}-{i % 2}" for i in range(12)], 6),
        ([f"study{i // 4}_s{i}" for i in range(24)], 6),
        ([f"GSM{i}" for i in range(20)], None),
        ([f"s_{i}" for i in range(20)], None),  # one group
        ([f"s{i}_a" for i in range(20)], None),  # a group each
        ([f"a_{i}" for i in range(15)] + [f"{letter}_1" for letter in "bcdef"], None),  # one holds most
    ],
)
def test_groups(ids: list[str], groups: int | None) -> None:
    guess = guess_groups(ids)
    assert (guess.value is None) == (groups is None)
    if groups:
        assert guess.why.startswith(f"{groups} groups")


def test_labels() -> None:
    table = pd.DataFrame({"name": ["x", "y", "z", "w"], "id": ["a", "b", "c", "d"], "kind": ["p", "p", "q", "q"]})
    found = guess_labels(table.assign(other=["1", "2", "1", "2"]), ["a", "b", "c", "e"], Path("labels.csv"))
    assert (found.id_column, found.label_column, found.found, found.classes) == ("id", "kind", 3, 2)
    assert found.others == ["other"]
    with pytest.raises(LandmarksError, match="Expected the samples' ids, as A, B"):
        guess_labels(table, ["A", "B"], Path("labels.csv"))
    with pytest.raises(LandmarksError, match="a few different labels"):
        guess_labels(table[["name", "id"]], ["a", "b", "c"], Path("labels.csv"))


def test_sizes() -> None:
    assert panel_sizes(22_268) == [50, 100, 250, 500, 943]
    assert panel_sizes(1_000) == [50, 100, 250]
    assert panel_sizes(80) == [8]
    assert network_sizes(100, 80) == {"hidden": [20, 4], "epochs": 188, "batch_size": 8}
    assert network_sizes(129_158, 22_268) == {"hidden": [500, 100], "epochs": 100, "batch_size": 512}


@pytest.mark.parametrize(
    "text", ["plain/path.csv", "with space", "no", "1e5", "ümlaut", "a: b", 'qu"ote', "#x", "~", "2024"]
)
def test_quoted_text_is_read_back(text: str) -> None:
    assert yaml.safe_load(f"key: {quoted(text)} # why") == {"key": text}


def test_run_names() -> None:
    assert [name_run(words) for words in ("my data", "größe", "--", "_x_", "a.b")] == [
        "my-data",
        "gr-e",
        "mine",
        "x",
        "a-b",
    ]


def table(samples: int = 40, genes: int = 120) -> pd.DataFrame:
    values = np.random.default_rng(0).uniform(4, 14, (samples, genes))
    ids = pd.Index([f"donor{i // 4}_s{i}" for i in range(samples)], name="sample")
    return pd.DataFrame(values, index=ids, columns=[f"GENE{i}_{i + 100}" for i in range(genes)])


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt.gz", "x y.parquet", "x.gctx", "ü.csv"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_written_is_a_config(
    tmp_path: Path, name: str, turned: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = table().T.rename_axis("gene") if turned else table()
    if name.endswith("parquet"):
        frame.reset_index().to_parquet(name, index=False)
    elif name.endswith("gctx"):
        with h5py.File(name, "w") as file:
            file["0/DATA/0/matrix"] = table().to_numpy()
            file["0/META/COL/id"], file["0/META/ROW/id"] = list(table().index), list(table().columns)
    else:
        text = frame.to_csv(sep="," if "csv" in name else "\t").encode()
        Path(name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    labels = pd.DataFrame({"id": table().index, "kind": ["a", "b"] * 20})
    labels.to_csv("labels.csv", index=False)
    init.main(expression=Path(name), labels=Path("labels.csv"), out_dir=Path("out"))
    said = capsys.readouterr().out
    assert "--configfile out/config.yaml" in said and "10 groups, such as donor0" in said
    config = check_config(yaml.safe_load(Path("out/config.yaml").read_text()), SCHEMA)
    (dataset,) = config["datasets"].values()
    assert dataset["origin"] == name
    assert dataset["format"] == guess_format(Path(name)).value
    assert dataset["orientation"] == ("auto" if name.endswith("gctx") else "genes" if turned else "samples")
    assert (dataset["scale"], dataset["normalise"]) == ("log2", "quantile")
    assert dataset["group_pattern"] and dataset["gene_pattern"]
    assert (dataset["labels"]["id_column"], dataset["labels"]["label_column"]) == ("id", "kind")
    assert config["panels"]["crossfit"]["sizes"] == [12]


def test_paths_elsewhere_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table().to_csv(tmp_path / "x.csv")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    init.main(expression=Path("../x.csv"), out_dir=Path())
    (dataset,) = yaml.safe_load(Path("config.yaml").read_text())["datasets"].values()
    assert Path(dataset["origin"]).is_absolute() and Path(dataset["origin"]).is_file()
