"""The figures: their files, the numbers they show, and inputs with little in them."""

import logging
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from figure_data import CONTROLS, check_whole, clusters, gene_frame, target_frame, term_frame, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy.stats import norm

from landmarks.errors import LandmarksError
from landmarks.figures import densities, scatters, style
from landmarks.figures.frames import drop_missing, pick
from landmarks.files import read_frame, write_frame
from landmarks.steps import (
    draw_figure_2a,
    draw_figure_2b,
    draw_figure_3ab,
    draw_figure_3cd,
    draw_figure_4ab,
    draw_figure_5a,
)


def run_all(folder: Path) -> list[Path]:
    """Run every step in `folder`; return the stems of the figures."""
    merges, samples, scores = clusters()
    frames = {
        "genes": gene_frame(),
        "linkage": merges,
        "assignments": samples,
        "scores": scores,
        "targets": target_frame(),
        "enrichment": term_frame([0.001, 0.04, 0.5]),
        "controls": CONTROLS,
    }
    files = {name: folder / f"{name}.parquet" for name in frames}
    for name, frame in frames.items():
        write_frame(frame, files[name])
    stems = {name: folder / "figures" / f"figure_{name}" for name in ("2a", "2b", "3a", "3d", "4b", "5a")}
    chosen: dict[str, Any] = {"model": "dgex", "k": 250, "targets": files["targets"]}
    draw_figure_2a.main(genes=files["genes"], out=stems["2a"])
    draw_figure_2b.main(
        linkage=files["linkage"], assignments=files["assignments"], scores=files["scores"], out=stems["2b"]
    )
    draw_figure_3ab.main(metric="mae", out=stems["3a"], **chosen)
    draw_figure_3cd.main(metric="pcc", selector_a="deeplift", selector_b="random", out=stems["3d"], **chosen)
    draw_figure_4ab.main(metric="pcc", dataset="gtex", scaling="own", out=stems["4b"], **chosen)
    draw_figure_5a.main(enrichment=files["enrichment"], controls=files["controls"], out=stems["5a"])
    return list(stems.values())


def test_steps_write_three_files_alike_on_every_run(tmp_path: Path) -> None:
    first = run_all(tmp_path / "first")
    # A setting of the user's, as in a matplotlibrc, must not change a figure.
    with mpl.rc_context({"savefig.bbox": "tight", "axes.facecolor": "yellow"}):
        second = run_all(tmp_path / "second")
    for one, other in zip(first, second, strict=True):
        for suffix in (".pdf", ".png", ".parquet"):
            written = one.with_name(one.name + suffix).read_bytes()
            assert written == other.with_name(other.name + suffix).read_bytes(), one.name + suffix
        png = one.with_name(one.name + ".png").read_bytes()
        assert png.startswith(b"\x89PNG") and b"Software" not in png and b"pHYs" in png
        assert b"CreationDate" not in one.with_name(one.name + ".pdf").read_bytes()
    assert len(list((tmp_path / "first" / "figures").iterdir())) == 3 * len(first)


def test_save_keeps_dots_in_the_name(tmp_path: Path) -> None:
    style.save(Figure(), tmp_path / "v1.5", pd.DataFrame({"x": [1.0]}))
    assert {file.name for file in tmp_path.iterdir()} == {"v1.5.pdf", "v1.5.png", "v1.5.parquet"}


def test_parquet_of_2a_holds_what_is_drawn(tmp_path: Path) -> None:
    numbers = densities.autoencoder_numbers(gene_frame())
    figure = densities.draw_autoencoder(numbers)
    style.save(figure, tmp_path / "figure", numbers)
    frame = read_frame(tmp_path / "figure.parquet")
    one = frame[(frame["metric"] == "mae") & (frame["series"] == "autoencoder")]
    assert one.loc[one["kind"] == "gene", "x"].tolist() == [0.1, 0.2, 0.3, 0.8]
    assert one.loc[one["kind"] == "median", "x"].item() == pytest.approx(0.25)
    assert one.loc[one["kind"] == "lower_quartile", "x"].item() == pytest.approx(0.175)
    assert one.loc[one["kind"] == "mean", "x"].item() == pytest.approx(0.35)
    curve = one[one["kind"] == "curve"]
    lines = [line for line in figure.axes[0].lines if np.size(line.get_xdata()) == len(curve)]
    np.testing.assert_array_equal(lines[0].get_xdata(), curve["x"])
    np.testing.assert_array_equal(lines[0].get_ydata(), curve["y"])
    said = texts(figure)
    assert "mean MAE 0.350, median predictor 1.000" in said
    assert "mean PCC 0.700" in said and "significant 2 of 4 genes" in said
    check_whole(figure)


def test_density_is_the_sum_of_kernels() -> None:
    values = np.array([0.0, 1.0, 3.0])
    x, y = densities.density_curve(values)
    width = values.std(ddof=1) * 3 ** (-1 / 5)
    np.testing.assert_allclose(y, norm.pdf(x[:, None], values, width).mean(axis=1), rtol=1e-12)
    assert x.min() == 0.0 and x.max() == 3.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1, 1), max_size=30))
def test_density_is_finite_and_within_the_values(values: list[float]) -> None:
    x, y = densities.density_curve(np.array(values, dtype=float))
    assert len(x) == len(y) and np.isfinite(y).all() and (y >= 0).all()
    if len(x):
        assert x.min() == min(values) and x.max() == max(values) and (np.diff(x) > 0).all()


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.5, 0.5], [np.nan, np.nan], [np.nan, 0.1, np.inf]])
def test_densities_of_few_values(values: list[float], caplog: pytest.LogCaptureFixture) -> None:
    rows = pd.DataFrame({"series": "random", "gene_id": [str(i) for i in range(len(values))], "mae": values})
    rows = rows.astype({"mae": float})
    with caplog.at_level(logging.WARNING, "landmarks"):
        numbers = densities.metric_numbers(rows, "mae")
    finite = [value for value in values if np.isfinite(value)]
    assert numbers.loc[numbers["kind"] == "gene", "x"].tolist() == finite
    assert not (numbers["kind"] == "curve").any()
    assert ("not shown" in caplog.text) == (len(finite) < len(values))
    figure = densities.draw_targets(numbers, "few")
    # A rug of one line stands for the density that does not exist.
    assert len(figure.axes[0].lines) == bool(finite)
    assert ("no finite values" in texts(figure)) == (not finite)
    check_whole(figure)


def test_one_series_may_be_empty_beside_another() -> None:
    rows = target_frame().rename(columns={"selector": "series"})
    rows.loc[rows["series"] == "deeplift", "pcc"] = np.nan
    numbers = densities.metric_numbers(rows, "pcc")
    assert numbers.loc[numbers["series"] == "deeplift", "kind"].tolist() == ["nothing"]
    said = texts(densities.draw_targets(numbers, "half"))
    assert all(words in said for words in ("random", "40 genes", "DeepLIFT", "no finite values"))


def test_random_is_grey_and_dashed_and_no_two_series_look_alike() -> None:
    looks = style.looks_of(["random", *(f"selector{i}" for i in range(12))])
    assert looks["random"] == style.Look(style.GREY, "--")
    assert len(set(looks.values())) == 13


def test_pairs_count_the_better_panel() -> None:
    rows = pd.DataFrame(
        {
            "selector": ["a"] * 4 + ["b"] * 4,
            "gene_id": ["w", "x", "y", "z", "z", "y", "x", "v"],
            "mae": [0.1, 0.5, 0.7, np.nan, 0.3, 0.7, 0.9, 0.2],
        }
    )
    numbers = scatters.pair_numbers(rows, "mae", "a", "b")
    assert numbers[["gene_id", "x", "y", "better"]].values.tolist() == [
        ["x", 0.5, 0.9, "a"],
        ["y", 0.7, 0.7, "neither"],
    ]
    figure = scatters.draw_pairs(numbers, "a and b")
    drawn = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_array_equal(drawn, numbers[["x", "y"]])
    assert "a better\n50.0% of targets" in texts(figure) and "2 common targets, 1 equal" in texts(figure)
    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim()
    check_whole(figure)


def test_more_is_better_for_pcc_and_labels_stand_on_their_side() -> None:
    rows = pd.DataFrame({"selector": ["a", "b"], "gene_id": ["x", "x"], "pcc": [0.9, 0.5]})
    numbers = scatters.pair_numbers(rows, "pcc", "a", "b")
    assert numbers["better"].tolist() == ["a"]
    labels = [text for text in scatters.draw_pairs(numbers, "").axes[0].texts if "a better" in text.get_text()]
    assert labels[0].get_position()[1] < 0.5  # a is on the horizontal axis: under the diagonal


def test_many_pairs_become_hexagons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scatters, "MOST_POINTS", 30)
    numbers = scatters.pair_numbers(target_frame(), "mae", "deeplift", "random")
    figure = scatters.draw_pairs(numbers, "many")
    counts = figure.axes[0].collections[0].get_array()
    assert counts is not None and counts.sum() == len(numbers)
    check_whole(figure)


def test_no_common_pairs_are_said() -> None:
    rows = pd.DataFrame({"selector": ["a", "b"], "gene_id": ["x", "y"], "mae": [0.1, 0.2]})
    figure = scatters.draw_pairs(scatters.pair_numbers(rows, "mae", "a", "b"), "none")
    assert "no common targets" in texts(figure)


def test_pick_names_what_there_is() -> None:
    frame = pd.DataFrame({"model": ["dgex", "ridge"], "k": [10, 20]})
    assert pick(frame, model="ridge", k=20)["k"].tolist() == [20]
    assert pick(frame.head(0), model="ridge").empty
    with pytest.raises(LandmarksError, match="Expected rows with k = 10 among the results, found k = 20"):
        pick(frame, model="ridge", k=10)


def test_drop_missing_says_how_many(caplog: pytest.LogCaptureFixture) -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan, np.inf]})
    with caplog.at_level(logging.WARNING, "landmarks"):
        assert drop_missing(frame, ["x"], "PCC")["x"].tolist() == [1.0]
    assert "PCC: 2 of 3 rows" in caplog.text
