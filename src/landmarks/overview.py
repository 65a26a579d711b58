"""The standings as a table that is read in one look, and how many genes do the work of a reference panel."""

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd


def tabulate_gains(selectors: pd.DataFrame, sizes: Sequence[int]) -> pd.DataFrame:
    """Write each selector's gain over chance, with its interval, size by size.

    Parameters
    ----------
    selectors
        Of one view, from `landmarks.standings.summarise_arena`.
    sizes
        Panel sizes that become columns; those that were not judged are left out.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``selector``, and a text column a size, ``k = 100``: "6.4 (6.2 to 6.5)", percent under the random
        panels' mean with the 95% interval over groups; empty where the selector has no such panel. Rows by model, ridge
        first, best first: by the mean gain over the sizes that all selectors have, then over their own.
    """
    columns = ["model", "selector"]
    judged = selectors[selectors["k"].isin(sizes) & selectors["gain"].notna()]
    if judged.empty:
        return pd.DataFrame(columns=columns)
    tables = []
    # Ridge first: it judges every panel.
    for model in sorted(judged["model"].unique(), key=lambda name: (name != "ridge", name)):
        rows = judged[judged["model"] == model]
        gains = rows.pivot(index="selector", columns="k", values="gain")
        shared = gains.dropna(axis=1)
        order = pd.DataFrame({"shared": shared.mean(axis=1), "own": gains.mean(axis=1)}).fillna(0)
        texts = rows.assign(text=[_text(row) for row in rows.to_dict("records")])
        table = texts.pivot(index="selector", columns="k", values="text")
        ranked = order.sort_values(["shared", "own"], ascending=False, kind="stable").index
        tables.append(table.loc[ranked].reset_index().assign(model=model))
    whole = pd.concat(tables, ignore_index=True)
    kept = [k for k in sizes if k in whole]
    return whole[[*columns, *kept]].fillna("").rename(columns={k: f"k = {k:,}" for k in kept})


def _text(row: dict[Hashable, Any]) -> str:
    """Return a gain with its interval; chance itself has none."""
    if row["selector"] == "random":
        return "0"
    return f"{row['gain']:.1f} ({row['gain_low']:.1f} to {row['gain_high']:.1f})"


def tabulate_matches(sizes: pd.DataFrame, references: Sequence[str]) -> pd.DataFrame:
    """Keep how many genes each selector needs for what the largest panel of each reference does.

    Parameters
    ----------
    sizes
        Of one view, from `landmarks.matching.smallest_sizes`.
    references
        Selectors, such as given lists.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``reference``, ``k_reference``, ``selector``, ``k_needed`` (text: "212", "at most 25" or "more than
        were judged"), fewest genes first. Models judged at fewer than three sizes have no curve to read it off.
    """
    sizes = sizes[sizes.groupby("model")["k_reference"].transform("nunique") >= 3]
    largest = sizes.groupby(["model", "reference"])["k_reference"].transform("max")
    kept = sizes[sizes["reference"].isin(references) & (sizes["k_reference"] == largest)]
    kept = kept[kept["selector"] != kept["reference"]]
    order = kept["k_needed"].fillna(float("inf"))
    kept = kept.assign(order=order).sort_values(["model", "reference", "order"], kind="stable")
    words = {"reached": "{:,.0f}", "at_smallest": "at most {:,.0f}", "not_reached": "more than were judged"}
    texts = [words[row["bound"]].format(row["k_needed"]) for row in kept.to_dict("records")]
    columns = ["model", "reference", "k_reference", "selector"]
    return kept[columns].assign(k_needed=texts).reset_index(drop=True)
