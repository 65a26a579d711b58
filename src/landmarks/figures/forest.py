"""The forest: how far each selector is ahead of chance, a row a selector, with MAE and p beside it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from landmarks.figures.curve import BENT, GAINS, READING, random_bands
from landmarks.figures.series import EVERYWHERE, compress, in_order, note
from landmarks.figures.style import GREY, INK, OKABE_ITO, lighten, name_of, say, styled

COLUMNS = ["kind", "model", "k", "selector", "mae", *GAINS, "p_holm"]
SIGNIFICANT = 0.05
MOST_WITH_P = 3
"""Facets beside which there is room for p; with more, the dots alone say what is significant."""
MAE_AT, P_AT = 1.04, 1.24
"""Where the columns of text begin, in widths of a facet."""


def forest_numbers(selectors: pd.DataFrame, panels: pd.DataFrame) -> pd.DataFrame:
    """Return all that the forest shows.

    Parameters
    ----------
    selectors, panels
        Of one view, as `landmarks.standings.summarise_arena` returns them.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (`selector`, or `band`, the middle 95% of the random panels), ``model``, ``k``, ``selector``,
        ``mae`` (z-score units; of a band, the random panels' mean), ``gain``, ``gain_low``, ``gain_high``: by how
        many percent the MAE is under the random panels' mean, with its 95% interval over groups, and ``p_holm``.
        Best first. Without random panels gains and p are missing.
    """
    shown = selectors[selectors["selector"] != "random"].assign(kind="selector")
    means = panels[panels["selector"] == "random"].groupby(["model", "k"], as_index=False)["mae"].mean()
    bands = random_bands(panels).merge(means, how="left", on=["model", "k"]).assign(p_holm=np.nan)
    parts = [part[COLUMNS] for part in (shown, bands) if len(part)]
    numbers = pd.concat(parts, ignore_index=True) if parts else shown[COLUMNS]
    return numbers.sort_values(
        ["model", "k", "kind", "gain", "mae", "selector"], ascending=[True] * 3 + [False, True, True], ignore_index=True
    )


@styled
def draw_forest(numbers: pd.DataFrame, title: str) -> Figure:
    """Draw the forest from `forest_numbers`: a facet a model and size, the rows from the best mean gain to the worst.

    Dots are coloured where p, corrected for all selectors, is under 0.05: blue better, orange worse than chance.
    """
    rows = numbers[numbers["kind"] == "selector"]
    facets = [
        (model, k) for model in in_order(rows["model"]) for k in sorted(rows.loc[rows["model"] == model, "k"].unique())
    ]
    # Without gains, the MAE orders the rows.
    means = rows.groupby("selector")[["gain", "mae"]].mean().sort_values(["gain", "mae"], ascending=[False, True])
    names = means.index.tolist()
    count = max(len(facets), 1)
    with_p = count <= MOST_WITH_P and bool(rows["p_holm"].notna().any())
    longest = max((len(name_of(name)) for name in names), default=0)
    each = (1.7 if count > MOST_WITH_P else 2.6) + (1.0 if with_p else 0.5)
    figure = Figure(figsize=(max(0.8 + 0.075 * longest + each * count, 6.4), max(2.2 + 0.23 * len(names), 3.0)))
    figure.suptitle(title)
    grid = figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0]
    if not facets:
        say(grid[0], "no panel was judged")
        grid[0].set(xticks=[], yticks=[])
        return figure
    drawn = numbers.dropna(subset=GAINS)
    even = EVERYWHERE
    for axes, (model, k) in zip(grid, facets, strict=True):
        own = numbers[(numbers["model"] == model) & (numbers["k"] == k)]
        if len(drawn):
            even = compress(axes, "x", drawn)
        _draw_facet(axes, own, names, with_p, even)
        axes.set_title(_facet_title(facets, model, k))
    reading = f"{READING}; coloured: corrected p < {SIGNIFICANT}" + BENT * (even != EVERYWHERE)
    note(figure, f"MAE under the random panels' mean (%)\n{reading}" if len(drawn) else "MAE in z-score units", INK)
    return figure


def _draw_facet(axes: Axes, own: pd.DataFrame, names: list[str], with_p: bool, even: tuple[float, float]) -> None:
    """Draw one model and size: intervals and dots, the band, and the columns of text at the right."""
    across = axes.get_yaxis_transform()
    for row in own[own["kind"] == "band"].to_dict("records"):
        axes.axvspan(row["gain_low"], row["gain_high"], color=lighten(GREY, 0.7), lw=0, zorder=0.7)
        axes.axvline(row["gain"], color=GREY, ls="--", lw=1.2, zorder=1)
    axes.hlines(range(len(names)), 0, 1, transform=across, color="#E4E4E4", lw=0.5, zorder=0.5)
    found = {row["selector"]: row for row in own[own["kind"] == "selector"].to_dict("records")}
    for place, name in enumerate(names):
        if name not in found:
            axes.text(MAE_AT, place, "–", transform=across, va="center", fontsize=7.5, color=GREY)
            continue
        row = found[name]
        # Also false where p is missing.
        passed = row["p_holm"] < SIGNIFICANT
        colour = OKABE_ITO[row["gain"] < 0] if passed else GREY
        if np.isfinite(row["gain"]):
            axes.hlines(place, row["gain_low"], row["gain_high"], color=colour, lw=1.4, zorder=2)
            axes.plot(
                row["gain"], place, "o", color=colour, ms=5.5, markerfacecolor=colour if passed else "white", zorder=3
            )
            if not even[0] <= row["gain"] <= even[1]:
                said = f"{row['gain']:+.1f}".replace("-", "\N{MINUS SIGN}")
                axes.annotate(
                    said, (row["gain_high"], place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=7
                )
        axes.text(MAE_AT, place, f"{row['mae']:.3f}", transform=across, va="center", fontsize=7.5)
        if with_p:
            axes.text(P_AT, place, _say_p(row["p_holm"]), transform=across, va="center", fontsize=7.5)
    heads = [(MAE_AT, "MAE")] + [(P_AT, "p (Holm)")] * with_p
    for x, text in heads:
        axes.text(x, 1.01, text, transform=axes.transAxes, va="bottom", fontsize=7.5, color=GREY)
    if not own["gain"].notna().any():
        say(axes, "no random panels to compare with")
        axes.texts[-1].set_bbox({"facecolor": "white", "edgecolor": "none"})
        axes.set_xticks([])
    axes.set_yticks(range(len(names)), [name_of(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _facet_title(facets: list[tuple[str, int]], model: str, k: int) -> str:
    """Return what tells the facet from the others: the model, the size, or both."""
    one_model = len({model for model, _ in facets}) == 1
    one_size = len({k for _, k in facets}) == 1
    size = f"{k:,} landmarks"
    return size if one_model and not one_size else f"{name_of(model)}\n{size}"


def _say_p(p: float) -> str:
    if not np.isfinite(p):
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"
