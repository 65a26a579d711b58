"""How every figure looks, what things are called in it, and how it is written."""

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, ParamSpec

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from landmarks.files import replacing, write_frame

Arguments = ParamSpec("Arguments")
Metric = Literal["mae", "pcc"]

GREY = "#6E6E6E"
INK = "#222222"
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Okabe and Ito's palette for all kinds of colour vision (jfly.uni-koeln.de/color), yellow last."""

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # shipped with matplotlib: the same letters on every machine
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.titlesize": 11,
    "figure.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.1,  # inches
    "figure.constrained_layout.w_pad": 0.1,
    "pdf.fonttype": 42,
    "svg.hashsalt": "landmarks",
}

NAMES = {
    "autoencoder": "autoencoder",
    "bottleneck": "bottleneck codes",
    "concrete": "concrete autoencoder",
    "crossfit": "crossfit",
    "deeplift": "DeepLIFT",
    "deeplift_nonredundant": "DeepLIFT, non-redundant",
    "dgex": "D-GEX",
    "genes": "all genes",
    "greedy_autoencoder": "greedy on the autoencoder",
    "gtex": "GTEx",
    "kmeans": "k-means medoids",
    "knn": "k nearest neighbours",
    "l1000": "L1000",
    "median": "median predictor",
    "mlp": "MLP",
    "pam50": "PAM50",
    "pca": "PCA",
    "peeloff": "peel-off (L1000's)",
    "random_matched": "random, matched",
    "random_projection": "random projection",
}
"""The field's spelling of names used in files; a name that is not here is shown as it is."""

METRICS = {"mae": "MAE (z-score units)", "pcc": "PCC (Pearson correlation)"}
"""Axis labels, with units, of the two metrics."""

CONTROLS = ("random", "median")
"""Series drawn grey and dashed: what any result must beat."""


@dataclass(frozen=True)
class Look:
    """Colour and line of one series."""

    colour: str
    line: str


def name_of(key: str) -> str:
    """Return what `key` is called in a figure."""
    return NAMES.get(key, key)


def looks_of(series: Iterable[str]) -> dict[str, Look]:
    """Return a look a series: the same series looks alike in every figure with the same series.

    The palette's seven colours serve as solid lines first, then as dotted ones.
    """
    looks = {name: Look(GREY, "--") for name in series if name in CONTROLS}
    coloured = sorted(set(series) - set(looks))
    for index, name in enumerate(coloured):
        turn, place = divmod(index, len(OKABE_ITO))
        looks[name] = Look(OKABE_ITO[place], ("-", ":", "-.")[turn % 3])
    return looks


def lighten(colour: str, share: float) -> tuple[float, float, float]:
    """Return `colour` mixed with `share` (0 to 1) of white, as red, green and blue from 0 to 1."""
    red, green, blue = (1 - (1 - part) * (1 - share) for part in to_rgb(colour))
    return red, green, blue


@contextmanager
def _style() -> Iterator[None]:
    """Apply the common style, and leave matplotlib's settings as they were.

    From matplotlib's own defaults: a user's matplotlibrc, and pycirclize, which sets some when imported,
    would change the bytes of a figure.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Make `draw` draw in the common style."""

    @functools.wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with _style():
            return draw(*args, **kwargs)

    return drawn


def say(axes: Axes, message: str) -> None:
    """Write `message` in the middle of axes that have nothing to show."""
    axes.text(0.5, 0.5, message, transform=axes.transAxes, ha="center", va="center", color=GREY)


def save(figure: Figure, stem: Path, frame: pd.DataFrame) -> None:
    """Write `figure` as PDF and PNG (150 dpi), and the numbers it shows as Parquet, each atomically.

    Parameters
    ----------
    figure
        The figure; drawn anew, the same figure gives the same bytes, as no file holds a time.
    stem
        The path without its suffix: ``.pdf``, ``.png`` and ``.parquet`` are added.
    frame
        Exactly the numbers that `figure` shows.
    """
    metadata = {".pdf": {"Creator": "landmarks", "CreationDate": None}, ".png": {"Software": None}}
    dots = {".pdf": 300, ".png": 150}  # in a PDF, only the points of large scatters are pixels
    with _style():
        for suffix, fields in metadata.items():
            with replacing(stem.with_name(stem.name + suffix)) as temporary:
                figure.savefig(temporary, dpi=dots[suffix], metadata=fields)
    write_frame(frame, stem.with_name(stem.name + ".parquet"))
