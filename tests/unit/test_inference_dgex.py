"""D-GEX: its initial network, its rates, and which epoch is kept."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from landmarks.checkpoints import Checkpoint
from landmarks.inference import dgex, infer
from landmarks.inference.dgex import (
    Settings,
    Training,
    absolute_error,
    build_network,
    fit,
    rate_groups,
    summed_squares,
)

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


def test_absolute_error_is_without_dropout() -> None:
    network = build_network([4, 50, 2], keep=0.1)
    expected = (network.eval()(Z) - TARGETS).abs().mean().item()
    assert absolute_error(network.train(), Z, TARGETS) == expected


def run(caplog: pytest.LogCaptureFixture, rate: float, epochs: int) -> tuple[Training, np.ndarray]:
    """Fit a part; return it with monitored MAE, validation MAE and rate by epoch, as logged."""
    settings = Settings(hidden=[8], keep=0.7, epochs=epochs, batch_size=10, learning_rate=rate)
    training = Training((Z[:40], TARGETS[:40]), (Z[40:], TARGETS[40:]), settings, seed=0)
    with caplog.at_level(logging.INFO, "landmarks"):
        for _ in range(epochs):
            training.run_epoch()
    rows = []
    for record in caplog.records:
        assert isinstance(record.args, tuple)
        rows.append(record.args[2:])
    return training, np.array(rows, np.float64)


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
    seed: int = 0, targets: torch.Tensor = TARGETS, epochs: int = 30, checkpoint: Checkpoint | None = None
) -> dict[str, np.ndarray]:
    z, y = Z.numpy(), targets.numpy()
    return fit(
        z[:40],
        y[:40],
        z[40:],
        y[40:],
        hidden=[16],
        keep=0.95,
        epochs=epochs,
        batch_size=10,
        learning_rate=0.02,
        seed=seed,
        checkpoint=checkpoint,
    )


def test_halves_of_the_targets_in_their_order() -> None:
    targets = torch.cat([TARGETS, -TARGETS, TARGETS[:, :1]], dim=1)
    model = fit_small(targets=targets, epochs=120)
    assert model["part.0.layer.1.weight"].shape == (3, 16)
    assert model["part.1.layer.1.weight"].shape == (2, 16)
    inferred = infer(model, Z[40:].numpy())
    for column in range(5):
        assert np.corrcoef(inferred[:, column], targets[40:, column])[0, 1] > 0.8


def test_the_seed_decides() -> None:
    first, again, other = (fit_small(seed, epochs=3) for seed in (1, 1, 2))
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])
    assert not np.array_equal(first["part.0.layer.0.weight"], other["part.0.layer.0.weight"])


class KilledError(Exception):
    """What a kill signal does to a training, where a test can see it."""


def fit_until(path: Path, epochs_before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit with checkpoints and die after so many epochs."""
    ran: list[int] = []
    run_epoch = Training.run_epoch

    def counted(training: Training) -> None:
        if len(ran) == epochs_before:
            raise KilledError
        ran.append(training.epoch)
        run_epoch(training)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "run_epoch", counted)
        with pytest.raises(KilledError):
            fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=0))


@pytest.mark.parametrize("killed_after", [0, 1, 5, 6, 7, 11])
def test_a_killed_training_ends_as_an_undisturbed_one(
    killed_after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.npz"
    fit_until(path, killed_after, monkeypatch)
    assert path.exists() == (killed_after > 0)
    caplog.clear()
    with caplog.at_level(logging.INFO, "landmarks"):
        resumed = fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=0))
    # Two parts of six epochs: what was done before the kill is not done again.
    assert sum("MAE" in record.message for record in caplog.records) == 12 - killed_after
    undisturbed = fit_small(epochs=6)
    assert resumed.keys() == undisturbed.keys()
    for name, tensor in undisturbed.items():
        np.testing.assert_array_equal(resumed[name], tensor)
    assert not path.exists()


def test_a_checkpoint_of_another_training_is_not_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.npz"
    fit_until(path, 3, monkeypatch)
    other = fit_small(seed=1, epochs=6, checkpoint=Checkpoint(path, every_s=0))
    np.testing.assert_array_equal(other["part.0.layer.0.weight"], fit_small(1, epochs=6)["part.0.layer.0.weight"])


def test_a_damaged_checkpoint_is_left_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.npz"
    fit_until(path, 3, monkeypatch)
    path.write_bytes(path.read_bytes()[:-200])
    fitted = fit_small(epochs=6, checkpoint=Checkpoint(path, every_s=0))
    assert "damaged" in caplog.text
    np.testing.assert_array_equal(fitted["part.1.layer.1.bias"], fit_small(epochs=6)["part.1.layer.1.bias"])


def test_states_are_kept_no_oftener_than_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    clock = [100.0]
    monkeypatch.setattr("landmarks.checkpoints.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("landmarks.checkpoints.np.savez", lambda *args, **arrays: written.append(int(arrays["epoch"])))
    run_epoch = Training.run_epoch

    def ticking(training: Training) -> None:
        clock[0] += 10
        run_epoch(training)

    monkeypatch.setattr(Training, "run_epoch", ticking)
    fit_small(epochs=6, checkpoint=Checkpoint(tmp_path / "state.npz", every_s=25, saved_s=100))
    assert written == [3, 6, 3, 6]
