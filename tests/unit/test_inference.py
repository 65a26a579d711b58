"""Fitted models as tensors: inference by hand, and ridge regression."""

import logging

import numpy as np
import pytest

from landmarks.errors import LandmarksError
from landmarks.inference import infer, ridge
from landmarks.parameters import Parameters


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


def test_no_model_is_named() -> None:
    with pytest.raises(LandmarksError, match=r"inference model, found tensors named encoder\.0\.weight[\s\S]*Hint: "):
        infer({"encoder.0.weight": tensor([1])}, tensor([1]))


def test_ridge_of_one_landmark_by_hand() -> None:
    # Centred landmark (−1, 0, 1), target (−2, 0, 2): Gram 2, product 4; weight 4 / (2 + penalty).
    x, y = tensor([1], [2], [3]), tensor([8], [10], [12])
    model = ridge.fit(x, y, x, y, [2.0])
    np.testing.assert_allclose(model["part.0.layer.0.weight"], [[1.0]], rtol=1e-6)
    np.testing.assert_allclose(model["part.0.layer.0.bias"], [8.0], rtol=1e-6)
    np.testing.assert_allclose(infer(model, tensor([5])), [[13.0]], rtol=1e-6)


def test_the_penalty_with_the_best_validation_error_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    x, y = tensor([-1], [0], [1]), tensor([-2], [0], [2])
    # Weights 4 / (2 + penalty) for 0.5, 2 and 6 are 1.6, 1 and 0.5; validation follows the weight 1.1.
    with caplog.at_level(logging.INFO, "landmarks"):
        model = ridge.fit(x, y, x, tensor([-1.1], [0], [1.1]), [0.5, 2.0, 6.0])
    np.testing.assert_allclose(model["part.0.layer.0.weight"], [[1.0]], rtol=1e-6)
    assert caplog.messages[1] == "penalty 2: MAE 0.0667 on validation samples"
    assert not any("at the end of the candidates" in message for message in caplog.messages)


@pytest.mark.parametrize(("penalties", "warns"), [([0.5, 2.0], True), ([2.0], False)])
def test_a_penalty_at_the_end_of_the_candidates(
    caplog: pytest.LogCaptureFixture, penalties: list[float], warns: bool
) -> None:
    x = tensor([-1], [0], [1])
    with caplog.at_level(logging.WARNING, "landmarks"):
        ridge.fit(x, 2 * x, x, x, penalties)
    assert bool(caplog.messages) == warns


def test_equal_landmarks_share_the_weight() -> None:
    x = np.repeat(tensor([-1], [0], [1]), 2, axis=1)
    weight = ridge.fit(x, 2 * x[:, :1], x, 2 * x[:, :1], [1e-3])["part.0.layer.0.weight"]
    np.testing.assert_allclose(weight, [[1, 1]], rtol=1e-3)


def test_more_landmarks_than_samples() -> None:
    generator = np.random.default_rng(0)
    x, y = (generator.normal(size=(5, count)).astype(np.float32) for count in (20, 3))
    model = ridge.fit(x, y, x, y, [1e-4])
    assert {name: values.shape for name, values in model.items()} == {
        "part.0.layer.0.weight": (3, 20),
        "part.0.layer.0.bias": (3,),
    }
    np.testing.assert_allclose(infer(model, x), y, atol=1e-3)
