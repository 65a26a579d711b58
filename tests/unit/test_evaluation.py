"""The evaluation's columns and units."""

import numpy as np
import pytest

from landmarks.evaluation import evaluate_genes

TRUTH = np.array([[0, 1, 3], [1, 0, 0], [2, 4, 2], [3, 2, 1]], np.float32)
INFERRED = np.array([[0, 1, 9], [1, 0, 9], [2, 3, 9], [4, 2, 9]], np.float32)


def test_a_row_a_gene_by_hand() -> None:
    frame = evaluate_genes(
        np.array(["A", "B", "C"], object),
        TRUTH,
        INFERRED,
        scale=np.array([2, 0.5, 1], np.float32),
        null=np.array([1, 1, 2], np.float32),
    )
    assert list(frame.columns) == ["gene_id", "mae", "pcc", "p_permutation", "significant", "mae_null", "mae_log2"]
    assert frame["gene_id"].tolist() == ["A", "B", "C"]
    np.testing.assert_allclose(frame["mae"], [0.25, 0.25, 7.5])
    np.testing.assert_allclose(frame["mae_log2"], [0.5, 0.125, 7.5])
    np.testing.assert_allclose(frame["mae_null"], [1, 1.25, 1])
    # A: deviations (−1.5, −.5, .5, 1.5) and (−1.75, −.75, .25, 2.25).
    # B: deviations (−.75, −1.75, 2.25, .25) and (−.5, −1.5, 1.5, .5).
    np.testing.assert_allclose(frame["pcc"], [6.5 / np.sqrt(5 * 8.75), 6.5 / np.sqrt(8.75 * 5), 0])
    np.testing.assert_array_equal(frame["p_permutation"], [0, 0, 1])
    assert frame["significant"].tolist() == [True, True, False]


@pytest.mark.parametrize(("others", "passes"), [(100, False), (101, True)])
def test_under_one_in_a_hundred_may_be_better(others: int, passes: bool) -> None:
    truth = np.random.default_rng(0).normal(size=(400, others + 1)).astype(np.float32)
    inferred = truth.copy()
    # The first inference follows its own gene, but the second gene more.
    inferred[:, 0] += 2 * truth[:, 1]
    genes = np.array([f"g{index}" for index in range(others + 1)], object)
    ones = np.ones(others + 1, np.float32)
    frame = evaluate_genes(genes, truth, inferred, scale=ones, null=ones)
    assert frame["p_permutation"].tolist() == [1 / others] + [0] * others
    assert frame["significant"].tolist() == [passes] + [True] * others
