"""Sums of importances, worked out for two samples and two genes, and stopping when halves agree."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from landmarks import attribution
from landmarks.attribution import (
    Attributed,
    AttributionSums,
    agreement,
    attribute,
    attribute_from,
    attribute_until_agreed,
    importance,
    refuse_different,
    refuse_incomplete,
)
from landmarks.checkpoints import Checkpoint
from landmarks.errors import LandmarksError
from landmarks.progress import Pace

ROWS = torch.tensor([[1.0, -2.0], [5.0, -6.0], [-3.0, 4.0]])


def engine(block: Tensor) -> Attributed:
    """Say that importances are the values, and that the gap is a tenth of the first value."""
    return Attributed(block, block[0, 0].abs().item() / 10, block.abs().max().item())


@pytest.mark.parametrize("size", [1, 2, 3])
def test_sums_by_hand(size: int) -> None:
    sums = attribute(ROWS.split(size), engine)
    assert sums.samples == 3
    assert sums.total.tolist() == [3, -4]
    assert sums.squares.tolist() == [35, 56]
    # The first and the third sample, however they are cut into blocks.
    assert sums.half_samples == 2
    assert sums.half_total.tolist() == [-2, 2]
    assert sums.difference == 6


def test_halves_go_by_the_samples_number() -> None:
    whole = attribute([ROWS], engine)
    parts = attribute([ROWS[:1]], engine, 0) + attribute([ROWS[1:]], engine, 1)
    assert parts.half_total.tolist() == whole.half_total.tolist()
    assert parts.half_samples == whole.half_samples
    assert parts.total.tolist() == whole.total.tolist()
    assert parts.squares.tolist() == whole.squares.tolist()


def test_completeness_error_is_the_largest_gap_by_the_largest_difference() -> None:
    # Gaps 0.1, 0.5 and 0.3; differences 2, 6 and 4.
    assert attribute(ROWS.split(1), engine).completeness_error == pytest.approx(0.5 / 6)


def test_no_difference_at_all_is_complete() -> None:
    assert attribute([ROWS * 0], engine).completeness_error == 0.0


def test_undefined_contributions_are_not_complete() -> None:
    sums = attribute([ROWS, ROWS * float("nan"), ROWS], engine)
    with pytest.raises(LandmarksError):
        refuse_incomplete(sums.completeness_error, 1e-4)


def test_a_resumed_attribution_counts_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    add = Pace.add

    def counted(pace: Pace, count: int, where: str) -> None:
        add(pace, count, where)
        left.append(pace.total - pace.done)

    def read(chosen: np.ndarray) -> Iterator[Tensor]:
        yield from ROWS[chosen].split(1)

    def killed(block: Tensor) -> Attributed:
        if len(left) == 1:
            raise KeyboardInterrupt
        return engine(block)

    monkeypatch.setattr(Pace, "add", counted)
    path, chosen = tmp_path / "sums.npz", np.arange(3)
    with pytest.raises(KeyboardInterrupt):
        attribute_from(Checkpoint(path, every_s=0), chosen, read, killed, 0)
    assert left == [2]
    sums = attribute_from(Checkpoint(path, every_s=1e9), chosen, read, engine, 0)
    assert left == [2, 1, 0]
    assert sums.total.tolist() == [3, -4]


def test_only_abs_mean_drops_the_sign() -> None:
    total = np.array([6.0, -8.0])
    assert importance(total, 2, "abs_mean").tolist() == [3, 4]
    for kind in ("mean_abs", "mean_signed", "abs_sum_units"):
        assert importance(total, 2, kind).tolist() == [3, -4]


def test_agreement_by_hand() -> None:
    # First half: genes by mean 0, 1, 2, 3; other half (total − half): 1, 2, 0, 3.
    half, other = np.array([4.0, 3, 2, 1]), np.array([2.0, 4, 3, 1])
    sums = AttributionSums(2, half + other, half, 1, half)
    assert [agreement(sums, "mean_abs", k) for k in (1, 2, 3, 4)] == [0, pytest.approx(1 / 3), 1, 1]


@pytest.mark.parametrize(("noise", "wanted"), [(0.0, 8), (1e9, 100)])
def test_stops_when_halves_agree_or_samples_end(monkeypatch: pytest.MonkeyPatch, noise: float, wanted: int) -> None:
    monkeypatch.setattr(attribution, "FIRST_ROUND", 8)
    generator = np.random.default_rng(0)
    values = torch.from_numpy(np.arange(50) + noise * generator.normal(size=(100, 50)))
    order = generator.permutation(100)
    seen: list[int] = []

    def read(positions: np.ndarray) -> Iterator[Tensor]:
        assert (np.diff(positions) > 0).all()
        seen.extend(positions.tolist())
        yield from values[positions].split(3)

    sums = attribute_until_agreed(order, read, engine, aggregation="mean_abs", k=10, jaccard=0.99)
    assert sums.samples == len(seen) == wanted
    assert sorted(seen) == sorted(order[:wanted].tolist())
    assert sums.half_samples == wanted // 2
    np.testing.assert_allclose(sums.total, values[seen].sum(dim=0))


def test_bounds_are_kept() -> None:
    refuse_incomplete(1e-4, 1e-4)
    refuse_different(1e-5, 1e-5)
    for error in (1.1e-4, float("nan")):
        with pytest.raises(LandmarksError, match=r"attribution\.completeness allows 0\.0001[\s\S]*Hint: "):
            refuse_incomplete(error, 1e-4)
        with pytest.raises(LandmarksError, match=r"attribution\.check\.bound allows 1e-05[\s\S]*Hint: "):
            refuse_different(error, 1e-5)
