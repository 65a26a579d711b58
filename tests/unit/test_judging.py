"""Ridge without stored models against the stored one, with fewer and with more training samples than genes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from inference_data import IN_MEMORY, STAGED, simulate, split_of, stored

from landmarks.inference import gram as module
from landmarks.inference import infer, judging, problem, ridge
from landmarks.inference.gram import gram, means, panel_products
from landmarks.inference.judging import infer_knn, infer_ridge, smoothers
from landmarks.inference.problem import Scores, prepare, score
from landmarks.matrices import InMemory

GENES = 40
FEW, MANY = 60, 400
"""Samples, of which half are for training."""
PENALTIES = [0.1, 1.0, 10.0, 100.0]


def scored(folder: Path, samples: int) -> Scores:
    data = simulate(samples, GENES)
    with stored(data, folder) as (path, room):
        return score(path, split_of(data), room)


@pytest.mark.parametrize("rows", [1, 20, 512])
# Few landmarks, whose products with all genes are taken, most of FEW's 30 training samples, and more than those.
@pytest.mark.parametrize("k", [3, 12, 25, 35])
@pytest.mark.parametrize("samples", [FEW, MANY])
def test_it_is_the_stored_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: int, k: int, rows: int
) -> None:
    monkeypatch.setattr(judging, "ROWS", rows)
    data = simulate(samples, GENES)
    split, panel = split_of(data), np.random.default_rng(k).permutation(GENES)[:k]
    with stored(data, tmp_path) as (path, room):
        scores, problem = score(path, split, room), prepare(path, split, data.gene_ids[panel], room)
    # The second of two, so that panels judged together do not mix.
    _, (inferred, penalty) = infer_ridge(scores, [panel[:2], panel], PENALTIES)
    fitted = {candidate: ridge.fit(problem.training, problem.validation, k, [candidate]) for candidate in PENALTIES}
    chosen = ridge.fit(problem.training, problem.validation, k, PENALTIES)
    np.testing.assert_array_equal(chosen["part.0.layer.0.weight"], fitted[penalty]["part.0.layer.0.weight"])
    targets = data.positions(problem.targets)
    np.testing.assert_allclose(inferred[:, targets], infer(chosen, scores.test[:, panel]), atol=2e-5)


@pytest.mark.parametrize("samples", [FEW, MANY])
def test_one_penalty_is_taken_without_a_look_at_validation_samples(tmp_path: Path, samples: int) -> None:
    unknown = InMemory(np.full((5, GENES), np.nan, np.float32))
    scores = replace(scored(tmp_path, samples), validation=unknown)
    assert [penalty for _, penalty in infer_ridge(scores, [np.arange(5)], [3.0])] == [3.0]


def test_many_samples_are_judged_by_some_of_the_validation_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = scored(tmp_path, MANY)
    monkeypatch.setattr(problem, "CHOOSING", 10)
    validation = scores.validation.read(0, scores.validation.shape[0])
    validation[np.setdiff1d(np.arange(100), np.arange(0, 100, 10))] = np.nan
    expected = [penalty for _, penalty in infer_ridge(scores, [np.arange(12)], PENALTIES)]
    changed = replace(scores, validation=InMemory(validation))
    assert [penalty for _, penalty in infer_ridge(changed, [np.arange(12)], PENALTIES)] == expected
    monkeypatch.setattr(problem, "CHOOSING", 1)
    # One sample that is inferred best by the strongest penalty, for it is all zeros.
    validation[0] = 0
    validation[0, :12] = 1
    assert [penalty for _, penalty in infer_ridge(changed, [np.arange(12)], [1.0, 1e9])] == [1e9]


def test_the_cheaper_way_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores, ways = scored(tmp_path, FEW), []
    for way in ("_solve", "_infer"):
        monkeypatch.setattr(judging, way, lambda *_, way=way: ways.append(way))
    # 30 training samples, 15 test samples and 15 validation samples with each penalty. By hand, with four penalties:
    # 18 · (30 + 75 + 36) = 2538 multiplications for each gene, over 30 · 75 = 2250 with weights of samples.
    for k in (3, 12, 18, 30):
        infer_ridge(scores, [np.arange(k)], PENALTIES)
    assert ways == ["_solve", "_solve", "_infer", "_infer"]
    ways.clear()
    # With one penalty only the test samples count: 10 · (45 + 20) = 650, over 450.
    infer_ridge(scores, [np.arange(10)], PENALTIES[:1])
    infer_ridge(scores, [np.arange(2)] * 9 + [np.arange(10)], PENALTIES[:1])
    assert ways == ["_infer", "_solve"]


@pytest.mark.parametrize("infer_model", [infer_ridge, infer_knn])
@pytest.mark.parametrize("samples", [FEW, MANY])
def test_staged_and_in_memory_are_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: int, infer_model: object
) -> None:
    monkeypatch.setattr(module, "SAMPLES", 64)
    data, found = simulate(samples, GENES), []
    for memory_mb in (STAGED, IN_MEMORY):
        with stored(data, tmp_path, memory_mb) as (path, room):
            scores = score(path, split_of(data), room)
            ((inferred, taken),) = infer_model(scores, [np.arange(9)], [2, 8])  # type: ignore[operator]
            found.append((inferred.tobytes(), taken))
    assert found[0] == found[1]


def test_smoothers_by_hand() -> None:
    x, new = torch.tensor([[1.0], [2.0]]), torch.tensor([[4.0]])
    # Weight of a target y: x·y / (1 + 4 + 5), so the inference is 4 · (y1 + 2 y2) / 10.
    (weights,) = smoothers(x, new, [5.0])
    np.testing.assert_allclose(weights, [[0.4, 0.8]])
    (wide,) = smoothers(x.repeat(1, 3), new.repeat(1, 3), [15.0])
    np.testing.assert_allclose(wide, [[0.4, 0.8]], rtol=1e-6)


@pytest.mark.parametrize("leading", [1, 3, 4, 7, 11])
@pytest.mark.parametrize(("samples", "genes"), [(1, 1), (3, 4), (100, 100)])
@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_products_in_blocks_and_tiles(
    monkeypatch: pytest.MonkeyPatch, leading: int, samples: int, genes: int, precision: torch.dtype
) -> None:
    monkeypatch.setattr(module, "SAMPLES", samples)
    monkeypatch.setattr(module, "GENES", genes)
    values = np.random.default_rng(0).normal(3, 1, (25, 11)).astype(np.float32)
    plain, rows = values.astype(np.float64), InMemory(values.copy())
    tolerance = 1e-6 if precision == torch.float32 else 1e-14
    products = gram(rows, leading, precision=precision)
    assert products.dtype == torch.float64
    np.testing.assert_allclose(products, plain[:, :leading].T @ plain, rtol=tolerance)
    center = means(rows)
    np.testing.assert_allclose(center, plain.mean(axis=0), rtol=1e-14)
    centred = plain - center
    around = gram(rows, leading, center=center, precision=precision)
    np.testing.assert_allclose(around, centred[:, :leading].T @ centred, atol=1e-4)
    panel = np.random.default_rng(leading).permutation(11)[:leading]
    np.testing.assert_allclose(panel_products(rows, panel), plain[:, panel].T @ plain, rtol=1e-6)
    np.testing.assert_array_equal(rows.values, values)
