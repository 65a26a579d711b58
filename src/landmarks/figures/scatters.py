"""Two panels compared target by target: figures 3c and 3d."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from landmarks.figures.frames import drop_missing, pick
from landmarks.figures.style import GREY, INK, METRICS, OKABE_ITO, name_of, say, styled

MOST_POINTS = 20_000
"""Above this, points hide each other and hexagons are counted instead."""


def pair_numbers(targets: pd.DataFrame, metric: str, selector_a: str, selector_b: str) -> pd.DataFrame:
    """Return all that figure 3c or 3d shows: a row a target that both selectors' panels infer.

    Parameters
    ----------
    targets
        A row a selector and target: ``selector``, ``gene_id`` and the column `metric`.
    metric
        ``mae`` (less is better) or ``pcc`` (more is better).
    selector_a, selector_b
        The panels on the horizontal and on the vertical axis.

    Returns
    -------
    pd.DataFrame
        ``kind`` (`gene`), ``metric``, ``gene_id``, ``selector_x``, ``selector_y``, ``x``, ``y`` and
        ``better``: the selector that is better, or `neither`.

    Raises
    ------
    LandmarksError
        If there are targets, but none of one of the selectors.
    """
    sides = [
        pick(targets, selector=selector)[["gene_id", metric]].rename(columns={metric: axis})
        for selector, axis in ((selector_a, "x"), (selector_b, "y"))
    ]
    pairs = sides[0].merge(sides[1], on="gene_id", validate="one_to_one")
    pairs = drop_missing(pairs, ["x", "y"], f"{metric.upper()} of {selector_a} and {selector_b}")
    lead = (pairs["y"] - pairs["x"]) * (1 if metric == "mae" else -1)
    return pd.DataFrame(
        {
            "kind": "gene",
            "metric": metric,
            "gene_id": pairs["gene_id"],
            "selector_x": selector_a,
            "selector_y": selector_b,
            "x": pairs["x"].astype(float),
            "y": pairs["y"].astype(float),
            "better": np.select([lead > 0, lead < 0], [selector_a, selector_b], "neither"),
        }
    ).reset_index(drop=True)


@styled
def draw_pairs(numbers: pd.DataFrame, title: str) -> Figure:
    """Draw figure 3c or 3d from `pair_numbers`: a point a target, or hexagons above `MOST_POINTS` targets."""
    figure = Figure(figsize=(5.6, 5.4))
    axes = figure.subplots()
    figure.suptitle(title)
    axes.set_aspect("equal")
    if numbers.empty:
        say(axes, "no common targets with finite values")
        axes.set(xticks=[], yticks=[])
        return figure
    metric, name_a, name_b = (str(numbers[column].iloc[0]) for column in ("metric", "selector_x", "selector_y"))
    x, y = numbers["x"].to_numpy(), numbers["y"].to_numpy()
    low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
    margin = 0.04 * (high - low) or 0.05
    limits = (low - margin, high + margin)
    if len(numbers) > MOST_POINTS:
        hexagons = axes.hexbin(
            x, y, gridsize=60, extent=limits * 2, bins="log", mincnt=1, cmap="cividis", linewidths=0.1
        )
        figure.colorbar(hexagons, ax=axes, label="targets per hexagon", shrink=0.6, aspect=25)
    else:
        # Large scatters as pixels: a PDF of 10,000 vector circles is slow to open.
        axes.scatter(x, y, s=7, color=OKABE_ITO[0], alpha=0.35, linewidths=0, rasterized=len(x) > 500)
    axes.plot(limits, limits, color=INK, linewidth=0.9, linestyle="--", zorder=3)
    axes.set(xlim=limits, ylim=limits)
    axes.set_xlabel(f"{METRICS[metric]}, {name_of(name_a)}")
    axes.set_ylabel(f"{METRICS[metric]}, {name_of(name_b)}")
    axes.set_title(_counts(numbers), color=GREY, fontsize=8)
    above, below = (name_a, name_b) if metric == "mae" else (name_b, name_a)
    frame = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5}
    for selector, place, side in ((above, 0.02, "left"), (below, 0.98, "right")):
        share = (numbers["better"] == selector).mean()
        axes.text(
            place,
            1 - place,
            f"{name_of(selector)} better\n{share:.1%} of targets",
            transform=axes.transAxes,
            ha=side,
            va="top" if side == "left" else "bottom",
            bbox=frame,
            fontweight="bold" if selector == name_a else "normal",
        )
    return figure


def _counts(numbers: pd.DataFrame) -> str:
    ties = int((numbers["better"] == "neither").sum())
    return f"{len(numbers):,} common targets" + (f", {ties:,} equal" if ties else "")
