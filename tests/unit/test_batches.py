"""Batches of samples, their error, and what tells one training from another."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from landmarks import batches as module
from landmarks.batches import absolute_error, batches, identify_training, restore, state_of
from landmarks.matrices import InMemory, Room, Rows

CPU = torch.device("cpu")
Z = np.random.default_rng(0).standard_normal((30, 5), dtype=np.float32)


@pytest.fixture(params=["in memory", "staged"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rows]:
    """Yield the samples, wherever they are."""
    with ExitStack() as closing:
        held = Room(tmp_path, 1 if request.param == "in memory" else 1e-6, closing).hold(*Z.shape)
        assert isinstance(held, InMemory) == (request.param == "in memory")
        held.put(0, 0, Z)
        yield held


def test_samples_come_in_the_order_asked_for(rows: Rows) -> None:
    order = np.random.default_rng(1).permutation(30)[:23]
    # A batch is valid until the next is asked for, so that it is copied here.
    taken = [batch.clone().numpy() for batch in batches(rows, order, 4, CPU)]
    assert [len(batch) for batch in taken] == [4, 4, 4, 4, 4, 3]
    np.testing.assert_array_equal(np.concatenate(taken), Z[order])


def test_no_batch_is_overwritten_while_it_is_in_use(rows: Rows) -> None:
    for number, batch in enumerate(batches(rows, np.arange(30), 2, CPU)):
        time.sleep(0.005)  # the thread reads as far ahead as it may
        np.testing.assert_array_equal(batch, Z[2 * number : 2 * number + 2])


def test_none_are_no_batch(rows: Rows) -> None:
    assert list(batches(rows, np.arange(0), 4, CPU)) == []


@pytest.mark.parametrize("block", [1, 7, 100])
def test_error_in_blocks_is_without_dropout(rows: Rows, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    network = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 2)).train()
    chosen = np.array([3, 4, 8, 9, 11, 15, 20, 29])
    error = absolute_error(network, rows, chosen, 2, slice(3, 5))
    with torch.no_grad():
        expected = np.abs(network.eval()(torch.from_numpy(Z[chosen, :2])).numpy() - Z[chosen, 3:5]).mean()
    assert error == pytest.approx(float(expected), rel=1e-6)


def test_trainings_are_told_apart(rows: Rows) -> None:
    name = identify_training("settings", rows, InMemory(Z[:9]))
    assert name == identify_training("settings", InMemory(Z.copy()), InMemory(Z[:9]))
    moved = Z + np.float32(1e-6)
    others = [("other", Z, Z[:9]), ("settings", Z, Z[:8]), ("settings", moved, Z[:9]), ("settings", Z, moved[:9])]
    for settings, training, validation in others:
        assert identify_training(settings, InMemory(training), InMemory(validation)) != name


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_a_restored_network_takes_the_same_steps(kind: str) -> None:
    def build(seed: int) -> tuple[nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(seed)
        network = nn.Linear(5, 3)
        how = {"momentum": 0.5} if kind == "SGD" else {"weight_decay": 0.1}
        return network, getattr(torch.optim, kind)(network.parameters(), lr=0.1, fused=True, **how)

    def step(network: nn.Module, optimiser: torch.optim.Optimizer, times: int) -> None:
        for _ in range(times):
            optimiser.zero_grad()
            network(torch.from_numpy(Z)).square().sum().backward()
            optimiser.step()

    one, other = build(0), build(1)
    step(*one, 3)
    step(*other, 1)
    restore({name: array.copy() for name, array in state_of(*one).items()}, *other)
    for run in (one, other):
        step(*run, 3)
    for mine, theirs in zip(one[0].parameters(), other[0].parameters(), strict=True):
        assert torch.equal(mine, theirs)
