"""Matched draws: the same bins as the imitated panel's genes, or the nearest, and never its genes."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_data import constrained, make_evidence

from landmarks.errors import LandmarksError
from landmarks.panels import random_matched

# With two bins: genes 0-3 low mean and low variance, 4-7 low and high, 8-11 high and low, 12-15 high and high.
MEANS = np.repeat([1.0, 2.0, 11.0, 12.0], 4)
WIDTHS = np.repeat([1.0, 3.0, 1.1, 3.1], 4)
VALUES = MEANS + WIDTHS * np.array([[-1.0], [1.0]])


def quadrants(ids: pd.Series) -> list[int]:
    """Return the bin of each gene, by hand."""
    return [int(gene[1:]) // 4 for gene in ids]


def binned(values: npt.NDArray[np.floating], bins: int) -> npt.NDArray[np.int64]:
    """Bins by pandas, an independent route."""
    return np.asarray(pd.qcut(values, bins, labels=False))


def test_draws_are_of_the_same_bin() -> None:
    for seed in range(10):
        evidence = make_evidence(VALUES, 4, followed=[["g13", "g0", "g9", "g5"]], seed=seed)
        ranking = random_matched.rank(evidence, bins=2)
        assert quadrants(ranking["gene_id"]) == [3, 0, 2, 1]
        assert not set(ranking["gene_id"]) & {"g13", "g0", "g9", "g5"}
        assert ranking["score"].tolist() == [0.0] * 4


def test_every_gene_of_a_bin_is_drawn_alike() -> None:
    drawn = np.zeros(16)
    for seed in range(600):
        ranking = random_matched.rank(make_evidence(VALUES, 1, followed=[["g0"]], seed=seed), bins=2)
        drawn[int(ranking["gene_id"].iloc[0][1:])] += 1
    # Expected 200 each, with a standard deviation of 11.5.
    assert (np.abs(drawn[1:4] - 200) < 55).all()
    assert drawn.sum() == drawn[1:4].sum()


def test_an_exhausted_bin_gives_way_to_the_nearest() -> None:
    for seed in range(10):
        ranking = random_matched.rank(make_evidence(VALUES, 3, followed=[["g0", "g1", "g2"]], seed=seed), bins=2)
        # Only g3 is left of the bin; then a neighbour one step away, never the opposite bin.
        assert ranking["gene_id"].iloc[0] == "g3"
        assert set(quadrants(ranking["gene_id"].iloc[1:])) <= {1, 2}
        assert ranking["score"].tolist() == [0.0, -1.0, -1.0]


def test_deciles_by_default() -> None:
    generator = np.random.default_rng(5)
    values = generator.normal(generator.uniform(4, 14, 2_000), generator.uniform(0.2, 2, 2_000), (30, 2_000))
    evidence = make_evidence(values, 50)
    drawn = [int(gene[1:]) for gene in random_matched.rank(evidence)["gene_id"]]
    exact = evidence.training.astype(np.float64)
    for statistic in (exact.mean(axis=0), exact.var(axis=0)):
        places = binned(statistic, 10)
        assert (places[drawn] == places[:50]).mean() > 0.9
    assert min(drawn) >= 50


def test_included_genes_come_first_and_stand_for_the_first_of_the_panel() -> None:
    choice = constrained(make_evidence(VALUES, 3).choice, included=np.array([7]))
    ranking = random_matched.rank(make_evidence(VALUES, 3, choice=choice, followed=[["g13", "g0", "g9"]]), bins=2)
    assert ranking["gene_id"].iloc[0] == "g7"
    assert ranking["reason"].iloc[0] == "must be included"
    assert quadrants(ranking["gene_id"].iloc[1:]) == [0, 2]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_gene_of_the_panel_and_none_twice(data: st.DataObject) -> None:
    model = data.draw(st.lists(st.integers(0, 15), min_size=1, max_size=8, unique=True))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=16, max_size=16)))
    labels = np.array(data.draw(st.lists(st.integers(0, 12), min_size=16, max_size=16)))
    evidence = make_evidence(VALUES, len(model), followed=[[f"g{gene}" for gene in model]], seed=len(model))
    choice = constrained(evidence.choice, allowed=allowed, labels=labels)
    ranking = random_matched.rank(replace(evidence, choice=choice), bins=2)
    chosen = [int(gene[1:]) for gene in ranking["gene_id"]]
    assert allowed[chosen].all()
    assert not set(labels[chosen]) & set(labels[model])
    free = set(labels[allowed]) - set(labels[model])
    assert len(set(labels[chosen])) == len(chosen) == min(len(model), len(free))


def test_the_seed_decides() -> None:
    values = np.random.default_rng(1).standard_normal((20, 200))
    first, again, other = (random_matched.rank(make_evidence(values, 8, seed=seed), bins=2) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert first["gene_id"].tolist() != other["gene_id"].tolist()


@pytest.mark.parametrize(
    ("k", "model", "message"),
    [
        (2, [], r"needs a panel to imitate, none was given\.\nHint: .*panels\.random_matched\.like"),
        (3, [["g0", "g1"]], r"3 genes were asked for, .* holds 2\.\nHint: .*at most 2 .*panels\.random_matched\.sizes"),
        (1, [["TP53"]], r"1 genes are not in the compendium: TP53\.\nHint: "),
    ],
)
def test_a_panel_that_cannot_be_imitated(k: int, model: list[list[str]], message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        random_matched.rank(make_evidence(VALUES, k, followed=model))
