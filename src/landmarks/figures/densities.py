"""Densities of per-gene metrics: figures 2a, 3a, 3b, 4a and 4b."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from landmarks.figures.frames import drop_missing
from landmarks.figures.style import GREY, METRICS, Look, looks_of, name_of, say, styled

Floats = npt.NDArray[np.float64]

QUARTILES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
DETAIL: dict[str, Any] = {"color": GREY, "fontsize": 9}
COLUMNS = ["kind", "metric", "series", "gene_id", "x", "y"]


def density_curve(values: Floats, points: int = 200) -> tuple[Floats, Floats]:
    """Return a Gaussian kernel density of `values`, within their range only.

    Half of the points are evenly spaced, half are quantiles: a far outlier does not coarsen the peak.

    Parameters
    ----------
    values
        Finite float64, shape (genes,).
    points
        Points of each kind; fewer are returned where they fall together.

    Returns
    -------
    tuple of arrays
        Places and densities (per unit of `values`), float64, shape (up to 2 x `points`,). Both are empty
        where the values are all alike and no density exists.

    References
    ----------
    Scott, D. W. (1992) Multivariate Density Estimation: the bandwidth is n^(-1/5) standard deviations.
    """
    if len(values) < 2 or np.ptp(values) <= 1e-6 * max(1.0, float(np.abs(values).max())):
        return np.empty(0), np.empty(0)
    even = np.linspace(values.min(), values.max(), points)
    places = np.unique(np.concatenate([even, np.quantile(values, np.linspace(0, 1, points))]))
    return places, gaussian_kde(values)(places)


def metric_numbers(values: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return all that a panel of densities shows.

    Parameters
    ----------
    values
        A row a series and gene: ``series``, ``gene_id``, and the column `metric`.
    metric
        ``mae`` or ``pcc``.

    Returns
    -------
    pd.DataFrame
        Long, with ``kind``: `gene` (x the gene's value), `curve` (x, and y the density per unit of x),
        `lower_quartile`, `median`, `upper_quartile` and `mean` (x). Values that are not finite are left out;
        a series without any other has one row, `nothing`.
    """
    parts = [pd.DataFrame({name: pd.Series(dtype=float if name in "xy" else object) for name in COLUMNS})]
    for series, rows in values.groupby("series", sort=True):
        shown = drop_missing(rows, [metric], f"{metric.upper()} of {series}")
        array = shown[metric].to_numpy(dtype=float)
        x, y = density_curve(array)
        blocks = [
            pd.DataFrame({"kind": "gene", "gene_id": shown["gene_id"].to_numpy(), "x": array}),
            pd.DataFrame({"kind": "curve", "x": x, "y": y}),
        ]
        if len(array):
            summary = {kind: float(np.quantile(array, q)) for kind, q in QUARTILES.items()}
            summary["mean"] = float(array.mean())
            blocks.append(pd.DataFrame({"kind": list(summary), "x": list(summary.values())}))
        else:
            blocks.append(pd.DataFrame({"kind": ["nothing"], "x": [np.nan]}))
        parts += [block.assign(metric=metric, series=series) for block in blocks if len(block)]
    numbers = pd.concat(parts, ignore_index=True)[COLUMNS]
    return numbers.astype({"x": float, "y": float})


def autoencoder_numbers(genes: pd.DataFrame) -> pd.DataFrame:
    """Return all that figure 2a shows, like `metric_numbers`, for the autoencoder and the median predictor.

    One more row, of kind `significant`: x genes out of y pass the permutation test.

    Parameters
    ----------
    genes
        A row a gene: ``gene_id``, ``mae``, ``mae_null``, ``pcc`` and ``significant``.
    """
    model = genes.assign(series="autoencoder")
    null = genes.assign(series="median", mae=genes["mae_null"])
    passed = {
        "kind": "significant",
        "metric": "pcc",
        "series": "autoencoder",
        "x": float(genes["significant"].fillna(False).astype(bool).sum()),
        "y": float(len(genes)),
    }
    parts = [
        metric_numbers(pd.concat([model, null]), "mae"),
        metric_numbers(model, "pcc"),
        pd.DataFrame([passed]),
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)[COLUMNS]


@styled
def draw_autoencoder(numbers: pd.DataFrame) -> Figure:
    """Draw figure 2a from `autoencoder_numbers`: how well each gene is reconstructed."""
    figure = Figure(figsize=(8.2, 4.2))
    rows = {metric: numbers[numbers["metric"] == metric] for metric in METRICS}
    _draw_panels(figure, rows)
    passed = numbers[numbers["kind"] == "significant"].iloc[0]
    mean = numbers[numbers["kind"] == "mean"].set_index(["metric", "series"])["x"].to_dict()
    figure.suptitle("Reconstruction of held-out samples by the autoencoder")
    figure.axes[0].set_title(
        f"mean MAE {_number(mean.get(('mae', 'autoencoder')))}, "
        f"median predictor {_number(mean.get(('mae', 'median')))}\n{figure.axes[0].get_title('left')}",
        **DETAIL,
    )
    figure.axes[1].set_title(
        f"mean PCC {_number(mean.get(('pcc', 'autoencoder')))}\n"
        f"significant {passed['x']:,.0f} of {_genes(int(passed['y']))}",
        **DETAIL,
    )
    return figure


@styled
def draw_targets(numbers: pd.DataFrame, title: str) -> Figure:
    """Draw figure 3a, 3b, 4a or 4b from `metric_numbers`: how well each target is inferred, by selector."""
    figure = Figure(figsize=(6.4, 4.6))
    metric = numbers["metric"].iloc[0] if len(numbers) else "mae"
    _draw_panels(figure, {metric: numbers})
    figure.suptitle(title)
    return figure


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _genes(count: int) -> str:
    return f"{count:,} gene" + ("" if count == 1 else "s")


def _draw_panels(figure: Figure, panels: dict[str, pd.DataFrame]) -> None:
    """Draw densities side by side, one a metric, and under each its medians, quartiles and series' names."""
    count = max(rows["series"].nunique() for rows in panels.values())
    grid = figure.subplots(2, len(panels), squeeze=False, sharex="col", height_ratios=[4, 0.35 + 0.32 * max(count, 1)])
    for column, (metric, rows) in enumerate(panels.items()):
        top, strip = grid[:, column]
        # Controls first, so that they lie under the others.
        names = sorted(rows["series"].unique(), key=lambda name: (name not in ("random", "median"), name))
        looks = looks_of(names)
        for name in names:
            _draw_density(top, rows[rows["series"] == name], looks[name])
        _draw_strip(strip, rows, names, looks)
        strip.set_xlabel(METRICS[metric])
        top.set_ylabel("density of genes")
        top.set_ylim(bottom=0)
        top.tick_params(labelbottom=False)
        counts = rows[rows["kind"] == "gene"].groupby("series").size()
        if not (rows["kind"] == "curve").any():
            top.set_yticks([])
        if counts.empty:
            say(top, "no finite values")
            continue
        few, many = counts.min(), counts.max()
        top.set_title(_genes(many) if few == many else f"{few:,} to {_genes(many)}", **DETAIL)


def _draw_density(axes: Axes, rows: pd.DataFrame, look: Look) -> None:
    """Draw one series' density and median, or a rug of its values where it has no density."""
    curve = rows[rows["kind"] == "curve"]
    for median in rows.loc[rows["kind"] == "median", "x"]:
        if curve.empty:
            axes.axvline(median, color=look.colour, linestyle=look.line, linewidth=1.6)
        else:
            height = np.interp(median, curve["x"], curve["y"])
            axes.vlines(median, 0, height, color=look.colour, linestyle=look.line, linewidth=0.9)
    if not curve.empty:
        axes.plot(curve["x"], curve["y"], color=look.colour, linestyle=look.line, linewidth=1.6)


def _draw_strip(axes: Axes, rows: pd.DataFrame, names: list[str], looks: dict[str, Look]) -> None:
    """Draw a line a series: its name, the range of its middle half, its median as a dot and a number."""
    shown = names[::-1]
    across = axes.get_yaxis_transform()
    summary = rows.pivot_table(index="series", columns="kind", values="x", aggfunc="first")
    for place, name in enumerate(shown):
        if name not in summary.index:
            axes.text(0.01, place, "no finite values", transform=across, va="center", color=GREY)
            continue
        low, middle, high = summary.loc[name, list(QUARTILES)].to_numpy(dtype=float)
        colour = looks[name].colour
        axes.plot([low, high], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.55)
        axes.plot([middle], [place], "o", color=colour, markersize=5)
        axes.text(
            1.01,
            place,
            f"{middle:.3f}",
            transform=across,
            va="center",
            fontsize=8,
            color=colour,
        )
    axes.set_yticks(range(len(shown)), [name_of(name) for name in shown])
    for tick, name in zip(axes.get_yticklabels(), shown, strict=True):
        tick.set_color(looks[name].colour)
    axes.set_ylim(-0.6, max(len(shown), 1) - 0.4)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.text(0, 1.0, "dot: median, bar: middle half of the genes", transform=axes.transAxes, fontsize=7, color=GREY)
    axes.text(1.01, 1.0, "median", transform=axes.transAxes, va="bottom", fontsize=7, color=GREY)
