"""Aggregation of contributions, worked out for two samples, two units and two genes."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from landmarks import attribution
from landmarks.attribution import (
    AGGREGATIONS,
    AttributionSums,
    attribute,
    rank_genes,
    reference_point,
    refuse_incomplete,
)
from landmarks.errors import LandmarksError

# Units, samples, genes.
SHARES = torch.tensor([[[1.0, -2.0], [5.0, -6.0]], [[-3.0, 4.0], [7.0, 0.0]]])
SAMPLES = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
GENES = np.array(["A", "B"], object)


def engine(block: Tensor) -> Iterator[Tensor]:
    """Yield the shares of the samples in `block`, which carry their number."""
    for unit in SHARES:
        yield unit[block[:, 0].long()]


def differences(block: Tensor) -> Tensor:
    """Return what the shares sum to, samples × units."""
    return SHARES.sum(dim=2).T[block[:, 0].long()]


BY_HAND = {
    "mean_abs": ([8, 6], [40, 18]),
    "mean_signed": ([5, -2], [37, 10]),
    "abs_mean": ([5, -2], [37, 10]),
    "abs_sum_units": ([14, 8], [148, 40]),
}


@pytest.mark.parametrize("block", [1, 2, 256])
@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_sums_by_hand(monkeypatch: pytest.MonkeyPatch, aggregation: str, block: int) -> None:
    monkeypatch.setattr(attribution, "BLOCK", block)
    sums = attribute(SAMPLES, engine, differences, aggregation)
    total, squares = BY_HAND[aggregation]
    assert sums.samples == 2
    assert sums.total.tolist() == total
    assert sums.squares.tolist() == squares
    assert sums.completeness_error == 0.0


def test_completeness_error_is_relative_to_the_largest_difference() -> None:
    # The differences are −1, 1, −1 and 7; one of them is said to be 0.35 less.
    off = torch.tensor([[0.0, 0.0], [0.35, 0.0]])
    sums = attribute(SAMPLES, engine, lambda block: differences(block) - off[block[:, 0].long()], "mean_abs")
    assert sums.completeness_error == pytest.approx(0.05, rel=1e-6)


def test_no_difference_at_all_is_complete() -> None:
    sums = attribute(SAMPLES, lambda block: iter([block * 0]), lambda block: block[:, :1] * 0, "mean_abs")
    assert sums.completeness_error == 0.0
    assert sums.total.tolist() == [0, 0]


def test_undefined_contributions_are_not_complete() -> None:
    sums = attribute(SAMPLES, lambda block: iter([block * float("nan")]), lambda block: block[:, :1], "mean_abs")
    with pytest.raises(LandmarksError):
        refuse_incomplete(sums.completeness_error, 1e-4)


def test_ranking_by_hand() -> None:
    ranked = rank_genes(GENES, AttributionSums(2, np.array([6.0, 8.0]), np.array([18.0, 40.0])), "mean_abs")
    assert ranked["gene_id"].tolist() == ["B", "A"]
    assert ranked["importance"].tolist() == [4, 3]
    # The two samples of B give 2 and 6: their standard deviation is √8, by √2 the standard error.
    np.testing.assert_allclose(ranked["standard_error"], [2, 0])
    assert ranked["rank"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("aggregation", "order", "importance"), [("abs_mean", ["B", "A"], [2, 1]), ("mean_signed", ["A", "B"], [1, -2])]
)
def test_only_abs_mean_drops_the_sign(aggregation: str, order: list[str], importance: list[float]) -> None:
    ranked = rank_genes(GENES, AttributionSums(2, np.array([2.0, -4.0]), np.array([2.0, 8.0])), aggregation)
    assert ranked["gene_id"].tolist() == order
    assert ranked["importance"].tolist() == importance


def test_equal_importances_keep_the_order_of_genes() -> None:
    genes = np.array([f"g{index}" for index in range(50)], object)
    ranked = rank_genes(genes, AttributionSums(3, np.ones(50), np.ones(50)), "mean_abs")
    assert ranked["gene_id"].tolist() == genes.tolist()


def test_reference_points() -> None:
    training = torch.tensor([[1.0, -1.0], [2.0, 5.0], [9.0, 0.0]])
    zero = torch.tensor([-3.0, -4.0])
    ids = ["s1", "s2", "s3"]
    points = {kind: reference_point(kind, training, ids, zero).tolist() for kind in ("mean", "median", "zero", "s3")}
    assert points == {"mean": [0, 0], "median": [2, 0], "zero": [-3, -4], "s3": [9, 0]}


def test_an_unknown_reference_is_named() -> None:
    with pytest.raises(LandmarksError, match=r"attribution\.reference to be mean, .* found 's9'\.\nHint: "):
        reference_point("s9", SAMPLES, ["s1", "s2"], SAMPLES[0])


def test_incomplete_attributions_are_refused() -> None:
    refuse_incomplete(1e-4, 1e-4)
    for error in (1.1e-4, float("nan")):
        with pytest.raises(LandmarksError, match=r"attribution\.completeness allows 0\.0001[\s\S]*Hint: "):
            refuse_incomplete(error, 1e-4)
