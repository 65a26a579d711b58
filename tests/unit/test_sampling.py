"""Which samples are attributed, and by which shard."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.sampling import ALIGNMENT, choose_samples, iterate_z_scores, shard_bounds
from landmarks.writing import write_expression


def test_all_samples() -> None:
    assert choose_samples(5, "all", 0).tolist() == [0, 1, 2, 3, 4]


def test_drawn_samples_are_ascending_and_depend_on_the_seed() -> None:
    drawn = choose_samples(1_000, "10", 0)
    assert len(set(drawn.tolist())) == 10
    assert (np.diff(drawn) > 0).all()
    assert drawn.tolist() == choose_samples(1_000, "10", 0).tolist() != choose_samples(1_000, "10", 1).tolist()


def test_auto_begins_with_what_would_be_drawn() -> None:
    order = choose_samples(100, "auto", 3)
    assert sorted(order.tolist()) == list(range(100))
    assert sorted(order[:20].tolist()) == choose_samples(100, "20", 3).tolist()


@pytest.mark.parametrize("wanted", ["some", "1", "0", "-3", "101", "2.5"])
def test_other_numbers_are_refused(wanted: str) -> None:
    with pytest.raises(LandmarksError, match=rf"2 to 100 training samples, found {wanted}\.\nHint"):
        choose_samples(100, wanted, 0)


@given(st.integers(1, 2_000), st.integers(1, 40))
def test_shards_hold_every_sample_once(samples: int, shards: int) -> None:
    if shards > -(-samples // ALIGNMENT):
        with pytest.raises(LandmarksError, match="at most"):
            shard_bounds(samples, 0, shards)
        return
    bounds = [shard_bounds(samples, shard, shards) for shard in range(shards)]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == samples
    assert all(end == start for (_, end), (start, _) in pairwise(bounds))
    assert all(start % ALIGNMENT == 0 and start < end for start, end in bounds)


def test_z_scores_by_hand(tmp_path: Path) -> None:
    ids = np.array(["a", "b", "c"], object)
    values = np.array([[1, 10], [2, 20], [4, 40]], np.float32)
    write_expression(tmp_path / "e.parquet", Expression(ids, np.array(["g", "h"], object), values))
    scaling = {"input.mean": np.array([2, 0], np.float32), "input.scale": np.array([1, 10], np.float32)}
    (z,) = iterate_z_scores(tmp_path / "e.parquet", np.array([0, 2]), scaling, memory_mb=1, device=torch.device("cpu"))
    assert z.tolist() == [[-1, 1], [2, 4]]
