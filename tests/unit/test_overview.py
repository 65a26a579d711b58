"""The table that is read in one look: cells, order, and what a selector needs to match a reference."""

import pandas as pd

from landmarks.overview import tabulate_gains, tabulate_matches


def rows(selector: str, gains: dict[int, float], model: str = "ridge") -> list[dict[str, object]]:
    return [
        {"model": model, "selector": selector, "k": k, "gain": gain, "gain_low": gain - 1, "gain_high": gain + 0.5}
        for k, gain in gains.items()
    ]


def test_best_first_and_an_empty_cell_where_nothing_was_judged() -> None:
    frame = pd.DataFrame(
        rows("worse", {50: -2.0, 100: -3.0}) + rows("better", {50: 4.0, 100: 3.04}) + rows("random", {50: 0, 100: 0})
        + rows("list", {50: 1.0})
    )  # fmt: skip
    table = tabulate_gains(frame, [50, 100, 250])
    assert list(table) == ["model", "selector", "k = 50", "k = 100"]
    assert table["selector"].tolist() == ["better", "list", "random", "worse"]  # by k = 50, which all have
    assert table["k = 100"].tolist() == ["3.0 (2.0 to 3.5)", "", "0", "-3.0 (-4.0 to -2.5)"]


def test_models_one_after_the_other_and_nothing_without_chance() -> None:
    frame = pd.DataFrame(rows("own", {50: 1.0}, "ridge") + rows("own", {50: 2.0}, "dgex"))
    assert tabulate_gains(frame, [50])["model"].tolist() == ["ridge", "dgex"]
    assert tabulate_gains(frame.assign(gain=float("nan")), [50]).empty


def test_matches_keep_the_largest_panel_of_each_reference() -> None:
    columns = ["model", "reference", "k_reference", "selector", "k_needed", "bound"]
    frame = pd.DataFrame(
        [
            ["ridge", "list", 50, "own", 20.0, "reached"],
            ["ridge", "list", 250, "own", 120.0, "reached"],
            ["dgex", "list", 250, "own", 250.0, "at_smallest"],
            ["ridge", "list", 943, "own", 1_211.6, "reached"],
            ["ridge", "list", 943, "quick", 25.0, "at_smallest"],
            ["ridge", "list", 943, "poor", float("nan"), "not_reached"],
            ["ridge", "list", 943, "list", 943.0, "reached"],
            ["ridge", "own", 943, "list", 943.0, "reached"],
        ],
        columns=columns,
    )
    table = tabulate_matches(frame, ["list"])
    assert table["selector"].tolist() == ["quick", "own", "poor"]
    assert table["k_needed"].tolist() == ["at most 25", "1,212", "more than were judged"]
    assert set(table["k_reference"]) == {943}
