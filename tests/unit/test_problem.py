"""From a compendium, a split and a panel to z-scores."""

import numpy as np
import pandas as pd
import pytest

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.inference.problem import prepare
from landmarks.partition import samples_of

DATA = Expression(
    np.array(["a", "b", "c", "d", "e"], object),
    np.array(["G1", "G2", "G3"], object),
    np.array([[0, 10, 5], [2, 30, 5], [9, 9, 9], [4, 50, 5], [1, 20, 6]], np.float32),
)
SPLIT = pd.DataFrame(
    {"sample_id": ["e", "d", "c", "b", "a"], "part": ["validation", "train", "test", "train", "train"]}
)


def genes(*names: str) -> np.ndarray:
    return np.array(names, object)


def test_z_scores_by_hand() -> None:
    problem = prepare(DATA, SPLIT, genes("G3", "G1"))
    assert problem.landmarks.tolist() == ["G3", "G1"]
    assert problem.targets.tolist() == ["G2"]
    deviation = np.sqrt(8 / 3) + 1e-3
    np.testing.assert_allclose(problem.scaling["input.mean"], [5, 2])
    np.testing.assert_allclose(problem.scaling["input.scale"], [1, deviation], rtol=1e-6)
    np.testing.assert_allclose(problem.scaling["output.mean"], [30])
    np.testing.assert_allclose(problem.scaling["output.scale"], [10 * np.sqrt(8 / 3) + 1e-3], rtol=1e-6)
    # The split's order: d, b, a.
    np.testing.assert_allclose(problem.training[0], [[0, 2 / deviation], [0, 0], [0, -2 / deviation]], rtol=1e-6)
    np.testing.assert_allclose(problem.training[1][:, 0], np.array([20, 0, -20]) / (10 * np.sqrt(8 / 3)), rtol=1e-3)
    np.testing.assert_allclose(problem.validation[0], [[1, -1 / deviation]], rtol=1e-6)
    assert {values.dtype for values in (*problem.training, *problem.validation)} == {np.dtype(np.float32)}


def test_held_out_samples_change_no_scale() -> None:
    values = DATA.values.copy()
    values[[2, 4]] = 1_000
    changed = prepare(Expression(DATA.sample_ids, DATA.gene_ids, values), SPLIT, genes("G1"))
    for name, tensor in prepare(DATA, SPLIT, genes("G1")).scaling.items():
        np.testing.assert_array_equal(changed.scaling[name], tensor)


def test_a_panel_of_all_genes_leaves_nothing() -> None:
    with pytest.raises(LandmarksError, match=r"holds all 3 genes[\s\S]*Hint: .*panels\.<selector>\.sizes"):
        prepare(DATA, SPLIT, DATA.gene_ids)


def test_unknown_landmarks_and_samples_are_named() -> None:
    with pytest.raises(LandmarksError, match="1 of 2 gene ids are not in the expression matrix: KRT5"):
        prepare(DATA, SPLIT, genes("G1", "KRT5"))
    with pytest.raises(LandmarksError, match="sample ids are not in the expression matrix: z"):
        prepare(DATA, SPLIT.replace("a", "z"), genes("G1"))


def test_samples_of_a_part_in_the_splits_order() -> None:
    np.testing.assert_array_equal(samples_of(DATA, SPLIT, "train"), DATA.values[[3, 1, 0]])
    with pytest.raises(LandmarksError, match=r"holds no validation sample\.\nHint: .*split\.validation"):
        samples_of(DATA, SPLIT[SPLIT["part"] != "validation"], "validation")
