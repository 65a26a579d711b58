"""The figure of stability: exactly these numbers, legible names, and a figure also of nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_data import check_whole, texts
from matplotlib.patches import Rectangle

from landmarks.errors import LandmarksError
from landmarks.figures.stability import COLUMNS, draw_stability, stability_numbers
from landmarks.files import read_frame, write_frame
from landmarks.stability import frequency_of, overlap_of
from landmarks.steps import draw_stability as step


def frames(
    names: tuple[str, ...] = ("crossfit", "random"),
    betweens: tuple[str, ...] = ("folds", "seeds"),
    sizes: tuple[int, ...] = (3, 6),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return overlaps and frequencies: of crossfit's genes, two are in all of four panels, one in three, one in one."""
    rows = [
        {"selector": name, "k": k, "between": between, "pairs": 6, "shared": 1.0, "kappa": 0.5 / (1 + place)}
        for place, name in enumerate(names)
        for between in betweens
        for k in sizes
    ]
    overlap = pd.DataFrame(rows)
    genes = {"gene_id": list("abcd"), "panels": 4, "frequency": [1.0, 1.0, 0.75, 0.25], "mean_rank": 1.0}
    frequency = pd.DataFrame(genes).assign(selector="crossfit", k=3)
    return overlap.assign(kappa_low=overlap["kappa"] - 0.1, kappa_high=overlap["kappa"] + 0.2), frequency


def test_numbers_are_what_is_drawn() -> None:
    numbers = stability_numbers(*frames(), "crossfit", 3)
    assert list(numbers) == COLUMNS
    genes = numbers[numbers["kind"] == "genes"]
    assert genes[["panels", "of", "genes"]].to_numpy().tolist() == [[1, 4, 1], [2, 4, 0], [3, 4, 1], [4, 4, 2]]
    assert (numbers["kind"] == "overlap").sum() == 8
    figure = draw_stability(numbers, "title")
    folds, seeds, right = figure.axes
    assert (folds.get_title("left"), seeds.get_title("left")) == ("between folds", "between seeds")
    drawn = {line.get_gid(): np.asarray(line.get_ydata()).tolist() for line in folds.lines if line.get_gid()}
    assert drawn == {"crossfit": [0.5, 0.5], "random": [0.25, 0.25]}
    bars = [np.asarray(path.vertices)[:, 1].tolist() for bars in folds.collections for path in bars.get_paths()]
    assert [0.4, 0.7] in bars
    assert [bar.get_bbox().height for bar in right.patches if isinstance(bar, Rectangle)] == [1, 0, 1, 2]
    assert [tick.get_text() for tick in right.get_xticklabels()] == ["1", "2", "3", "all"]
    check_whole(figure)


def test_fifteen_long_names_at_one_size_are_not_cut() -> None:
    names = tuple(f"a_selector_with_a_very_long_name_{i}" for i in range(15))
    overlap, frequency = frames(names, sizes=(3,))
    figure = draw_stability(stability_numbers(overlap, frequency, "crossfit", 3), "title")
    check_whole(figure)
    # The names between two axes end before the next one's numbers.
    for one, other in zip(figure.axes, figure.axes[1:], strict=False):
        box = other.get_tightbbox()
        assert box is not None
        assert len(one.texts) == 15 and all(text.get_window_extent().x1 < box.x0 for text in one.texts)


def test_folds_alone_have_one_facet() -> None:
    figure = draw_stability(stability_numbers(*frames(("crossfit",), ("folds",)), "crossfit", 3), "title")
    assert [axes.get_title("left") for axes in figure.axes] == ["between folds", "crossfit, 3 landmarks"]
    check_whole(figure)


def test_many_panels_and_one() -> None:
    overlap, frequency = frames()
    for of in (1, 40):
        rows = frequency.head(1).assign(panels=of, frequency=1 / of)
        figure = draw_stability(stability_numbers(overlap, rows, "crossfit", 3), "title")
        assert [bar.get_bbox().height for bar in figure.axes[-1].patches if isinstance(bar, Rectangle)] == [1] + [0] * (
            of - 1
        )
        check_whole(figure)


def test_the_frames_of_the_assessment_are_read() -> None:
    rows = [
        {"fold": fold, "selector": "crossfit", "k": 2, "seed": 0, "gene_id": gene, "rank": rank}
        for fold, genes in enumerate(("ab", "ac", "ab"))
        for rank, gene in enumerate(genes, 1)
    ]
    panels = pd.DataFrame(rows)
    numbers = stability_numbers(overlap_of(panels, 10), frequency_of(panels), "crossfit", 2)
    # a is in all three, b in two, c in one; shared are 1/2, 1 and 1/2, and by chance 1/5.
    assert numbers.loc[numbers["kind"] == "genes", "genes"].tolist() == [1, 1, 1]
    assert numbers[["kappa", "kappa_low", "kappa_high"]].to_numpy()[0].tolist() == pytest.approx([7 / 12, 3 / 8, 1])


def test_overlaps_that_are_not_defined_are_left_out() -> None:
    overlap, frequency = frames()
    lacking = overlap.assign(kappa=np.nan, kappa_low=np.nan, kappa_high=np.nan)
    numbers = stability_numbers(lacking, frequency, "crossfit", 3)
    assert set(numbers["kind"]) == {"genes"} and "no two panels to compare" in texts(draw_stability(numbers, "title"))


def test_nothing_is_said() -> None:
    overlap, frequency = frames()
    numbers = stability_numbers(overlap.head(0), frequency.head(0), "crossfit", 3)
    assert numbers.empty and list(numbers) == COLUMNS
    said = texts(draw_stability(numbers, "title"))
    assert "no two panels to compare" in said and "no gene was chosen" in said


def test_numbers_that_do_not_agree_are_refused() -> None:
    overlap, frequency = frames()
    for panels in (5, [4, 4, 3, 1]):
        with pytest.raises(LandmarksError, match=r"number of panels of crossfit[\s\S]*Hint"):
            stability_numbers(overlap, frequency.assign(panels=panels), "crossfit", 3)
    with pytest.raises(LandmarksError, match="k = 50"):
        stability_numbers(overlap, frequency, "crossfit", 50)


def test_the_step_writes_the_same_twice(tmp_path: Path) -> None:
    for name, frame in zip(("overlap", "frequency"), frames(), strict=True):
        write_frame(frame, tmp_path / name)
    for name in ("one", "two"):
        step.main(
            overlap=tmp_path / "overlap",
            frequency=tmp_path / "frequency",
            selector="crossfit",
            k=3,
            out=tmp_path / name,
        )
    for suffix in (".pdf", ".png", ".parquet"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    shown = read_frame(tmp_path / "one.parquet")
    assert list(shown) == COLUMNS and len(shown) == 12
