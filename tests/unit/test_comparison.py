"""Panels compared on common targets, worked out for a few genes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmarks.comparison import (
    common_targets,
    compare_pair,
    compare_pairs,
    holm,
    read_evaluations,
    resample,
    summarise_panels,
)
from landmarks.errors import LandmarksError
from landmarks.files import write_frame


def evaluation(selector: str, seed: int, maes: dict[str, float], *, model: str = "ridge", k: int = 2) -> pd.DataFrame:
    """Return one panel's targets: the MAE by gene, the PCC 1 − MAE, significant under an MAE of 0.5."""
    rows = [(model, selector, k, seed, gene, mae, 1 - mae, mae < 0.5) for gene, mae in maes.items()]
    return pd.DataFrame(rows, columns=["model", "selector", "k", "seed", "gene_id", "mae", "pcc", "significant"])


THREE = pd.concat(
    [
        evaluation("deeplift", 0, {"A": 0.1, "B": 0.2, "C": 0.6, "D": 0.9}),
        evaluation("random", 0, {"B": 0.4, "C": 0.4, "D": 0.7, "E": 0.1}),
        evaluation("random", 1, {"A": 0.3, "B": 0.6, "C": 0.4, "D": 0.5}),
    ],
    ignore_index=True,
)


def test_evaluations_carry_the_names_of_their_folders(tmp_path: Path) -> None:
    paths = []
    for seed, mae in ((0, 0.5), (12, 0.25)):
        paths.append(tmp_path / "inference" / "dgex" / "random" / "k47" / f"seed{seed}" / "genes.parquet")
        write_frame(pd.DataFrame({"gene_id": ["A"], "mae": [mae]}), paths[-1])
    read = read_evaluations(paths)
    assert read.to_numpy().tolist() == [["dgex", "random", 47, 0, "A", 0.5], ["dgex", "random", 47, 12, "A", 0.25]]
    assert list(read.columns) == ["model", "selector", "k", "seed", "gene_id", "mae"]


@pytest.mark.parametrize("folder", ["ridge/random/47/seed0", "ridge/random/k47/0", "k47"])
def test_evaluations_elsewhere_are_refused(folder: str) -> None:
    with pytest.raises(LandmarksError, match=r"<model>/<selector>/k<k>/seed<seed>/genes\.parquet, found [\s\S]*Hint: "):
        read_evaluations([Path(folder) / "genes.parquet"])


def named(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Return the same panels of selectors that are no controls."""
    return evaluations.assign(selector=evaluations["selector"].replace("random", "variance"))


def test_common_targets_by_hand() -> None:
    targets = common_targets(named(THREE))
    assert targets["gene_id"].tolist() == ["B", "C", "D"] * 2
    assert targets["selector"].tolist() == ["deeplift"] * 3 + ["variance"] * 3
    np.testing.assert_allclose(targets["mae"], [0.2, 0.6, 0.9, 0.5, 0.4, 0.6])
    np.testing.assert_allclose(targets["pcc"], [0.8, 0.4, 0.1, 0.5, 0.6, 0.4])
    np.testing.assert_allclose(targets["significant"], [1, 0, 0, 0.5, 1, 0])
    assert targets["seeds"].tolist() == [1] * 3 + [2] * 3


def test_models_and_sizes_are_apart() -> None:
    other = [
        evaluation("deeplift", 0, {"A": 0.5, "Z": 0.5}, k=3),
        evaluation("deeplift", 0, {"A": 0.5, "Y": 0.5}, model="dgex"),
    ]
    targets = common_targets(pd.concat([named(THREE), *other]))
    by_group = targets.groupby(["model", "k"])["gene_id"].agg(lambda ids: "".join(sorted(set(ids))))
    assert by_group.to_dict() == {("ridge", 2): "BCD", ("ridge", 3): "AZ", ("dgex", 2): "AY"}


@given(st.lists(st.tuples(st.integers(1, 2), st.sets(st.sampled_from("ABCDEFGH"), max_size=4)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_landmark_of_any_panel_is_a_common_target(panels: list[tuple[int, set[str]]]) -> None:
    frames = [
        evaluation("variance", seed, {gene: 0.5 for gene in "ABCDEFGH" if gene not in landmarks}, k=k)
        for seed, (k, landmarks) in enumerate(panels)
    ]
    targets = common_targets(pd.concat(frames, ignore_index=True))
    for k in {k for k, _ in panels}:
        measured = set().union(*(landmarks for size, landmarks in panels if size == k))
        assert set(targets.loc[targets["k"] == k, "gene_id"]) == set("ABCDEFGH") - measured


def test_panels_are_summarised_over_common_targets() -> None:
    summary = summarise_panels(named(THREE), common_targets(named(THREE)))
    assert summary[["selector", "seed"]].to_numpy().tolist() == [["deeplift", 0], ["variance", 0], ["variance", 1]]
    assert summary["targets"].tolist() == [3, 3, 3]
    np.testing.assert_allclose(summary["mae"], [1.7 / 3, 0.5, 0.5])
    assert summary["significant"].tolist() == [1, 2, 1]
    # Two random panels say too little about their spread.
    assert summary["z_random"].isna().all()


def test_standing_among_random_panels_by_hand() -> None:
    randoms = [evaluation("random", seed, {"A": mae}) for seed, mae in enumerate([0.4, 0.5, 0.6])]
    evaluations = pd.concat([*randoms, evaluation("deeplift", 0, {"A": 0.3})], ignore_index=True)
    summary = summarise_panels(evaluations, common_targets(evaluations)).set_index(["selector", "seed"])
    # Mean 0.5, standard deviation 0.1: an MAE of 0.3 is two of them better.
    np.testing.assert_allclose(summary["z_random"], [2, 1, 0, -1], atol=1e-9)


A, B = np.array([0.1, 0.2, 0.3, 0.9]), np.array([0.2, 0.4, 0.6, 0.8])


def test_a_pair_by_hand() -> None:
    pair = compare_pair(A, B, -1.0)
    assert (pair["targets"], pair["wins_a"], pair["wins_b"]) == (4, 3, 1)
    assert (pair["mean_a"], pair["mean_b"]) == pytest.approx((0.375, 0.5))
    # Differences −.1, −.2, −.3, .1: mean −.125, standard deviation √(.0875 / 3), over √4.
    assert pair["difference"] == pytest.approx(-0.125)
    assert pair["t"] == pytest.approx(-0.125 / np.sqrt(0.0875 / 3 / 4))
    # Signed ranks of |d|: .1 and .1 share 1.5; W = 1.5, and no two-sided p of four pairs is under 1/8.
    assert 0.125 <= pair["p_wilcoxon"] <= 1


def test_swapping_a_pair_mirrors_it() -> None:
    one, other = (compare_pair(*pair, -1.0) for pair in ((A, B), (B, A)))
    assert one["t"] == -other["t"]
    assert one["p_t"] == other["p_t"]
    assert (one["wins_a"], one["wins_b"]) == (other["wins_b"], other["wins_a"])


def test_a_higher_pcc_wins() -> None:
    assert compare_pair(A, B, 1.0)["wins_b"] == 3


def test_equal_panels_and_equal_differences_are_no_error() -> None:
    pair = compare_pair(A, A, 1.0)
    assert (pair["p_t"], pair["p_wilcoxon"]) == (1, 1)
    assert np.isnan(pair["t"])


def test_the_bootstrap_interval_covers_the_standard_error() -> None:
    difference = np.random.default_rng(0).normal(0.1, 1, 2_000)
    low, high = np.percentile(resample(2_000, 1_000, seed=1) @ difference, [2.5, 97.5])
    half = 1.96 * difference.std() / np.sqrt(2_000)
    assert low == pytest.approx(difference.mean() - half, abs=0.006)
    assert high == pytest.approx(difference.mean() + half, abs=0.006)


def test_resamples_are_of_the_size_of_the_sample() -> None:
    weights = resample(7, 50, seed=0)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights * 7, np.round(weights * 7))


def test_holm_by_hand() -> None:
    # Sorted .01, .02, .03, .04 times 4, 3, 2, 1, never falling.
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03, 0.02]), [0.06, 0.04, 0.06, 0.06])
    np.testing.assert_allclose(holm([0.5, 0.9]), [1, 1])


def test_random_panels_do_not_thin_out_the_common_targets() -> None:
    targets = common_targets(THREE)
    assert targets["gene_id"].tolist() == ["A", "B", "C", "D"] * 2  # E is a landmark of deeplift's
    random = targets[targets["selector"] == "random"].set_index("gene_id")
    assert random["mae"].to_dict() == pytest.approx({"A": 0.3, "B": 0.5, "C": 0.4, "D": 0.6})


def test_which_targets_a_random_panel_measures_does_not_matter() -> None:
    """Genes differ much in how well they are inferred, panels by a constant: the constant must come out."""
    ease = dict(zip("ABCDEFGH", np.linspace(0.1, 0.9, 8), strict=True))
    frames = [evaluation("variance", 0, {g: e for g, e in ease.items() if g not in "GH"})]
    shifts = [-0.02, 0.0, 0.02, 0.0]
    for seed, (shift, own) in enumerate(zip(shifts, ("AB", "EF", "CD", "GH"), strict=True)):
        frames.append(evaluation("random", seed, {g: e + shift for g, e in ease.items() if g not in own}))
    evaluations = pd.concat(frames, ignore_index=True)
    summary = summarise_panels(evaluations, common_targets(evaluations)).set_index(["selector", "seed"])
    level = np.mean([ease[gene] for gene in "ABCDEF"])
    assert summary.loc[("variance", 0), "mae"] == pytest.approx(level)
    found = summary.xs("random", level="selector")["mae"].to_numpy() - level
    np.testing.assert_allclose(found, shifts, atol=0.008)
    assert (summary["targets"] == 6).all()


def test_every_pair_and_metric() -> None:
    genes = [f"g{index}" for index in range(30)]
    levels = {"deeplift": 0.2, "given": 0.5, "random": 0.5}
    noise = np.random.default_rng(0).normal(0, 0.01, (3, 30))
    frames = [
        evaluation(name, 0, dict(zip(genes, level + noise[row], strict=True)))
        for row, (name, level) in enumerate(levels.items())
    ]
    pairs = compare_pairs(common_targets(pd.concat(frames)), resamples=200, seed=0)
    assert pairs[["metric", "selector_a", "selector_b"]].to_numpy().tolist() == [
        [metric, *pair]
        for metric in ("mae", "pcc")
        for pair in (("deeplift", "given"), ("deeplift", "random"), ("given", "random"))
    ]
    assert pairs["better"].tolist() == ["deeplift", "deeplift", "neither"] * 2
    assert (pairs["seeds_a"] == 1).all()
    assert (pairs["targets"] == 30).all()
    assert (pairs["p_t_holm"] >= pairs["p_t"]).all()
    assert ((pairs["difference_low"] <= pairs["difference"]) & (pairs["difference"] <= pairs["difference_high"])).all()
