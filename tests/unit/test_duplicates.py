"""Near-identical samples: by hand, within clusters, and the step that drops them."""

import logging
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import MiniBatchKMeans

from landmarks import writing as module
from landmarks.duplicates import find_duplicates, label_clusters
from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame
from landmarks.matrices import InMemory
from landmarks.steps.remove_duplicates import main
from landmarks.writing import write_expression

IDS = np.array(["a", "b", "c", "d", "e"], object)
VALUES = np.array([[0, 0], [3, 4], [0.6, 0], [3, 4.5], [100, 0]], np.float32)


def find(values: np.ndarray, distance: float, clusters: int = 1) -> pd.DataFrame:
    ids = np.array([f"s{index}" for index in range(len(values))], object)
    return find_duplicates(ids, InMemory(values), distance=distance, clusters=clusters, seed=0, memory_mb=1)


def scattered(count: int, seed: int = 1) -> np.ndarray:
    """Return points of which many are close to another."""
    return np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)


def test_pairs_by_hand() -> None:
    found = find_duplicates(IDS, InMemory(VALUES), distance=1.0, clusters=1, seed=0, memory_mb=1)
    assert found[["sample_id", "duplicate_of"]].to_numpy().tolist() == [["c", "a"], ["d", "b"]]
    np.testing.assert_allclose(found["distance"], [0.6, 0.5], atol=1e-6)


def test_the_distance_itself_is_far_enough() -> None:
    assert find(VALUES[[1, 3]], 0.5).empty
    assert len(find(VALUES[[1, 3]], 0.500001)) == 1


def test_distance_zero_keeps_even_equal_samples() -> None:
    assert find(np.ones((3, 2), np.float32), 0.0).empty


def test_no_duplicates_give_an_empty_frame_with_its_columns() -> None:
    found = find(VALUES[[0, 1]], 1.0)
    assert list(found.columns) == ["sample_id", "duplicate_of", "distance"]
    assert found.empty


def test_nearest_earlier_sample_is_named() -> None:
    found = find(np.array([[0.0], [0.5], [0.6]], np.float32), 1.0)
    assert found["duplicate_of"].tolist() == ["s0", "s1"]


def test_equal_samples_far_from_zero_have_no_distance() -> None:
    # |a|² + |b|² − 2ab of values of this size is pure rounding without the centring.
    values = np.full((2, 1_000), 12_345.678, np.float32)
    assert find(values, 1e-3)["distance"].tolist() == [0.0]


def test_clusters_find_a_part_of_all_pairs_and_the_same_each_time() -> None:
    values = scattered(80)
    every = set(find(values, 0.5)["sample_id"])
    within = find(values, 0.5, clusters=4)
    assert set(within["sample_id"]) <= every
    pd.testing.assert_frame_equal(within, find(values, 0.5, clusters=4))


def test_more_clusters_than_samples() -> None:
    assert find(scattered(3), 1e-6, clusters=100).empty


def test_clusters_of_few_samples_are_those_of_all() -> None:
    values = scattered(300)
    expected = MiniBatchKMeans(n_clusters=5, random_state=3, n_init=3).fit_predict(values)
    np.testing.assert_array_equal(label_clusters(InMemory(values), 5, 3, 1), expected)


def test_clusters_of_many_samples_are_fitted_to_some(caplog: pytest.LogCaptureFixture) -> None:
    # Three groups far apart, the last one so small and so late that the first samples tell nothing of it.
    values = scattered(3_000) / 10 + np.repeat([[0, 0, 0], [50, 0, 0], [0, 50, 0]], [1_400, 1_400, 200], axis=0)
    rows = InMemory(values.astype(np.float32))
    with caplog.at_level(logging.INFO, "landmarks"):
        labels = label_clusters(rows, 3, 0, 500 * 12 / 1e6)
    assert "clusters are fitted to 500 of 3,000 samples" in caplog.text
    assert [len(set(part)) for part in np.split(labels, [1_400, 2_800])] == [1, 1, 1]
    assert len(set(labels)) == 3
    np.testing.assert_array_equal(labels, label_clusters(rows, 3, 0, 500 * 12 / 1e6))


def write_samples(folder: Path, samples: int, genes: int) -> Expression:
    """Write samples of which every tenth nearly equals the one before it."""
    values = np.random.default_rng(0).normal(8, 2, (samples, genes)).astype(np.float32)
    values[9::10] = values[8::10] + np.float32(0.001)
    ids, names = (
        np.array([f"{kind}{n}" for n in range(size)], object) for kind, size in (("s", samples), ("g", genes))
    )
    written = Expression(ids, names, values)
    write_expression(folder / "x.parquet", written)
    return written


@pytest.mark.parametrize("clusters", [1, 2])
@pytest.mark.parametrize("memory_mb", [1, 100])
def test_the_step_drops_them_for_any_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_mb: float, clusters: int
) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 60)
    written = write_samples(tmp_path, 2_000, 100)
    out, dropped = tmp_path / "new" / "out.parquet", tmp_path / "dropped.parquet"
    main(
        expression=tmp_path / "x.parquet",
        distance=1.0,
        clusters=clusters,
        seed=0,
        out=out,
        out_duplicates=dropped,
        memory_mb=memory_mb,
    )
    found, kept = read_frame(dropped), np.arange(2_000) % 10 != 9
    assert found["sample_id"].tolist() == written.sample_ids[9::10].tolist()
    assert found["duplicate_of"].tolist() == written.sample_ids[8::10].tolist()
    read = read_expression(out)
    assert read.sample_ids.tolist() == written.sample_ids[kept].tolist()
    assert read.gene_ids.tolist() == written.gene_ids.tolist()
    np.testing.assert_array_equal(read.values, written.values[kept])
    assert sorted(file.name for file in out.parent.iterdir()) == ["out.parquet"]


def test_the_step_holds_a_part_of_the_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 500)
    size = write_samples(tmp_path, 8_000, 500).values.nbytes
    tracemalloc.start()
    try:
        main(
            expression=tmp_path / "x.parquet",
            distance=1.0,
            clusters=1,
            seed=0,
            out=tmp_path / "out.parquet",
            out_duplicates=tmp_path / "dropped.parquet",
            memory_mb=5,
        )
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < 0.75 * size
