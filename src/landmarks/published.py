"""What Kong et al. 2021 report, and Chen et al. 2016 of the data, beside the same numbers of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from landmarks.enrichment import SIGNIFICANT

CHEN, KONG = "Chen et al. 2016", "Kong et al. 2021"
NAN = float("nan")
KEYS = ["stage", "quantity", "panel"]
PAIR = {"l1000": "L1000", "deeplift": "DeepLIFT"}
"""The panels that the paper compares, by selector; ``both`` stands for the two."""

UNIQUE = "profiles without duplicates"
"""The one quantity that depends on how duplicates are found."""

PROFILES, GENES, K, INFERRED, TERMS = 129_158, 22_268, 943, 10_463, 1_645
"""Of the paper. Inference was done on 943 + 9,520 genes (Chen et al. 2016), the autoencoder on all probes."""


@dataclass(frozen=True)
class Run:
    """What a run made of the quantities that the paper reports, and how.

    Attributes
    ----------
    split, duplicates
        ``part`` of every sample, and a row a dropped one.
    autoencoder
        Test samples, a row a gene: ``gene_id``, ``mae`` (z-scores), ``pcc``, ``significant``.
    panels
        ``selector`` and ``gene_id`` of the run's panels among `PAIR`; may lack one or both.
    evaluations
        ``selector``, ``gene_id``, ``mae`` (z-scores), ``pcc``, ``significant`` of their targets on test samples.
    transfer
        The same of DeepLIFT's panel on another platform, and ``scaling``; may have no row.
    terms
        ``q`` of every term tested for DeepLIFT's panel; None without gene sets.
    method
        How samples were held out: random or grouped.
    model, k
        Inference model, and size of the panels.
    dataset
        The other platform; empty without one.
    duplicate_settings, autoencoder_settings, model_settings
        As in the config.
    """

    split: pd.DataFrame
    duplicates: pd.DataFrame
    autoencoder: pd.DataFrame
    panels: pd.DataFrame
    evaluations: pd.DataFrame
    transfer: pd.DataFrame
    terms: pd.DataFrame | None
    method: str
    model: str
    k: int
    dataset: str
    duplicate_settings: Mapping[str, Any]
    autoencoder_settings: Mapping[str, Any]
    model_settings: Mapping[str, Any]


def published_numbers() -> pd.DataFrame:
    """Return the published numbers, a row each.

    Returns
    -------
    pandas.DataFrame
        ``stage``, ``quantity``, ``panel`` (l1000, deeplift, both or empty), ``unit``, ``value``, ``high`` (where
        ``value`` is the low end of a range), ``total`` (where it is a count of so many), ``source``. The scale of the
        autoencoder's MAE is not stated; D-GEX's is z-scores by its published code.
    """
    rows = [
        ("compendium", "profiles", "", "profiles", PROFILES, NAN, NAN, CHEN),
        ("compendium", "genes (probes)", "", "genes", GENES, NAN, NAN, CHEN),
        ("compendium", UNIQUE, "", "profiles", 111_009, NAN, NAN, CHEN),
        ("split", "training profiles, with validation", "", "profiles", 99_909, NAN, NAN, KONG),
        ("split", "test profiles", "", "profiles", 11_100, NAN, NAN, KONG),
        ("autoencoder", "mean MAE", "", "not stated", 0.2222, NAN, NAN, KONG),
        ("autoencoder", "mean PCC", "", "correlation", 0.7627, NAN, NAN, KONG),
        ("autoencoder", "genes that pass the permutation test", "", "genes", 21_696, NAN, GENES, KONG),
        ("panels", "genes in both, L1000 and DeepLIFT", "both", "genes", 129, NAN, K, KONG),
        ("inference", "targets common to both panels", "both", "genes", 9_163, NAN, INFERRED, KONG),
        ("inference", "MAE by target, range", "l1000", "z-scores", 0.1129, 1.0524, NAN, KONG),
        ("inference", "MAE by target, range", "deeplift", "z-scores", 0.0994, 0.6681, NAN, KONG),
        ("inference", "PCC by target, range", "l1000", "correlation", 0.0006, 0.9875, NAN, KONG),
        ("inference", "PCC by target, range", "deeplift", "correlation", 0.4764, 0.9905, NAN, KONG),
        ("inference", "targets that fail the permutation test", "l1000", "genes", 44, NAN, 9_163, KONG),
        ("inference", "targets that fail the permutation test", "deeplift", "genes", 0, NAN, 9_163, KONG),
        ("crossplatform", "mean MAE", "deeplift", "z-scores", 0.4590, NAN, NAN, KONG),
        ("crossplatform", "mean PCC", "deeplift", "correlation", 0.7790, NAN, NAN, KONG),
        ("crossplatform", "targets that pass the permutation test", "deeplift", "percent", 92.51, NAN, NAN, KONG),
        ("enrichment", "molecular functions enriched", "deeplift", "terms", 34, NAN, TERMS, KONG),
    ]
    return pd.DataFrame(rows, columns=[*KEYS, "unit", "value", "high", "total", "source"])


def measure(run: Run) -> pd.DataFrame:
    """Return the published quantities as far as this run has them.

    Targets are those common to both panels; where the run has one panel alone, that panel's. On another platform they
    are all that the panel leaves and the platform measures, with the platform's own scaling, as published.

    Returns
    -------
    pandas.DataFrame
        ``stage``, ``quantity``, ``panel``, ``unit``, ``value``, ``high``, ``total``: as in `published_numbers`.
    """
    tested = int((run.split["part"] == "test").sum())
    genes = run.autoencoder
    passed = genes["significant"].sum()
    rows: list[tuple[Any, ...]] = [
        ("compendium", "profiles", "", "profiles", len(run.split) + len(run.duplicates)),
        ("compendium", "genes (probes)", "", "genes", len(genes)),
        ("compendium", UNIQUE, "", "profiles", len(run.split)),
        ("split", "training profiles, with validation", "", "profiles", len(run.split) - tested),
        ("split", "test profiles", "", "profiles", tested),
        ("autoencoder", "mean MAE", "", "z-scores", genes["mae"].mean()),
        ("autoencoder", "mean PCC", "", "correlation", genes["pcc"].mean()),
        ("autoencoder", "genes that pass the permutation test", "", "genes", passed, NAN, len(genes)),
    ]
    chosen, judged = by_panel(run.panels), by_panel(run.evaluations)
    if len(chosen) == len(PAIR):
        both = set.intersection(*(set(panel["gene_id"]) for panel in chosen.values()))
        rows.append(("panels", "genes in both, L1000 and DeepLIFT", "both", "genes", len(both), NAN, run.k))
    targets = shared_targets(run)
    if len(judged) == len(PAIR):
        inferred = count_inferred(run)
        rows.append(("inference", "targets common to both panels", "both", "genes", len(targets), NAN, inferred))
    for panel, rated in judged.items():
        shared = rated[rated["gene_id"].isin(targets)]
        for metric, unit in (("mae", "z-scores"), ("pcc", "correlation")):
            low, high = shared[metric].min(), shared[metric].max()
            rows.append(("inference", f"{metric.upper()} by target, range", panel, unit, low, high))
        failed = len(shared) - shared["significant"].sum() if len(shared) else NAN
        rows.append(("inference", "targets that fail the permutation test", panel, "genes", failed, NAN, len(shared)))
    if len(run.transfer):
        own = run.transfer[run.transfer["scaling"] == "own"]
        share = 100 * own["significant"].mean()
        rows += [
            ("crossplatform", "mean MAE", "deeplift", "z-scores", own["mae"].mean()),
            ("crossplatform", "mean PCC", "deeplift", "correlation", own["pcc"].mean()),
            ("crossplatform", "targets that pass the permutation test", "deeplift", "percent", share),
        ]
    if run.terms is not None:
        enriched = (run.terms["q"] < SIGNIFICANT).sum()
        rows.append(("enrichment", "molecular functions enriched", "deeplift", "terms", enriched, NAN, len(run.terms)))
    padded = [(*row, *(NAN,) * (7 - len(row))) for row in rows]
    frame = pd.DataFrame(padded, columns=[*KEYS, "unit", "value", "high", "total"])
    return frame.astype(dict.fromkeys(("value", "high", "total"), float))


def by_panel(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each panel of the paper that there is."""
    return {panel: rows for panel in PAIR if len(rows := frame[frame["selector"] == panel])}


def shared_targets(run: Run) -> set[str]:
    """Return the targets that every judged panel of the paper leaves."""
    judged = [set(rows["gene_id"]) for rows in by_panel(run.evaluations).values()]
    return set.intersection(*judged) if judged else set()


def count_inferred(run: Run) -> int:
    """Return how many genes are landmarks or targets of the judged panels."""
    return len({*run.evaluations["gene_id"], *run.panels["gene_id"]})
