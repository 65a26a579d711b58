"""The forest: exactly these numbers, legible names, and a figure also of nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from figure_data import check_whole, texts
from matplotlib.axes import Axes

from landmarks.errors import LandmarksError
from landmarks.figures.forest import COLUMNS, draw_forest, forest_numbers
from landmarks.figures.style import GREY, OKABE_ITO
from landmarks.files import read_frame, write_frame
from landmarks.steps import draw_forest as step

GAINS = {"variance": -9.0, "crossfit": 6.0, "greedy": 0.5}


def frames(
    gains: dict[str, float] = GAINS, models: tuple[str, ...] = ("ridge",), sizes: tuple[int, ...] = (50, 100)
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return selectors and panels; random panels have an MAE of 0.9 to 1.1, gains over 1 are significant."""
    places = [{"view": "clean", "model": model, "k": k} for model in models for k in sizes]
    rows = [
        {
            **place,
            "groups": 7,
            "selector": name,
            "gain": gain,
            "mae": 1 - gain / 100,
            "p_holm": 0.0004 if abs(gain) > 1 else 0.25,
        }
        for place in places
        for name, gain in {"random": 0.0, **gains}.items()
    ]
    maes = np.linspace(0.9, 1.1, 41)
    panels = [{**place, "selector": "random", "seed": i, "mae": mae} for place in places for i, mae in enumerate(maes)]
    selectors = pd.DataFrame(rows)
    return selectors.assign(gain_low=selectors["gain"] - 1, gain_high=selectors["gain"] + 2), pd.DataFrame(panels)


def dots(axes: Axes) -> list[tuple[float, float, str]]:
    found = [(*np.asarray(line.get_xydata())[0], line.get_color()) for line in axes.lines if line.get_marker() == "o"]
    return [(float(x), float(y), str(colour)) for x, y, colour in found]


def test_numbers_are_what_is_drawn() -> None:
    numbers = forest_numbers(*frames())
    assert list(numbers) == COLUMNS
    one = numbers[numbers["k"] == 50]
    assert one["selector"].tolist() == ["random", "crossfit", "greedy", "variance"]
    band = one[one["kind"] == "band"].iloc[0]
    assert band[["mae", "gain", "gain_low", "gain_high"]].tolist() == pytest.approx([1.0, 0.0, -9.5, 9.5])
    figure = draw_forest(numbers, "title")
    assert dots(figure.axes[0]) == [(6.0, 0, OKABE_ITO[0]), (0.5, 1, GREY), (-9.0, 2, OKABE_ITO[1])]
    bars = [
        np.asarray(path.vertices)[:, 0].tolist() for bars in figure.axes[0].collections for path in bars.get_paths()
    ]
    assert [5.0, 8.0] in bars and [-10.0, -7.0] in bars
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["crossfit", "greedy", "variance"]
    assert [axes.get_title("left") for axes in figure.axes] == ["50 landmarks", "100 landmarks"]
    said = texts(figure)
    assert all(word in said for word in ("0.940", "1.090", "<0.001", "0.250"))
    check_whole(figure)


def test_five_sizes_and_fifteen_long_names_are_not_cut() -> None:
    gains = {f"a_selector_with_a_very_long_name_{i}": 3 - i / 10 for i in range(14)} | {"variance": -40.0}
    figure = draw_forest(forest_numbers(*frames(gains, sizes=(50, 100, 250, 500, 943))), "title")
    check_whole(figure)
    assert "p (Holm)" not in texts(figure) and "\N{MINUS SIGN}40.0" in texts(figure)
    for axes in figure.axes:
        boxes = [tick.get_window_extent() for tick in axes.get_xticklabels() if tick.get_text()]
        assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    # No text stands in the next facet.
    for one, other in zip(figure.axes, figure.axes[1:], strict=False):
        edge = other.get_window_extent().x0
        assert all(text.get_window_extent().x1 < edge for text in one.texts)


def test_models_are_facets_and_what_is_lacking_is_a_dash() -> None:
    selectors, panels = frames(models=("mlp", "ridge"), sizes=(250,))
    few = selectors[(selectors["model"] != "mlp") | (selectors["selector"] != "greedy")]
    figure = draw_forest(forest_numbers(few, panels), "title")
    assert [axes.get_title("left") for axes in figure.axes] == ["ridge\n250 landmarks", "MLP\n250 landmarks"]
    assert len(dots(figure.axes[0])) == 3 and len(dots(figure.axes[1])) == 2
    assert "–" in [text.get_text() for text in figure.axes[1].texts]
    check_whole(figure)


def test_one_selector() -> None:
    figure = draw_forest(forest_numbers(*frames({"crossfit": 2.0}, sizes=(50,))), "title")
    assert len(dots(figure.axes[0])) == 1
    check_whole(figure)


def test_without_random_panels_the_mae_orders_the_rows() -> None:
    selectors, panels = frames(sizes=(50,))
    nothing = dict.fromkeys(["gain", "gain_low", "gain_high", "p_holm"], np.nan)
    figure = draw_forest(forest_numbers(selectors.assign(**nothing), panels.head(0)), "title")
    assert "no random panels" in texts(figure) and "0.940" in texts(figure) and not dots(figure.axes[0])
    assert figure.axes[0].get_yticklabels()[0].get_text() == "crossfit"
    check_whole(figure)


def test_nothing_is_said() -> None:
    selectors, panels = frames()
    numbers = forest_numbers(selectors.head(0), panels.head(0))
    assert numbers.empty and "no panel was judged" in texts(draw_forest(numbers, "title"))


def test_the_step_writes_the_same_twice(tmp_path: Path) -> None:
    for name, frame in zip(("selectors", "panels"), frames(models=("ridge", "knn")), strict=True):
        write_frame(frame, tmp_path / name)
    files: dict[str, Any] = {"selectors": tmp_path / "selectors", "panels": tmp_path / "panels"}
    for name in ("one", "two"):
        step.main(sizes="50", out=tmp_path / name, **files)
    for suffix in (".pdf", ".png", ".parquet"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    shown = read_frame(tmp_path / "one.parquet")
    assert set(shown["k"]) == {50} and set(shown["model"]) == {"ridge"}
    with pytest.raises(LandmarksError, match="k = 70"):
        step.main(sizes="50,70", out=tmp_path / "one", **files)
    with pytest.raises(LandmarksError, match="joined by commas"):
        step.main(sizes="50;70", out=tmp_path / "one", **files)
