"""A model exported and applied to new samples: the same numbers as in the run, and refusals with their reasons."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from exported_model import SETTINGS, export, landmarks_of

from landmarks.errors import LandmarksError
from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame
from landmarks.inference import infer as infer_z
from landmarks.inference.applying import linear_map, make_inferrer
from landmarks.parameters import read_parameters
from landmarks.portable import read_model
from landmarks.steps import infer

NEW = 12
"""Samples that are measured anew: the last of the compendium."""


@pytest.fixture(scope="module")
def ridge(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expression]:
    return export(tmp_path_factory.mktemp("ridge"))


def measured(model: Path, data: Expression, names: str = "gene_id") -> pd.DataFrame:
    """Return the landmarks of the last samples, a row a sample, under one kind of names."""
    landmarks = read_model(model).of("landmark")
    values = data.columns(landmarks["gene_id"])[-NEW:]
    return pd.DataFrame(values, index=pd.Index(data.sample_ids[-NEW:], name="sample"), columns=landmarks[names])


def run(model: Path, table: pd.DataFrame, folder: Path, **options: Any) -> Expression:
    """Infer what a CSV holds."""
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "new.csv")
    infer.main(model=model, expression=folder / "new.csv", out=folder / "out.parquet", **options)
    return read_expression(folder / "out.parquet")


@pytest.mark.parametrize("name", SETTINGS)
def test_exported_models_infer_what_the_run_did(tmp_path: Path, name: str) -> None:
    model, data = export(tmp_path, name)
    tensors = read_parameters(tmp_path / "model.parquet")
    assert (linear_map(tensors) is not None) == (name == "ridge")
    inferred = run(model, measured(model, data), tmp_path / "new")
    z = (data.columns(landmarks_of(model))[-NEW:] - tensors["input.mean"]) / tensors["input.scale"]
    expected = infer_z(tensors, z.astype(np.float32)) * tensors["output.scale"] + tensors["output.mean"]
    assert inferred.sample_ids.tolist() == data.sample_ids[-NEW:].tolist()
    assert inferred.gene_ids.tolist() == [gene for gene in data.gene_ids if gene not in landmarks_of(model)]
    np.testing.assert_allclose(inferred.values, expected, rtol=1e-5, atol=1e-4)


def test_inferrer_by_hand() -> None:
    # Two landmarks, z = (x - mean) / scale; target z = 2 z1 - z2 + 1; log2 = 10 + 3 z.
    tensors = {
        "input.mean": np.array([5, 6], np.float32),
        "input.scale": np.array([1, 2], np.float32),
        "output.mean": np.array([10], np.float32),
        "output.scale": np.array([3], np.float32),
        "part.0.layer.0.weight": np.array([[2, -1]], np.float32),
        "part.0.layer.0.bias": np.array([1], np.float32),
    }
    # x = (6, 10): z = (1, 2), target z = 1, log2 = 13; x = (5, 6): z = 0, target z = 1.
    assert make_inferrer(tensors)(np.array([[6, 10], [5, 6]], np.float32)).tolist() == [[13, 13]]


@pytest.mark.parametrize("names", ["gene_id", "symbol", "entrez", "ensembl"])
@pytest.mark.parametrize("turned", [False, True])
def test_landmarks_are_found_by_any_name_and_either_way_round(
    ridge: tuple[Path, Expression], tmp_path: Path, names: str, turned: bool
) -> None:
    model, data = ridge
    expected = run(model, measured(model, data), tmp_path / "plain")
    # Other genes beside them, in another order, under a heading that tells nothing.
    table = measured(model, data, names).assign(OTHER=7.0).iloc[:, ::-1].rename_axis("x")
    inferred = run(model, table.T.rename_axis("x") if turned else table, tmp_path / "other")
    np.testing.assert_allclose(inferred.values, expected.values, rtol=1e-6)
    assert inferred.sample_ids.tolist() == expected.sample_ids.tolist()


def test_one_sample_is_enough(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "all")
    np.testing.assert_allclose(run(model, table.iloc[:1], tmp_path / "one").values, expected.values[:1], rtol=1e-5)


def test_linear_values_are_brought_to_log2(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "log2")
    inferred = run(model, 2**table - 1, tmp_path / "linear", scale="linear")
    np.testing.assert_allclose(inferred.values, expected.values, rtol=1e-3)


def test_small_memory_gives_the_same_values(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "much")
    np.testing.assert_allclose(run(model, table, tmp_path / "little", memory_mb=1).values, expected.values, rtol=1e-5)
    assert pq.ParquetFile(tmp_path / "little/out.parquet").num_row_groups == 1


def test_row_groups_follow_memory(
    ridge: tuple[Path, Expression], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = ridge
    expected = run(model, measured(model, data), tmp_path / "whole")
    monkeypatch.setattr(infer, "ROW_GROUP", 5)
    parts = run(model, measured(model, data), tmp_path / "parts")
    assert pq.ParquetFile(tmp_path / "parts/out.parquet").num_row_groups == 3
    np.testing.assert_allclose(parts.values, expected.values, rtol=1e-5)


def test_missing_landmarks_are_refused_by_name_or_enter_as_the_mean(
    ridge: tuple[Path, Expression], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, data = ridge
    table, absent = measured(model, data), landmarks_of(model)[1]
    with pytest.raises(LandmarksError, match=f"(?s)found 5 in .*missing are {absent}\\.\nHint: .*--allow-missing"):
        run(model, table.drop(columns=absent), tmp_path)
    assert not (tmp_path / "out.parquet").exists()
    caplog.set_level(logging.WARNING, "landmarks")
    inferred = run(model, table.drop(columns=absent), tmp_path, allow_missing=True)
    assert f"training mean; errors and intervals are of models that have all: {absent}." in caplog.text
    filled = table.assign(**{absent: read_model(model).parameters["input.mean"][1]})
    np.testing.assert_allclose(inferred.values, run(model, filled, tmp_path / "filled").values, rtol=1e-5)
    assert read_frame(tmp_path / "out.genes.parquet")["landmarks_missing"].unique().tolist() == [1]
    with pytest.raises(LandmarksError, match="found 2 in"):
        run(model, table.iloc[:, :2], tmp_path, allow_missing=True)


def test_another_scale_is_refused_or_warned_of(
    ridge: tuple[Path, Expression], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, data = ridge
    table = measured(model, data)
    with pytest.raises(LandmarksError, match=r"(?s)standard deviations off.*--map-quantiles"):
        run(model, table * 10, tmp_path, scale="log2")
    caplog.set_level(logging.WARNING, "landmarks")
    run(model, table + 6, tmp_path)
    assert "is this another platform?" in caplog.text


def test_quantiles_undo_what_keeps_the_order(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "plain", map_quantiles=True)
    mapped = run(model, table**3 / 20 + 30, tmp_path / "other", map_quantiles=True, scale="log2")
    np.testing.assert_allclose(mapped.values, expected.values, rtol=1e-5)


def test_genes_that_cannot_be_inferred_are_named(
    ridge: tuple[Path, Expression], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, data = ridge
    known = read_model(model)
    inferable = known.of("target")["inferable"]
    assert known.card["inferable"] == inferable.sum()
    caplog.set_level(logging.WARNING, "landmarks")
    run(model, measured(model, data), tmp_path)
    assert ("cannot be inferred" in caplog.text) == (not inferable.all())


@pytest.mark.parametrize("file", ["parameters.parquet", "genes.parquet"])
def test_changed_models_are_refused(tmp_path: Path, file: str) -> None:
    model, _ = export(tmp_path)
    with (model / file).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(LandmarksError, match="found another one"):
        read_model(model)
    (model / file).unlink()
    with pytest.raises(LandmarksError, match="found none"):
        read_model(model)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "Expected a model of format 1 in .*, found 'list'"),
        ('{"format": 2, "sha256": {}}', "found 2"),
        ('{"format": 1}', "Expected a model of format 1"),
    ],
)
def test_other_cards_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(LandmarksError, match=message):
        read_model(tmp_path)


def test_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"Expected a model's folder, with a card.json"):
        read_model(tmp_path)
