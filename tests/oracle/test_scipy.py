"""SciPy as the oracle of correlations, the permutation test and the tests between panels."""

import numpy as np
import pytest
from scipy import stats

from landmarks.comparison import compare_pair, resample
from landmarks.metrics import pearson, permutation_test
from landmarks.normalise import map_to_quantiles


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    """Return truth and inference of 25 genes, good for the first and worse by gene, around different levels."""
    generator = np.random.default_rng(5)
    common = generator.normal(size=(30, 3)) @ generator.normal(size=(3, 25))
    truth = (8 + common + 0.3 * generator.normal(size=(30, 25))).astype(np.float32)
    inferred = truth + np.linspace(0, 6, 25) * generator.normal(size=(30, 25))
    return truth, inferred.astype(np.float32)


def test_pearson(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, inferred = (values.astype(np.float64) for values in pair)
    expected = [stats.pearsonr(truth[:, gene], inferred[:, gene]).statistic for gene in range(25)]
    np.testing.assert_allclose(pearson(*pair), expected, atol=1e-12)


def test_permutation_test_by_double_loop(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, inferred = (values.astype(np.float64) for values in pair)
    expected = []
    for j in range(25):
        own = stats.pearsonr(inferred[:, j], truth[:, j]).statistic
        others = [stats.pearsonr(inferred[:, j], truth[:, k]).statistic for k in range(25) if k != j]
        expected.append(sum(other > own for other in others) / 24)
    assert expected[0] == 0
    assert max(expected) > 0.2
    np.testing.assert_array_equal(permutation_test(*pair), expected)


def test_paired_tests() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, 40))
    compared = compare_pair(a, b, 1.0)
    # A paired t-test is a one-sample t-test of the differences; Wilcoxon's likewise.
    t = stats.ttest_1samp(a - b, 0)
    assert (compared["t"], compared["p_t"]) == pytest.approx((t.statistic, t.pvalue))
    assert compared["p_wilcoxon"] == pytest.approx(stats.wilcoxon(a - b).pvalue)


def test_bootstrap_interval() -> None:
    difference = np.random.default_rng(1).exponential(size=300)
    found = np.percentile(resample(300, 4_000, seed=0) @ difference, [2.5, 97.5])
    expected = stats.bootstrap((difference,), np.mean, n_resamples=4_000, method="percentile", rng=2)
    interval = expected.confidence_interval
    assert tuple(found) == pytest.approx((interval.low, interval.high), abs=0.01)


def test_mapping_to_quantiles_keeps_spearmans_ranks() -> None:
    values = np.random.default_rng(0).integers(0, 20, (5, 60)).astype(np.float32)
    mapped = map_to_quantiles(values, np.sort(np.random.default_rng(1).normal(size=60)))
    for before, after in zip(values, mapped, strict=True):
        assert stats.spearmanr(before, after).statistic == pytest.approx(1.0)
