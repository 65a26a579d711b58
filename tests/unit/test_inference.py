"""Fitted models as tensors: inference by hand, and ridge regression."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from inference_data import beside, simulate, split_of, stored

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.files import read_frame, write_frame
from landmarks.inference import infer, infer_test, problem, ridge
from landmarks.matrices import InMemory
from landmarks.parameters import Parameters, write_parameters
from landmarks.partition import members_of
from landmarks.steps import evaluate_inference


def tensor(*values: object) -> np.ndarray:
    return np.array(values, np.float32)


RIDGE: Parameters = {"part.0.layer.0.weight": tensor([2, -1], [0, 3]), "part.0.layer.0.bias": tensor(10, 20)}


def test_one_layer_by_hand() -> None:
    inferred = infer(RIDGE, tensor([1, 1], [0, 2]))
    assert inferred.dtype == np.float32
    assert inferred.tolist() == [[11, 23], [8, 26]]


def test_two_parts_with_a_tanh_layer_by_hand() -> None:
    part_1 = {
        "part.1.layer.0.weight": tensor([1, 0], [0, 2]),
        "part.1.layer.0.bias": tensor(0.5, 0),
        "part.1.layer.1.weight": tensor([1, 10]),
        "part.1.layer.1.bias": tensor(-1),
    }
    inferred = infer(RIDGE | part_1, tensor([1, 1]))
    np.testing.assert_allclose(inferred, [[11, 23, np.tanh(1.5) + 10 * np.tanh(2) - 1]], rtol=1e-6)


def test_other_tensors_are_passed_over() -> None:
    assert infer({"input.mean": tensor(1, 1)} | RIDGE, tensor([1, 1])).tolist() == [[11, 23]]


def model_of(data: Expression, landmarks: list[str], targets: list[str]) -> Parameters:
    """Return a model without much sense, its scaling another for each gene."""
    scaling: Parameters = {}
    for name, genes in (("input", landmarks), ("output", targets)):
        at = data.positions(np.array(genes, object)).astype(np.float32)
        scaling |= {f"{name}.mean": at, f"{name}.scale": at + 1}
    return scaling | RIDGE


@pytest.mark.parametrize("batch", [2, 1_000])
def test_test_samples_in_the_splits_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(problem, "BATCH", batch)
    data = simulate(40, 6)
    split = split_of(data).sample(frac=1, random_state=0)
    landmarks, targets = ["g4", "g1"], ["g0", "g5"]
    model = model_of(data, landmarks, targets)
    with stored(data, tmp_path) as (path, _):
        truth, inferred = infer_test(path, split, np.array(landmarks, object), np.array(targets, object), model, 1)
    values = data.rows(members_of(split, "test"))[:, [4, 1, 0, 5]]
    z = (values - tensor(4, 1, 0, 5)) / tensor(5, 2, 1, 6)
    np.testing.assert_array_equal(truth, z)
    np.testing.assert_array_equal(inferred[:, :2], z[:, :2])
    np.testing.assert_allclose(inferred[:, 2:], infer(model, z[:, :2]), rtol=1e-6)


def test_the_step_judges_targets_beside_the_median(tmp_path: Path) -> None:
    data = simulate(40, 6)
    split = split_of(data)
    model = model_of(data, ["g4", "g1"], ["g0", "g5"])
    write_frame(split, tmp_path / "split.parquet")
    roles = pd.DataFrame({"gene_id": ["g4", "g1", "g0", "g5"], "role": ["landmark"] * 2 + ["target"] * 2})
    write_frame(roles, tmp_path / "roles.parquet")
    write_parameters(tmp_path / "model.parquet", model)
    with stored(data, tmp_path) as (path, _):
        files = {name: tmp_path / f"{name}.parquet" for name in ("split", "model", "roles")}
        evaluate_inference.main(expression=path, **files, out=tmp_path / "genes.parquet", memory_mb=1)
    frame = read_frame(tmp_path / "genes.parquet")
    z = (data.values - np.arange(6)) / np.arange(1, 7)
    inferred = infer(model, z[3::4][:, [4, 1]].astype(np.float32))
    training = np.concatenate([z[0::4], z[1::4]])[:, [0, 5]]
    assert frame["gene_id"].tolist() == ["g0", "g5"]
    np.testing.assert_allclose(frame["mae"], np.abs(z[3::4][:, [0, 5]] - inferred).mean(axis=0), rtol=1e-5)
    expected = np.abs(z[3::4][:, [0, 5]] - np.median(training, axis=0)).mean(axis=0)
    np.testing.assert_allclose(frame["mae_null"], expected, rtol=1e-5)


def test_no_model_is_named() -> None:
    with pytest.raises(LandmarksError, match=r"inference model, found tensors named encoder\.0\.weight[\s\S]*Hint: "):
        infer({"encoder.0.weight": tensor([1])}, tensor([1]))


def test_ridge_of_one_landmark_by_hand() -> None:
    # Centred landmark (−1, 0, 1), target (−2, 0, 2): Gram 2, product 4; weight 4 / (2 + penalty).
    x, y = tensor([1], [2], [3]), tensor([8], [10], [12])
    model = ridge.fit(beside(x, y), beside(x, y), 1, [2.0])
    np.testing.assert_allclose(model["part.0.layer.0.weight"], [[1.0]], rtol=1e-6)
    np.testing.assert_allclose(model["part.0.layer.0.bias"], [8.0], rtol=1e-6)
    np.testing.assert_allclose(infer(model, tensor([5])), [[13.0]], rtol=1e-6)


def test_the_penalty_with_the_best_validation_error_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    x, y = tensor([-1], [0], [1]), tensor([-2], [0], [2])
    # Weights 4 / (2 + penalty) for 0.5, 2 and 6 are 1.6, 1 and 0.5; validation follows the weight 1.1.
    with caplog.at_level(logging.INFO, "landmarks"):
        model = ridge.fit(beside(x, y), beside(x, tensor([-1.1], [0], [1.1])), 1, [0.5, 2.0, 6.0])
    np.testing.assert_allclose(model["part.0.layer.0.weight"], [[1.0]], rtol=1e-6)
    assert caplog.messages[1] == "penalty 2: MAE 0.0667 on validation samples"
    assert not any("at the end of the candidates" in message for message in caplog.messages)


def test_penalties_are_judged_on_evenly_spaced_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem, "CHOOSING", 3)
    x, y = tensor([-1], [0], [1]), tensor([-2], [0], [2])
    # Weights 1.6, 1 and 0.5. Of seven samples 0, 2 and 4 are looked at, which follow the weight 0.5, the others 1.6.
    validation = beside(
        tensor([1], [1], [-1], [1], [1], [1], [1]), tensor([0.5], [1.6], [-0.5], [1.6], [0.5], [1.6], [9])
    )
    np.testing.assert_array_equal(problem.read_choosing(validation), validation.values[[0, 2, 4]])
    model = ridge.fit(beside(x, y), validation, 1, [0.5, 2.0, 6.0])
    np.testing.assert_allclose(model["part.0.layer.0.weight"], [[0.5]], rtol=1e-6)


def test_fewer_validation_samples_than_needed_are_all_looked_at() -> None:
    values = np.arange(2 * problem.CHOOSING, dtype=np.float32).reshape(-1, 2)
    np.testing.assert_array_equal(problem.read_choosing(InMemory(values)), values)


@pytest.mark.parametrize(("penalties", "warns"), [([0.5, 2.0], True), ([2.0], False)])
def test_a_penalty_at_the_end_of_the_candidates(
    caplog: pytest.LogCaptureFixture, penalties: list[float], warns: bool
) -> None:
    x = tensor([-1], [0], [1])
    with caplog.at_level(logging.WARNING, "landmarks"):
        ridge.fit(beside(x, 2 * x), beside(x, x), 1, penalties)
    assert bool(caplog.messages) == warns


def test_equal_landmarks_share_the_weight() -> None:
    x = np.repeat(tensor([-1], [0], [1]), 2, axis=1)
    samples = beside(x, 2 * x[:, :1])
    weight = ridge.fit(samples, samples, 2, [1e-3])["part.0.layer.0.weight"]
    np.testing.assert_allclose(weight, [[1, 1]], rtol=1e-3)


def test_more_landmarks_than_samples() -> None:
    generator = np.random.default_rng(0)
    x, y = (generator.normal(size=(5, count)).astype(np.float32) for count in (20, 3))
    model = ridge.fit(beside(x, y), beside(x, y), 20, [1e-4])
    assert {name: values.shape for name, values in model.items()} == {
        "part.0.layer.0.weight": (3, 20),
        "part.0.layer.0.bias": (3,),
        "ridge.penalty": (1,),
    }
    np.testing.assert_allclose(infer(model, x), y, atol=1e-3)
