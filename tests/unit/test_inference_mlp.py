"""The network that starts as ridge: its start, its rate, what it learns and which epoch is kept."""

import logging

import numpy as np
import pytest
import torch
from torch import nn

from landmarks.inference import gelu, infer, mlp, ridge
from landmarks.inference.mlp import SkipNetwork, absolute_error, cycle, prepare_training, to_parameters
from landmarks.parameters import Parameters

Samples = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
PENALTIES = [1.0, 10.0, 100.0]
TARGETS = 12
WEIGHT_BIAS = ("weight", "bias")


def simulate(samples: int = 400, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return landmarks and targets that depend on them half linearly, half by products and absolute values."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(samples, 6))
    bends = np.concatenate([x @ generator.normal(size=(6, 6)), np.abs(x) - 0.8, x[:, :3] * x[:, 3:]], axis=1)
    y = bends @ generator.normal(size=(bends.shape[1], TARGETS)) + noise * generator.normal(size=(samples, TARGETS))
    return x.astype(np.float32), (y / y.std(axis=0)).astype(np.float32)


X, Y = simulate(1_200)
SAMPLES: Samples = (X[:700], Y[:700], X[700:950], Y[700:950])
NEW = slice(950, 1_200)


def fit(samples: Samples = SAMPLES, **changed: object) -> Parameters:
    settings: dict[str, object] = {
        "penalties": PENALTIES,
        "hidden": [48, 32],
        "dropout": 0.05,
        "epochs": 3,
        "batch_size": 50,
        "learning_rate": 0.01,
        "weight_decay": 0.01,
        "seed": 0,
    }
    return mlp.fit(*samples, **(settings | changed))  # type: ignore[arg-type]


def error(model: Parameters) -> float:
    return float(np.abs(infer(model, X[NEW]) - Y[NEW]).mean())


def make_network(hidden: list[int], dropout: float = 0.0) -> SkipNetwork:
    torch.manual_seed(0)
    network = SkipNetwork(torch.randn(TARGETS, 6), torch.randn(TARGETS), hidden, dropout)
    for layer in network.mlp:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight)
            nn.init.normal_(layer.bias)
    return network


def test_epoch_0_is_ridge() -> None:
    expected = infer(ridge.fit(*SAMPLES, PENALTIES), X[NEW])
    np.testing.assert_array_equal(infer(fit(epochs=0), X[NEW]), expected)
    assert not np.array_equal(infer(fit(epochs=1), X[NEW]), expected)


def test_ridge_is_kept_where_training_makes_it_worse() -> None:
    # Targets that are exactly linear: steps this long only lead away.
    linear = (X @ np.random.default_rng(1).normal(size=(6, TARGETS))).astype(np.float32)
    samples = (X[:700], linear[:700], X[700:950], linear[700:950])
    model = fit(samples, penalties=[1e-3], learning_rate=0.3)
    np.testing.assert_array_equal(infer(model, X[NEW]), infer(ridge.fit(*samples, [1e-3]), X[NEW]))


def test_it_learns_what_is_not_linear() -> None:
    plain = error(ridge.fit(*SAMPLES, PENALTIES))
    assert plain > 0.3
    assert error(fit(epochs=40)) < 0.4 * plain


def test_the_linear_map_alone_does_not() -> None:
    plain = error(ridge.fit(*SAMPLES, PENALTIES))
    # A hidden unit that is always dropped in training leaves the linear map alone.
    assert error(fit(epochs=40, hidden=[1], dropout=1 - 1e-7)) > 0.95 * plain


def test_dropout_after_every_hidden_layer() -> None:
    network = make_network([30, 20], dropout=0.25)
    expected = ["Linear", "GELU", "Dropout"] * 2 + ["Linear"]
    assert [type(module).__name__ for module in network.mlp] == expected
    assert {module.p for module in network.mlp if isinstance(module, nn.Dropout)} == {0.25}


@pytest.mark.parametrize("hidden", [[8], [16, 4], [5, 6, 7]])
def test_inference_without_torch(hidden: list[int]) -> None:
    network = make_network(hidden).eval()
    expected = network(torch.from_numpy(X)).detach().numpy()
    inferred = infer(to_parameters(network), X)
    assert inferred.dtype == np.float32
    np.testing.assert_allclose(inferred, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_gelu_is_the_exact_one() -> None:
    values = np.linspace(-6, 6, 1_001, dtype=np.float32)
    np.testing.assert_allclose(gelu(values), nn.functional.gelu(torch.from_numpy(values)), atol=1e-6)
    approximate = nn.functional.gelu(torch.from_numpy(values), approximate="tanh").numpy()
    assert np.abs(gelu(values) - approximate).max() > 1e-4


def test_one_hidden_layer_by_hand() -> None:
    model: Parameters = {
        "skip.weight": np.array([[2, -1]], np.float32),
        "skip.bias": np.array([10], np.float32),
        "mlp.layer.0.weight": np.array([[1, 1]], np.float32),
        "mlp.layer.0.bias": np.array([-1], np.float32),
        "mlp.layer.1.weight": np.array([[100]], np.float32),
        "mlp.layer.1.bias": np.array([5], np.float32),
    }
    # 2 − 1 + 10, and 1 · Φ(1) = 0.841345 of the hidden unit.
    np.testing.assert_allclose(infer(model, np.ones((1, 2), np.float32)), [[11 + 84.1345 + 5]], rtol=1e-6)


def test_absolute_error_is_without_dropout() -> None:
    network = make_network([50], dropout=0.9)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    expected = (network.eval()(x) - y).abs().mean().item()
    assert absolute_error(network.train(), x, y) == expected


def test_the_epoch_with_the_best_validation_error_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    noisy = Y + np.random.default_rng(5).normal(size=Y.shape).astype(np.float32)
    small: Samples = (X[:60], noisy[:60], X[700:950], noisy[700:950])  # so few that it overfits
    with caplog.at_level(logging.INFO, "landmarks"):
        model = fit(small, epochs=40, batch_size=10)
    rows = [record.args for record in caplog.records if record.msg.startswith("epoch %d/")]
    errors = [float(row[2]) for row in rows if isinstance(row, tuple)]  # type: ignore[arg-type]
    assert len(errors) == 40
    best = int(np.argmin(errors))
    assert 0 < best < 39
    assert np.abs(infer(model, small[2]) - small[3]).mean() == pytest.approx(errors[best], abs=1e-6)
    assert caplog.messages[-1] == f"epoch {best + 1} is kept: MAE {errors[best]:.4f} on validation samples"


def test_the_seed_decides() -> None:
    first, again, other = (fit(seed=seed, dropout=0.5) for seed in (1, 1, 2))
    assert list(first) == ["skip.weight", "skip.bias", *(f"mlp.layer.{i}.{k}" for i in range(3) for k in WEIGHT_BIAS)]
    for name, values in first.items():
        assert values.tobytes() == again[name].tobytes()
        assert values.dtype == np.float32
    assert not np.array_equal(first["mlp.layer.0.weight"], other["mlp.layer.0.weight"])


def test_the_samples_stay_as_they_were() -> None:
    copies = [values.copy() for values in SAMPLES]
    fit(epochs=1)
    for values, copy in zip(SAMPLES, copies, strict=True):
        np.testing.assert_array_equal(values, copy)


def test_rate_and_decay_of_each_group() -> None:
    network = make_network([8])
    optimiser, _ = prepare_training(network, steps=100, rate=0.01, decay=0.3)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    found = {
        names[id(parameter)]: (group["initial_lr"], group["weight_decay"])
        for group in optimiser.param_groups
        for parameter in group["params"]
    }
    skip = {f"skip.{kind}": (pytest.approx(0.001), 0.0) for kind in WEIGHT_BIAS}
    layers = {f"mlp.{index}.{kind}": (0.01, 0.3 * (kind == "weight")) for index in (0, 3) for kind in WEIGHT_BIAS}
    assert found == skip | layers


def test_the_rate_rises_and_falls_once() -> None:
    assert [cycle(progress) for progress in (0, 0.15, 0.3, 0.65, 1)] == pytest.approx([0, 0.5, 1, 0.5, 0])
    optimiser, schedule = prepare_training(make_network([8]), steps=99, rate=0.01, decay=0.0)
    rates = []
    for _ in range(99):
        rates.append([group["lr"] for group in optimiser.param_groups])
        optimiser.step()
        schedule.step()
    network, biases, skip = np.array(rates).T
    assert network.argmax() == 29
    assert network.max() == pytest.approx(0.01)
    assert network.min() > 0
    assert (np.diff(network[:30]) > 0).all()
    assert (np.diff(network[29:]) < 0).all()
    np.testing.assert_allclose(biases, network)
    np.testing.assert_allclose(skip, 0.1 * network)
