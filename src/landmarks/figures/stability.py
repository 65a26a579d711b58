"""Stability: how much of a panel is chosen again from other samples or with another seed."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from landmarks.errors import LandmarksError, name_some
from landmarks.figures.frames import drop_missing, pick
from landmarks.figures.series import draw_sizes, label_series, note
from landmarks.figures.style import GREY, OKABE_ITO, looks_of, name_of, say, styled

BETWEEN = ("folds", "seeds")
KAPPAS = ["kappa", "kappa_low", "kappa_high"]
COLUMNS = ["kind", "between", "selector", "k", *KAPPAS, "panels", "of", "genes"]
MOST_NAMED = 12
"""Bars under which there is room for "3 of 4"; with more, numbers alone stand there."""


def stability_numbers(overlap: pd.DataFrame, frequency: pd.DataFrame, selector: str, k: int) -> pd.DataFrame:
    """Return all that the figure of stability shows.

    Parameters
    ----------
    overlap
        As `landmarks.stability.overlap_of` returns it: ``selector``, ``k``, ``between`` (`folds` or `seeds`),
        ``kappa``, ``kappa_low``, ``kappa_high``, of which rows without a number are left out.
    frequency
        As `landmarks.stability.frequency_of` returns it, a row a selector, size and gene that was ever chosen:
        ``selector``, ``k``, ``panels`` (how many there are) and ``frequency`` (the share of them with the gene).
    selector, k
        Whose genes are counted.

    Returns
    -------
    pandas.DataFrame
        ``kind``: `overlap` (``between``, ``selector``, ``k``, ``kappa``, ``kappa_low``, ``kappa_high``) or `genes`
        (``selector``, ``k``, and how many ``genes`` are in just so many ``panels`` ``of`` all).

    Raises
    ------
    LandmarksError
        If `frequency` has rows, but none of the selector and size, or its numbers do not agree with each other.

    References
    ----------
    Kuncheva, L. I. (2007) A stability index for feature selection: the kappa.
    """
    pairs = drop_missing(overlap[["between", "selector", "k", *KAPPAS]], KAPPAS, "Overlaps")
    parts = [pairs.assign(kind="overlap")]
    rows = pick(frequency, selector=selector, k=k)
    if len(rows):
        of, held = int(rows["panels"].iloc[0]), rows["panels"] * rows["frequency"]
        if rows["panels"].nunique() > 1 or not np.allclose(held, held.round(), atol=1e-3):
            raise LandmarksError(
                f"Expected in every row the number of panels of {selector}, and the share of them that holds the gene, "
                f"found {name_some(sorted(rows['panels'].unique()))} panels, and {held.min():g} to {held.max():g} "
                "of them.",
                hint="run assess_stability anew: the rows do not belong together.",
            )
        counts = held.round().astype(int).value_counts().reindex(range(1, of + 1), fill_value=0)
        genes = {"panels": counts.index, "of": of, "genes": counts.to_numpy()}
        parts.append(pd.DataFrame(genes).assign(kind="genes", selector=selector, k=k))
    numbers = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True).reindex(columns=COLUMNS)
    order = ["kind", "between", "selector", "k", "panels"]
    return numbers.sort_values(order, ascending=[False] + [True] * 4, ignore_index=True)


@styled
def draw_stability(numbers: pd.DataFrame, title: str) -> Figure:
    """Draw the figure from `stability_numbers`: kappa by size, and how often the genes of one panel are chosen."""
    overlap, genes = (numbers[numbers["kind"] == kind] for kind in ("overlap", "genes"))
    found = [between for between in BETWEEN if (overlap["between"] == between).any()]
    names = sorted(set(overlap["selector"]))
    longest = max((len(name_of(name)) for name in names), default=0)
    count = max(len(found), 1)
    widths = [3.3] * count + [3.3]
    # The names stand between the axes.
    figure = Figure(figsize=(sum(widths) + 0.5 + 0.065 * longest * len(found), max(4.0, 1.6 + 0.16 * len(names))))
    figure.suptitle(title)
    facets = figure.subplots(1, count + 1, width_ratios=widths)
    looks = looks_of(names)
    low = min(float(overlap["kappa_low"].min()), 0.0) if found else 0.0
    for axes, between in zip(facets, found, strict=False):
        rows = overlap[overlap["between"] == between]
        axes.axhline(0, color=GREY, ls="--", lw=1.2)
        draw_sizes(axes, rows, "kappa", looks, rows.head(0))
        axes.set_ylim(low - 0.04, 1.04)
        axes.set_title(f"between {between}")
    facets[0].set_ylabel("kappa (0: as by chance, 1: the same genes)")
    if not found:
        say(facets[0], "no two panels to compare")
        facets[0].set(xticks=[], yticks=[])
    _draw_genes(facets[-1], genes)
    note(figure, "left: mean over pairs of panels, bars from the least to the greatest; right: genes ever chosen")
    figure.draw_without_rendering()  # lets the layout settle: how far apart labels must be hangs on it
    for axes in facets[: len(found)]:
        label_series(axes, axes.get_window_extent().height / figure.dpi)
    return figure


def _draw_genes(axes: Axes, genes: pd.DataFrame) -> None:
    """Draw a bar for each number of panels: how many genes are in just so many."""
    if genes.empty:
        say(axes, "no gene was chosen")
        axes.set(xticks=[], yticks=[])
        return
    first = genes.iloc[0]
    of, k = int(first["of"]), int(first["k"])
    bars = axes.bar(genes["panels"].astype(int), genes["genes"], width=0.8, color=OKABE_ITO[0])
    axes.set_title(f"{name_of(str(first['selector']))}, {k:,} landmarks")
    axes.set_ylabel("genes")
    axes.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    if of <= MOST_NAMED:
        axes.bar_label(bars, [f"{int(count):,}" for count in genes["genes"]], fontsize=8, padding=2)
        axes.set_xticks(range(1, of + 1), [*map(str, range(1, of)), "all"] if of > 1 else ["all"])
    axes.set_xlabel(f"chosen in so many of {of:,} panels" if of > 1 else "chosen in the one panel")
    axes.set_xlim(0.4, of + 0.6)
    axes.margins(y=0.1)
