"""The arena: targets by view, errors by group, intervals over groups; all by hand or against a plain loop."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmarks import arena
from landmarks.arena import Tally, correlate, errors_by_group, judge_panels, same_gene, share_targets, split_targets
from landmarks.errors import LandmarksError
from landmarks.standings import PAIR_COLUMNS, SELECTOR_COLUMNS, compare_arena, summarise_arena


def gene_table(symbols: list[str], entrez: list[str] | None = None) -> pd.DataFrame:
    ids = [f"probe{row}" for row in range(len(symbols))]
    return pd.DataFrame({"gene_id": ids, "symbol": symbols, "entrez": entrez or [""] * len(ids), "ensembl": ""})


def test_rows_that_share_a_name_are_one_gene() -> None:
    labels = same_gene(gene_table(["A", "B", "A /// C", "", "", "C"], ["", "7", "", "7", "", ""]))
    assert labels[0] == labels[2] == labels[5]
    assert labels[1] == labels[3]
    assert len(set(labels[[0, 1, 4]])) == 3  # no name is no shared name


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["", "A", "B", "C", "A///B", "D"]), min_size=2, max_size=8))
def test_sharing_is_passed_on(symbols: list[str]) -> None:
    names = [{part for part in symbol.split("///") if part} for symbol in symbols]
    reach = np.array([[bool(a & b) or i == j for j, b in enumerate(names)] for i, a in enumerate(names)])
    for _ in symbols:
        reach = reach @ reach
    labels = same_gene(gene_table(symbols))
    np.testing.assert_array_equal(labels[:, None] == labels[None, :], reach)


def test_clean_targets_share_no_gene_with_a_landmark() -> None:
    labels = same_gene(gene_table(["A", "A", "B", "B", "C"]))
    targets = split_targets(labels, [np.array([0]), np.array([2])])
    np.testing.assert_array_equal(targets["every"], [False, True, False, True, True])
    np.testing.assert_array_equal(targets["unshared"], [False, False, False, False, True])


def test_errors_by_group() -> None:
    errors = np.array([[1, 2, 9], [3, 4, 9], [5, 6, 9]], np.float32)
    groups = np.array(["b", "a", "b"], object)
    frame = errors_by_group(errors, groups, {"clean": np.array([True, True, False]), "none": np.zeros(3, bool)})
    assert frame["view"].tolist() == ["clean", "clean"]
    assert dict(zip(frame["group"], frame["mae"], strict=True)) == pytest.approx({"a": 3.5, "b": 3.5})
    assert frame["samples"].tolist() == [1, 2] and frame["targets"].tolist() == [2, 2]


def judged(panels: dict[tuple[str, int], list[float]], sizes: list[int]) -> pd.DataFrame:
    """Return errors by group of panels (selector, seed); groups g0, g1, … hold so many samples."""
    rows = [
        {"selector": selector, "seed": seed, "group": f"g{index}", "samples": sizes[index], "mae": mae}
        for (selector, seed), values in panels.items()
        for index, mae in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(view="clean", model="ridge", k=10, targets=5)


def test_means_count_samples_and_chance_is_the_mean_of_its_panels() -> None:
    panels = {("random", 0): [1.0, 2.0], ("random", 1): [1.2, 2.2], ("random", 2): [1.4, 2.4], ("own", 0): [0.6, 1.2]}
    frames = summarise_arena(judged(panels, [3, 1]), resamples=200, seed=0)
    by_panel = frames[0].set_index(["selector", "seed"])
    assert by_panel.loc[("own", 0), "mae"] == pytest.approx((3 * 0.6 + 1.2) / 4)
    chance = np.array([(3 * 1.0 + 2.0) / 4, (3 * 1.2 + 2.2) / 4, (3 * 1.4 + 2.4) / 4])
    assert by_panel.loc[("own", 0), "z_random"] == pytest.approx((chance.mean() - 0.75) / chance.std(ddof=1))
    own = frames[1].set_index("selector").loc["own"]
    assert own["gain"] == pytest.approx(100 * (1 - 0.75 / chance.mean()))
    # Two groups: a resample holds one, the other or both.
    assert (own["mae_low"], own["mae_high"]) == pytest.approx((0.6, 1.2))
    assert own["groups"] == 2 and own["seeds"] == 1


def test_an_interval_follows_the_groups_and_not_the_samples() -> None:
    generator = np.random.default_rng(0)
    few = {("random", 0): list(generator.normal(1, 0.1, 6)), ("own", 0): list(generator.normal(0.9, 0.1, 6))}
    narrow, wide = (
        summarise_arena(judged(few, [size] * 6), resamples=500, seed=0)[1].set_index("selector").loc["own"]
        for size in (1, 100)
    )
    assert narrow["gain_low"] == pytest.approx(wide["gain_low"])
    assert narrow["gain_low"] < narrow["gain"] < narrow["gain_high"]


def test_pairs_are_tested_over_groups_and_win_by_gene() -> None:
    generator = np.random.default_rng(1)
    base = generator.uniform(0.5, 1, 8)
    panels = {("random", 0): list(base), ("own", 0): list(base - np.linspace(0.05, 0.15, 8)), ("third", 0): list(base)}
    genes = pd.DataFrame(
        [
            {"model": "ridge", "k": 10, "selector": selector, "gene_id": f"g{gene}", "view": "grouped"}
            | {"unshared": gene < 3}
            | values
            for selector, shift in (("random", 0.0), ("own", -0.1), ("third", 0.0))
            for gene in range(5)
            for values in [{"mae": 1 + shift * (gene != 0), "pcc": 0.5 - shift}]
        ]
    )
    table = compare_arena(judged(panels, [1] * 8), genes, resamples=200, seed=0)
    row = table[(table["metric"] == "mae") & (table["selector_a"] == "own") & (table["selector_b"] == "random")].iloc[0]
    assert row["difference"] == pytest.approx(-0.1) and row["better"] == "own"
    assert (row["wins_a"], row["wins_b"], row["units"], row["unit"]) == (2, 0, 8, "group")
    assert row["p_wilcoxon"] == pytest.approx(2 / 2**8)
    assert row["p_wilcoxon_holm"] == pytest.approx(3 * 2 / 2**8)
    tie = table[(table["metric"] == "mae") & (table["selector_a"] == "random")].iloc[0]
    assert tie["better"] == "neither" and tie["p_wilcoxon"] == 1
    correlated = table[(table["metric"] == "pcc") & (table["selector_a"] == "own")].iloc[0]
    assert correlated["unit"] == "gene" and correlated["units"] == 3 and correlated["better"] == "own"


def test_one_selector_has_nobody_to_be_compared_with() -> None:
    genes = pd.DataFrame([{"model": "ridge", "k": 10, "selector": "own", "gene_id": "g", "view": "grouped"}])
    genes = genes.assign(unshared=True, mae=1.0, pcc=0.5)
    table = compare_arena(judged({("own", 0): [1.0, 2.0]}, [1, 1]), genes, resamples=10, seed=0)
    assert table.empty and list(table) == PAIR_COLUMNS


def test_a_group_in_two_folds_counts_with_all_its_samples() -> None:
    """With a random split, g0 has three samples in one fold and one in another."""
    first = judged({("random", 0): [1.0, 2.0], ("own", 0): [0.5, 1.0]}, [3, 2])
    second = judged({("random", 0): [2.0], ("own", 0): [1.5]}, [1])
    both = pd.concat([first, second], ignore_index=True)
    own = summarise_arena(both, resamples=100, seed=0)[1].set_index("selector").loc["own"]
    assert own["mae"] == pytest.approx((3 * 0.5 + 1.5 + 2 * 1.0) / 6)
    assert own["mae_low"] == pytest.approx((3 * 0.5 + 1.5) / 4)  # g0 alone
    alike = {"model": "ridge", "k": 10, "gene_id": "g", "view": "grouped", "unshared": True, "mae": 1.0, "pcc": 0.5}
    genes = pd.DataFrame([alike | {"selector": name} for name in ("own", "random")])
    row = compare_arena(both, genes, resamples=100, seed=0).query("metric == 'mae'").iloc[0]
    assert row["difference"] == pytest.approx((3 * 0.5 + 1.5 + 2 * 1.0 - (3 * 1.0 + 2.0 + 2 * 2.0)) / 6)


def test_without_random_panels_nothing_is_said_of_chance() -> None:
    panels, selectors = summarise_arena(judged({("own", 0): [1.0, 2.0]}, [1, 1]), resamples=100, seed=0)
    assert list(selectors) == SELECTOR_COLUMNS
    assert selectors[["gain", "z_random", "p_holm"]].isna().all(axis=None) and panels["z_random"].isna().all()


def test_a_group_that_a_selector_lacks_is_refused() -> None:
    frame = judged({("random", 0): [1.0, 2.0], ("own", 0): [1.0, 2.0]}, [1, 1])
    with pytest.raises(LandmarksError, match="own"):
        summarise_arena(frame[(frame["selector"] != "own") | (frame["group"] != "g1")], resamples=10, seed=0)


def test_tally_averages_over_the_seeds_that_leave_a_gene() -> None:
    truth = np.array([[0, 0, 1], [1, 1, 2], [2, 2, 3]], np.float32)
    inferred = truth + np.float32(0.5)
    tally = Tally(np.array(["a", "b", "c"], object))
    for targets in ([True, True, False], [True, False, False]):
        mae, own = np.abs(inferred - truth).mean(axis=0), np.array(targets)
        tally.add(("ridge", 1, "random"), mae, correlate(truth, inferred, own), own)
        inferred = inferred + np.float32(1)
    frame = tally.to_frame({1: np.array([False, True, True])}).set_index("gene_id")
    assert frame.index.tolist() == ["a", "b"]
    assert frame["mae"].tolist() == pytest.approx([1.0, 0.5])
    assert frame["pcc"].tolist() == pytest.approx([1, 1])
    assert frame["unshared"].tolist() == [False, True]


@pytest.mark.parametrize("genes", [1, 2, 3, 100])
def test_correlations_in_parts(monkeypatch: pytest.MonkeyPatch, genes: int) -> None:
    monkeypatch.setattr(arena, "GENES", genes)
    truth, inferred = np.random.default_rng(0).normal(size=(2, 20, 7)).astype(np.float32)
    targets = np.array([True, False, True, True, True, False, True])
    inferred[0, ~targets] = np.nan  # not looked at
    expected = [np.corrcoef(truth[:, g], inferred[:, g])[0, 1] if targets[g] else 0 for g in range(7)]
    np.testing.assert_allclose(correlate(truth, inferred, targets), expected, rtol=1e-6)
    assert not correlate(truth, inferred, np.zeros(7, bool)).any()


def test_random_panels_do_not_thin_out_the_common_targets() -> None:
    genes = gene_table(["A", "B", "B", "C", "D"])
    panels = {("own", 1, 0): np.array([0]), ("other", 1, 0): np.array([1]), ("random", 1, 0): np.array([3])}
    common = share_targets(genes, panels | {("own", 2, 0): np.array([0, 1])})
    assert common[common["k"] == 1]["gene_id"].tolist() == ["probe2", "probe3", "probe4"]
    assert common[common["k"] == 1]["unshared"].tolist() == [False, True, True]  # probe2 shares B with probe1
    assert common[common["k"] == 2]["gene_id"].tolist() == ["probe2", "probe3", "probe4"]


@pytest.mark.parametrize(("method", "views"), [("random", ["as_published"]), ("grouped", ["grouped", "clean"])])
def test_views_follow_how_samples_were_held_out(method: str, views: list[str]) -> None:
    genes = gene_table(["A", "B", "B", "C", "D"])
    test = np.array([[0, 0, 2, 0, 4], [0, 0, 1, 0, 2]], np.float32)
    panels = {("own", 1, 0): np.array([1]), ("random", 1, 0): np.array([3])}
    inferred = [("ridge", name, np.zeros_like(test)) for name in panels]
    groups, targets = judge_panels(
        test, np.array(["x", "y"], object), genes, share_targets(genes, panels), panels, inferred, method
    )
    assert groups["view"].unique().tolist() == views and set(targets["view"]) == {views[0]}
    of_own = groups[(groups["selector"] == "own") & (groups["group"] == "x")].set_index("view")["mae"]
    # Every target: probes 0, 2, 3 and 4; without the other probe of B: 0, 3 and 4.
    expected = {"as_published": 6 / 4, "grouped": 6 / 4, "clean": 4 / 3}
    assert of_own.to_dict() == pytest.approx({view: expected[view] for view in views})
    # A random panel is judged on the common targets that it leaves.
    assert groups.loc[(groups["selector"] == "random"), "targets"].iloc[0] == 3
