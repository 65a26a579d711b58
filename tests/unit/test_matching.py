"""Sizes that match a panel, by hand and by their properties."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmarks.files import read_frame, write_frame
from landmarks.matching import MATCH_COLUMNS, smallest_sizes
from landmarks.steps import match_sizes as step


def standings(curves: dict[str, dict[int, float]], view: str = "clean", model: str = "ridge") -> pd.DataFrame:
    rows = [
        {"view": view, "model": model, "k": k, "selector": selector, "mae": mae}
        for selector, curve in curves.items()
        for k, mae in curve.items()
    ]
    return pd.DataFrame(rows)


def needed(frame: pd.DataFrame, reference: str, k: int, selector: str) -> tuple[float, str]:
    row = frame[(frame["reference"] == reference) & (frame["k_reference"] == k) & (frame["selector"] == selector)]
    assert len(row) == 1
    return float(row["k_needed"].iloc[0]), str(row["bound"].iloc[0])


def test_by_hand() -> None:
    curves = {"given": {943: 0.5}, "greedy": {100: 0.6, 400: 0.4, 900: 0.38}, "random": {100: 0.5, 400: 0.45}}
    frame = smallest_sizes(standings(curves))
    assert frame.columns.tolist() == MATCH_COLUMNS
    assert len(frame) == 6 * 2
    # Half of the way down from 0.6 to 0.4, in logarithms: the geometric mean of 100 and 400.
    size, bound = needed(frame, "given", 943, "greedy")
    assert size == pytest.approx(200) and bound == "reached"
    assert needed(frame, "given", 943, "random") == (100, "at_smallest")
    assert needed(frame, "greedy", 100, "given") == (943, "at_smallest")
    assert np.isnan(needed(frame, "greedy", 400, "random")[0])
    assert needed(frame, "greedy", 900, "given")[1] == "not_reached"
    assert needed(frame, "random", 400, "greedy")[0] == pytest.approx(100 * 4**0.75)
    assert frame.loc[frame["reference"] == "given", "mae_reference"].unique() == [0.5]


def test_a_larger_and_worse_panel_undoes_nothing() -> None:
    curves = {"given": {10: 0.45}, "greedy": {10: 0.5, 20: 0.4, 40: 0.47, 80: 0.3}, "a": {10: 0.35}}
    frame = smallest_sizes(standings(curves).sample(frac=1, random_state=0))
    assert needed(frame, "given", 10, "greedy")[0] == pytest.approx(10 * 2**0.5)
    # From 0.4, held from 20 to 40, down to 0.3 at 80.
    assert needed(frame, "a", 10, "greedy")[0] == pytest.approx(40 * 2**0.5)


def test_views_and_models_stand_apart() -> None:
    parts = [
        standings({"given": {50: 0.5}, "greedy": {50: 0.6}}, "clean", "ridge"),
        standings({"given": {50: 0.5}, "greedy": {50: 0.4}}, "clean", "dgex"),
        standings({"given": {50: 0.5}}, "as_published", "ridge"),
    ]
    frame = smallest_sizes(pd.concat(parts)).set_index(["view", "model", "reference"])
    assert frame.loc[("clean", "ridge", "given"), "bound"] == "not_reached"
    assert frame.loc[("clean", "dgex", "given"), "bound"] == "at_smallest"
    # A selector alone in its view has nobody to match.
    assert "as_published" not in frame.index.get_level_values("view")


CURVE = st.dictionaries(st.integers(1, 1_000), st.floats(0.1, 1.0), min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(CURVE, CURVE)
def test_the_curve_at_the_size_found_has_the_reference_mae(first: dict[int, float], second: dict[int, float]) -> None:
    frame = smallest_sizes(standings({"a": first, "b": second}))
    own = frame[frame["reference"] == "a"].sort_values("mae_reference", ascending=False)
    assert own["k_needed"].dropna().is_monotonic_increasing
    sizes = np.array(sorted(second))
    lowest = np.minimum.accumulate([second[k] for k in sizes])
    for size, mae, bound in zip(own["k_needed"], own["mae_reference"], own["bound"], strict=True):
        if bound == "not_reached":
            assert np.isnan(size) and lowest[-1] > mae
        elif bound == "at_smallest":
            assert size == sizes[0] and lowest[0] <= mae
        else:
            assert sizes[0] <= size <= sizes[-1] + 1e-6
            assert np.interp(np.log(size), np.log(sizes), lowest) == pytest.approx(mae, abs=1e-9)


def test_the_step_writes_what_the_function_finds(tmp_path: Path) -> None:
    frame = standings({"given": {943: 0.5}, "greedy": {100: 0.6, 400: 0.4}}).assign(mae_low=0.1, seeds=3)
    write_frame(frame, tmp_path / "selectors.parquet")
    step.main(selectors=tmp_path / "selectors.parquet", out=tmp_path / "sizes.parquet")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "sizes.parquet"), smallest_sizes(frame))
