"""MAE, PCC and the permutation test on numbers worked out by hand."""

import numpy as np
import pytest

from landmarks import metrics
from landmarks.metrics import mean_absolute_error, normalise_columns, pearson, permutation_test


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, None]


def test_mean_absolute_error_by_hand() -> None:
    truth = np.array([[1, 2], [3, 4]], np.float32)
    inferred = np.array([[2, 2], [0, 5]], np.float32)
    error = mean_absolute_error(truth, inferred)
    assert error.dtype == np.float64
    assert error.tolist() == [2.0, 0.5]


def test_pearson_by_hand() -> None:
    # Deviations (−1, 0, 1) and (−1, 1, 0): 1 / √(2 · 2).
    np.testing.assert_allclose(pearson(column(1, 2, 3), column(4, 6, 5)), [0.5])
    np.testing.assert_allclose(pearson(column(1, 2, 3), column(-2, -4, -6)), [-1.0])


@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3, 1e6])
def test_constant_genes_correlate_with_nothing(constant: float) -> None:
    varying = np.arange(1_000, dtype=np.float32)[:, None]
    flat = np.full_like(varying, constant)
    assert pearson(varying, flat).tolist() == [0.0]
    assert pearson(flat, varying).tolist() == [0.0]


def test_a_small_variation_on_a_large_value_is_no_constant() -> None:
    truth = column(1_000, 1_000.25, 1_000.5, 1_000.25)
    np.testing.assert_allclose(pearson(truth, column(1, 2, 3, 2)), [1.0])


def test_normalised_columns_have_no_mean_and_length_one() -> None:
    normal = normalise_columns(np.random.default_rng(0).normal(5, 3, (20, 4)).astype(np.float32))
    np.testing.assert_allclose(normal.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((normal**2).sum(axis=0), 1)


def test_permutation_test_by_hand() -> None:
    a, b, c = [0, 1, 2, 3], [0, 1, 2, 2.5], [3, 0, 2, 1]
    truth = np.array([a, b, c], np.float32).T
    # The first two inferences follow their genes; the third follows a, so that a and b are both better than c.
    inferred = np.array([a, b, a], np.float32).T
    np.testing.assert_array_equal(permutation_test(truth, inferred), [0, 0, 1])
    # Here the first inference is b itself: only b is better than a.
    np.testing.assert_array_equal(permutation_test(truth, np.array([b, b, c], np.float32).T), [0.5, 0, 0])


def test_a_constant_inference_fails() -> None:
    truth = np.array([[0, 3], [1, 1], [2, 2]], np.float32)
    np.testing.assert_array_equal(permutation_test(truth, np.array([[0, 5], [1, 5], [2, 5]], np.float32)), [0, 1])


def test_one_gene_passes() -> None:
    assert permutation_test(column(1, 2, 3), column(1, 2, 4)).tolist() == [0.0]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    truth = generator.normal(size=(12, 23)).astype(np.float32)
    inferred = (truth + generator.normal(size=truth.shape)).astype(np.float32)
    whole = permutation_test(truth, inferred)
    assert 0 < (whole > 0).sum() < 23
    monkeypatch.setattr(metrics, "BLOCK", 5)
    np.testing.assert_array_equal(permutation_test(truth, inferred), whole)


def test_genes_equal_to_the_own_one_are_not_better() -> None:
    generator = np.random.default_rng(0)
    for samples in (7, 20, 154):
        truth = np.repeat(generator.normal(size=(samples, 1)), 30, axis=1).astype(np.float32)
        inferred = (truth + generator.normal(size=truth.shape)).astype(np.float32)
        np.testing.assert_array_equal(permutation_test(truth, inferred), np.zeros(30))
