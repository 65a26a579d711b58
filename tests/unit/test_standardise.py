"""Z-scores from training samples, constant genes included."""

import logging

import numpy as np
import pytest

from landmarks.standardise import fit_scaling

GENES = np.array(["A", "B"], object)


def test_mean_and_population_deviation_by_hand() -> None:
    mean, scale = fit_scaling(np.array([[1, 10], [3, 10.5], [5, 12.5]], np.float32), GENES)
    assert mean.dtype == scale.dtype == np.float32
    np.testing.assert_allclose(mean, [3, 11])
    np.testing.assert_allclose(scale, [np.sqrt(8 / 3), np.sqrt(3.5 / 3)], rtol=1e-6)


def test_the_offset_is_added_to_the_deviation() -> None:
    _, scale = fit_scaling(np.array([[1, 0], [3, 4]], np.float32), GENES, offset=1e-3)
    np.testing.assert_allclose(scale, [1.001, 2.001], rtol=1e-6)


def test_constant_genes_get_scale_one_and_are_named(caplog: pytest.LogCaptureFixture) -> None:
    training = np.array([[1, 0.1], [3, 0.1], [7, 0.1]], np.float32)
    with caplog.at_level(logging.WARNING, "landmarks"):
        mean, scale = fit_scaling(training, GENES, offset=1e-3)
    assert scale[1] == 1.0
    np.testing.assert_array_equal((training - mean)[:, 1], 0)
    assert caplog.messages == ["1 genes are constant over the training samples and carry no information: B"]


def test_no_warning_without_constant_genes(caplog: pytest.LogCaptureFixture) -> None:
    fit_scaling(np.array([[1, 0], [3, 4]], np.float32), GENES)
    assert not caplog.messages


def test_large_values_keep_their_digits() -> None:
    # A float32 sum over 100,000 values near 1,000 would be off in the third digit of the deviation.
    training = np.tile(np.array([[1_000, 2_000], [1_000.5, 2_001]], np.float32), (50_000, 1))
    mean, scale = fit_scaling(training, GENES)
    np.testing.assert_allclose(mean, [1_000.25, 2_000.5], rtol=1e-7)
    np.testing.assert_allclose(scale, [0.25, 0.5], rtol=1e-6)
