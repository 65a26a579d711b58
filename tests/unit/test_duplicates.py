"""Near-identical samples: by hand, against all pairs, and in blocks."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import pairwise_distances

from landmarks import duplicates
from landmarks.duplicates import find_duplicates

IDS = np.array(["a", "b", "c", "d", "e"], object)
VALUES = np.array([[0, 0], [3, 4], [0.6, 0], [3, 4.5], [100, 0]], np.float32)


def find(values: np.ndarray, distance: float, clusters: int = 1) -> pd.DataFrame:
    ids = np.array([f"s{index}" for index in range(len(values))], object)
    return find_duplicates(ids, values, distance=distance, clusters=clusters, seed=0)


def scattered(count: int, seed: int = 1) -> np.ndarray:
    """Return points of which many are close to another."""
    return np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)


def test_pairs_by_hand() -> None:
    found = find_duplicates(IDS, VALUES, distance=1.0, clusters=1, seed=0)
    assert found[["sample_id", "duplicate_of"]].to_numpy().tolist() == [["c", "a"], ["d", "b"]]
    np.testing.assert_allclose(found["distance"], [0.6, 0.5], atol=1e-6)


def test_the_distance_itself_is_far_enough() -> None:
    assert find_duplicates(IDS, VALUES, distance=0.5, clusters=1, seed=0).empty


def test_distance_zero_keeps_even_equal_samples() -> None:
    assert find(np.ones((3, 2), np.float32), 0.0).empty


def test_no_duplicates_give_an_empty_frame_with_its_columns() -> None:
    found = find_duplicates(IDS[[0, 1]], VALUES[[0, 1]], distance=1.0, clusters=1, seed=0)
    assert list(found.columns) == ["sample_id", "duplicate_of", "distance"]
    assert found.empty


def test_nearest_earlier_sample_is_named() -> None:
    found = find(np.array([[0.0], [0.5], [0.6]], np.float32), 1.0)
    assert found["duplicate_of"].tolist() == ["s0", "s1"]


def test_equal_samples_far_from_zero_have_no_distance() -> None:
    # |a|² + |b|² − 2ab of values of this size is pure rounding without the centring.
    values = np.full((2, 1_000), 12_345.678, np.float32)
    assert find(values, 1e-3)["distance"].tolist() == [0.0]


@pytest.mark.parametrize("block", [1, 7, 64, 1_024])
def test_all_pairs_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(duplicates, "BLOCK", block)
    values = scattered(60)
    gaps = pairwise_distances(values.astype(np.float64))
    expected = []
    for later in range(1, len(values)):
        nearest = int(gaps[later, :later].argmin())
        if gaps[later, nearest] < 0.7:
            expected.append((f"s{later}", f"s{nearest}", gaps[later, nearest]))
    found = find(values, 0.7)
    assert 5 < len(found) < 60
    assert found[["sample_id", "duplicate_of"]].to_numpy().tolist() == [list(row[:2]) for row in expected]
    np.testing.assert_allclose(found["distance"], [row[2] for row in expected], atol=1e-9)


def test_clusters_find_a_part_of_all_pairs_and_the_same_each_time() -> None:
    values = scattered(80)
    every = set(find(values, 0.5)["sample_id"])
    within = find(values, 0.5, clusters=4)
    assert set(within["sample_id"]) <= every
    pd.testing.assert_frame_equal(within, find(values, 0.5, clusters=4))


def test_more_clusters_than_samples() -> None:
    assert find(scattered(3), 1e-6, clusters=100).empty
