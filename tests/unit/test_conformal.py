"""Conformal intervals: ranks by hand, and the coverage that is promised."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.conformal import half_widths


@pytest.mark.parametrize(
    ("samples", "level", "expected"),
    [
        (9, 0.9, 9.0),  # rank ⌈10 · 0.9⌉ = 9, the largest
        (19, 0.9, 18.0),
        (29, 0.9, 27.0),  # 30 · 0.9 is 27.000000000000004 or 27, by how it is rounded
        (20, 0.9, 19.0),  # ⌈18.9⌉
        (4, 0.5, 3.0),  # ⌈2.5⌉
        (8, 0.9, np.inf),  # ⌈8.1⌉ = 9 of 8: no interval is wide enough
    ],
)
def test_rank_by_hand(samples: int, level: float, expected: float) -> None:
    errors = np.arange(1, samples + 1, dtype=np.float32)
    for order in (errors, errors[::-1], np.random.default_rng(0).permutation(errors)):
        assert half_widths(np.stack([order, 2 * order], axis=1), level).tolist() == [expected, 2 * expected]


@given(st.integers(9, 200), st.sampled_from([0.5, 0.8, 0.9]), st.integers(0, 99))
def test_new_samples_are_covered_as_promised(samples: int, level: float, seed: int) -> None:
    # Expected of exchangeable samples: rank / (samples + 1), at least the level and less than 1 / (samples + 1) more.
    errors = np.abs(np.random.default_rng(seed).standard_t(3, (samples + 1, 4_000))).astype(np.float32)
    covered = (errors[-1] <= half_widths(errors[:-1], level)).mean()
    assert level - 0.04 < covered < level + 1 / (samples + 1) + 0.04
