"""Over-represented terms of a panel: figure 5a."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from landmarks.enrichment import SIGNIFICANT
from landmarks.figures.frames import drop_missing
from landmarks.figures.style import GREY, OKABE_ITO, say, styled

SMALLEST = 1e-300
"""Stands for a probability of 0, which is one too small for a float64 and has no logarithm."""


def term_numbers(enrichment: pd.DataFrame, controls: pd.DataFrame, most: int = 20) -> pd.DataFrame:
    """Return all that figure 5a shows.

    Parameters
    ----------
    enrichment
        A row a term: ``term_id``, ``term_name``, ``n_background``, ``n_term``, ``n_panel``, ``n_overlap``
        (genes), ``fold``, ``p``, ``q``.
    controls
        A row a random panel: ``replicate`` and ``n_significant``, the terms with q < 0.05.
    most
        How many terms to show, those with the smallest q, then p.

    Returns
    -------
    pd.DataFrame
        ``kind``: `term` (the columns of `enrichment`, ``quantity``, which is ``q``, or ``p`` where no term
        has q < 0.05, and ``x`` = -log10 of it), `panel` (``n_significant`` and ``n_tested`` of the panel
        itself) and `control` (the rows of `controls`).
    """
    tested = drop_missing(enrichment, ["p", "q"], "Terms")
    passed = int((tested["q"] < SIGNIFICANT).sum())
    quantity = "q" if passed else "p"
    shown = tested.sort_values(["q", "p", "term_id"]).head(most).drop(columns="genes", errors="ignore")
    shown = shown.assign(quantity=quantity, x=-np.log10(shown[quantity].clip(lower=SMALLEST).astype(float)))
    # "Significant" has one definition here and in the controls, or the two numbers could not be compared.
    panel = pd.DataFrame({"kind": ["panel"], "n_significant": [passed], "n_tested": [len(tested)]})
    parts = [
        panel,
        shown.assign(kind="term"),
        controls[["replicate", "n_significant"]].assign(kind="control"),
    ]
    order = ["kind", *shown.columns, "n_significant", "n_tested", "replicate"]
    numbers = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return numbers.reindex(columns=order)


def _label(name: str, term: str) -> str:
    """Return the text of a term, its id only where that says more; names without spaces break at underscores."""
    text = name.replace("_", " ") if " " not in name else name
    return textwrap.fill(text if name == term else f"{text} ({term})", 48)


@styled
def draw_terms(numbers: pd.DataFrame) -> Figure:
    """Draw figure 5a from `term_numbers`: a dot a term, the best at the top."""
    terms = numbers[numbers["kind"] == "term"].iloc[::-1]
    labels = [_label(str(row.term_name), str(row.term_id)) for row in terms.itertuples()]
    lines = sum(max(label.count("\n") + 1, 1.5) for label in labels)
    figure = Figure(figsize=(8.2, max(4.0, 1.7 + 0.17 * lines)))
    figure.suptitle(_title(terms))
    body = figure.add_subfigure(figure.add_gridspec(1, 1)[0])
    body.suptitle(_comparison(numbers), fontsize=9, fontweight="normal")
    axes = body.subplots()
    if terms.empty:
        say(axes, "no terms to test")
        axes.set_axis_off()
        return figure
    # Terms of two lines take more room than terms of one.
    heights = np.array([max(label.count("\n") + 1, 1.5) for label in labels])
    places = np.cumsum(heights) - heights / 2
    overlap = terms["n_overlap"].to_numpy(dtype=float)
    area = 160 / max(overlap.max(), 1)  # square points a gene
    dots = axes.scatter(
        terms["x"],
        places,
        s=np.maximum(overlap * area, 8),
        c=terms["fold"].to_numpy(dtype=float),
        cmap="viridis_r",
        edgecolors=GREY,
        linewidths=0.4,
        zorder=3,
    )
    axes.hlines(places, 0, terms["x"], color="#DDDDDD", linewidth=0.8)
    axes.set_yticks(places, labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(0, heights.sum())
    quantity = terms["quantity"].iloc[0]
    meaning = {"q": "false discovery rate", "p": "uncorrected"}[quantity]
    axes.set_xlabel(f"\N{MINUS SIGN}log₁₀ {quantity} ({meaning})")
    # Where q is shown, some term has q < 0.05: the line is within the axis.
    axes.set_xlim(0, max(float(terms["x"].max()), 0.1) * 1.06)
    if quantity == "q":
        axes.axvline(-np.log10(SIGNIFICANT), color=OKABE_ITO[1], linestyle="--", linewidth=1, zorder=1)
        axes.set_title(f"dashed: q = {SIGNIFICANT}", color=OKABE_ITO[1], fontsize=8)
    scale = body.colorbar(dots, cax=axes.inset_axes((1.05, 0, 0.03, 0.4)))
    scale.ax.set_title("fold over\nexpectation", fontsize=8)
    _draw_sizes(axes, overlap, area)
    return figure


def _title(terms: pd.DataFrame) -> str:
    if terms.empty:
        return "Over-represented terms"
    first = terms.iloc[0]
    return f"Terms of {first['n_panel']:,.0f} annotated landmarks, among {first['n_background']:,.0f} genes"


def _comparison(numbers: pd.DataFrame) -> str:
    """Return how many terms pass, beside how many pass for random panels."""
    panel = numbers[numbers["kind"] == "panel"].iloc[0]
    passed, tested = int(panel["n_significant"]), int(panel["n_tested"])
    if passed:
        said = f"{passed:,} of {tested:,} terms at q < {SIGNIFICANT}"
    elif tested:
        said = f"None of {tested:,} terms passes q < {SIGNIFICANT}: uncorrected p are shown"
    else:
        said = "No terms were tested"
    random = numbers.loc[numbers["kind"] == "control", "n_significant"].to_numpy(dtype=float)
    if len(random) == 0:
        return f"{said}; no random panels to compare with"
    most = np.quantile(random, 0.95, method="inverted_cdf")
    return f"{said}; {len(random):,} random panels: median {np.median(random):,g}, 95% ≤ {most:,g}"


def _draw_sizes(axes: Axes, overlap: np.ndarray, area: float) -> None:
    """Add the key of the dots' sizes beside the axes."""
    sizes = sorted({max(round(value), 1) for value in np.quantile(overlap, [0, 0.5, 1])})
    handles = [
        axes.scatter([], [], s=max(size * area, 8), facecolor="white", edgecolors=GREY, label=f"{size:,}")
        for size in sizes
    ]
    axes.legend(
        handles=handles,
        title="landmarks\nin term",
        title_fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1.01, 1),
    )
