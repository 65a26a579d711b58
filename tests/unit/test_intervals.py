"""Prediction intervals of an exported model: of which samples they are, and how many of the test samples they cover."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exported_model import GENES, K, export, landmarks_of
from inference_data import split_of
from sklearn.linear_model import Ridge

from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame
from landmarks.inference.applying import make_inferrer
from landmarks.portable import read_model
from landmarks.steps import infer
from landmarks.writing import write_expression


@pytest.fixture(scope="module")
def ridge(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expression]:
    return export(tmp_path_factory.mktemp("ridge"))


def test_intervals_of_ridge_are_of_samples_left_out(ridge: tuple[Path, Expression]) -> None:
    model, data = ridge
    card = json.loads((model / "card.json").read_text())
    assert (card["run"], card["landmarks"], card["targets"]) == ("tried", K, GENES - K)
    assert card["samples"] == {"train": 100, "calibration": 50, "left_out": 100, "test": 50}
    known = read_model(model)
    # By another way: residuals of validation and test samples, through the file that infer writes.
    landmarks = np.array(landmarks_of(model), object)
    write_expression(model.parent / "all.parquet", Expression(data.sample_ids, landmarks, data.columns(landmarks)))
    infer.main(model=model, expression=model.parent / "all.parquet", out=model.parent / "inferred.parquet")
    inferred = read_expression(model.parent / "inferred.parquet")
    part = split_of(data)["part"].to_numpy()
    errors = np.abs(inferred.values - data.columns(inferred.gene_ids))
    # Beside the validation samples, every training sample by a regression that is fitted without it.
    tensors = known.parameters
    inputs = ((data.columns(landmarks) - tensors["input.mean"]) / tensors["input.scale"])[part == "train"]
    outputs = data.columns(inferred.gene_ids)[part == "train"]
    for sample in range(100):
        fitted = Ridge(tensors["ridge.penalty"][0]).fit(np.delete(inputs, sample, 0), np.delete(outputs, sample, 0))
        left_out = np.abs(outputs[sample] - fitted.predict(inputs[[sample]])[0])
        errors[np.flatnonzero(part == "train")[sample]] = left_out
    width = np.sort(errors[part != "test"], axis=0)[135]  # rank ⌈151 · 0.9⌉ = 136
    targets = known.of("target")
    np.testing.assert_allclose(targets["half_width"], width, rtol=1e-3)


def test_intervals_of_networks_are_of_validation_samples(tmp_path: Path) -> None:
    model, data = export(tmp_path, "dgex")
    known = read_model(model)
    assert known.card["samples"] == {"train": 100, "calibration": 50, "left_out": 0, "test": 50}
    landmarks, targets = (known.of(role) for role in ("landmark", "target"))
    inferred = make_inferrer(known.parameters)(data.columns(landmarks["gene_id"])).T
    errors = np.abs(inferred - data.columns(targets["gene_id"]))
    part = split_of(data)["part"].to_numpy()
    width = np.sort(errors[part == "validation"], axis=0)[45]  # rank ⌈51 · 0.9⌉ = 46
    np.testing.assert_allclose(targets["half_width"], width, rtol=1e-3)


def test_coverage_and_errors_are_of_test_samples(ridge: tuple[Path, Expression]) -> None:
    model, data = ridge
    known = read_model(model)
    card, targets, landmarks = known.card, known.of("target"), landmarks_of(model)
    inferred = make_inferrer(known.parameters)(data.columns(landmarks)).T
    errors = np.abs(inferred - data.columns(targets["gene_id"]))
    part, width = split_of(data)["part"].to_numpy(), targets["half_width"].to_numpy()
    np.testing.assert_allclose(targets["coverage"], (errors[part == "test"] <= width).mean(axis=0), atol=0.021)
    np.testing.assert_allclose(targets["expected_error"], errors[part == "test"].mean(axis=0), rtol=1e-3)
    assert card["interval"]["coverage"] == pytest.approx(targets["coverage"].mean(), abs=1e-5)
    assert 0.8 < card["interval"]["coverage"] < 0.97
    np.testing.assert_allclose(
        known.quantiles, np.sort(data.columns(landmarks)[part == "train"], axis=1).mean(axis=0), rtol=1e-5
    )
    written = read_frame(model.parent / "inferred.genes.parquet")
    pd.testing.assert_frame_equal(written[targets.columns.drop("role")], targets.drop(columns="role"))


def test_few_samples_give_no_interval(tmp_path: Path) -> None:
    model, _ = export(tmp_path, "dgex", samples=32)  # 8 validation samples
    assert np.isinf(read_model(model).of("target")["half_width"]).all()
