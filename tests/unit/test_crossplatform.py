"""Models on another platform: genes matched by name, scales of two kinds."""

import numpy as np
import pandas as pd
import pytest

from landmarks.crossplatform import evaluate, match_genes
from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.parameters import Parameters

OTHER = Expression(
    np.array(["s1", "s2"], object),
    np.array(["q1", "q2", "q3", "q4"], object),
    np.array([[1, 10, 3, 7], [2, 20, 4, 8]], np.float32),
)
OTHER_GENES = pd.DataFrame({"gene_id": ["q4", "q1", "q2", "q3"], "symbol": ["", "ESR1", "KRT5", "ESR1"]})
WANTED = pd.DataFrame({"gene_id": ["p1", "p2", "p3", "p4"], "symbol": ["KRT5", "FOXA1", "ESR1", ""]})

IDENTITY: Parameters = {
    "part.0.layer.0.weight": np.array([[1, 0], [0, 1], [0, 0]], np.float32),
    "part.0.layer.0.bias": np.zeros(3, np.float32),
}


def names(*genes: str) -> np.ndarray:
    return np.array(genes, object)


def compendium(samples: int) -> Expression:
    """Return two landmarks, a target that follows each on another scale, and one more target."""
    z = np.random.default_rng(0).normal(size=(samples, 3)).astype(np.float32)
    values = np.column_stack([z[:, 0], z[:, 1], 5 + 3 * z[:, 0], -2 + 0.5 * z[:, 1], z[:, 2]])
    return Expression(names(*(f"s{index}" for index in range(samples))), names("L1", "L2", "T1", "T2", "T3"), values)


def judge(other: Expression, scaling: str = "own", **changes: np.ndarray) -> pd.DataFrame:
    genes = {"landmarks": names("L1", "L2"), "targets": names("T1", "T2", "T3")} | changes
    return evaluate(other, IDENTITY, genes["landmarks"], genes["targets"], scaling=scaling, seed=0)


def test_probes_of_a_symbol_are_averaged_in_the_compendiums_order() -> None:
    matched = match_genes(OTHER, OTHER_GENES, WANTED)
    assert matched.gene_ids.tolist() == ["p1", "p3"]
    assert matched.sample_ids.tolist() == ["s1", "s2"]
    np.testing.assert_array_equal(matched.values, [[10, 2], [20, 3]])
    assert matched.values.dtype == np.float32


def test_several_of_the_compendiums_genes_may_share_a_symbol() -> None:
    wanted = pd.DataFrame({"gene_id": ["p1", "p2"], "symbol": ["KRT5", "KRT5"]})
    np.testing.assert_array_equal(match_genes(OTHER, OTHER_GENES, wanted).values, [[10, 10], [20, 20]])


def test_no_shared_symbol_is_an_error() -> None:
    wanted = pd.DataFrame({"gene_id": ["p1", "p2"], "symbol": ["MLPH", ""]})
    message = r"None of the 2 genes .* judged by gene_id, symbol[\s\S]*Hint: .*gene_pattern"
    with pytest.raises(LandmarksError, match=message):
        match_genes(OTHER, OTHER_GENES, wanted)


def test_genes_are_matched_by_the_name_that_finds_most_of_them() -> None:
    measured = OTHER_GENES.assign(ensembl=["E4", "E1", "E2", "E3"])
    wanted = pd.DataFrame(
        {
            "gene_id": ["p1", "p2", "p3"],
            "symbol": ["KRT5", "OLD", "OLDER"],
            "ensembl": ["E2", "E4", "E1"],
        }
    )
    matched = match_genes(OTHER, measured, wanted)
    assert matched.gene_ids.tolist() == ["p1", "p2", "p3"]
    np.testing.assert_array_equal(matched.values, [[10, 7, 1], [20, 8, 2]])


def test_genes_that_never_vary_are_not_measured() -> None:
    values = OTHER.values.copy()
    values[:, 1] = 0
    matched = match_genes(Expression(OTHER.sample_ids, OTHER.gene_ids, values), OTHER_GENES, WANTED)
    assert matched.gene_ids.tolist() == ["p3"]


def test_training_scaling_knows_nothing_of_the_other_platform() -> None:
    data = compendium(30)
    scaling: Parameters = {
        "input.mean": np.array([0.5, -1], np.float32),
        "input.scale": np.array([2, 4], np.float32),
        "output.mean": np.array([5, -2, 0], np.float32),
        "output.scale": np.array([3, 0.5, 1], np.float32),
    }
    frame = evaluate(data, scaling | IDENTITY, names("L1", "L2"), names("T1", "T2", "T3"), scaling="training", seed=0)
    z = data.values[:, :2]
    landmarks = (z - [0.5, -1]) / [2, 4]
    targets = np.column_stack([z[:, 0], z[:, 1], data.values[:, 4]])
    expected = np.abs(targets - np.column_stack([landmarks, np.zeros(30)])).mean(axis=0)
    np.testing.assert_allclose(frame["mae"], expected, rtol=1e-5)
    np.testing.assert_allclose(frame["mae_null"], np.abs(targets).mean(axis=0), rtol=1e-5)
    assert set(frame["scaling"]) == {"training"}


def test_own_scaling_sees_through_another_scale() -> None:
    frame = judge(compendium(50))
    assert frame["gene_id"].tolist() == ["T1", "T2", "T3"]
    np.testing.assert_allclose(frame["pcc"], [1, 1, 0], atol=1e-5)
    np.testing.assert_allclose(frame["mae"][:2], [0, 0], atol=1e-5)
    assert frame["significant"].tolist()[:2] == [True, True]
    assert set(frame["scaling"]) == {"own"}
    assert set(frame["landmarks_measured"]) == {2}


def test_calibrated_scaling_judges_the_other_half_with_the_scale_of_the_first() -> None:
    data = compendium(40)
    frame = judge(data, "calibrated")
    order = np.random.default_rng(0).permutation(40)
    known, judged = data.values[order[:20]], data.values[order[20:]]
    z = (judged - known.mean(axis=0)) / known.std(axis=0)
    np.testing.assert_allclose(frame["mae"], [0, 0, np.abs(z[:, 4]).mean()], atol=1e-5)
    np.testing.assert_allclose(frame["mae_log2"][2], np.abs(z[:, 4]).mean() * known[:, 4].std(), rtol=1e-5)
    median = np.median((known - known.mean(axis=0)) / known.std(axis=0), axis=0)
    np.testing.assert_allclose(frame["mae_null"], np.abs(z - median).mean(axis=0)[2:], rtol=1e-5)
    assert set(frame["scaling"]) == {"calibrated"}


def test_calibration_takes_nothing_from_the_judged_half() -> None:
    data = compendium(40)
    judged = np.random.default_rng(0).permutation(40)[20:]
    values = data.values.copy()
    values[judged] += 100
    shifted = judge(Expression(data.sample_ids, data.gene_ids, values), "calibrated")
    # Were the shifted half scaled by itself, its error would be as small as before.
    assert (shifted["mae"][2:] > 50).all()


def test_unmeasured_landmarks_enter_as_the_mean_and_targets_are_left_out() -> None:
    data = compendium(50)
    part = Expression(data.sample_ids, names("T2", "L1", "T1"), data.columns(["T2", "L1", "T1"]))
    for scaling in ("own", "calibrated"):
        frame = judge(part, scaling)
        assert frame["gene_id"].tolist() == ["T1", "T2"]
        assert set(frame["landmarks_measured"]) == {1}
        np.testing.assert_allclose(frame["pcc"], [1, 0], atol=1e-5)
        # L2 is not measured: T2 is inferred as 0 for every sample.
        assert frame["p_permutation"][1] == 1
