"""D-GEX: its initial network, its rates, and which epoch is kept."""

import logging
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from landmarks.checkpoints import Checkpoint, State
from landmarks.errors import LandmarksError
from landmarks.inference import dgex, infer
from landmarks.inference.dgex import Settings, Training, build_network, fit, rate_groups, summed_squares
from landmarks.matrices import InMemory, Room
from landmarks.progress import Pace

Z = torch.randn(60, 4, generator=torch.Generator().manual_seed(3))
TARGETS = torch.tanh(Z @ torch.tensor([[1.0, 0], [0, 1], [1, 1], [-1, 0]]))


def test_published_layers_and_dropout_after_every_hidden_one() -> None:
    network = build_network([943, 30, 20, 10, 4_760], keep=0.75)
    assert [type(module).__name__ for module in network] == ["Linear", "Tanh", "Dropout"] * 3 + ["Linear"]
    assert {module.p for module in network if isinstance(module, nn.Dropout)} == {0.25}


def test_published_initial_weights() -> None:
    layers = [module for module in build_network([90, 60, 40, 500], 1.0) if isinstance(module, nn.Linear)]
    for layer, limit in zip(layers, [(6 / 150) ** 0.5, (6 / 100) ** 0.5, 1e-4], strict=True):
        assert 0.98 * limit < layer.weight.abs().max() <= limit
        # A uniform distribution within ± limit has the standard deviation limit / √3.
        assert layer.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.05)
        assert not layer.bias.any()


def test_only_later_weights_have_three_times_the_rate() -> None:
    network = build_network([4, 3, 3, 2], 1.0)
    groups = rate_groups(network, 0.01)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    by_rate = {}
    for group in groups:
        parameters = group["params"]
        assert isinstance(parameters, list)
        by_rate[group["lr"]] = {names[id(parameter)] for parameter in parameters}
    assert by_rate[0.03] == {"3.weight", "6.weight"}
    assert by_rate[0.01] == {"0.weight", "0.bias", "3.bias", "6.bias"}


def test_squares_are_summed_over_targets_and_averaged_over_samples() -> None:
    loss = summed_squares(torch.tensor([[1.0, 2], [0, 0]]), torch.tensor([[0.0, 0], [3, 0]]))
    assert loss.item() == (1 + 4 + 9) / 2


def rows_of(z: torch.Tensor, targets: torch.Tensor) -> InMemory:
    return InMemory(torch.cat([z, targets], dim=1).numpy())


def run(caplog: pytest.LogCaptureFixture, rate: float, epochs: int) -> tuple[Training, np.ndarray]:
    """Fit a part; return it with monitored MAE, validation MAE and rate by epoch, as logged."""
    settings = Settings(hidden=[8], keep=0.7, epochs=epochs, batch_size=10, learning_rate=rate)
    training, validation = rows_of(Z[:40], TARGETS[:40]), rows_of(Z[40:], TARGETS[40:])
    work = Training(training, validation, 4, slice(4, 6), settings, seed=0, device=torch.device("cpu"))
    with caplog.at_level(logging.INFO, "landmarks"), Pace("", 1, "samples") as pace:
        for _ in range(epochs):
            work.run_epoch(None, pace, {})
    rows = []
    for record in caplog.records:
        assert isinstance(record.args, tuple)
        rows.append(record.args[2:5])
    return work, np.array(rows, np.float64)


def test_the_epoch_with_the_best_validation_error_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    training, history = run(caplog, rate=0.2, epochs=24)
    best = history[:, 1].argmin()
    assert best < len(history) - 1
    layers = training.layers()
    hidden = np.tanh(Z[40:].numpy() @ layers["layer.0.weight"].T + layers["layer.0.bias"])
    inferred = hidden @ layers["layer.1.weight"].T + layers["layer.1.bias"]
    assert np.abs(inferred - TARGETS[40:].numpy()).mean() == pytest.approx(history[best, 1], rel=1e-5)


def test_the_rate_falls_after_epochs_with_a_larger_training_error(caplog: pytest.LogCaptureFixture) -> None:
    _, history = run(caplog, rate=0.2, epochs=25)
    rises = np.diff(history[:, 0]) > 0
    assert 3 < rises.sum() < 24
    # The rate logged for an epoch is the one it was trained with.
    factors = 0.9 ** np.concatenate([[0, 0], np.cumsum(rises)[:-1]])
    np.testing.assert_allclose(history[:, 2], 0.2 * factors)


def test_the_rate_does_not_fall_under_its_floor(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dgex, "SMALLEST_RATE", 0.17)
    _, history = run(caplog, rate=0.2, epochs=25)
    assert history[:, 2].min() == 0.17


def test_both_groups_follow_the_rate(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    made = []

    class Watched(torch.optim.SGD):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(torch.optim, "SGD", Watched)
    run(caplog, rate=0.2, epochs=25)
    first, later = made[0].param_groups
    assert first["lr"] < 0.2
    assert later["lr"] == pytest.approx(3 * first["lr"])
    assert first["momentum"] == later["momentum"] == 0.5


def fit_small(
    seed: int = 0,
    targets: torch.Tensor = TARGETS,
    epochs: int = 30,
    checkpoint: Checkpoint | None = None,
    **changed: object,
) -> dict[str, np.ndarray]:
    settings: dict[str, object] = {"hidden": [16], "keep": 0.95, "batch_size": 10, "learning_rate": 0.02}
    rows = rows_of(Z[:40], targets[:40]), rows_of(Z[40:], targets[40:])
    settings |= {"training": rows[0], "validation": rows[1]} | changed
    return fit(landmarks=4, epochs=epochs, seed=seed, checkpoint=checkpoint, **settings)  # type: ignore[arg-type]


def test_halves_of_the_targets_in_their_order() -> None:
    targets = torch.cat([TARGETS, -TARGETS, TARGETS[:, :1]], dim=1)
    model = fit_small(targets=targets, epochs=120)
    assert model["part.0.layer.1.weight"].shape == (3, 16)
    assert model["part.1.layer.1.weight"].shape == (2, 16)
    inferred = infer(model, Z[40:].numpy())
    for column in range(5):
        assert np.corrcoef(inferred[:, column], targets[40:, column])[0, 1] > 0.8


def test_halves_fitted_one_by_one_are_those_fitted_together() -> None:
    together = fit_small(epochs=3, keep=0.7)
    first, second = (fit_small(epochs=3, keep=0.7, part=part) for part in (0, 1))
    assert first and second and first.keys() | second.keys() == together.keys()
    assert {name: tensor.tobytes() for name, tensor in (first | second).items()} == {
        name: tensor.tobytes() for name, tensor in together.items()
    }


def test_the_seed_decides() -> None:
    first, again, other = (fit_small(seed, epochs=3) for seed in (1, 1, 2))
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])
    assert not np.array_equal(first["part.0.layer.0.weight"], other["part.0.layer.0.weight"])


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_one_target_leaves_the_second_half_empty() -> None:
    model = fit_small(targets=TARGETS[:, :1], epochs=2)
    assert model["part.1.layer.1.weight"].shape == (0, 16)
    assert infer(model, Z.numpy()).shape == (60, 1)


def test_what_is_staged_on_disk_is_learnt_alike(tmp_path: Path) -> None:
    expected = fit_small(epochs=4, keep=0.7)
    with ExitStack() as closing:
        room = Room(tmp_path, 1e-6, closing)
        training, validation = room.hold(40, 6), room.hold(20, 6)
        assert not isinstance(training, InMemory)
        training.put(0, 0, rows_of(Z[:40], TARGETS[:40]).values)
        validation.put(0, 0, rows_of(Z[40:], TARGETS[40:]).values)
        staged = fit_small(epochs=4, keep=0.7, training=training, validation=validation)
    assert {name: tensor.tobytes() for name, tensor in staged.items()} == {
        name: tensor.tobytes() for name, tensor in expected.items()
    }


def test_cuda_without_a_gpu_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(LandmarksError, match=r"Expected a GPU for device: cuda[\s\S]*Hint: "):
        fit_small(epochs=1, device="cuda")
    fit_small(epochs=1, device="auto")


class StoppedError(Exception):
    """Raised in place of a kill."""


def fit_until(path: Path, stop: int, monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Fit with checkpoints and die after so many batches, each of which leaves a state."""
    saved: list[State] = []
    save = Checkpoint.save

    def counted(checkpoint: Checkpoint, state: State) -> None:
        save(checkpoint, state)
        saved.append(state)
        if len(saved) == stop:
            raise StoppedError

    with monkeypatch.context() as patch, pytest.raises(StoppedError):
        patch.setattr(Checkpoint, "save", counted)
        fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=0), **settings)  # type: ignore[arg-type]


# Two parts of six epochs of four batches; the rate is so high that it falls, and the last epoch is not the best.
ROUGH: dict[str, object] = {"keep": 0.7, "learning_rate": 0.2, "hidden": [8, 6]}


@pytest.mark.parametrize("stop", [1, 3, 4, 5, 18, 20, 23, 24, 25, 42, 48])
def test_any_batch_leads_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int) -> None:
    path, taken = tmp_path / "state.npz", 0
    fit_until(path, stop, monkeypatch, **ROUGH)

    def counted(inferred: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        nonlocal taken
        taken += 1
        return summed_squares(inferred, truth)

    with monkeypatch.context() as patch:
        patch.setattr(dgex, "summed_squares", counted)
        resumed = fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=1e9), **ROUGH)  # type: ignore[arg-type]
    # What was done before the kill is not done again.
    assert taken == 48 - stop
    undisturbed = fit_small(epochs=6, **ROUGH)  # type: ignore[arg-type]
    assert resumed.keys() == undisturbed.keys()
    for name, tensor in undisturbed.items():
        assert resumed[name].tobytes() == tensor.tobytes(), name


@pytest.mark.parametrize("other", [{"seed": 1}, {"targets": TARGETS * 1.01}, {"keep": 0.9}])
def test_a_checkpoint_of_another_training_is_not_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, object]
) -> None:
    path = tmp_path / "state.npz"
    fit_until(path, 9, monkeypatch)
    fitted = fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=0), **other)  # type: ignore[arg-type]
    expected = fit_small(epochs=6, **other)  # type: ignore[arg-type]
    np.testing.assert_array_equal(fitted["part.0.layer.0.weight"], expected["part.0.layer.0.weight"])


def test_a_damaged_checkpoint_is_left_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.npz"
    fit_until(path, 9, monkeypatch)
    path.write_bytes(path.read_bytes()[:-200])
    fitted = fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=0))
    assert "damaged" in caplog.text
    np.testing.assert_array_equal(fitted["part.1.layer.1.bias"], fit_small(epochs=6)["part.1.layer.1.bias"])


def test_states_are_kept_no_oftener_than_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[list[int]] = []
    clock = [100.0]
    monkeypatch.setattr("landmarks.checkpoints.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("landmarks.checkpoints.np.savez", lambda *_, **arrays: written.append([*arrays["place"]]))

    def ticking(inferred: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        clock[0] += 10
        return summed_squares(inferred, truth)

    monkeypatch.setattr(dgex, "summed_squares", ticking)
    fit_small(epochs=2, checkpoint=Checkpoint(tmp_path / "state.npz", every_s=25, saved_s=100))
    # Every third of two parts' two epochs of four batches: within the epochs too.
    assert written == [[1, 3], [2, 2], [1, 1], [1, 4], [2, 3]]
