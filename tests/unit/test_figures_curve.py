"""The size curve: exactly these numbers, and a figure also of nothing."""

import numpy as np
import pandas as pd
import pytest

from landmarks.figures.curve import COLUMNS, curve_numbers, draw_curve


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return selectors and panels of two sizes; random panels have an MAE of 0.9, 1.0, …, 1.1."""
    rows = [
        {"model": "ridge", "k": k, "selector": name, "gain": gain, "gain_low": gain - 1, "gain_high": gain + 2}
        for k in (50, 100)
        for name, gain in (("random", 0.0), ("crossfit", 6.0), ("variance", -9.0))
    ]
    maes = np.linspace(0.9, 1.1, 41)
    one = {"model": "ridge", "selector": "random"}
    panels = [one | {"k": k, "seed": seed, "mae": mae} for k in (50, 100) for seed, mae in enumerate(maes)]
    return pd.DataFrame(rows), pd.DataFrame(panels)


def test_numbers() -> None:
    numbers = curve_numbers(*frames())
    assert list(numbers) == COLUMNS
    band = numbers[(numbers["kind"] == "band") & (numbers["k"] == 50)].iloc[0]
    assert (band["gain_low"], band["gain_high"]) == pytest.approx((-9.5, 9.5))
    assert set(numbers.loc[numbers["kind"] == "selector", "selector"]) == {"crossfit", "variance"}


def test_drawn_from_the_best_to_the_worst() -> None:
    figure = draw_curve(curve_numbers(*frames()), "title")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "random: mean, middle 95%",
        "crossfit",
        "variance",
    ]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["50", "100"]


def test_nothing_is_said() -> None:
    empty = pd.DataFrame({name: [] for name in COLUMNS})
    assert "no panel" in draw_curve(empty, "title").axes[0].texts[0].get_text()
