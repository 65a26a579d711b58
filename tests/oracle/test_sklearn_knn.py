"""scikit-learn as the oracle of nearest neighbours."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors

from landmarks.inference import infer, knn
from landmarks.matrices import InMemory

GENERATOR = np.random.default_rng(0)
SAMPLES, LANDMARKS, TARGETS = 90, 15, 8
X = GENERATOR.normal(size=(SAMPLES + 700, LANDMARKS)).astype(np.float32)
Y = (np.sin(X[:, :TARGETS]) + 0.5 * GENERATOR.normal(size=(len(X), TARGETS))).astype(np.float32)
TRAINING, VALIDATION = (X[:SAMPLES], Y[:SAMPLES]), (X[SAMPLES:], Y[SAMPLES:])  # more than one block of rows
ROWS = InMemory(np.hstack(TRAINING)), InMemory(np.hstack(VALIDATION))
CANDIDATES = [1, 3, 8, 20, 60]


def oracle(count: int) -> np.ndarray:
    return KNeighborsRegressor(count, algorithm="brute").fit(*TRAINING).predict(VALIDATION[0])


@pytest.mark.parametrize("count", [1, 7, SAMPLES])
def test_inference(count: int) -> None:
    model = knn.fit(*ROWS, LANDMARKS, [count])
    np.testing.assert_allclose(infer(model, VALIDATION[0]), oracle(count), atol=1e-6)


def test_the_chosen_number() -> None:
    errors = [mean_absolute_error(VALIDATION[1], oracle(count)) for count in CANDIDATES]
    best = CANDIDATES[int(np.argmin(errors))]
    assert best not in (CANDIDATES[0], CANDIDATES[-1])
    model = knn.fit(*ROWS, LANDMARKS, CANDIDATES)
    assert model["knn.neighbours"].tolist() == [best]
    np.testing.assert_allclose(infer(model, VALIDATION[0]), oracle(best), atol=1e-6)


def test_the_order_of_neighbours() -> None:
    expected = NearestNeighbors(n_neighbors=12, algorithm="brute").fit(TRAINING[0]).kneighbors(VALIDATION[0])[1]
    np.testing.assert_array_equal(knn.nearest(TRAINING[0], VALIDATION[0], 12), expected)
