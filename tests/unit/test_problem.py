"""From a compendium, a split and a panel to z-scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from inference_data import IN_MEMORY, STAGED, simulate, split_of, stored

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.inference.problem import Problem, Scores, prepare, score
from landmarks.matrices import Matrix, Staged
from landmarks.partition import groups_of

DATA = Expression(
    np.array(["a", "b", "c", "d", "e"], object),
    np.array(["G1", "G2", "G3"], object),
    np.array([[0, 10, 5], [2, 30, 5], [9, 9, 9], [4, 50, 5], [1, 20, 6]], np.float32),
)
SPLIT = pd.DataFrame(
    {"sample_id": ["e", "d", "c", "b", "a"], "part": ["validation", "train", "test", "train", "train"]}
)


def read(rows: Matrix) -> np.ndarray:
    return rows.read(0, rows.shape[0])


def prepared(folder: Path, landmarks: list[str], data: Expression = DATA, split: pd.DataFrame = SPLIT) -> Problem:
    with stored(data, folder) as (path, room):
        return prepare(path, split, np.array(landmarks, object), room)


def test_z_scores_by_hand(tmp_path: Path) -> None:
    problem = prepared(tmp_path, ["G3", "G1"])
    assert problem.landmarks.tolist() == ["G3", "G1"]
    assert problem.targets.tolist() == ["G2"]
    deviation = np.sqrt(8 / 3) + 1e-3
    np.testing.assert_allclose(problem.scaling["input.mean"], [5, 2])
    np.testing.assert_allclose(problem.scaling["input.scale"], [1, deviation], rtol=1e-6)
    np.testing.assert_allclose(problem.scaling["output.mean"], [30])
    np.testing.assert_allclose(problem.scaling["output.scale"], [10 * np.sqrt(8 / 3) + 1e-3], rtol=1e-6)
    # Columns G3, G1, G2; samples in the file's order: a, b, d.
    training, validation = read(problem.training), read(problem.validation)
    np.testing.assert_allclose(training[:, :2], [[0, -2 / deviation], [0, 0], [0, 2 / deviation]], rtol=1e-6)
    np.testing.assert_allclose(training[:, 2], np.array([-20, 0, 20]) / (10 * np.sqrt(8 / 3)), rtol=1e-3)
    np.testing.assert_allclose(validation[:, :2], [[1, -1 / deviation]], rtol=1e-6)
    assert training.dtype == validation.dtype == np.float32


def test_held_out_samples_change_no_scale(tmp_path: Path) -> None:
    values = DATA.values.copy()
    values[[2, 4]] = 1_000
    changed = prepared(tmp_path, ["G1"], Expression(DATA.sample_ids, DATA.gene_ids, values))
    for name, tensor in prepared(tmp_path, ["G1"]).scaling.items():
        np.testing.assert_array_equal(changed.scaling[name], tensor)


def test_a_panel_of_all_genes_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"holds all 3 genes[\s\S]*Hint: .*panels\.<selector>\.sizes"):
        prepared(tmp_path, DATA.gene_ids.tolist())


def test_unknown_landmarks_and_samples_are_named(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match="1 of 2 gene ids are not in the expression matrix: KRT5"):
        prepared(tmp_path, ["G1", "KRT5"])
    with pytest.raises(LandmarksError, match="sample ids are not in the expression matrix: z"):
        prepared(tmp_path, ["G1"], split=SPLIT.replace("a", "z"))
    without = SPLIT[SPLIT["part"] != "validation"]
    with pytest.raises(LandmarksError, match=r"holds no validation sample\.\nHint: .*split\.validation"):
        prepared(tmp_path, ["G1"], split=without)


@pytest.mark.parametrize("memory_mb", [STAGED, IN_MEMORY])
def test_all_genes_are_scaled_as_landmarks_and_targets_are(tmp_path: Path, memory_mb: float) -> None:
    data = simulate(60, 9)
    split, panel = split_of(data), np.array([7, 2])
    with stored(data, tmp_path, memory_mb) as (path, room):
        problem, scores = prepare(path, split, data.gene_ids[panel], room), score(path, split, room)
        assert isinstance(problem.training, Staged) == (memory_mb == STAGED)
        order = [7, 2, 0, 1, 3, 4, 5, 6, 8]
        for part in ("training", "validation"):
            np.testing.assert_array_equal(read(getattr(problem, part)), read(getattr(scores, part))[:, order])
    assert scores.gene_ids.tolist() == data.gene_ids.tolist()
    for name in ("mean", "scale"):
        columns = np.concatenate([problem.scaling[f"input.{name}"], problem.scaling[f"output.{name}"]])
        np.testing.assert_array_equal(getattr(scores, name)[order], columns)
    np.testing.assert_array_equal(scores.test, (data.values[3::4] - scores.mean) / scores.scale)


def test_staged_and_in_memory_are_the_same_bytes(tmp_path: Path) -> None:
    data = simulate(700, 9)
    read_back: list[tuple[Scores, bytes, bytes]] = []
    for memory_mb in (STAGED, IN_MEMORY):
        with stored(data, tmp_path, memory_mb) as (path, room):
            scores = score(path, split_of(data), room)
            read_back.append((scores, read(scores.training).tobytes(), read(scores.validation).tobytes()))
    (staged, *numbers), (held, *same) = read_back
    assert isinstance(staged.training, Staged) and not isinstance(held.training, Staged)
    assert numbers == same
    for name in ("test", "mean", "scale"):
        assert getattr(staged, name).tobytes() == getattr(held, name).tobytes()


def test_test_samples_stand_as_their_groups_do(tmp_path: Path) -> None:
    data = simulate(60, 3)
    split = split_of(data).assign(group=[f"group of {name}" for name in data.sample_ids])
    split = split.sample(frac=1, random_state=0)
    with stored(data, tmp_path) as (path, room):
        scores = score(path, split, room)
    named = [name.removeprefix("group of ") for name in groups_of(split, "test")]
    assert named != sorted(named, key=data.sample_ids.tolist().index), "in the file's order nothing would be shown"
    np.testing.assert_array_equal(scores.test, (data.rows(named) - scores.mean) / scores.scale)
