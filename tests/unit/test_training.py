"""The autoencoder's training: against the written loss, whatever the memory, and from any checkpoint."""

import copy
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from landmarks import training
from landmarks.autoencoder import Autoencoder, linear_layers
from landmarks.checkpoints import Checkpoint
from landmarks.gene_layers import split_genes
from landmarks.matrices import InMemory, Room, Rows
from landmarks.training import Settings, Training, train
from landmarks.workers import Workers

CPU = torch.device("cpu")


def build(dropout: float = 0.0, genes: int = 7, seed: int = 0, hidden: tuple[int, ...] = (3, 2)) -> Autoencoder:
    torch.manual_seed(seed)
    return Autoencoder(genes, list(hidden), dropout)


def draw(samples: int = 48, genes: int = 7, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((samples, genes), dtype=np.float32)


def run(
    model: Autoencoder, z: np.ndarray, held_out: np.ndarray | None = None, seed: int = 0, **changes: float
) -> pd.DataFrame:
    numbers = {"epochs": 4, "batch_size": 8, "learning_rate": 0.05, "penalty": 0.0} | changes
    how = Settings(**{name: int(n) if name in ("epochs", "batch_size") else n for name, n in numbers.items()})  # type: ignore[arg-type]
    return train(model, InMemory(z), InMemory(z if held_out is None else held_out), how, seed=seed)


def reconstruction_error(model: Autoencoder, z: np.ndarray) -> float:
    with torch.no_grad():
        return nn.functional.l1_loss(model(torch.from_numpy(z)), torch.from_numpy(z)).item()


def follow_written_loss(model: Autoencoder, batches: list[torch.Tensor], penalty: float, rate: float) -> None:
    """Autograd and PyTorch's Adam on MAE + penalty · Σ‖W‖², biases unpenalised."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    for z in batches:
        optimiser.zero_grad()
        weights = sum((layer.weight**2).sum() for layer in model.modules() if isinstance(layer, nn.Linear))
        ((model(z) - z).abs().mean() + penalty * weights).backward()
        optimiser.step()


@settings(max_examples=25, deadline=None)
@given(
    genes=st.integers(1, 9),
    hidden=st.sampled_from([(3,), (3, 2), (5, 4, 2)]),
    penalty=st.sampled_from([0.0, 0.05]),
    block=st.sampled_from([1, 2, 4, 100]),
)
def test_steps_are_those_of_the_written_loss(genes: int, hidden: tuple[int, ...], penalty: float, block: int) -> None:
    """In double precision, where rounding cannot hide a wrong gradient."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "GENES", block)
        model = build(genes=genes, hidden=hidden).double()
        other = copy.deepcopy(model)
        z = draw(24, genes)
        work = Training(model, InMemory(z), InMemory(z), Settings(3, 24, 0.05, penalty), seed=0, device=CPU)
        batches = [torch.from_numpy(part).double() for part in np.array_split(draw(50, genes, seed=2), 3)]
        with work.workers:
            for batch in batches:
                work._step(batch)
        work.finish()
        follow_written_loss(other, batches, penalty, 0.05)
    for (name, mine), theirs in zip(model.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-10, msg=name)


def test_dropout_is_of_hidden_units_and_of_the_seed() -> None:
    ends = [run(build(dropout=0.3, seed=3), draw(), seed=seed)["mae_batches"].tolist() for seed in (0, 0, 1)]
    assert ends[0] == ends[1] != ends[2]
    assert ends[0] != run(build(seed=3), draw())["mae_batches"].tolist()


def test_it_learns_and_tells_how_far() -> None:
    z = draw(48, 1) @ np.array([[1, -1, 1, 1]], np.float32)
    model = build(genes=4)
    before = reconstruction_error(model, z[24:])
    history = run(model, z[:24], z[24:], epochs=60)
    assert list(history.columns) == ["epoch", "mae_batches", "mae_train", "mae_validation"]
    assert history["epoch"].tolist() == list(range(1, 61))
    assert history["mae_validation"].iloc[-1] < 0.5 * before
    # The model is left at its last epoch, in evaluation mode.
    assert not model.training
    assert history["mae_validation"].iloc[-1] == pytest.approx(reconstruction_error(model, z[24:]))
    assert history["mae_train"].iloc[-1] == pytest.approx(reconstruction_error(model, z[:24]))


def test_running_error_by_hand() -> None:
    """With a rate of zero every batch is judged by the same network, the short last one in proportion."""
    model, z = build(), draw(19)
    expected = reconstruction_error(model, z)
    assert run(model, z, learning_rate=0.0, epochs=1)["mae_batches"].iloc[0] == pytest.approx(expected)


def test_watched_samples_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MONITORED", 5)
    z, model = draw(20), build()
    history = run(model, z, epochs=2, learning_rate=0.0)
    assert history["mae_train"].nunique() == 1
    assert history["mae_train"].iloc[0] != pytest.approx(reconstruction_error(model, z))


def parameters_of(model: Autoencoder) -> list[bytes]:
    return [parameter.detach().numpy().tobytes() for parameter in model.parameters()]


def staged(z: np.ndarray, folder: Path, closing: ExitStack) -> Rows:
    rows = Room(folder, 1e-6, closing).hold(*z.shape)
    rows.put(0, 0, z)
    return rows


def test_what_is_staged_on_disk_is_learnt_alike(tmp_path: Path) -> None:
    z, how = draw(), Settings(3, 9, 0.05, 1e-3)
    one, other = build(dropout=0.2), build(dropout=0.2)
    with ExitStack() as closing:
        memory = train(one, InMemory(z), InMemory(z), how, seed=5)
        rows = staged(z, tmp_path, closing)
        assert not isinstance(rows, InMemory)
        disk = train(other, rows, rows, how, seed=5)
    pd.testing.assert_frame_equal(memory, disk)
    assert parameters_of(one) == parameters_of(other)


def test_parameters_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "GENES", 20)
    z, how, ends = draw(genes=300), Settings(3, 16, 0.05, 1e-3), []
    for threads in (1, 2, 3):
        monkeypatch.setattr(Workers, "on", lambda _, threads=threads: Workers(threads))
        model = build(dropout=0.2, genes=300, hidden=(20, 10))
        history = train(model, InMemory(z), InMemory(z), how, seed=5)
        ends.append([history.to_numpy().tobytes(), *parameters_of(model)])
    assert ends[0] == ends[1] == ends[2]


@given(genes=st.integers(1, 100), most=st.integers(1, 40))
def test_blocks_are_alike_and_hold_every_gene_once(genes: int, most: int) -> None:
    slices = split_genes(genes, most)
    sizes = [part.stop - part.start for part in slices]
    assert np.concatenate([np.arange(genes)[part] for part in slices]).tolist() == list(range(genes))
    assert 1 <= max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1
    assert len(slices) % 4 == 0 or genes <= most or len(slices) == genes
    assert len(slices) == 1 or max(sizes) >= most / 8


class StoppedError(Exception):
    """Raised in place of a kill."""


@pytest.mark.parametrize("stop", [1, 5, 6, 7, 11])
def test_any_checkpoint_leads_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int) -> None:
    """Six batches an epoch: after the first, the last of an epoch, the first of the next, within the second."""
    z, how, path = draw(), Settings(2, 8, 0.05, 1e-3), tmp_path / "state.npz"
    undisturbed = build(dropout=0.2)
    whole = train(undisturbed, InMemory(z), InMemory(z), how, seed=5)
    saved = 0

    def save(self: Checkpoint, state: dict[str, np.ndarray]) -> None:
        nonlocal saved
        keep(self, state)
        saved += 1
        if saved == stop:
            raise StoppedError

    keep = Checkpoint.save
    with monkeypatch.context() as patch, pytest.raises(StoppedError):
        patch.setattr(Checkpoint, "save", save)
        train(build(dropout=0.2), InMemory(z), InMemory(z), how, seed=5, checkpoint=Checkpoint(path, 0, "this"))
    # Whatever the model was built with: the state holds all.
    resumed = build(dropout=0.2, seed=99)
    history = train(resumed, InMemory(z), InMemory(z), how, seed=5, checkpoint=Checkpoint(path, 1e9, "this"))
    pd.testing.assert_frame_equal(history, whole)
    assert parameters_of(resumed) == parameters_of(undisturbed)


def test_bfloat16_learns_nearly_the_same() -> None:
    ends = []
    for precision in ("float32", "bfloat16"):
        model, z = build(genes=40, hidden=(16, 8)), draw(256, 3) @ draw(3, 40, seed=4)
        train(model, InMemory(z), InMemory(z), Settings(20, 32, 0.01, 1e-6, precision), seed=0)
        ends.append(reconstruction_error(model, z))
    assert ends[1] == pytest.approx(ends[0], rel=0.05)
    assert ends[1] != ends[0]


def test_gene_facing_weights_are_put_back() -> None:
    model = build()
    before = linear_layers(model.encoder)[0].weight.detach().clone()
    run(model, draw(), epochs=1)
    after = linear_layers(model.encoder)[0].weight
    assert after.shape == before.shape
    assert after.is_contiguous()
    assert not torch.equal(after, before)
