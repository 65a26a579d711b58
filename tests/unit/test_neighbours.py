"""Nearest earlier samples: the same as from all pairs in full, and found without them."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from landmarks import neighbours
from landmarks.matrices import InMemory, Room, Rows
from landmarks.neighbours import find_nearest_earlier, fit_directions, iterate_candidates, project

Values = npt.NDArray[np.float32]

SHAPES = st.tuples(st.integers(1, 25), st.integers(1, 7))


@st.composite
def samples(draw: st.DrawFn) -> Values:
    """Draw samples of which some are copies of others, far from zero or near it."""
    few = draw(arrays(np.float32, SHAPES, elements=st.integers(-2, 2) | st.floats(-3, 3, width=32)))
    chosen = draw(st.lists(st.integers(0, len(few) - 1), min_size=1, max_size=30))
    return few[chosen] * np.float32(draw(st.sampled_from([1, 1e-3, 1e4]))) + np.float32(draw(st.sampled_from([0, 1e4])))


def distances(values: Values, later: int) -> npt.NDArray[np.float64]:
    """Return the distances of a sample from all earlier ones."""
    return np.sqrt(np.square(values[:later] - values[later].astype(np.float64)).sum(axis=1))


def compare_all(values: Values, labels: npt.NDArray[np.int64], distance: float) -> list[tuple[int, int, float]]:
    """Return what `find_nearest_earlier` must find, pair by pair."""
    found = []
    for later in range(1, len(values)):
        gaps = np.where(labels[:later] == labels[later], distances(values, later), np.inf)
        if gaps.min() < distance:
            found.append((later, int(gaps.argmin()), float(gaps.min())))
    return found


def find(rows: Rows, labels: npt.NDArray[np.int64], distance: float, **options: float) -> list[tuple[int, int, float]]:
    chosen = {"seed": 0, "memory_mb": 1} | options
    later, earlier, gaps = find_nearest_earlier(rows, labels, distance=distance, **chosen)  # type: ignore[arg-type]
    assert (later.dtype, earlier.dtype, gaps.dtype) == (np.int64, np.int64, np.float64)
    return list(zip(later.tolist(), earlier.tolist(), gaps.tolist(), strict=True))


@given(data=st.data(), values=samples())
@settings(max_examples=300, deadline=None)
def test_all_pairs_in_full_find_the_same(data: st.DataObject, values: Values) -> None:
    # Among the distances are those of pairs themselves, which are just not near, and the next number after them.
    gaps = [gap for later in range(len(values)) for gap in distances(values, later).tolist()]
    own = st.sampled_from(gaps or [0.0])
    distance = data.draw(st.floats(0, 10) | own | own.map(lambda gap: float(np.nextafter(gap, np.inf))))
    labels = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(values), max_size=len(values))))
    options = {"seed": data.draw(st.integers(0, 3)), "memory_mb": data.draw(st.sampled_from([1e-9, 0.01, 10]))}
    with pytest.MonkeyPatch.context() as patch:
        for name, most in (("DIRECTIONS", 4), ("DRAWN", 9), ("BATCH", 9), ("COMPARED", 5)):
            patch.setattr(neighbours, name, data.draw(st.integers(1, most), label=name))
        found = find(InMemory(values), labels, distance, **options)
    assert found == compare_all(values, labels, distance)


def test_samples_on_disk(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(600, 20)).astype(np.float32)
    values[400:] = values[:200] + np.float32(1e-3)
    labels = np.zeros(600, np.int64)
    with ExitStack() as closing:
        rows = Room(tmp_path, 1e-6, closing).hold(*values.shape)
        rows.put(0, 0, values)
        assert find(rows, labels, 1.0) == compare_all(values, labels, 1.0)
    assert len(compare_all(values, labels, 1.0)) == 200


def test_the_nearest_in_projection_need_not_be_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    # One direction of eight says little: most samples have many candidates that look nearer than the nearest.
    monkeypatch.setattr(neighbours, "DIRECTIONS", 1)
    values = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    labels = np.zeros(200, np.int64)
    assert find(InMemory(values), labels, 3.0) == compare_all(values, labels, 3.0)


def test_hundreds_of_equal_samples() -> None:
    values = np.tile(np.arange(5, dtype=np.float32), (300, 1))
    assert find(InMemory(values), np.zeros(300, np.int64), 1e-6) == [(later, 0, 0.0) for later in range(1, 300)]


def test_a_sample_of_another_cluster_is_not_looked_at() -> None:
    values = np.array([[0.0], [0.3], [0.4]], np.float32)
    assert [pair[:2] for pair in find(InMemory(values), np.array([0, 1, 0]), 1.0)] == [(2, 0)]


@given(samples(), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_projections_are_never_farther_apart_than_samples(values: Values, seed: int) -> None:
    points, rounding = project(InMemory(values), seed)
    for later in range(1, len(values)):
        projected = np.sqrt(np.square(points[:later] - points[later]).sum(axis=1))
        assert (projected <= distances(values, later) * neighbours.STRETCH + rounding).all()
    assert rounding <= 1e-9 * max(1.0, float(np.abs(values).max()))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (40, 30), (20, 500)])
@pytest.mark.parametrize("constant", [False, True])
def test_directions_are_orthonormal(shape: tuple[int, int], constant: bool) -> None:
    centred = np.zeros(shape) if constant else np.random.default_rng(0).normal(size=shape)
    directions = fit_directions(centred)
    assert directions.shape == (shape[1], min(16, *shape))
    np.testing.assert_allclose(directions.T @ directions, np.eye(directions.shape[1]), atol=1e-13)


def test_directions_are_the_principal_components() -> None:
    centred = np.random.default_rng(0).normal(size=(60, 200)) * np.linspace(5, 0.1, 200)
    expected = np.linalg.svd(centred, full_matrices=False)[2][:16]
    np.testing.assert_allclose(np.abs(np.sum(fit_directions(centred).T * expected, axis=1)), 1, atol=1e-6)


def test_few_pairs_are_compared_in_full() -> None:
    values = np.random.default_rng(0).normal(size=(2_000, 60)).astype(np.float32)
    values[1_900:] = values[:100] + np.float32(0.01)
    points, rounding = project(InMemory(values), 0)
    found = list(iterate_candidates(points, np.zeros(2_000, np.int64), 1.0 + rounding, 1))
    assert len(found) > 1
    assert 100 <= sum(len(later) for later, _, _ in found) < 1_000  # of two million


def test_candidates_are_held_in_parts() -> None:
    points = np.zeros((300, 2))
    blocks = list(iterate_candidates(points, np.zeros(300, np.int64), 1.0, 300 * neighbours.PAIR * 20 / 1e6))
    assert len(blocks) == 15
    later, earlier, bounds = map(np.concatenate, zip(*blocks, strict=True))
    assert list(zip(later.tolist(), earlier.tolist(), strict=True)) == [(i, j) for i in range(300) for j in range(i)]
    assert not bounds.any()
