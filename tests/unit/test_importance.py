"""Ranks, their intervals, and shards put together again."""

import numpy as np
import pandas as pd
import pytest

from landmarks.attribution import AttributionSums
from landmarks.importance import HALF_WIDTH, merge_checks, merge_shards, rank_genes, rank_intervals, to_frame

GENES = np.array(["A", "B"], object)


def sums(total: list[float], squares: list[float], samples: int = 2) -> AttributionSums:
    return AttributionSums(samples, np.array(total), np.array(squares), 1, np.array(total) / 2)


def test_ranking_by_hand() -> None:
    ranked = rank_genes(GENES, sums([6, 8], [18, 40]), "mean_abs")
    assert ranked["gene_id"].tolist() == ["B", "A"]
    assert ranked["importance"].tolist() == [4, 3]
    # The two samples of B give 2 and 6: their standard deviation is √8, by √2 the standard error.
    np.testing.assert_allclose(ranked["standard_error"], [2, 0])
    assert ranked["rank"].tolist() == [1, 2]
    # B's interval is 4 ± 2.78, which holds A's 3: either may be first.
    assert ranked[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("aggregation", "order", "importance"), [("abs_mean", ["B", "A"], [2, 1]), ("mean_signed", ["A", "B"], [1, -2])]
)
def test_only_abs_mean_drops_the_sign(aggregation: str, order: list[str], importance: list[float]) -> None:
    ranked = rank_genes(GENES, sums([2, -4], [2, 8]), aggregation)
    assert ranked["gene_id"].tolist() == order
    assert ranked["importance"].tolist() == importance


def test_equal_importances_keep_the_order_of_genes() -> None:
    genes = np.array([f"g{index}" for index in range(50)], object)
    ranked = rank_genes(genes, sums([1] * 50, [1] * 50, 3), "mean_abs")
    assert ranked["gene_id"].tolist() == genes.tolist()


def test_rank_intervals_equal_a_double_loop() -> None:
    generator = np.random.default_rng(0)
    value, error = generator.normal(size=60).round(1), generator.uniform(0, 0.3, 60).round(1)
    low, high = rank_intervals(value, error)
    for gene in range(60):
        above = sum(value - HALF_WIDTH * error > value[gene] + HALF_WIDTH * error[gene])
        below = sum(value + HALF_WIDTH * error < value[gene] - HALF_WIDTH * error[gene])
        assert (low[gene], high[gene]) == (1 + above, 60 - below)
    rank = np.argsort(np.argsort(-value, kind="stable")) + 1
    assert ((low <= rank) & (rank <= high)).all()
    assert 1 < np.median(high - low) < 59


def test_without_errors_ranks_are_sure() -> None:
    low, high = rank_intervals(np.array([3.0, 1.0, 2.0]), np.zeros(3))
    assert low.tolist() == high.tolist() == [1, 3, 2]


def test_shards_are_put_together_by_hand() -> None:
    one, other = sums([1, 2], [3, 4], 2), sums([10, 20], [30, 40], 5)
    genes, merged = merge_shards([to_frame(["A", "B"], one), to_frame(["A", "B"], other)])
    assert genes.tolist() == ["A", "B"]
    assert (merged.samples, merged.half_samples) == (7, 2)
    assert merged.total.tolist() == [11, 22]
    assert merged.squares.tolist() == [33, 44]
    assert merged.half_total.tolist() == [5.5, 11]


def test_checks_are_merged_to_the_worst() -> None:
    names = ["samples", "training_samples", "completeness_error", "captum_samples", "captum_difference"]
    checks = pd.DataFrame([[10, 30, 1e-7, 4, 3e-7], [20, 30, 2e-7, 4, 1e-7]], columns=names)
    assert merge_checks(checks) == dict(zip(names, [30, 30, 2e-7, 8, 3e-7], strict=True))
