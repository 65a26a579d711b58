"""MAE, PCC and the permutation test on numbers worked out by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from landmarks import metrics
from landmarks.errors import LandmarksError
from landmarks.metrics import TIE, mean_absolute_error, pearson, permutation_test, unit_profiles


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


def test_unit_profiles_have_no_mean_and_length_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(5, 3, (20, 4)).astype(np.float32)
    profiles = unit_profiles(values)
    assert profiles.shape == (4, 20)
    np.testing.assert_allclose(profiles.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose((profiles**2).sum(axis=1), 1)
    monkeypatch.setattr(metrics, "BLOCK", 3)
    np.testing.assert_array_equal(unit_profiles(values), profiles)
    np.testing.assert_allclose(mean_absolute_error(values, values + 2), [2] * 4, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("measure", [mean_absolute_error, pearson, permutation_test])
def test_values_that_are_not_finite_are_refused(measure: Callable[..., np.ndarray], value: float) -> None:
    truth, damaged = np.ones((3, 2), np.float32), np.array([[1, 2], [value, 3], [4, value]], np.float32)
    with pytest.raises(LandmarksError, match=r"finite inferred values, found 2 of 6[\s\S]*Hint: "):
        measure(truth, damaged)
    with pytest.raises(LandmarksError, match="finite true values"):
        measure(damaged, truth)


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


def compare(truth: np.ndarray, inferred: np.ndarray) -> np.ndarray:
    """Return the shares by a plain loop in double precision."""
    known, guessed = unit_profiles(truth), unit_profiles(inferred)
    shares = np.ones(len(known))
    for gene in np.flatnonzero(guessed.any(axis=1)):
        own = known[gene] @ guessed[gene]
        better = sum(known[k] @ guessed[gene] > own + TIE for k in range(len(known)) if k != gene)
        shares[gene] = better / max(len(known) - 1, 1)
    return shares


@pytest.mark.parametrize("tile", [(5, 7, 4), (64, 3, 512), (1, 1, 1)])
def test_tiles_change_nothing(monkeypatch: pytest.MonkeyPatch, tile: tuple[int, int, int]) -> None:
    generator = np.random.default_rng(2)
    truth = generator.normal(size=(12, 23)).astype(np.float32)
    inferred = (truth + generator.normal(size=truth.shape)).astype(np.float32)
    whole = permutation_test(truth, inferred)
    assert 0 < (whole > 0).sum() < 23
    for name, size in zip(("ROWS", "COLUMNS", "DEPTH"), tile, strict=True):
        monkeypatch.setattr(metrics, name, size)
    np.testing.assert_array_equal(permutation_test(truth, inferred), whole)


def nearly_equal_genes() -> tuple[np.ndarray, np.ndarray]:
    """Return genes that differ from their neighbours in the seventh digit, and inferences of them."""
    generator = np.random.default_rng(1)
    base = generator.normal(size=(300, 1))
    truth = (base + 3e-6 * generator.normal(size=(300, 120))).astype(np.float32)
    return truth, (truth + generator.normal(size=truth.shape)).astype(np.float32)


@pytest.mark.parametrize("many", [1 / 64, 2.0, -1.0])
def test_what_single_precision_cannot_tell_is_counted_in_double(monkeypatch: pytest.MonkeyPatch, many: float) -> None:
    # By pairs, by whole tiles, or as it comes.
    monkeypatch.setattr(metrics, "MANY", many)
    monkeypatch.setattr(metrics, "PAIRS", 10_000)
    truth, inferred = nearly_equal_genes()
    wanted = compare(truth, inferred)
    np.testing.assert_array_equal(permutation_test(truth, inferred), wanted)
    known, guessed = unit_profiles(truth).astype(np.float32), unit_profiles(inferred).astype(np.float32)
    own = np.einsum("ij,ij->i", known, guessed)
    single = (guessed @ known.T > own[:, None]).sum(axis=1) / 119
    assert (single != wanted).sum() > 10


@given(arrays(np.int8, (2, 6, 7), elements=st.integers(-2, 2)))
def test_counts_of_small_integers(values: np.ndarray) -> None:
    # Ties and constant genes everywhere.
    truth, inferred = values.astype(np.float32)
    np.testing.assert_array_equal(permutation_test(truth, inferred), compare(truth, inferred))


def test_genes_equal_to_the_own_one_are_not_better() -> None:
    generator = np.random.default_rng(0)
    for samples in (7, 20, 154):
        truth = np.repeat(generator.normal(size=(samples, 1)), 30, axis=1).astype(np.float32)
        inferred = (truth + generator.normal(size=truth.shape)).astype(np.float32)
        np.testing.assert_array_equal(permutation_test(truth, inferred), np.zeros(30))
