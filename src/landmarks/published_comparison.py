"""The paper's numbers beside those of a run, and why the two do not compare."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from landmarks.published import (
    GENES,
    INFERRED,
    KEYS,
    PAIR,
    PROFILES,
    TERMS,
    UNIQUE,
    K,
    Run,
    by_panel,
    count_inferred,
    measure,
    published_numbers,
    shared_targets,
)

TEST_SHARE = 0.10
DUPLICATES = {"distance": 1.0, "clusters": 100}
AUTOENCODER = {
    "hidden": [500, 100],
    "dropout": 0.1,
    "penalty": 1e-6,
    "epochs": 100,
    "trained_on": ["train", "validation"],
}
DGEX = {"hidden": [9000, 9000, 9000], "keep": 0.75, "epochs": 200}
"""The paper's settings, D-GEX's by its published code."""

TOPICS = {
    "compendium": ["compendium"],
    "split": ["compendium", "split"],
    "autoencoder": ["compendium", "split", "autoencoder"],
    "panels": ["compendium", "split", "autoencoder", "size"],
    "inference": ["compendium", "split", "autoencoder", "model", "size", "genes", "targets"],
    "crossplatform": ["compendium", "split", "autoencoder", "model", "size", "genes", "platform"],
    "enrichment": ["compendium", "split", "autoencoder", "size", "terms"],
}
"""What must be as in the paper, by stage, for a number to compare."""


def find_differences(run: Run) -> dict[str, str]:
    """Return what is not as in the paper, by topic (see `TOPICS`)."""
    total, genes = len(run.split) + len(run.duplicates), len(run.autoencoder)
    share = (run.split["part"] == "test").mean()
    split = ["whole groups held out, not single samples"] if run.method != "random" else []
    split += [f"{share:.0%} held out, not {TEST_SHARE:.0%}"] if round(share, 2) != TEST_SHARE else []
    shape = f"{total:,} profiles × {genes:,} genes, not {PROFILES:,} × {GENES:,}"
    inferred, targets = count_inferred(run), len(shared_targets(run))
    alone = len(by_panel(run.evaluations)) < len(PAIR)
    model = _differing("D-GEX with", run.model_settings, DGEX) if run.model == "dgex" else f"{run.model}, not D-GEX"
    tested = TERMS if run.terms is None else len(run.terms)
    texts = {
        "compendium": "" if (total, genes) == (PROFILES, GENES) else shape,
        "duplicates": _differing("duplicates by", run.duplicate_settings, DUPLICATES),
        "split": ", and ".join(split),
        "autoencoder": _differing("autoencoder with", run.autoencoder_settings, AUTOENCODER),
        "model": model,
        "size": "" if run.k == K else f"k = {run.k:,}, not {K}",
        "genes": "" if inferred == INFERRED else f"{inferred:,} genes measured or inferred, not {INFERRED:,}",
        "targets": f"{targets:,} targets of one panel, not those that two have in common" if alone else "",
        "platform": "" if run.dataset.lower() == "gtex" else f"{run.dataset}, not GTEx",
        "terms": "" if tested == TERMS else f"{tested:,} terms tested, not {TERMS:,}",
    }
    return {topic: text for topic, text in texts.items() if text}


def _differing(what: str, settings: Mapping[str, Any], paper: Mapping[str, Any]) -> str:
    """Return the settings that are not the paper's as one text, empty if none."""
    pairs = ((name, settings.get(name), value) for name, value in paper.items() if settings.get(name) != value)
    texts = [f"{name.replace('_', ' ')} {_setting(ours)} (not {_setting(value)})" for name, ours, value in pairs]
    return f"{what} {', '.join(texts)}" if texts else ""


def _setting(value: Any) -> str:
    """Return a number, or a list as ``500-100``."""
    return "-".join(str(one) for one in value) if isinstance(value, list) else str(value)


def find_needs(run: Run) -> dict[tuple[str, str], dict[str, str]]:
    """Return what a run would need for the quantities that it may lack, by stage and panel: a text a topic."""
    chosen, judged = by_panel(run.panels), by_panel(run.evaluations)
    needs: dict[tuple[str, str], dict[str, str]] = {}
    for panel, name in PAIR.items():
        absent = "L1000 list" if panel == "l1000" else "DeepLIFT panel"
        sizes = f"no {absent} of {run.k:,} genes in this run: needs panels.{panel} with this size"
        fit = f"{name}'s panel is not judged by {run.model}: needs {run.k:,} among inference.{run.model}.sizes"
        shared = "the panels leave no target in common: needs a smaller figures.k"
        needs["panels", panel] = {} if panel in chosen else {f"{name}'s panel": sizes}
        unfitted = needs["panels", panel] or ({} if panel in judged else {f"{name}'s fit": fit})
        needs["inference", panel] = unfitted or {"common targets": shared}
    needs["panels", "both"] = needs["panels", "l1000"] | needs["panels", "deeplift"]
    lacking = [need for panel in PAIR if panel not in judged for need in needs["inference", panel].items()]
    needs["inference", "both"] = dict(lacking)
    carried = dict(need for need in lacking if "DeepLIFT" in need[0])
    if not run.dataset:
        carried["other platform"] = "no other platform in this run: needs GTEx under datasets and crossplatform"
    unmeasured = f"no target is judged on {run.dataset} with its own scaling, as published: needs both"
    needs["crossplatform", "deeplift"] = carried or {"other platform": unmeasured}
    sets = {"gene sets": "no gene sets in this run: needs gene_sets"}
    needs["enrichment", "deeplift"] = needs["panels", "deeplift"] or sets
    return needs


def compare(run: Run) -> pd.DataFrame:
    """Put the published numbers beside those of a run, and say of each why it does not compare.

    Whether the two agree is not judged.

    Returns
    -------
    pandas.DataFrame
        A row a published number: ``stage``, ``quantity``, ``panel``, ``unit``, ``paper``, ``paper_high``,
        ``paper_total``, ``source``, ``run_unit``, ``run``, ``run_high``, ``run_total`` (missing where the run has
        none), ``comparable``, and, where it is not, ``topics`` and ``reasons``: texts joined by "; ", a reason a topic.
    """
    differences, needs = find_differences(run), find_needs(run)
    paper = published_numbers().rename(columns={"value": "paper", "high": "paper_high", "total": "paper_total"})
    ours = {"unit": "run_unit", "value": "run", "high": "run_high", "total": "run_total"}
    joined = paper.merge(measure(run).rename(columns=ours), on=KEYS, how="left").fillna({"run_unit": ""})
    found = [_explain(row, differences, needs) for row in joined.to_dict("records")]
    joined["comparable"] = [not why for why in found]
    joined["topics"] = ["; ".join(why) for why in found]
    joined["reasons"] = ["; ".join(why.values()) for why in found]
    return joined


def _explain(
    row: dict[Hashable, Any], differences: dict[str, str], needs: dict[tuple[str, str], dict[str, str]]
) -> dict[str, str]:
    """Return why a row does not compare: a text a topic, none if it does."""
    if np.isnan(row["run"]):
        return needs[row["stage"], row["panel"]]
    wanted = TOPICS[row["stage"]] + (["duplicates"] if row["quantity"] == UNIQUE else [])
    why = {topic: differences[topic] for topic in wanted if topic in differences}
    if row["unit"] == "not stated":
        why["unit"] = f"in {row['run_unit']}, and the paper does not state its scale"
    elif row["unit"] != row["run_unit"]:
        why["unit"] = f"in {row['run_unit']}, not in {row['unit']}"
    return why


def tabulate(compared: pd.DataFrame) -> pd.DataFrame:
    """Write the comparison as a table to be read.

    A reason is written out where it is first given; after that its topic stands for it.

    Parameters
    ----------
    compared
        From `compare`.

    Returns
    -------
    pandas.DataFrame
        Text: ``Quantity``, ``Paper``, ``This run``, ``Compares`` (yes, or why not).
    """
    rows, given = [], set[str]()
    for row in compared.to_dict("records"):
        stage = "other platform" if row["stage"] == "crossplatform" else row["stage"]
        panel = f", {PAIR[row['panel']]}" if row["panel"] in PAIR else ""
        pairs = zip(row["topics"].split("; "), row["reasons"].split("; "), strict=True)
        why = {topic: text for topic, text in pairs if text}
        again = [topic for topic, text in why.items() if text in given]
        texts = [f"{_enumerate(again)} as above"] if again else []
        texts += [text for topic, text in why.items() if topic not in again]
        given.update(why.values())
        reasons = "; ".join(texts) or "yes"
        rows.append(
            {
                "Quantity": f"{stage.capitalize()}: {row['quantity']}{panel}",
                "Paper": _number(row["paper"], row["paper_high"], row["paper_total"], row["unit"]),
                "This run": _number(row["run"], row["run_high"], row["run_total"], row["run_unit"]),
                # What a run lacks is a no in itself.
                "Compares": reasons if row["comparable"] or reasons.startswith("no ") else f"no: {reasons}",
            }
        )
    return pd.DataFrame(rows)


def _enumerate(words: Iterable[str]) -> str:
    """Return ``a, b and c``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _number(value: float, high: float, total: float, unit: str) -> str:
    """Return a number with its range or total and its unit, as many digits as the paper prints."""
    if np.isnan(value):
        return "–"
    if unit == "percent":
        return f"{value:.2f}%"
    if unit in ("profiles", "genes", "terms"):
        share = "" if np.isnan(total) else f" of {total:,.0f} ({value / total:.1%})"
        return f"{value:,.0f}{share}"
    text = f"{value:.4f}" + ("" if np.isnan(high) else f" to {high:.4f}")
    return text + {"correlation": "", "not stated": " (scale not stated)"}.get(unit, f" {unit}")
