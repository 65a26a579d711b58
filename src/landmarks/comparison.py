"""Panels against each other on the targets they share, gene by gene."""

from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from landmarks.errors import LandmarksError
from landmarks.files import read_frame
from landmarks.panels import CONTROLS

METRICS = {"mae": -1.0, "pcc": 1.0}
"""Metric and its sign: an MAE is better when lower."""

COLUMNS = [
    *("model", "k", "metric", "selector_a", "selector_b", "seeds_a", "seeds_b", "targets", "mean_a", "mean_b"),
    *("difference", "difference_low", "difference_high", "t", "p_t", "p_wilcoxon", "p_t_holm", "p_wilcoxon_holm"),
    *("wins_a", "wins_b", "better"),
]
"""Of the comparison of pairs."""


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
        if "significant" in frame:
            # Missing where the permutation test was not done.
            frame["significant"] = frame["significant"].astype("boolean").to_numpy(float, na_value=np.nan)
        frame.insert(0, "model", model)
        frame.insert(1, "selector", selector)
        frame.insert(2, "k", int(k.removeprefix("k")))
        frame.insert(3, "seed", int(seed.removeprefix("seed")))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def common_targets(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Keep the targets that all selectors' panels leave to be inferred, and average over each selector's seeds.

    Random panels are many, and together they would measure every gene. So a gene is a common target if no panel of
    any other selector measures it, and at least one random panel does not; its error under random panels is the mean
    over those that leave it to be inferred. Whether a random panel does is chance, so that mean is fair.

    Parameters
    ----------
    evaluations
        ``model``, ``k``, ``selector``, ``seed``, ``gene_id``, ``mae``, ``pcc``, ``significant``: every panel's
        targets. Only panels of one model and size are compared.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``k``, ``selector``, ``gene_id``, ``mae``, ``pcc``, ``significant`` (share of the seeds that were put
        to the permutation test), ``seeds``.
    """
    columns = ["model", "k", "selector", "seed", "gene_id"]
    judged = evaluations[columns].assign(control=evaluations["selector"].isin(CONTROLS))
    # A random selector counts as one panel, any other as many as it has seeds.
    judged["panel"] = judged["selector"] + judged["seed"].astype(str).where(~judged["control"], "")
    judged = judged[["model", "k", "gene_id", "panel"]].drop_duplicates()
    wanted = judged.groupby(["model", "k"])["panel"].nunique().rename("wanted")
    present = judged.groupby(["model", "k", "gene_id"]).size().rename("present").reset_index()
    present = present.merge(wanted, left_on=["model", "k"], right_index=True)
    shared = present.loc[present["present"] == present["wanted"], ["model", "k", "gene_id"]]
    kept = evaluations.merge(shared, on=["model", "k", "gene_id"])
    keys = ["model", "k", "selector", "gene_id"]
    grouped = kept.groupby(keys, sort=True)
    means = grouped[["mae", "pcc", "significant"]].mean()
    seeds = kept.groupby(keys[:3])["seed"].nunique().rename("seeds")
    return means.reset_index().merge(seeds, on=keys[:3])


def summarise_panels(evaluations: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Return each panel's means over the common targets, and where it stands among the random panels.

    A random panel measures some of the common targets itself. It counts with how far it is from the other random
    panels on the targets it leaves, so that which these are does not matter.

    Parameters
    ----------
    evaluations, targets
        As given to and returned by `common_targets`.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``k``, ``selector``, ``seed``, ``targets``, ``mae``, ``pcc``, ``significant`` (targets that
        pass the permutation test; missing if it was not done), ``z_random``: how many standard deviations of
        the random panels' mean MAE the panel lies under their mean (positive is better; missing with fewer than
        three random panels).
    """
    keys = ["model", "k", "selector"]
    mean = targets.groupby(keys)[["mae", "pcc"]].mean()
    size = targets.groupby(keys).size().rename("targets")
    kept = evaluations.merge(targets, on=[*keys, "gene_id"], suffixes=("", "_mean"))
    kept = kept.assign(**{metric: kept[metric] - kept[f"{metric}_mean"] for metric in METRICS})
    summary = kept.groupby([*keys, "seed"])[["mae", "pcc", "significant"]].mean().reset_index(level="seed")
    for metric in METRICS:
        summary[metric] += mean[metric]
    summary["targets"] = size
    summary["significant"] *= size
    summary = summary.reset_index()[[*keys, "seed", "targets", "mae", "pcc", "significant"]]
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
        ``t``, ``p_t`` (paired t), ``p_wilcoxon``, ``p_t_holm``, ``p_wilcoxon_holm`` (corrected for all pairs of the
        model, size and metric), ``wins_a``, ``wins_b`` (targets), ``better``.
    """
    rows = []
    for (model, k), group in targets.groupby(["model", "k"]):
        weights = resample(group["gene_id"].nunique(), resamples, seed)
        for metric, sign in METRICS.items():
            wide = group.pivot(index="gene_id", columns="selector", values=metric)
            # One resample serves all selectors, so that a pair's difference is resampled as one.
            means = pd.DataFrame(weights @ wide.to_numpy(), columns=wide.columns)
            seeds = group.groupby("selector")["seeds"].first()
            family = []
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
                row |= compare_pair(wide[a].to_numpy(), wide[b].to_numpy(), sign)
                low, high = np.percentile(means[a] - means[b], [2.5, 97.5])
                row |= {"difference_low": float(low), "difference_high": float(high)}
                better = a if sign * row["difference"] > 0 else b
                row["better"] = better if low * high > 0 else "neither"
                family.append(row)
            for test in ("p_t", "p_wilcoxon"):
                for row, corrected in zip(family, holm([row[test] for row in family]), strict=True):
                    row[f"{test}_holm"] = corrected
            rows += family
    return pd.DataFrame(rows, columns=COLUMNS)


def resample(size: int, resamples: int, seed: int) -> npt.NDArray[np.float64]:
    """Return bootstrap weights, shape (resamples, size): how often each is drawn, as a share."""
    generator = np.random.default_rng(seed)
    draws = (generator.integers(size, size=size) for _ in range(resamples))
    return np.stack([np.bincount(drawn, minlength=size) for drawn in draws]) / size


def holm(p_values: list[float]) -> npt.NDArray[np.float64]:
    """Correct p-values for their number (Holm 1979): none is significant unless all smaller ones are."""
    order = np.argsort(p_values, kind="stable")
    stepped = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return corrected


def compare_pair(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], sign: float) -> dict[str, float]:
    """Compare one metric of two panels over the same targets; `sign` is 1 where higher is better, else −1."""
    difference = a - b
    varies = bool(np.ptp(difference) > 0)
    paired = stats.ttest_rel(a, b) if varies else None
    return {
        "targets": len(a),
        "mean_a": float(a.mean()),
        "mean_b": float(b.mean()),
        "difference": float(difference.mean()),
        "t": float(paired.statistic) if paired else float("nan"),
        "p_t": float(paired.pvalue) if paired else 1.0,
        "p_wilcoxon": float(stats.wilcoxon(a, b).pvalue) if varies else 1.0,
        "wins_a": int((sign * difference > 0).sum()),
        "wins_b": int((sign * difference < 0).sum()),
    }
