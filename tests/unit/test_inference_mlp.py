"""The network that starts as ridge: its start, its rate, what it learns and which epoch is kept."""

import logging
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from landmarks.checkpoints import Checkpoint, State
from landmarks.errors import LandmarksError
from landmarks.inference import gelu, infer, mlp, ridge
from landmarks.inference.mlp import SkipNetwork, cycle, prepare_optimiser, set_rates, to_parameters
from landmarks.matrices import InMemory, Room, Rows
from landmarks.parameters import Parameters

Samples = tuple[Rows, Rows, int]
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
NEW = slice(950, 1_200)


def samples_of(targets: np.ndarray = Y, training: int = 700) -> Samples:
    """Return training and validation samples, and the number of landmarks."""
    z = np.concatenate([X, targets], axis=1)
    return InMemory(z[:training]), InMemory(z[700:950]), 6


SAMPLES = samples_of()


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
    samples = samples_of(linear)
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


def test_the_epoch_with_the_best_validation_error_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    noisy = Y + np.random.default_rng(5).normal(size=Y.shape).astype(np.float32)
    small = samples_of(noisy, 60)  # so few that it overfits
    with caplog.at_level(logging.INFO, "landmarks"):
        model = fit(small, epochs=40, batch_size=10)
    rows = [record.args for record in caplog.records if record.msg.startswith("epoch %d/")]
    errors = [float(row[2]) for row in rows if isinstance(row, tuple)]  # type: ignore[arg-type]
    assert len(errors) == 40
    best = int(np.argmin(errors))
    assert 0 < best < 39
    assert np.abs(infer(model, X[700:950]) - noisy[700:950]).mean() == pytest.approx(errors[best], abs=1e-6)
    assert caplog.messages[-1] == f"epoch {best + 1} is kept: MAE {errors[best]:.4f} on validation samples"


def test_the_seed_decides() -> None:
    first, again, other = (fit(seed=seed, dropout=0.5) for seed in (1, 1, 2))
    assert list(first) == ["skip.weight", "skip.bias", *(f"mlp.layer.{i}.{k}" for i in range(3) for k in WEIGHT_BIAS)]
    for name, values in first.items():
        assert values.tobytes() == again[name].tobytes()
        assert values.dtype == np.float32
    assert not np.array_equal(first["mlp.layer.0.weight"], other["mlp.layer.0.weight"])


def test_the_samples_stay_as_they_were() -> None:
    copies = [rows.read(0, 100) for rows in SAMPLES[:2]]
    fit(epochs=1)
    for rows, copy in zip(SAMPLES[:2], copies, strict=True):
        np.testing.assert_array_equal(rows.read(0, 100), copy)


def test_rate_and_decay_of_each_group() -> None:
    network = make_network([8])
    optimiser = prepare_optimiser(network, rate=0.01, decay=0.3)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    found = {
        names[id(parameter)]: (group["highest"], group["weight_decay"])
        for group in optimiser.param_groups
        for parameter in group["params"]
    }
    skip = {f"skip.{kind}": (pytest.approx(0.001), 0.0) for kind in WEIGHT_BIAS}
    layers = {f"mlp.{index}.{kind}": (0.01, 0.3 * (kind == "weight")) for index in (0, 3) for kind in WEIGHT_BIAS}
    assert found == skip | layers


def test_the_rate_rises_and_falls_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [cycle(progress) for progress in (0, 0.15, 0.3, 0.65, 1)] == pytest.approx([0, 0.5, 1, 0.5, 0])
    rates = []

    def noted(optimiser: torch.optim.AdamW, progress: float) -> None:
        set_rates(optimiser, progress)
        rates.append([group["lr"] for group in optimiser.param_groups])

    monkeypatch.setattr(mlp, "set_rates", noted)
    # 9 epochs of 11 steps, the last of which has fewer samples.
    fit(epochs=9, batch_size=66)
    network, biases, skip = np.array(rates).T
    assert len(network) == 99
    assert network.argmax() == 29
    assert network.max() == pytest.approx(0.01)
    assert network.min() > 0
    assert (np.diff(network[:30]) > 0).all()
    assert (np.diff(network[29:]) < 0).all()
    np.testing.assert_allclose(biases, network)
    np.testing.assert_allclose(skip, 0.1 * network)


def bytes_of(model: Parameters) -> dict[str, bytes]:
    return {name: tensor.tobytes() for name, tensor in model.items()}


def test_what_is_staged_on_disk_is_learnt_alike(tmp_path: Path) -> None:
    with ExitStack() as closing:
        room = Room(tmp_path, 1e-6, closing)
        staged = room.hold(700, 18), room.hold(250, 18)
        for rows, source in zip(staged, SAMPLES[:2], strict=True):
            assert not isinstance(rows, InMemory)
            rows.put(0, 0, source.read(0, source.shape[0]))
        model = fit((*staged, 6), dropout=0.3)
    assert bytes_of(model) == bytes_of(fit(dropout=0.3))


def test_cuda_without_a_gpu_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(LandmarksError, match=r"Expected a GPU for device: cuda[\s\S]*Hint: "):
        fit(epochs=1, device="cuda")
    fit(epochs=1, device="auto")


class StoppedError(Exception):
    """Raised in place of a kill."""


# Three epochs of six batches. Of noisy samples the first epoch is the best, so that the end depends on what was kept.
ROUGH: dict[str, object] = {"dropout": 0.3, "batch_size": 10, "learning_rate": 0.03}


@pytest.mark.parametrize("stop", [1, 4, 6, 7, 12, 16, 18])
@pytest.mark.parametrize("noise", [0, 3])
def test_any_batch_leads_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int, noise: float
) -> None:
    path, saved = tmp_path / "state.npz", 0
    noisy = Y + noise * np.random.default_rng(5).normal(size=Y.shape).astype(np.float32)
    samples = samples_of(noisy, 60)

    def save(checkpoint: Checkpoint, state: State) -> None:
        nonlocal saved
        keep(checkpoint, state)
        saved += 1
        if saved == stop:
            raise StoppedError

    keep = Checkpoint.save
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save)
        with pytest.raises(StoppedError):
            fit(samples, checkpoint=Checkpoint(path, 0), **ROUGH)
        saved = stop
        # Ridge was fitted before: its solution is in the state.
        patch.delattr(ridge, "fit")
        resumed = fit(samples, checkpoint=Checkpoint(path, 0), **ROUGH)
    # What was done before the kill is not done again.
    assert saved == 18
    assert bytes_of(resumed) == bytes_of(fit(samples, **ROUGH))
