"""Ridge without stored models against the stored one, and the step that judges all panels."""

import numpy as np
import pandas as pd
import pytest
import torch

from landmarks.expression import Expression
from landmarks.inference import infer, judging, ridge
from landmarks.inference.judging import infer_ridge, smoothers
from landmarks.inference.problem import prepare, score

GENERATOR = np.random.default_rng(0)
COUNT, GENES = 60, 40
VALUES = (
    GENERATOR.standard_normal((COUNT, 4)) @ GENERATOR.standard_normal((4, GENES))
    + 0.5 * GENERATOR.standard_normal((COUNT, GENES))
    + 7
).astype(np.float32)
DATA = Expression(
    np.array([f"s{i}" for i in range(COUNT)], object), np.array([f"g{i}" for i in range(GENES)], object), VALUES
)
SPLIT = pd.DataFrame({"sample_id": DATA.sample_ids, "part": np.resize(["train", "train", "validation", "test"], COUNT)})
PENALTIES = [0.1, 1.0, 10.0, 100.0]


@pytest.mark.parametrize("rows", [1, 20, 512])
@pytest.mark.parametrize("k", [3, 12, 35])  # fewer and more landmarks than the 30 training samples
def test_it_is_the_stored_model(monkeypatch: pytest.MonkeyPatch, k: int, rows: int) -> None:
    monkeypatch.setattr(judging, "ROWS", rows)
    panel = np.random.default_rng(k).permutation(GENES)[:k]
    problem = prepare(DATA, SPLIT, DATA.gene_ids[panel])
    fitted = ridge.fit(*problem.training, *problem.validation, PENALTIES)
    scores = score(DATA, SPLIT)
    expected = infer(fitted, scores.test[:, panel])
    # The second of two, so that panels judged together do not mix.
    _, (inferred, penalty) = infer_ridge(scores, [panel[:2], panel], PENALTIES)
    targets = DATA.positions(problem.targets)
    np.testing.assert_allclose(inferred[:, targets], expected, atol=2e-5)
    assert penalty in PENALTIES


def test_one_penalty_is_taken_without_a_look_at_validation_samples() -> None:
    scores = score(DATA, SPLIT)
    scores.validation[:] = np.nan
    assert [penalty for _, penalty in infer_ridge(scores, [np.arange(5)], [3.0])] == [3.0]


def test_smoothers_by_hand() -> None:
    x, new = torch.tensor([[1.0], [2.0]]), torch.tensor([[4.0]])
    # Weight of a target y: x·y / (1 + 4 + 5), so the inference is 4 · (y1 + 2 y2) / 10.
    (weights,) = smoothers(x, new, [5.0])
    np.testing.assert_allclose(weights, [[0.4, 0.8]])
    (wide,) = smoothers(x.repeat(1, 3), new.repeat(1, 3), [15.0])
    np.testing.assert_allclose(wide, [[0.4, 0.8]], rtol=1e-6)
