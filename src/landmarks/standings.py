"""The standings of the arena: panels and selectors of all folds, with intervals and tests over groups."""

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.comparison import compare_pair, holm, resample
from landmarks.errors import LandmarksError

RANDOM = "random"
PLACE = ["view", "model", "k"]
SAMPLES_OF = {"clean": "grouped"}
"""The view of the same samples whose targets hold those of the view."""
SELECTOR_COLUMNS = [
    *PLACE,
    *("selector", "seeds", "groups", "mae", "mae_low", "mae_high", "gain", "gain_low", "gain_high"),
    *("z_random", "p_wilcoxon", "p_holm"),
]
PAIR_COLUMNS = [
    *PLACE,
    *("metric", "unit", "selector_a", "selector_b", "units", "mean_a", "mean_b", "difference"),
    *("difference_low", "difference_high", "p_t", "p_wilcoxon", "wins_a", "wins_b", "better", "p_wilcoxon_holm"),
]


def summarise_arena(groups: pd.DataFrame, *, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put panels and selectors in order, with intervals over groups.

    Parameters
    ----------
    groups
        Of all folds, from `landmarks.arena.judge_panels`.
    resamples, seed
        Of the bootstrap over groups (studies or donors), the unit of which new ones will come.

    Returns
    -------
    panels
        ``view``, ``model``, ``k``, ``selector``, ``seed``, ``mae``, ``z_random``: a panel is what one seed chose in
        every fold; its MAE is the mean over all samples, each tested once.
    selectors
        ``view``, ``model``, ``k``, ``selector``, ``seeds``, ``groups``, ``mae``, ``mae_low``, ``mae_high``;
        ``gain``: how many percent the MAE is under the mean of the random panels, with ``gain_low``,
        ``gain_high`` (95%); ``z_random``; ``p_wilcoxon`` (paired over groups, against random) and ``p_holm``,
        corrected for all selectors of the view, model and size. Without random panels the last six are missing.
    """
    panels, selectors = [], []
    for key, rows in groups.groupby(PLACE):
        place: dict[str, Any] = dict(zip(PLACE, tuple(key), strict=True))
        one = rows.assign(total=rows["mae"] * rows["samples"]).groupby(["selector", "seed"])
        mae = (one["total"].sum() / one["samples"].sum()).rename("mae").reset_index()
        chance = mae.loc[mae["selector"] == RANDOM, "mae"]
        spread = chance.std() if len(chance) >= 3 else np.nan
        mae["z_random"] = (chance.mean() - mae["mae"]) / spread
        panels.append(mae.assign(**place))
        wide, _, weights = _by_group(rows, resamples, seed)
        means = pd.DataFrame(weights @ wide.to_numpy(), columns=wide.columns)
        summary: list[dict[str, Any]] = []
        for selector, column in wide.items():
            own = mae[mae["selector"] == selector]
            row = place | {"selector": selector, "seeds": len(own), "groups": len(wide), "mae": own["mae"].mean()}
            row["mae_low"], row["mae_high"] = np.percentile(means[selector], [2.5, 97.5])
            if len(chance):
                gains = 100 * (1 - means[selector] / means[RANDOM])
                row["gain"] = 100 * (1 - row["mae"] / chance.mean())
                row["gain_low"], row["gain_high"] = np.percentile(gains, [2.5, 97.5])
                row["z_random"] = round(own["z_random"].mean(), 6)
                paired = compare_pair(column.to_numpy(), wide[RANDOM].to_numpy(), -1)
                row["p_wilcoxon"] = paired["p_wilcoxon"]
            summary.append(row)
        table = pd.DataFrame(summary).reindex(columns=SELECTOR_COLUMNS)
        if len(chance):
            others = table["selector"] != RANDOM
            table.loc[others, "p_holm"] = holm(table.loc[others, "p_wilcoxon"].tolist())
        selectors.append(table)
    columns = [*PLACE, "selector", "seed", "mae", "z_random"]
    return pd.concat(panels, ignore_index=True)[columns], pd.concat(selectors, ignore_index=True)


def _by_group(
    rows: pd.DataFrame, resamples: int, seed: int
) -> tuple[pd.DataFrame, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return MAE by group and selector (mean over seeds), the groups' shares of the samples, and of each resample."""
    # With a random split a group is in several folds: its samples are put together first.
    total = (
        rows.assign(mae=rows["mae"] * rows["samples"]).groupby(["group", "selector", "seed"])[["mae", "samples"]].sum()
    )
    one = (total["mae"] / total["samples"]).rename("mae").reset_index()
    wide = one.pivot_table(index="group", columns="selector", values="mae")
    lacking = wide.columns[wide.isna().any()].tolist()
    if lacking:
        raise LandmarksError(
            f"Expected every selector judged on every group, found groups without {', '.join(lacking)}.",
            hint="run the arena anew: its folds do not belong together.",
        )
    sizes = total["samples"].groupby("group").first().loc[wide.index].to_numpy()
    weights = resample(len(wide), resamples, seed) * sizes
    return wide, sizes / sizes.sum(), weights / weights.sum(axis=1, keepdims=True)


def compare_arena(groups: pd.DataFrame, targets: pd.DataFrame, *, resamples: int, seed: int) -> pd.DataFrame:
    """Test every pair of selectors of one view, model and size.

    Parameters
    ----------
    groups
        As for `summarise_arena`: the unit of the MAE's tests and intervals.
    targets
        Of all folds, from `landmarks.arena.judge_panels`: the wins, and the unit of the PCC's tests and intervals.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        ``view``, ``model``, ``k``, ``metric``, ``unit``, ``selector_a``, ``selector_b``, ``units``, ``mean_a``,
        ``mean_b``, ``difference`` (a − b), ``difference_low``, ``difference_high`` (95%), ``p_t``,
        ``p_wilcoxon`` (paired), ``p_wilcoxon_holm`` (for all pairs), ``wins_a``, ``wins_b`` (targets, by their
        mean over the folds), ``better``.
    """
    found = []
    for (view, model, k), rows in groups.groupby(PLACE):
        genes = targets[(targets["model"] == model) & (targets["k"] == k)]
        # The clean targets are some of those of the same samples.
        genes = genes[(genes["view"] == SAMPLES_OF.get(str(view), view)) & (genes["unshared"] | (view != "clean"))]
        by_gene = {
            metric: genes.pivot_table(index="gene_id", columns="selector", values=metric, observed=True).dropna()
            for metric in ("mae", "pcc")
        }
        wide, of_samples, weights = _by_group(rows, resamples, seed)
        units = {"mae": ("group", wide, of_samples, weights, -1.0)}
        size = len(by_gene["pcc"])
        if size:
            even = np.full(size, 1 / size)
            units["pcc"] = ("gene", by_gene["pcc"], even, resample(size, resamples, seed), 1.0)
        for metric, (unit, values, shares, drawn, sign) in units.items():
            means = pd.DataFrame(drawn @ values.to_numpy(), columns=values.columns)
            family = []
            for a, b in combinations(values.columns, 2):
                paired = compare_pair(values[a].to_numpy(), values[b].to_numpy(), sign)
                low, high = np.percentile(means[a] - means[b], [2.5, 97.5])
                mean_a, mean_b = float(shares @ values[a]), float(shares @ values[b])
                won = sign * (by_gene[metric][a] - by_gene[metric][b])
                family.append(
                    {
                        **{"view": view, "model": model, "k": k, "metric": metric, "unit": unit},
                        **{"selector_a": a, "selector_b": b, "units": len(values), "mean_a": mean_a, "mean_b": mean_b},
                        **{"difference": mean_a - mean_b, "difference_low": low, "difference_high": high},
                        **{"p_t": paired["p_t"], "p_wilcoxon": paired["p_wilcoxon"]},
                        **{"wins_a": int((won > 0).sum()), "wins_b": int((won < 0).sum())},
                        "better": (a if sign * (mean_a - mean_b) > 0 else b) if low * high > 0 else "neither",
                    }
                )
            for row, corrected in zip(family, holm([row["p_wilcoxon"] for row in family]), strict=True):
                row["p_wilcoxon_holm"] = corrected
            found += family
    return pd.DataFrame(found, columns=PAIR_COLUMNS)
