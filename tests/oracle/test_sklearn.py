"""scikit-learn as the oracle of ridge regression, scaling and MAE."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error as sklearn_mae
from sklearn.preprocessing import StandardScaler

from landmarks.inference import infer, ridge
from landmarks.inference.judging import infer_ridge
from landmarks.inference.problem import Scores
from landmarks.matrices import InMemory
from landmarks.metrics import mean_absolute_error
from landmarks.parameters import Parameters
from landmarks.standardise import fit_scaling

Samples = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
PENALTIES = [0.01, 1.0, 100.0, 10_000.0]


@pytest.fixture(params=[(80, 12), (20, 50)], ids=["tall", "wide"])
def samples(request: pytest.FixtureRequest) -> Samples:
    """Return training and validation landmarks and targets, neither centred."""
    count, landmarks = request.param
    generator = np.random.default_rng(0)
    x = (3 + generator.normal(size=(count + 30, landmarks))).astype(np.float32)
    y = (x @ generator.normal(size=(landmarks, 7)) - 5 + 4 * generator.normal(size=(count + 30, 7))).astype(np.float32)
    return x[:count], y[:count], x[count:], y[count:]


def fit(samples: Samples, penalties: list[float]) -> Parameters:
    training, validation = (InMemory(np.hstack(pair)) for pair in (samples[:2], samples[2:]))
    return ridge.fit(training, validation, samples[0].shape[1], penalties)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_ridge(samples: Samples, penalty: float) -> None:
    x, y, x_validation, _ = (values.astype(np.float64) for values in samples)
    oracle = Ridge(alpha=penalty).fit(x, y)
    model = fit(samples, [penalty])
    size = np.abs(oracle.coef_).max()
    np.testing.assert_allclose(model["part.0.layer.0.weight"], oracle.coef_, atol=2e-5 * size)
    np.testing.assert_allclose(model["part.0.layer.0.bias"], oracle.intercept_, rtol=1e-4, atol=1e-3 * size)
    np.testing.assert_allclose(infer(model, samples[2]), oracle.predict(x_validation), rtol=1e-4, atol=1e-3)


def test_the_chosen_penalty(samples: Samples) -> None:
    x, y, x_validation, y_validation = samples
    fits = {penalty: Ridge(alpha=penalty).fit(x.astype(np.float64), y) for penalty in PENALTIES}
    best = min(PENALTIES, key=lambda penalty: sklearn_mae(y_validation, fits[penalty].predict(x_validation)))
    model = fit(samples, PENALTIES)
    np.testing.assert_allclose(model["part.0.layer.0.weight"], fits[best].coef_, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("samples", [20, 300])  # fewer and more than the 50 genes
def test_ridge_of_panels(samples: int) -> None:
    generator = np.random.default_rng(0)
    z = generator.normal(size=(samples + 60, 6)) @ generator.normal(size=(6, 50))
    z = StandardScaler().fit(z[:samples]).transform(z + generator.normal(size=z.shape)).astype(np.float32)
    z[:samples] -= z[:samples].mean(axis=0)
    training, validation, test = z[:samples], z[samples : samples + 30], z[samples + 30 :]
    ones = np.ones(50, np.float32)
    ids = np.arange(50).astype(object)
    scores = Scores(ids, InMemory(training), InMemory(validation), test, 0 * ones, ones)
    panels = [generator.permutation(50)[:k] for k in (2, 17, 40)]
    for panel, (inferred, penalty) in zip(panels, infer_ridge(scores, panels, PENALTIES), strict=True):
        x, targets = training[:, panel].astype(np.float64), np.setdiff1d(np.arange(50), panel)
        fits = {candidate: Ridge(alpha=candidate).fit(x, training[:, targets]) for candidate in PENALTIES}
        errors = {c: sklearn_mae(validation[:, targets], f.predict(validation[:, panel])) for c, f in fits.items()}
        assert penalty == min(errors, key=lambda candidate: errors[candidate])
        np.testing.assert_allclose(inferred[:, targets], fits[penalty].predict(test[:, panel]), atol=2e-5)


def test_scaling(samples: Samples) -> None:
    oracle = StandardScaler().fit(samples[0].astype(np.float64))
    mean, scale = fit_scaling(samples[0], np.arange(samples[0].shape[1]).astype(object))
    np.testing.assert_allclose(mean, oracle.mean_, rtol=1e-6)
    np.testing.assert_allclose(scale, oracle.scale_, rtol=1e-6)


def test_mean_absolute_error(samples: Samples) -> None:
    truth, inferred = samples[1], samples[1][::-1]
    expected = sklearn_mae(truth.astype(np.float64), inferred, multioutput="raw_values")
    np.testing.assert_allclose(mean_absolute_error(truth, inferred), expected, rtol=1e-12)
