"""A panel as a designer needs it: which genes, why, what stands in for each, and how well the others are inferred."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from landmarks.errors import LandmarksError

NAMES = ["symbol", "entrez", "ensembl"]
SHARES = (0.1, 0.5, 0.9)
"""Quantiles of targets by which expected errors are summarised."""


def list_landmarks(
    panel: pd.DataFrame,
    genes: pd.DataFrame,
    importance: pd.DataFrame | None = None,
    substitutes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a row a landmark, ready for an order of probes.

    Parameters
    ----------
    panel
        ``gene_id``, ``rank``, ``score``, ``reason``.
    genes
        ``gene_id`` and names of all genes.
    importance
        DeepLIFT's, if the run has it: ``gene_id``, ``importance``, ``rank``.
    substitutes
        If the run looked for them: ``gene_id``, ``substitute``, ``place``, ``loss``, ``loss_removed``.

    Returns
    -------
    pandas.DataFrame
        By rank: ``rank``, ``gene_id``, the names that are known of any gene, ``score``, ``reason``; ``importance`` and
        ``importance_rank``; ``substitutes`` (the best first, joined by ", ", by symbol where known), and what the panel
        loses with the first (``loss_substituted``) and without the landmark (``loss_removed``), percent of what it
        explains.
    """
    known = [name for name in NAMES if name in genes and (genes[name] != "").any()]
    table = panel.sort_values("rank").merge(genes[["gene_id", *known]], on="gene_id", how="left")
    table = table[["rank", "gene_id", *known, "score", "reason"]]
    if importance is not None:
        given = importance[["gene_id", "importance", "rank"]].rename(columns={"rank": "importance_rank"})
        table = table.merge(given, on="gene_id", how="left")
    if substitutes is not None:
        symbols = genes.set_index("gene_id")["symbol"] if "symbol" in known else pd.Series(dtype=object)
        ordered = substitutes.sort_values("place")
        shown = ordered["substitute"].map(symbols).replace("", np.nan).fillna(ordered["substitute"])
        first = ordered.groupby("gene_id")[["loss", "loss_removed"]].first()
        first = first.rename(columns={"loss": "loss_substituted"})
        first.insert(0, "substitutes", shown.groupby(ordered["gene_id"]).agg(", ".join))
        table = table.merge(first.reset_index(), on="gene_id", how="left")
        table["substitutes"] = table["substitutes"].fillna("")
    return table


@dataclass(frozen=True)
class Expected:
    """What test samples say of a panel's targets, in log2 units.

    Attributes
    ----------
    targets, inferable
        Numbers of genes.
    error, half_width, pcc
        The 10th, 50th and 90th percentile over targets.
    """

    targets: int
    inferable: int
    error: list[float]
    half_width: list[float]
    pcc: list[float]


def expect(genes: pd.DataFrame) -> Expected:
    """Summarise the targets of an exported model; see `landmarks.portable`."""
    targets = genes[genes["role"] == "target"]

    def spread(name: str) -> list[float]:
        return [float(value) for value in targets[name].quantile(SHARES, interpolation="nearest")]

    return Expected(
        len(targets), int(targets["inferable"].sum()), spread("expected_error"), spread("half_width"), spread("pcc")
    )


def histogram(values: pd.Series, bars: int = 40) -> list[tuple[float, float, int]]:
    """Return lower end, upper end and count of bars; what lies above the 99.5th percentile is in the last."""
    finite = values[np.isfinite(values)]
    top = float(finite.quantile(0.995))
    counts, edges = np.histogram(finite.clip(upper=top), bins=bars, range=(0, max(top, 1e-6)))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))


def choose_model(run: Path, wanted: str = "") -> str:
    """Return a model that a run exported, as ``<model>/<selector>/k<k>/seed<seed>``: the wanted one, or the first.

    Raises
    ------
    LandmarksError
        If there is none; it lists those there are.
    """
    folder = run / "models"
    known = sorted(str(card.parent.relative_to(folder)) for card in folder.glob("*/*/k*/seed*/card.json"))
    if not known:
        raise LandmarksError(
            f"Expected an exported model under {folder}, found none.",
            hint="run the workflow first; it exports the models of figures.panel.",
        )
    if wanted and wanted not in known:
        raise LandmarksError(
            f"Expected a model that {run} exported, found {wanted!r}; there are {', '.join(known)}.",
            hint="give one of them, or run the workflow with another figures.panel or figures.k.",
        )
    # Ridge first: it is in every run, and judged on most panels.
    return wanted or min(known, key=lambda name: (not name.startswith("ridge/"), name))


def describe_gain(selectors: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Return how much less error a selector's panels have than random ones, or an empty text if it was not compared.

    Parameters
    ----------
    selectors
        ``standings/selectors.parquet``.
    card
        Of the model: ``model``, ``selector``, ``k``.
    """
    own = selectors[(selectors["selector"] == card["selector"]) & (selectors["k"] == card["k"])]
    own = own[own["model"] == card["model"]].sort_values("view", key=lambda view: view != "clean")
    if own.empty or own["gain"].isna().all():
        return ""
    row = own.iloc[0]
    return f"{row['gain']:.1f}% ({row['gain_low']:.1f} to {row['gain_high']:.1f})"


def to_text(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return a table's rows as text: whole numbers as such, others with three digits, nothing for what is missing."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return "" if np.isnan(value) else f"{value:.0f}" if value.is_integer() else f"{value:.3g}"
        return str(value)

    return [{str(name): cell(value) for name, value in row.items()} for row in table.to_dict("records")]
