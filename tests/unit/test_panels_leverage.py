"""Pivoted QR of the principal components: against SciPy's, and where the rank is used up."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_data import constrained, make_evidence

from landmarks.panels import leverage, training_scores
from landmarks.panels.choice import unconstrained

IDS = np.array(["g0", "g1", "g2", "g3"], object)
# Squared lengths 4, 9, 1, 9.61: the last gene points nearly where the second does.
COLUMNS = np.array([[2.0, 0.0, 0.6, 0.0], [0.0, 3.0, 0.8, 3.1]])


def test_pivoting_by_hand() -> None:
    chosen, left, late = leverage.pivot(COLUMNS, unconstrained(IDS), 4)
    # g3 first; it tells all of g1 and 0.64 of g2; g0 is next, and then nothing is left: g1 (9) before g2 (1).
    assert chosen.tolist() == [3, 0, 1, 2]
    np.testing.assert_allclose(left, [9.61, 4, 0, 0], atol=1e-12)
    assert late.tolist() == [False, False, True, True]


def test_costs_divide_the_leverage() -> None:
    choice = constrained(unconstrained(IDS), costs=np.array([1.0, 1.0, 1.0, 2.5]))
    # 9.61 / 2.5 is less than 4, which is less than 9.
    assert leverage.pivot(COLUMNS, choice, 2)[0].tolist() == [1, 0]


def test_included_genes_that_say_the_same_use_up_no_rank() -> None:
    columns = np.array([[1.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0, 0.4]])
    ids = np.array([f"g{gene}" for gene in range(5)], object)
    choice = constrained(unconstrained(ids), included=np.array([0, 1]))
    chosen, left, late = leverage.pivot(columns, choice, 5)
    assert chosen.tolist() == [0, 1, 3, 4, 2]
    np.testing.assert_allclose(left, [1, 0, 0.25, 0.16, 0], atol=1e-12)
    assert late.tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(("samples", "genes", "k"), [(30, 80, 10), (40, 200, 39), (60, 25, 20)])
def test_scipy_pivots_the_same_columns(samples: int, genes: int, k: int) -> None:
    generator = np.random.default_rng(samples)
    values = generator.standard_normal((samples, 8)) @ generator.standard_normal((8, genes))
    evidence = make_evidence(values + generator.standard_normal((samples, genes)), k)
    right = np.linalg.svd(training_scores(evidence).astype(np.float64), full_matrices=False)[2][:k]
    triangle, pivots = scipy.linalg.qr(right, mode="r", pivoting=True)
    ranking = leverage.rank(evidence)
    assert ranking["gene_id"].tolist() == [f"g{gene}" for gene in pivots[:k]]
    np.testing.assert_allclose(ranking["score"], np.diag(triangle) ** 2, rtol=1e-6)


def test_one_gene_of_each_planted_block() -> None:
    generator = np.random.default_rng(2)
    blocks = np.repeat(generator.standard_normal((60, 5)), 8, axis=1) + 0.2 * generator.standard_normal((60, 40))
    ranking = leverage.rank(make_evidence(blocks, 5))
    assert sorted(int(gene[1:]) // 8 for gene in ranking["gene_id"]) == [0, 1, 2, 3, 4]


def test_more_genes_than_samples_are_ranked_by_leverage() -> None:
    evidence = make_evidence(np.random.default_rng(6).standard_normal((8, 30)), 20)
    ranking = leverage.rank(evidence)
    assert ranking["gene_id"].nunique() == len(ranking) == 20
    components = leverage.leading_components(training_scores(evidence).astype(np.float64), 20)
    assert len(components) == 7  # centred
    lengths = (components**2).sum(axis=0)[[int(gene[1:]) for gene in ranking["gene_id"].iloc[7:]]]
    assert (np.diff(lengths) <= 0).all()
    assert (ranking["reason"].iloc[7:] == "the largest leverage of the genes that those before it tell").all()
    assert ranking["score"].iloc[:7].min() > 1e-3
    assert ranking["score"].iloc[7:].max() < 1e-9


def test_constant_genes_can_be_ranked() -> None:
    assert leverage.rank(make_evidence(np.ones((5, 4)), 3))["gene_id"].tolist() == ["g0", "g1", "g2"]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_each_choice_leaves_the_least_to_be_had(data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 99))
    columns = np.random.default_rng(seed).standard_normal((3, 7))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=7, max_size=7)))
    labels = np.array(data.draw(st.lists(st.integers(0, 4), min_size=7, max_size=7)))
    ids = np.array([f"g{gene}" for gene in range(7)], object)
    chosen = leverage.pivot(columns, constrained(unconstrained(ids), allowed=allowed, labels=labels), 7)[0]
    assert allowed[chosen].all()
    assert sorted(labels[chosen]) == sorted(set(labels[allowed]))
    for step in range(min(len(chosen), 3)):
        # Residuals by an independent route: least squares on the columns before.
        before = columns[:, chosen[:step]]
        rest = columns - before @ np.linalg.lstsq(before, columns, rcond=None)[0]
        free = allowed & ~np.isin(labels, labels[chosen[:step]])
        assert (rest**2).sum(axis=0)[chosen[step]] == pytest.approx((rest**2).sum(axis=0)[free].max(), abs=1e-9)
