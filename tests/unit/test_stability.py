"""Agreement of panels by hand, against loops over pairs, and what chance gives."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmarks.errors import LandmarksError
from landmarks.files import read_frame, write_frame
from landmarks.stability import NO_FOLD, OVERLAP_COLUMNS, frequency_of, overlap_of
from landmarks.steps import assess_stability as step

Panels = dict[tuple[int, int], str]
"""Genes, a letter each and best first, by fold and seed."""


def long(panels: Panels, selector: str = "greedy") -> pd.DataFrame:
    rows = [
        {"fold": fold, "selector": selector, "k": len(genes), "seed": seed, "gene_id": gene, "rank": rank}
        for (fold, seed), genes in panels.items()
        for rank, gene in enumerate(genes, 1)
    ]
    return pd.DataFrame(rows)


def row_of(overlap: pd.DataFrame, between: str) -> pd.Series:
    rows = overlap[overlap["between"] == between]
    assert len(rows) == 1
    return rows.iloc[0]


def test_overlap_by_hand() -> None:
    panels = long({(0, 0): "abcd", (0, 1): "abce", (0, 2): "efgh", (1, 0): "abcd", (1, 1): "aefg"})
    overlap = overlap_of(panels, 16)
    # Shared of four: fold 0 has 3, 0 and 1; fold 1 has 1. Chance is 4/16, so κ = (r − 1/4) / (3/4).
    seeds = row_of(overlap, "seeds")
    assert (seeds["selector"], seeds["k"], seeds["pairs"]) == ("greedy", 4, 4)
    assert seeds["shared"] == pytest.approx((3 + 0 + 1 + 1) / 16)
    assert seeds["kappa"] == pytest.approx((2 / 3 - 1 / 3 + 0 + 0) / 4)
    assert seeds[["kappa_low", "kappa_high"]].tolist() == pytest.approx([-1 / 3, 2 / 3])
    # Between the folds, seed 0 shares all four and seed 1 two of them (a and e); seed 2 has no partner.
    folds = row_of(overlap, "folds")
    assert folds["pairs"] == 2
    assert folds["shared"] == pytest.approx(0.75)
    assert folds[["kappa", "kappa_low", "kappa_high"]].tolist() == pytest.approx([2 / 3, 1 / 3, 1])


def test_selectors_and_sizes_stand_apart() -> None:
    panels = pd.concat(
        [long({(0, 0): "ab", (0, 1): "ab"}), long({(0, 0): "abc", (0, 1): "def"}), long({(0, 0): "ab"}, "variance")]
    )
    overlap = overlap_of(panels, 100)
    assert overlap[["selector", "k", "between", "shared"]].to_numpy().tolist() == [
        ["greedy", 2, "seeds", 1.0],
        ["greedy", 3, "seeds", 0.0],
    ]


def test_without_pairs_there_are_columns_only() -> None:
    overlap = overlap_of(long({(0, 0): "ab", (1, 1): "ab"}), 10)
    assert overlap.empty and overlap.columns.tolist() == OVERLAP_COLUMNS


def test_a_panel_of_the_runs_own_split_is_of_no_fold() -> None:
    panels = long({(NO_FOLD, 0): "ab", (NO_FOLD, 1): "ac", (0, 0): "ab", (1, 0): "cd"})
    overlap = overlap_of(panels, 10)
    assert row_of(overlap, "seeds")[["pairs", "shared"]].tolist() == [1, 0.5]
    assert row_of(overlap, "folds")[["pairs", "shared"]].tolist() == [1, 0.0]


def test_no_index_where_panels_hold_every_candidate() -> None:
    row = overlap_of(long({(0, 0): "abc", (0, 1): "cab"}), 3).iloc[0]
    assert row["shared"] == 1
    assert row[["kappa", "kappa_low", "kappa_high"]].isna().all()


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_overlap_is_that_of_a_loop_over_pairs(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=6, unique=True))
    sets = [data.draw(st.permutations("abcdefg")) for _ in names]
    panels = {name: "".join(genes[:3]) for name, genes in zip(names, sets, strict=True)}
    found = overlap_of(long(panels).sample(frac=1, random_state=1), 7)
    for between, same in (("seeds", 0), ("folds", 1)):
        pairs = [(a, b) for a, b in combinations(panels, 2) if a[same] == b[same]]
        # Kuncheva's own form: (r n − k²) / (k (n − k)) with r shared genes.
        kappa = [(len(set(panels[a]) & set(panels[b])) * 7 - 9) / (3 * 4) for a, b in pairs]
        if not pairs:
            assert between not in set(found["between"])
            continue
        row = row_of(found, between)
        expected = [len(pairs), np.mean(kappa), min(kappa), max(kappa)]
        assert row[["pairs", "kappa", "kappa_low", "kappa_high"]].tolist() == pytest.approx(expected)
        assert row["kappa_low"] <= row["kappa"] + 1e-12 and row["kappa_high"] <= 1 + 1e-12


def test_random_panels_agree_as_by_chance() -> None:
    generator = np.random.default_rng(0)
    draws = [pd.DataFrame({"gene_id": generator.permutation(500)[:50], "seed": seed}) for seed in range(60)]
    row = overlap_of(pd.concat(draws).assign(fold=0, selector="random", k=50), 500).iloc[0]
    assert row["pairs"] == 60 * 59 // 2
    assert abs(row["kappa"]) < 0.01
    assert row["shared"] == pytest.approx(0.1, abs=0.01)


def test_frequency_by_hand() -> None:
    frame = frequency_of(pd.concat([long({(0, 0): "abc", (0, 1): "bad", (1, 0): "bef"}), long({(0, 0): "zy"})]))
    assert frame.columns.tolist() == ["selector", "k", "gene_id", "panels", "frequency", "mean_rank"]
    assert frame["k"].tolist() == [2] * 2 + [3] * 6
    large = frame[frame["k"] == 3]
    # b is first twice and second once, a first and second; e is second, and c, d, f third, by their ids.
    assert "".join(large["gene_id"]) == "baecdf"
    assert large["panels"].tolist() == [3] * 6
    assert large["frequency"].tolist() == pytest.approx([1, 2 / 3, *[1 / 3] * 4])
    assert large["mean_rank"].tolist() == pytest.approx([4 / 3, 1.5, 2, 3, 3, 3])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.permutations("abcdef"), min_size=1, max_size=6))
def test_frequencies_add_up_to_the_panels_size(orders: list[list[str]]) -> None:
    frame = frequency_of(long({(0, seed): "".join(order[:4]) for seed, order in enumerate(orders)}))
    assert frame["frequency"].sum() == pytest.approx(4)
    assert frame["frequency"].between(1 / len(orders), 1).all()


def write_panel(folder: Path, genes: str) -> Path:
    write_frame(pd.DataFrame({"gene_id": list(genes), "rank": range(1, len(genes) + 1)}), folder)
    return folder


def test_the_step_reads_names_off_paths(tmp_path: Path) -> None:
    panels = [
        write_panel(tmp_path / f"{folder}panels/greedy/k2/seed{seed}.parquet", genes)
        for folder, seed, genes in [
            ("", 0, "ab"),
            ("", 1, "ac"),
            ("arena/fold0/", 0, "ab"),
            ("arena/fold10/", 0, "bc"),
        ]
    ]
    candidates = [tmp_path / "few.parquet", tmp_path / "many.parquet"]
    write_frame(pd.DataFrame({"allowed": [True] * 4 + [False] * 9}), candidates[0])
    write_frame(pd.DataFrame({"allowed": [True] * 9}), candidates[1])
    out, out_frequency = tmp_path / "overlap.parquet", tmp_path / "frequency.parquet"
    step.main(panels=panels, candidates=candidates, out=out, out_frequency=out_frequency)
    overlap = read_frame(out)
    # One of two genes is shared in both; with four candidates that is chance.
    assert row_of(overlap, "seeds")[["pairs", "shared", "kappa"]].tolist() == [1, 0.5, 0]
    assert row_of(overlap, "folds")[["pairs", "shared", "kappa"]].tolist() == [1, 0.5, 0]
    frequency = read_frame(out_frequency)
    assert "".join(frequency["gene_id"]) == "abc"
    assert frequency["frequency"].tolist() == [0.75, 0.75, 0.5]
    assert frequency["mean_rank"].tolist() == pytest.approx([1, 5 / 3, 2])


def test_a_path_that_names_no_panel(tmp_path: Path) -> None:
    file = write_panel(tmp_path / "greedy" / "k2" / "seed0.parquet", "ab")
    with pytest.raises(LandmarksError, match=r"panels/<selector>/k<k>/seed<seed>\.parquet, found .*\nHint: "):
        step.main(panels=[file], candidates=[], out=tmp_path / "o", out_frequency=tmp_path / "f")
