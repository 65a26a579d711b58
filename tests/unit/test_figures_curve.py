"""The size curve: exactly these numbers, legible names, and a figure also of nothing."""

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_data import check_whole, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from landmarks.figures.curve import COLUMNS, curve_numbers, draw_curve
from landmarks.figures.series import compress, spread
from landmarks.files import write_frame
from landmarks.steps import draw_size_curve

GAINS = {"crossfit": 6.0, "variance": -9.0}


def frames(
    gains: dict[str, float] = GAINS, models: tuple[str, ...] = ("ridge",), sizes: tuple[int, ...] = (50, 100)
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return selectors and panels; random panels have an MAE of 0.9 to 1.1, those of dgex only at the first size."""
    places = [{"model": model, "k": k} for model in models for k in (sizes[:1] if model == "dgex" else sizes)]
    rows = [
        {**place, "view": "clean", "groups": 7, "selector": name, "gain": gain}
        for place in places
        for name, gain in {"random": 0.0, **gains}.items()
    ]
    one = {"view": "clean", "selector": "random"}
    panels = [
        {**place, **one, "seed": i, "mae": mae} for place in places for i, mae in enumerate(np.linspace(0.9, 1.1, 41))
    ]
    selectors = pd.DataFrame(rows)
    return selectors.assign(gain_low=selectors["gain"] - 1, gain_high=selectors["gain"] + 2), pd.DataFrame(panels)


def labels(axes: Axes) -> list[Annotation]:
    """Return the names beside the lines, from top to bottom."""
    found = [text for text in axes.texts if isinstance(text, Annotation)]
    return sorted(found, key=lambda text: -text.xyann[1])


def lines(axes: Axes) -> dict[str, np.ndarray]:
    return {str(line.get_gid()): np.asarray(line.get_xydata()) for line in axes.lines if line.get_gid()}


def check_apart(figure: Figure, axes: Axes) -> None:
    """Fail if two names overlap."""
    figure.draw_without_rendering()
    # The text alone: the line to it may pass another's.
    boxes = [super(Annotation, text).get_window_extent() for text in labels(axes)]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_numbers() -> None:
    numbers = curve_numbers(*frames())
    assert list(numbers) == COLUMNS
    band = numbers[(numbers["kind"] == "band") & (numbers["k"] == 50)].iloc[0]
    assert (band["gain_low"], band["gain_high"]) == pytest.approx((-9.5, 9.5))
    assert set(numbers.loc[numbers["kind"] == "selector", "selector"]) == {"crossfit", "variance"}


def test_lines_are_the_numbers_and_are_named_from_the_best_to_the_worst() -> None:
    figure = draw_curve(curve_numbers(*frames()), "title")
    axes = figure.axes[0]
    assert [text.get_text() for text in labels(axes)] == ["crossfit", "random", "variance"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["50", "100"]
    np.testing.assert_array_equal(lines(axes)["crossfit"][:, 1], [6, 6])
    np.testing.assert_allclose(lines(axes)["crossfit"][:, 0], [50, 100], rtol=0.06)
    check_whole(figure)


def test_fifteen_selectors_and_four_models_are_legible() -> None:
    gains = {f"a_selector_with_a_long_name_{i}": 3 - i / 10 for i in range(14)} | {"variance": -40.0}
    numbers = curve_numbers(*frames(gains, ("ridge", "knn", "mlp", "dgex"), (25, 50, 100, 250, 500, 943, 978, 2000)))
    figure = draw_curve(numbers, "title")
    assert [axes.get_title("left") for axes in figure.axes] == ["ridge", "D-GEX", "k nearest neighbours", "MLP"]
    check_whole(figure)
    for axes in figure.axes:
        assert len(labels(axes)) == 16
        check_apart(figure, axes)


def test_a_model_of_one_size_has_points_without_a_line() -> None:
    figure = draw_curve(curve_numbers(*frames(models=("ridge", "dgex"))), "title")
    assert all(len(points) == 1 for points in lines(figure.axes[1]).values())
    # From the lowest to the highest.
    assert lines(figure.axes[1])["variance"][0, 0] < lines(figure.axes[1])["crossfit"][0, 0]
    assert "50 landmarks" in figure.axes[1].get_xlabel() and not len(figure.axes[1].get_xticks())
    check_whole(figure)


def test_a_selector_of_one_size_is_named_where_it_ends() -> None:
    selectors, panels = frames({"crossfit": 6.0, "pam50": 1.0})
    few = selectors[(selectors["selector"] != "pam50") | (selectors["k"] == 50)]
    places = {text.get_text(): text.xyann[0] for text in labels(draw_curve(curve_numbers(few, panels), "").axes[0])}
    assert places["PAM50"] < 0.5 and places["crossfit"] > 1


def test_what_is_far_off_is_compressed_and_says_its_number() -> None:
    selectors, panels = frames({"crossfit": 6.0, "greedy": 5.0, "deeplift": 2.0, "variance": -60.0})
    figure = draw_curve(curve_numbers(selectors, panels), "title")
    axes = figure.axes[0]
    assert "variance (\N{MINUS SIGN}60.0)" in [text.get_text() for text in labels(axes)]
    assert "axis compressed" in texts(figure)
    places = axes.transScale.transform([(50.0, y) for y in (8.0, -9.5, -61.0)])[:, 1]
    # Evenly, -61 would leave a quarter to what is of interest.
    assert (places[0] - places[1]) / (places[0] - places[2]) > 0.6
    even = draw_curve(curve_numbers(*frames()), "title")
    assert even.axes[0].get_yscale() == "linear" and "compressed" not in texts(even)


def test_a_gain_outside_its_interval_is_drawn() -> None:
    selectors, panels = frames()
    draw_curve(curve_numbers(selectors.assign(gain_high=selectors["gain"] - 1e-12), panels), "title")


@pytest.mark.parametrize("low", [-1000.0, -30.0, -0.001])
def test_a_bent_axis_goes_there_and_back(low: float) -> None:
    numbers = pd.DataFrame({"kind": "selector", "gain": [1.0, 0.5, low], "gain_low": [0.9, 0.4, low], "gain_high": 1.1})
    axes = Figure().subplots()
    start, _ = compress(axes, "x", numbers)
    assert np.isfinite(start) == (low < -2)
    values = np.array([[x, 0.0] for x in (low, low / 2, 0.0, 1.1)])
    there = axes.transScale.transform(values)
    assert (np.diff(there[:, 0]) > 0).all()
    np.testing.assert_allclose(axes.transScale.inverted().transform(there), values, atol=1e-9)
    ticks = axes.get_xticks()
    assert len(ticks) >= 2 and all(a < b for a, b in pairwise(ticks))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_names_are_spread(wanted: list[float]) -> None:
    places = spread(np.sort(wanted), 0.04)
    assert (np.diff(places) > 0.04 - 1e-9).all() and places.min() >= 0 and places.max() <= 1 + 1e-9
    if len(wanted) == 1:
        assert places.tolist() == wanted


def test_nothing_is_said() -> None:
    empty = pd.DataFrame({name: [] for name in COLUMNS})
    assert "no panel" in draw_curve(empty, "title").axes[0].texts[0].get_text()


def test_without_random_panels_there_is_no_gain() -> None:
    selectors, panels = frames()
    numbers = curve_numbers(selectors.assign(gain=np.nan, gain_low=np.nan, gain_high=np.nan), panels.head(0))
    assert numbers.empty and list(numbers) == COLUMNS
    assert "no panel was judged against random ones" in texts(draw_curve(numbers, "title"))


def test_one_selector_and_random_panels_at_one_of_its_sizes() -> None:
    selectors, panels = frames({"crossfit": -3.0})
    figure = draw_curve(curve_numbers(selectors, panels[panels["k"] == 50]), "title")
    assert [text.get_text() for text in labels(figure.axes[0])] == ["random", "crossfit"]
    check_whole(figure)


def test_the_step_writes_the_same_twice(tmp_path: Path) -> None:
    for name, frame in zip(("selectors", "panels"), frames(), strict=True):
        write_frame(frame, tmp_path / name)
    for name in ("one", "two"):
        draw_size_curve.main(
            selectors=tmp_path / "selectors", panels=tmp_path / "panels", chosen="crossfit", out=tmp_path / name
        )
    for suffix in (".pdf", ".png", ".parquet"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
