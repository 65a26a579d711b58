"""Votes counted by hand, and the constraints of a panel's designer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_data import constrained, make_evidence

from landmarks.errors import LandmarksError
from landmarks.panels import Evidence, consensus

VALUES = np.random.default_rng(0).standard_normal((6, 8))


def evidence_of(followed: list[list[int]], k: int, **changes: object) -> Evidence:
    """Return evidence with panels to agree on, by positions; `changes` are those of the choice."""
    evidence = make_evidence(VALUES, k)
    names = [[f"g{gene}" for gene in panel] for panel in followed]
    return make_evidence(VALUES, k, followed=names, choice=constrained(evidence.choice, **changes))


def test_most_votes_first_then_the_better_mean_rank() -> None:
    ranking = consensus.rank(evidence_of([[5, 3, 1], [3, 5, 2], [3, 1, 0]], 3))
    # g3 has three votes, g5 two of ranks 1 and 2, g1 two of ranks 3 and 2; g0 and g2 one of rank 3 each.
    assert ranking["gene_id"].tolist() == ["g3", "g5", "g1", "g0", "g2"]
    assert ranking["score"].tolist() == pytest.approx([1, 2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert set(ranking["reason"]) == {"chosen by vote of 3 panels"}


def test_the_first_k_genes_of_a_longer_panel_vote() -> None:
    ranking = consensus.rank(evidence_of([[0, 1, 2, 3], [0, 2, 3, 1], [0, 3, 2, 4]], 2))
    # g1, g2 and g3 have one vote; their mean ranks over all that name them are 3, 8/3 and 3.
    assert ranking["gene_id"].tolist() == ["g0", "g2", "g1", "g3", "g4"]
    assert ranking["score"].tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])


def test_included_genes_come_first_without_a_vote_and_labels_close() -> None:
    labels = np.array([0, 1, 2, 3, 4, 3, 6, 7])  # g3 and g5 measure the same
    included, allowed = np.array([7]), np.arange(8) != 1
    ranking = consensus.rank(
        evidence_of([[5, 3, 1], [3, 5, 2], [3, 1, 0]], 3, labels=labels, included=included, allowed=allowed)
    )
    assert ranking["gene_id"].tolist() == ["g7", "g3", "g0", "g2"]
    assert ranking["reason"].tolist()[0] == "must be included"
    assert ranking["score"].tolist() == pytest.approx([0, 1, 1 / 3, 1 / 3])


def test_costs_are_not_weighed_again() -> None:
    followed = [[0, 1], [0, 2]]
    dear = consensus.rank(evidence_of(followed, 2, costs=np.array([9.0, *[1.0] * 7])))
    assert dear.equals(consensus.rank(evidence_of(followed, 2)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.permutations(range(8)), min_size=1, max_size=5), st.integers(1, 8))
def test_panels_of_one_choice_are_never_too_few(orders: list[list[int]], k: int) -> None:
    panels = [order[:k] for order in orders]
    found = consensus.rank(evidence_of(panels, k))
    assert len(found) >= k and found["gene_id"].is_unique
    assert set(found["gene_id"]) == {f"g{gene}" for panel in panels for gene in panel}
    assert found["score"].is_monotonic_decreasing
    assert found["score"].sum() == pytest.approx(k)
    if len(panels) == 1:
        assert found["gene_id"].tolist() == [f"g{gene}" for gene in panels[0]]


def test_without_panels() -> None:
    with pytest.raises(LandmarksError, match=r"needs the panels of another selector, none were given\.\nHint: .*of\."):
        consensus.rank(make_evidence(VALUES, 3, followed=[]))


def test_a_panel_with_a_stranger() -> None:
    with pytest.raises(LandmarksError, match=r"1 genes are not in the compendium: TP53\."):
        consensus.rank(make_evidence(VALUES, 1, followed=[["TP53"]]))
