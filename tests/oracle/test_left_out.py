"""Residuals of groups left out, beside regressions that are fitted without them by scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from landmarks.inference import ridge
from landmarks.inference.left_out import left_out_residuals
from landmarks.matrices import InMemory


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_000_000), st.integers(6, 40), st.integers(1, 12), st.sampled_from([0.1, 3.0, 100.0]))
def test_left_out_residuals_are_those_of_a_fit_without_the_group(
    seed: int, samples: int, landmarks: int, penalty: float
) -> None:
    generator = np.random.default_rng(seed)
    # Means that are not 0: the intercept must be refitted as well.
    values = generator.normal(1, 1, (samples, landmarks + 3)).astype(np.float32)
    inputs, outputs = values[:, :landmarks], values[:, landmarks:]
    model = ridge.fit(InMemory(values), InMemory(values), landmarks, [penalty])
    by_all = outputs - inputs @ model["part.0.layer.0.weight"].T - model["part.0.layer.0.bias"]
    groups = np.array_split(generator.permutation(samples).astype(np.int64), 4)[:3]
    found = left_out_residuals(InMemory(inputs), penalty, groups, [by_all[members] for members in groups])
    for members, residuals in zip(groups, found, strict=True):
        others = np.setdiff1d(np.arange(samples), members)
        oracle = Ridge(penalty).fit(inputs[others].astype(float), outputs[others].astype(float))
        expected = outputs[members] - oracle.predict(inputs[members].astype(float)).reshape(len(members), -1)
        np.testing.assert_allclose(residuals, expected, atol=3e-4, rtol=3e-4)


def test_penalty_is_kept() -> None:
    values = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    assert ridge.fit(InMemory(values), InMemory(values), 2, [5.0])["ridge.penalty"] == pytest.approx([5.0])
