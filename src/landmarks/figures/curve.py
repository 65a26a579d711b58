"""The size curve: how far each selector is ahead of chance, by panel size."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from landmarks.figures.style import GREY, lighten, looks_of, name_of, say, styled

BAND = (2.5, 97.5)
"""Percentiles of the random panels that the band spans."""
COLUMNS = ["kind", "model", "k", "selector", "gain", "gain_low", "gain_high"]


def curve_numbers(selectors: pd.DataFrame, panels: pd.DataFrame) -> pd.DataFrame:
    """Return all that the size curve shows.

    Parameters
    ----------
    selectors, panels
        Of one view, as `landmarks.arena.summarise_arena` returns them.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (`selector`, with its 95% interval over groups, or `band`, the middle 95% of the random panels),
        ``model``, ``k``, ``selector``, ``gain``, ``gain_low``, ``gain_high``: by how many percent the MAE is
        under the random panels' mean.
    """
    shown = selectors[selectors["selector"] != "random"].assign(kind="selector")
    bands = []
    for (model, k), rows in panels[panels["selector"] == "random"].groupby(["model", "k"]):
        high, low = np.percentile(100 * (1 - rows["mae"] / rows["mae"].mean()), BAND[::-1])
        bands.append(["band", model, k, "random", 0.0, low, high])
    numbers = pd.concat([shown[COLUMNS], pd.DataFrame(bands, columns=COLUMNS)], ignore_index=True)
    return numbers.sort_values(["model", "kind", "selector", "k"], ignore_index=True)


@styled
def draw_curve(numbers: pd.DataFrame, title: str) -> Figure:
    """Draw the size curve from `curve_numbers`, one facet a model."""
    models = sorted(numbers["model"].unique(), reverse=True)
    figure = Figure(figsize=(2.2 + 3.6 * max(len(models), 1), 4.2))
    figure.suptitle(title)
    facets = figure.subplots(1, max(len(models), 1), sharey=True, squeeze=False)[0]
    if not models:
        say(facets[0], "no panel was judged")
    looks = looks_of(sorted(set(numbers["selector"])))
    for axes, model in zip(facets, models, strict=False):
        rows = numbers[numbers["model"] == model]
        band = rows[rows["kind"] == "band"].sort_values("k")
        axes.fill_between(band["k"], band["gain_low"], band["gain_high"], color=lighten(GREY, 0.6), lw=0)
        axes.plot(band["k"], band["gain"], color=GREY, ls="--", label="random: mean, middle 95%")
        curves = dict(list(rows[rows["kind"] == "selector"].groupby("selector")))
        # The legend reads from the best to the worst.
        for selector in sorted(curves, key=lambda name: -curves[name]["gain"].mean()):
            own, look = curves[selector].sort_values("k"), looks[selector]
            reach = [own["gain"] - own["gain_low"], own["gain_high"] - own["gain"]]
            axes.errorbar(
                own["k"], own["gain"], yerr=reach, color=look.colour, ls=look.line, marker="o", ms=3.5,
                elinewidth=0.8, capsize=2, label=name_of(selector),
            )  # fmt: skip
        axes.set_xscale("log")
        sizes: list[int] = []
        for k in sorted(rows["k"].unique()):
            # Two labels this close would overlap.
            if not sizes or k > 1.1 * sizes[-1]:
                sizes.append(k)
        axes.set_xticks(sizes, [f"{k:,}" for k in sizes])
        axes.minorticks_off()
        axes.set_title(name_of(model))
        axes.set_xlabel("landmarks (bars: 95% over groups)")
    facets[0].set_ylabel("MAE under the random panels' mean (%)")
    if models:
        figure.legend(*facets[0].get_legend_handles_labels(), loc="outside right center")
    return figure
