"""Nearest neighbours by hand, stored and judged without a store; and the step that fits any model."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from inference_data import beside, simulate, split_of, stored
from scipy.spatial.distance import cdist
from typer.testing import CliRunner

from landmarks.errors import LandmarksError
from landmarks.files import read_frame, write_frame
from landmarks.inference import MODELS, fit_model, infer, judging, knn
from landmarks.inference.judging import indicators, infer_knn
from landmarks.inference.problem import Scores, prepare, score
from landmarks.matrices import InMemory
from landmarks.parameters import read_parameters, write_parameters
from landmarks.steps import fit_inference
from landmarks.writing import write_expression


def tensor(*values: object) -> np.ndarray:
    return np.array(values, np.float32)


# Landmarks at 0, 1, 3 and 7 on a line; targets that tell the samples apart.
X, Y = tensor([0], [1], [3], [7]), tensor([10, 1], [20, 2], [40, 4], [80, 8])
SAMPLES, ONE = beside(X, Y), tensor(1)


@pytest.mark.parametrize(("count", "expected"), [(1, [20, 2]), (2, [15, 1.5]), (3, [70 / 3, 7 / 3]), (4, [37.5, 3.75])])
def test_means_of_the_nearest_by_hand(count: int, expected: list[float]) -> None:
    model = knn.fit(SAMPLES, SAMPLES, 1, [count])
    inferred = infer(model, tensor([0.9]))  # distances 0.9, 0.1, 2.1, 6.1
    assert inferred.dtype == np.float32
    np.testing.assert_allclose(inferred, [expected], rtol=1e-6)


def test_distances_are_euclidean() -> None:
    # The first sample is nearer along each axis summed (4 against 5), the second as the crow flies (4 against √13).
    x = tensor([4, 0], [2, 3])
    assert knn.nearest(x, tensor([0, 0]), 2).tolist() == [[1, 0]]


def test_of_equally_distant_samples_the_first_is_nearer() -> None:
    x = np.random.default_rng(0).normal(size=(3, 50)).astype(np.float32)
    training = np.tile(x, (40, 1))  # each sample forty times
    assert knn.nearest(training, x + np.float32(0.01), 40).tolist() == [list(range(i, 120, 3)) for i in range(3)]
    assert knn.nearest(tensor([1], [-1], [1]), tensor([0]), 3).tolist() == [[0, 1, 2]]


@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(1, 300),
    landmarks=st.integers(1, 40),
    gap=st.sampled_from([0, 1e-7, 1e-3, 1]),
    offset=st.sampled_from([0, 3, 1_000]),
)
@settings(deadline=None, max_examples=150)
def test_they_are_those_of_all_distances_however_close(
    seed: int, samples: int, landmarks: int, gap: float, offset: float
) -> None:
    # Far from the origin and close to each other, distances drown in the rounding of their products.
    rng = np.random.default_rng(seed)
    centre = rng.normal(offset, 1, landmarks)
    training = (centre + gap * rng.normal(size=(samples, landmarks))).astype(np.float32)
    new = (centre + gap * rng.normal(size=(3, landmarks))).astype(np.float32)
    count = int(rng.integers(1, samples + 1))
    expected = np.argsort(cdist(new, training, "sqeuclidean"), axis=1, kind="stable")[:, :count]
    np.testing.assert_array_equal(knn.nearest(training, new, count), expected)


def test_the_number_with_the_best_validation_error_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    # From 0.9 two neighbours infer 15 and 1.5.
    with caplog.at_level(logging.INFO, "landmarks"):
        model = knn.fit(SAMPLES, beside(tensor([0.9]), tensor([16, 1.5])), 1, [1, 2, 3])
    assert model["knn.neighbours"].tolist() == [2]
    assert caplog.messages[1] == "2 neighbours: MAE 0.5000 on validation samples"
    assert not any("at the end of the candidates" in message for message in caplog.messages)


@pytest.mark.parametrize(("candidates", "warns"), [([1, 2], True), ([2], False)])
def test_a_number_at_the_end_of_the_candidates(
    caplog: pytest.LogCaptureFixture, candidates: list[int], warns: bool
) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        knn.fit(SAMPLES, beside(tensor([0.9]), tensor([16, 1.5])), 1, candidates)
    assert bool(caplog.messages) == warns


def test_more_neighbours_than_samples_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        model = knn.fit(SAMPLES, beside(tensor([0.9]), tensor([37.5, 3.75])), 1, [2, 4, 5, 100])
    assert model["knn.neighbours"].tolist() == [4]
    assert caplog.messages[0] == "4 training samples: of the numbers of neighbours, 2, 4 are tried"


@pytest.mark.parametrize("candidates", [[5, 100], [0], []])
def test_no_possible_number_is_an_error(candidates: list[int]) -> None:
    with pytest.raises(LandmarksError, match=r"from 1 to the 4 training samples[\s\S]*Hint: .*inference\.knn"):
        knn.fit(SAMPLES, SAMPLES, 1, candidates)
    with pytest.raises(LandmarksError, match="from 1 to the 4 training samples"):
        infer_knn(Scores(np.array(["g"], object), InMemory(X), InMemory(X), X, ONE, ONE), [np.array([0])], candidates)


def test_it_can_be_stored(tmp_path: Path) -> None:
    model = knn.fit(SAMPLES, SAMPLES, 1, [3])
    write_parameters(tmp_path / "model.parquet", model)
    np.testing.assert_array_equal(infer(read_parameters(tmp_path / "model.parquet"), X), infer(model, X))


def test_indicators_by_hand() -> None:
    one, two = indicators(torch.from_numpy(X), torch.tensor([[0.9], [6.0]]), [1, 2])
    assert one.tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert two.tolist() == [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]


CANDIDATES = [1, 2, 4, 8, 16, 32, 1_000]
DATA = simulate(120, 40)
SPLIT = split_of(DATA)


@pytest.mark.parametrize(("samples", "rows"), [(60, 1), (60, 512), (120, 512)])  # as many, and more, than genes
def test_judging_is_the_stored_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: int, rows: int) -> None:
    monkeypatch.setattr(judging, "ROWS", rows)
    data = simulate(samples, 40)
    split = split_of(data)
    panels = [np.random.default_rng(k).permutation(40)[:k] for k in (1, 3, 12, 35)]
    chosen = []
    with stored(data, tmp_path) as (path, room):
        scores = score(path, split, room)
        assert (scores.training.shape[0] > 40) == (samples == 120)
        for panel, (inferred, count) in zip(panels, infer_knn(scores, panels, CANDIDATES), strict=True):
            problem = prepare(path, split, data.gene_ids[panel], room)
            fitted = knn.fit(problem.training, problem.validation, len(panel), CANDIDATES)
            assert fitted["knn.neighbours"].tolist() == [count]
            expected = infer(fitted, scores.test[:, panel])
            np.testing.assert_allclose(inferred[:, data.positions(problem.targets)], expected, atol=1e-5)
            chosen.append(count)
    assert len(set(chosen)) > 1, "panels that choose alike would not show that each has its own number"


@pytest.mark.parametrize("samples", [60, 120])
def test_one_number_is_taken_without_a_look_at_validation_samples(tmp_path: Path, samples: int) -> None:
    data = simulate(samples, 40)
    with stored(data, tmp_path) as (path, room):
        scores = score(path, split_of(data), room)
    unknown = replace(scores, validation=InMemory(np.full((5, 40), np.nan, np.float32)))
    assert [count for _, count in infer_knn(unknown, [np.arange(5)], [3])] == [3]


PENALTIES: dict[str, object] = {"penalties": [1.0, 10.0]}
NETWORK: dict[str, object] = {"hidden": [5, 4], "epochs": 2, "batch_size": 20, "learning_rate": 0.01}
SETTINGS: dict[str, dict[str, object]] = {
    "ridge": PENALTIES,
    "knn": {"neighbours": [2, 5]},
    "dgex": NETWORK | {"keep": 0.9},
    "mlp": PENALTIES | NETWORK | {"dropout": 0.1, "weight_decay": 0.01},
}


@pytest.mark.parametrize("model", MODELS)
def test_the_step_fits_each_model(tmp_path: Path, model: str) -> None:
    write_expression(tmp_path / "expression.parquet", DATA)
    write_frame(SPLIT, tmp_path / "split.parquet")
    write_frame(pd.DataFrame({"gene_id": DATA.gene_ids[[7, 2, 30]]}), tmp_path / "panel.parquet")
    arguments = ["--model", model, "--seed", "3"]
    arguments += ["--out", str(tmp_path / "model.parquet"), "--out-roles", str(tmp_path / "roles.parquet")]
    for name in ("expression", "split", "panel"):
        arguments += [f"--{name}", str(tmp_path / f"{name}.parquet")]
    arguments += ["--checkpoint", str(tmp_path / "state.npz"), "--checkpoint-minutes", "10"]
    arguments += ["--settings", json.dumps(SETTINGS[model])]
    app = typer.Typer()
    app.command()(fit_inference.main)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result
    written = read_parameters(tmp_path / "model.parquet")
    with stored(DATA, tmp_path) as (path, room):
        problem = prepare(path, SPLIT, DATA.gene_ids[[7, 2, 30]], room)
        expected = problem.scaling | fit_model(model, problem, SETTINGS[model], seed=3)
        z = score(path, SPLIT, room).test[:, [7, 2, 30]]
    assert list(written) == list(expected)
    np.testing.assert_allclose(infer(written, z), infer(expected, z), atol=1e-5)
    roles = read_frame(tmp_path / "roles.parquet")
    assert roles["role"].tolist() == ["landmark"] * 3 + ["target"] * 37
    assert roles["gene_id"].tolist() == [*problem.landmarks, *problem.targets]


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        ("forest", {}, r"one of ridge, knn, dgex, mlp, found `forest`\.\nHint: "),
        ("knn", {}, r"the settings neighbours of `knn`, found none\.\nHint: .*inference\.knn"),
        ("knn", {"neighbours": [1], "keep": 1}, r"of `knn`, found neighbours, keep\.\nHint: "),
        ("ridge", {"penalties": [1.0], "seed": 1}, r"of `ridge`, found penalties, seed\.\nHint: "),
    ],
)
def test_wrong_models_and_settings_are_named(
    tmp_path: Path, model: str, settings: dict[str, object], message: str
) -> None:
    with stored(DATA, tmp_path) as (path, room):
        problem = prepare(path, SPLIT, DATA.gene_ids[:3], room)
    with pytest.raises(LandmarksError, match=message):
        fit_model(model, problem, settings, seed=0)


def test_a_part_of_a_model_without_parts_is_refused(tmp_path: Path) -> None:
    with stored(DATA, tmp_path) as (path, room):
        problem = prepare(path, SPLIT, DATA.gene_ids[:3], room)
    with pytest.raises(LandmarksError, match=r"no part of `ridge`, found 1\.\nHint: "):
        fit_model("ridge", problem, SETTINGS["ridge"], seed=0, part=1)
