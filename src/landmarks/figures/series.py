"""Many series by panel size, each with its name beside it; and an axis that compresses what lies far off."""

import textwrap
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from scipy.optimize import isotonic_regression

from landmarks.figures.style import GREY, INK, Look, lighten, name_of

Floats = npt.NDArray[np.float64]
Transform = Callable[[Floats], Floats]

MARKERS = {"-": "o", ":": "s", "-.": "^", "--": "o"}
"""Of the line styles: series of one colour differ in their markers too."""
MODELS = ("ridge", "dgex", "knn", "mlp")
"""The order of facets; other models come after, by name."""
TINT = "#F5EFE3"
"""Behind the part of an axis that is compressed."""
CHANCE = "_chance"
"""Marks the line of the random panels' mean; matplotlib keeps such names out of legends."""
EVERYWHERE = (-np.inf, np.inf)
LINE = 0.145
"""Inches from one label's middle to the next."""


def in_order(models: pd.Series) -> list[str]:
    """Return the models that there are, in the order of their facets."""
    known = {model: place for place, model in enumerate(MODELS)}
    return sorted(models.unique(), key=lambda model: (known.get(model, len(known)), model))


def draw_sizes(axes: Axes, rows: pd.DataFrame, value: str, looks: dict[str, Look], chance: pd.DataFrame) -> None:
    """Draw a line a selector over the sizes, or where there is one size only, points from the worst to the best.

    Parameters
    ----------
    axes
        Where to draw; `label_series` names the lines when the vertical axis is settled.
    rows
        A row a selector and size: ``selector``, ``k``, and the columns `value`, `value` + ``_low`` and ``_high``.
    value
        The column on the vertical axis; more is better.
    looks
        Of all selectors.
    chance
        The grey band: ``k`` and the same columns; may be empty.
    """
    order = rows.groupby("selector")[value].mean().sort_values().index
    sizes = sorted({*rows["k"], *chance["k"]})
    single = len(sizes) == 1
    ends = (-1.0, float(max(len(order), 1)))
    _draw_band(axes, chance, value, ends if single else None)
    for place, selector in enumerate(order):
        own, look = rows[rows["selector"] == selector].sort_values("k"), looks[selector]
        aside = _shifted(sizes, 2 * place / (len(order) - 1) - 1 if len(order) > 1 else 0.0)
        x = np.array([float(place)]) if single else own["k"].map(aside).to_numpy()
        colour = _dark_enough(look.colour)
        axes.vlines(x, own[f"{value}_low"], own[f"{value}_high"], color=lighten(colour, 0.35), lw=0.9)
        axes.plot(
            x, own[value], color=colour, ls=look.line, lw=1.4, marker=MARKERS[look.line], ms=4,
            markeredgecolor="white", markeredgewidth=0.4, zorder=3, gid=selector,
        )  # fmt: skip
    if single:
        # One size is one place: the horizontal axis orders the selectors instead. With the best at the right, no
        # line to a name crosses a point.
        axes.set_xlim(ends)
        axes.set_xticks([])
        axes.set_xlabel(f"{sizes[0]:,} landmarks, from lowest to highest")
        return
    axes.set_xscale("log")
    # Half of the way to the next label of four figures, at this axis' width.
    apart = (sizes[-1] / sizes[0]) ** 0.13 if len(sizes) > 1 else 1
    labelled: list[int] = []
    for k in reversed(sizes):
        if not labelled or k * apart <= labelled[-1]:
            labelled.append(k)
    axes.set_xticks(sizes, [f"{k:,}" if k in labelled else "" for k in sizes])
    axes.minorticks_off()
    axes.set_xlabel("landmarks")


def _draw_band(axes: Axes, chance: pd.DataFrame, value: str, ends: tuple[float, float] | None) -> None:
    """Draw the band of random panels and their mean, from one end to the other where there is one size."""
    band = chance.sort_values("k")
    x, low, middle, high = (band[name].to_numpy() for name in ("k", f"{value}_low", value, f"{value}_high"))
    if ends and len(band):
        x = np.array(ends)
        low, middle, high = (np.repeat(part, 2) for part in (low, middle, high))
    light = lighten(GREY, 0.7)
    if len(x) == 1:
        # A band of one size among several has no width: a broad bar stands for it.
        axes.vlines(x, low, high, color=light, lw=9, zorder=0.7)
    else:
        axes.fill_between(x, low, high, color=light, lw=0, zorder=0.7)
    axes.plot(x, middle, color=GREY, ls="--", lw=1.2, marker="_" if len(x) == 1 else None, label=CHANCE)


def _shifted(sizes: list[int], place: float) -> dict[int, float]:
    """Return where on a logarithmic axis the points of a selector stand, so that bars do not hide each other.

    `place` runs from -1 to 1 over the selectors: up to 5% off the size, less where another size is close.
    """
    logs = np.log(sizes)
    gaps = np.diff(logs, prepend=-np.inf, append=np.inf)
    half = np.minimum(0.05, 0.3 * np.minimum(gaps[:-1], gaps[1:]))
    return dict(zip(sizes, np.exp(logs + place * half).tolist(), strict=True))


def _dark_enough(colour: str) -> str:
    """Return `colour`, darker if it is the palette's yellow, which thin lines on white would hide."""
    red, green, blue = to_rgb(colour)
    share = 0.82 if min(red, green) > 0.8 else 1.0
    return to_hex((red * share, green * share, blue * share))


def label_series(axes: Axes, inches: float, chance: str = "", even: tuple[float, float] = EVERYWHERE) -> None:
    """Write the selectors' names beside the right end of their lines, without overlaps.

    Parameters
    ----------
    axes
        From `draw_sizes`, its limits and scales settled.
    inches
        The height of the axes.
    chance
        What the dashed grey line is called; no name if empty.
    even
        Where the vertical axis is not compressed, as `compress` returns it: elsewhere, numbers stand by the names.
    """
    ends = [(name_of(str(line.get_gid())), line) for line in axes.lines if line.get_gid()]
    ends += [(chance, line) for line in axes.lines if chance and line.get_label() == CHANCE]
    drawn = [(text, line, np.asarray(line.get_xydata())) for text, line in ends]
    ends = [(text, line) for text, line, data in drawn if len(data)]
    points = np.array([data[-1] for _, _, data in drawn if len(data)])
    if not ends:
        return
    places = (axes.transScale + axes.transLimits).transform(points)
    is_log = axes.get_xscale() == "log"
    # A line that ends far from the margin is named where it ends: a long line to a name would look like a curve.
    early = is_log & (places[:, 0] < 0.7)
    for group in (np.flatnonzero(~early), np.flatnonzero(early)):
        ordered = group[np.argsort(places[group, 1], kind="stable")]
        for index, height in zip(ordered, spread(places[ordered, 1], LINE / inches), strict=True):
            text, line = ends[index]
            x, y = points[index]
            if not even[0] <= y <= even[1]:
                text += f" ({y:+.1f})".replace("-", "\N{MINUS SIGN}")
            arrow: dict[str, Any] = {"arrowstyle": "-", "lw": 0.7, "shrinkA": 1, "shrinkB": 3, "relpos": (0, 0.5)}
            arrow |= {"color": lighten(line.get_color(), 0.25), "ls": "-" if is_log else (0, (1, 2))}
            axes.annotate(
                text, (x, y), xytext=(places[index, 0] + 0.03 if early[index] else 1.07, height),
                textcoords="axes fraction", va="center", fontsize=7 if early[index] else 8,
                color=GREY if line.get_label() == CHANCE else INK, arrowprops=arrow, annotation_clip=False,
                path_effects=[withStroke(linewidth=2, foreground="white")] if early[index] else None, zorder=4,
            )  # fmt: skip


def spread(wanted: Floats, apart: float) -> Floats:
    """Return places as near to the `wanted` ones as can be, at least `apart` from each other.

    Parameters
    ----------
    wanted
        Ascending float64, from 0 to 1, shape (places,).
    apart
        The least distance; less if there is no room for it.

    Returns
    -------
    numpy.ndarray
        Float64 within 0 to 1, shape (places,): of all that keep the distance, those with the least squared shift.
    """
    apart = min(apart, 1 / max(len(wanted) - 1, 1))
    steps = apart * np.arange(len(wanted))
    places: Floats = np.clip(isotonic_regression(wanted - steps).x, 0, 1 - apart * (len(wanted) - 1)) + steps
    return places


def compress(axes: Axes, which: Literal["x", "y"], numbers: pd.DataFrame) -> tuple[float, float]:
    """Set scale, limits and ticks of a gain's axis; what lies far off is compressed, so that the rest has room.

    A selector far worse than chance would squash those of interest. Nothing is left out: the axis is even as far
    as the best selector, random panels and half of all selectors reach, and logarithmic beyond, which is tinted.

    Parameters
    ----------
    axes
        Whose axis it is; axes that share it follow.
    which
        The axis.
    numbers
        A row a selector or band: ``gain``, ``gain_low``, ``gain_high``, finite, in percent.

    Returns
    -------
    tuple of float
        From where to where the axis is even; `EVERYWHERE` if nothing is compressed.
    """
    ends = numbers[["gain", "gain_low", "gain_high"]].to_numpy(dtype=float)
    low, high = min(float(ends.min()), 0.0), max(float(ends.max()), 0.0)
    is_band = (numbers["kind"] == "band").to_numpy()
    reach = 1.25 * max(float(ends[:, 0].max()), float(np.abs(ends[is_band]).max(initial=0.0)), 0.01)
    # Half of the selectors are always within.
    middle = float(np.quantile(ends[~is_band, 0], 0.5, method="higher")) if not is_band.all() else 0.0
    floor = min(-reach, middle)
    # A little beyond is drawn as it is: two scales are harder to read than one.
    even_low = floor if low < 2 * floor else -np.inf
    even_high = reach if high > 2 * reach else np.inf
    forward, backward = _bend(even_low, even_high, (min(high, even_high) - max(low, even_low)) / 10)
    places = forward(np.array([low, high]))
    margin = max(0.04 * float(np.ptp(places)), 0.01)
    limits = backward(places + np.array([-margin, margin]))
    if np.isfinite([even_low, even_high]).any():
        getattr(axes, f"set_{which}scale")("function", functions=(forward, backward))
        spans: dict[str, Callable[..., object]] = {"x": axes.axvspan, "y": axes.axhspan}
        lines: dict[str, Callable[..., object]] = {"x": axes.axvline, "y": axes.axhline}
        for edge, limit in zip((even_low, even_high), limits, strict=True):
            if np.isfinite(edge):
                spans[which](edge, limit, color=TINT, lw=0, zorder=0)
                lines[which](edge, color=GREY, ls=":", lw=0.8, zorder=0.6)
    ticks = _ticks(limits, (even_low, even_high), forward, {"x": 0.18, "y": 0.11}[which])
    getattr(axes, f"set_{which}ticks")(ticks, [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks])
    getattr(axes, f"set_{which}lim")(limits)
    return even_low, even_high


def _bend(even_low: float, even_high: float, pace: float) -> tuple[Transform, Transform]:
    """Return a scale and its inverse: even from `even_low` to `even_high`, logarithmic beyond, without a corner."""

    def forward(values: Floats) -> Floats:
        inside = np.clip(values, even_low, even_high)
        beyond = values - inside
        bent: Floats = inside + np.sign(beyond) * pace * np.log1p(np.abs(beyond) / pace)
        return bent

    def backward(values: Floats) -> Floats:
        inside = np.clip(values, even_low, even_high)
        beyond = values - inside
        # Matplotlib also asks for places far outside the figure.
        straight: Floats = inside + np.sign(beyond) * pace * np.expm1(np.minimum(np.abs(beyond) / pace, 50))
        return straight

    return forward, backward


def _ticks(limits: Floats, even: tuple[float, float], forward: Transform, room: float) -> list[float]:
    """Return even ticks where the axis is even, and round numbers beyond, `room` (a share of the axis) apart."""
    low, high = max(even[0], limits[0]), min(even[1], limits[1])
    start, stop = forward(limits)
    most = max(int((high - low) / (stop - start) / room), 2)
    places = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [round(float(tick), 6) for tick in places if low <= tick <= high]
    for size in (round(digit * 10.0**power, 3) for power in range(-2, 6) for digit in (1, 1.5, 2, 3, 5, 7)):
        for tick in (-size, size):
            near = np.abs(forward(np.array([tick])) - forward(np.array(ticks))).min(initial=np.inf)
            if not low <= tick <= high and limits[0] <= tick <= limits[1] and near >= room * (stop - start):
                ticks.append(tick)
    return sorted(ticks)


def note(figure: Figure, text: str, colour: str = GREY) -> None:
    """Write under a figure how it is read, in lines that are not wider than the figure."""
    # A letter of this size is 0.058 inches wide on the average.
    most = int(figure.get_size_inches()[0] / 0.058)
    lines = [textwrap.fill(line, most) for line in text.split("\n")]
    figure.supxlabel("\n".join(lines), fontsize=8, color=colour)
