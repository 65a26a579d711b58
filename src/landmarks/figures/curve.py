"""The size curve: how far each selector is ahead of chance, by panel size."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from landmarks.figures.frames import drop_missing
from landmarks.figures.series import EVERYWHERE, compress, draw_sizes, in_order, label_series, note
from landmarks.figures.style import looks_of, name_of, say, styled

BAND = (2.5, 97.5)
"""Percentiles of the random panels that the band spans."""
COLUMNS = ["kind", "model", "k", "selector", "gain", "gain_low", "gain_high"]
GAINS = COLUMNS[4:]
READING = "bars: 95% over groups; grey: random panels, mean and middle 95%"
BENT = "; tinted: axis compressed"


def random_bands(panels: pd.DataFrame) -> pd.DataFrame:
    """Return the middle 95% of the random panels, by model and size.

    Parameters
    ----------
    panels
        A row a panel: ``model``, ``k``, ``selector``, ``mae``.

    Returns
    -------
    pandas.DataFrame
        The `COLUMNS`, ``kind`` being `band`: percent of the random panels' mean, which is at 0.
    """
    bands = []
    for (model, k), rows in panels[panels["selector"] == "random"].groupby(["model", "k"]):
        high, low = np.percentile(100 * (1 - rows["mae"] / rows["mae"].mean()), BAND[::-1])
        bands.append(["band", model, k, "random", 0.0, low, high])
    return pd.DataFrame(bands, columns=COLUMNS)


def curve_numbers(selectors: pd.DataFrame, panels: pd.DataFrame) -> pd.DataFrame:
    """Return all that the size curve shows.

    Parameters
    ----------
    selectors, panels
        Of one view, as `landmarks.standings.summarise_arena` returns them.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (`selector`, with its 95% interval over groups, or `band`, the middle 95% of the random panels),
        ``model``, ``k``, ``selector``, ``gain``, ``gain_low``, ``gain_high``: by how many percent the MAE is
        under the random panels' mean. Without random panels there is no gain, and no row.
    """
    shown = selectors[selectors["selector"] != "random"].assign(kind="selector")
    parts = [drop_missing(shown[COLUMNS], GAINS, "Gains over chance"), random_bands(panels)]
    numbers = pd.concat([part for part in parts if len(part)] or parts[1:], ignore_index=True)
    return numbers.sort_values(["model", "kind", "selector", "k"], ignore_index=True)


@styled
def draw_curve(numbers: pd.DataFrame, title: str) -> Figure:
    """Draw the size curve from `curve_numbers`, one facet a model.

    A line's name stands beside its right end. A model that was judged at one size has points without a line,
    from the worst selector to the best.
    """
    models = in_order(numbers["model"])
    names = sorted(set(numbers["selector"]))
    longest = max((len(name_of(name)) for name in names), default=0)
    columns = min(max(len(models), 1), 2)
    rows = -(-max(len(models), 1) // 2)
    height = max(3.8, 1.4 + 0.16 * len(names))
    figure = Figure(figsize=(max(columns * (3.9 + 0.065 * longest), 5.5), 0.6 + rows * height))
    figure.suptitle(title)
    facets = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for axes in facets[max(len(models), 1) :]:
        axes.remove()
    if not models:
        say(facets[0], "no panel was judged against random ones")
        facets[0].set(xticks=[], yticks=[])
        return figure
    looks = looks_of(names)
    even = EVERYWHERE
    for axes, model in zip(facets, models, strict=False):
        own = numbers[numbers["model"] == model]
        is_band = own["kind"] == "band"
        draw_sizes(axes, own[~is_band], "gain", looks, own[is_band])
        even = compress(axes, "y", numbers)
        axes.set_title(name_of(model))
    figure.supylabel("MAE under the random panels' mean (%)", fontsize=9)
    note(figure, READING + BENT * (even != EVERYWHERE))
    figure.draw_without_rendering()  # lets the layout settle: how far apart labels must be hangs on it
    for axes in facets[: len(models)]:
        label_series(axes, axes.get_window_extent().height / figure.dpi, "random", even)
    return figure
