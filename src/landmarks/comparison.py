"""Panels against each other on the targets they share, gene by gene."""

from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from landmarks.errors import LandmarksError
from landmarks.files import read_frame

METRICS = {"mae": -1.0, "pcc": 1.0}
"""Metric and its sign: an MAE is better when lower."""


def read_evaluations(paths: list[Path]) -> pd.DataFrame:
    """Read evaluations and put the panel's name, which is their folder, beside each row.

    Parameters
    ----------
    paths
        ``…/<model>/<selector>/k<k>/seed<seed>/genes.parquet``.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``selector``, ``k``, ``seed`` and the files' columns.
    """
    frames = []
    for path in paths:
        words = path.parent.parts[-4:]
        if len(words) < 4 or not (words[2].startswith("k") and words[3].startswith("seed")):
            raise LandmarksError(
                f"Expected a path ending in <model>/<selector>/k<k>/seed<seed>/genes.parquet, found {path}.",
                hint="give the files that evaluate_inference writes, where it writes them.",
            )
        model, selector, k, seed = words
        frame = read_frame(path)
        frame.insert(0, "model", model)
        frame.insert(1, "selector", selector)
        frame.insert(2, "k", int(k.removeprefix("k")))
        frame.insert(3, "seed", int(seed.removeprefix("seed")))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def common_targets(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Keep the targets that no compared panel measures, and average over each selector's seeds.

    Parameters
    ----------
    evaluations
        ``model``, ``k``, ``selector``, ``seed``, ``gene_id``, ``mae``, ``pcc``, ``significant``: every panel's
        targets. Only panels of one model and size are compared.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``k``, ``selector``, ``gene_id``, ``mae``, ``pcc``, ``significant`` (share of seeds), ``seeds``.
    """
    panels = evaluations[["model", "k", "selector", "seed"]].drop_duplicates().groupby(["model", "k"]).size()
    wanted = evaluations[["model", "k"]].merge(panels.rename("panels"), left_on=["model", "k"], right_index=True)
    present = evaluations.groupby(["model", "k", "gene_id"])["mae"].transform("size")
    shared = evaluations[present == wanted["panels"]]
    keys = ["model", "k", "selector", "gene_id"]
    return (
        shared.groupby(keys, sort=True)
        .agg(
            mae=("mae", "mean"),
            pcc=("pcc", "mean"),
            significant=("significant", "mean"),
            seeds=("seed", "nunique"),
        )
        .reset_index()
    )


def summarise_panels(evaluations: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Return each panel's means over the common targets, and where it stands among the random panels.

    Parameters
    ----------
    evaluations, targets
        As given to and returned by `common_targets`.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``k``, ``selector``, ``seed``, ``targets``, ``mae``, ``pcc``, ``significant`` (targets that
        pass the permutation test), ``z_random``: how many standard deviations of the random panels' mean MAE
        the panel lies under their mean (positive is better; NaN with fewer than three random panels).
    """
    shared = targets[["model", "k", "gene_id"]].drop_duplicates()
    kept = evaluations.merge(shared, on=["model", "k", "gene_id"])
    summary = (
        kept.groupby(["model", "k", "selector", "seed"])
        .agg(targets=("gene_id", "size"), mae=("mae", "mean"), pcc=("pcc", "mean"), significant=("significant", "sum"))
        .reset_index()
    )
    chance = summary[summary["selector"] == "random"].groupby(["model", "k"])["mae"].agg(["mean", "std", "size"])
    aligned = chance.reindex(pd.MultiIndex.from_frame(summary[["model", "k"]]))
    spread = aligned["std"].where(aligned["size"] >= 3).to_numpy()
    summary["z_random"] = (aligned["mean"].to_numpy() - summary["mae"].to_numpy()) / spread
    return summary


def summarise_selectors(panels: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return each selector's mean and standard deviation over its panels.

    Parameters
    ----------
    panels
        From `summarise_panels`.
    keys
        The columns that tell selectors apart: ``model``, ``k``, ``selector`` and possibly more.

    Returns
    -------
    pandas.DataFrame
        The `keys`, ``seeds``, ``targets``, ``mae``, ``mae_sd``, ``pcc``, ``pcc_sd``, ``significant``, ``z_random``. A
        standard deviation over one panel is missing.
    """
    grouped = panels.groupby(keys)
    return grouped.agg(
        seeds=("seed", "size"),
        targets=("targets", "first"),
        mae=("mae", "mean"),
        mae_sd=("mae", "std"),
        pcc=("pcc", "mean"),
        pcc_sd=("pcc", "std"),
        significant=("significant", "mean"),
        # The random panels' own mean is zero up to rounding.
        z_random=("z_random", lambda scores: round(scores.mean(), 6)),
    ).reset_index()


def compare_pairs(targets: pd.DataFrame, *, resamples: int, seed: int) -> pd.DataFrame:
    """Test every pair of selectors of one model and size, gene by gene.

    Parameters
    ----------
    targets
        From `common_targets`.
    resamples, seed
        Of the bootstrap over target genes. Genes are correlated, so the interval is narrower than one over
        samples would be; as in the paper, the target gene is the unit.

    Returns
    -------
    pandas.DataFrame
        A row a pair and metric: ``model``, ``k``, ``metric``, ``selector_a``, ``selector_b``, ``seeds_a``, ``seeds_b``,
        ``targets``, ``mean_a``, ``mean_b``, ``difference`` (a − b), ``difference_low``, ``difference_high`` (95%),
        ``t``, ``p_t`` (paired t), ``p_wilcoxon``, ``wins_a``, ``wins_b`` (targets), ``better``.
    """
    rows = []
    for (model, k), group in targets.groupby(["model", "k"]):
        for metric, sign in METRICS.items():
            wide = group.pivot(index="gene_id", columns="selector", values=metric)
            seeds = group.groupby("selector")["seeds"].first()
            for a, b in combinations(wide.columns, 2):
                row = {
                    "model": model,
                    "k": k,
                    "metric": metric,
                    "selector_a": a,
                    "selector_b": b,
                    "seeds_a": seeds[a],
                    "seeds_b": seeds[b],
                }
                row |= compare_pair(wide[a].to_numpy(), wide[b].to_numpy(), sign, resamples=resamples, seed=seed)
                better = a if sign * row["difference"] > 0 else b
                row["better"] = better if row["difference_low"] * row["difference_high"] > 0 else "neither"
                rows.append(row)
    return pd.DataFrame(rows)


def compare_pair(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], sign: float, *, resamples: int, seed: int
) -> dict[str, float]:
    """Compare one metric of two panels over the same targets; `sign` is 1 where higher is better, else −1."""
    difference = a - b
    generator = np.random.default_rng(seed)
    means = [difference[generator.integers(len(difference), size=len(difference))].mean() for _ in range(resamples)]
    low, high = np.percentile(means, [2.5, 97.5])
    varies = bool(np.ptp(difference) > 0)
    paired = stats.ttest_rel(a, b) if varies else None
    return {
        "targets": len(a),
        "mean_a": float(a.mean()),
        "mean_b": float(b.mean()),
        "difference": float(difference.mean()),
        "difference_low": float(low),
        "difference_high": float(high),
        "t": float(paired.statistic) if paired else float("nan"),
        "p_t": float(paired.pvalue) if paired else 1.0,
        "p_wilcoxon": float(stats.wilcoxon(a, b).pvalue) if varies else 1.0,
        "wins_a": int((sign * difference > 0).sum()),
        "wins_b": int((sign * difference < 0).sum()),
    }
