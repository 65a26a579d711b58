"""The arena: every panel judged on held-out groups, on one set of targets, beside chance.

Two views of the same inferences. ``as_published`` takes as targets every gene that no panel measures, as Kong et al.
2021 do. ``clean`` leaves out targets that share their gene with a landmark: on arrays, other probes of a landmark's
gene, which are copies of an input rather than inferred.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.annotation import GENE_NAMES
from landmarks.comparison import compare_pair, holm, resample
from landmarks.errors import LandmarksError
from landmarks.metrics import pearson

VIEWS = ("as_published", "clean")
RANDOM = "random"

Bools = npt.NDArray[np.bool_]


def same_gene(genes: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Give one number to all rows which share a symbol, Entrez or Ensembl id.

    Parameters
    ----------
    genes
        ``gene_id``, ``symbol``, ``entrez``, ``ensembl``; several names of one row are joined by ``///``. Sharing is
        passed on: a row with two genes' names joins them.

    Returns
    -------
    numpy.ndarray
        int64, shape (genes,).
    """
    parent = np.arange(len(genes))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = int(parent[row])
        return row

    for column in GENE_NAMES:
        first: dict[str, int] = {}
        for row, names in enumerate(genes[column]):
            for name in filter(None, (part.strip() for part in str(names).split("///"))):
                parent[root(row)] = root(first.setdefault(name, row))
    return np.array([root(row) for row in range(len(genes))], np.int64)


def targets_by_view(labels: npt.NDArray[np.int64], panels: Iterable[npt.NDArray[np.intp]]) -> dict[str, Bools]:
    """Return, for each view, which genes none of the panels measures.

    Parameters
    ----------
    labels
        From `same_gene`.
    panels
        Positions of the landmarks of each.

    Returns
    -------
    dict
        By name of the view, bool of shape (genes,).
    """
    landmarks = np.unique(np.concatenate([*panels, np.empty(0, np.intp)])).astype(np.intp)
    free = np.ones(len(labels), bool)
    free[landmarks] = False
    return {"as_published": free, "clean": free & ~np.isin(labels, labels[landmarks])}


def errors_by_group(
    errors: npt.NDArray[np.float32], groups: npt.NDArray[np.object_], targets: Mapping[str, Bools]
) -> pd.DataFrame:
    """Average a panel's errors over the targets of each view and the samples of each group.

    Parameters
    ----------
    errors
        Absolute errors in z-scores, float32, shape (test samples, genes).
    groups
        The samples' study or donor.
    targets
        By view, shape (genes,).

    Returns
    -------
    pandas.DataFrame
        ``view``, ``group``, ``samples``, ``targets``, ``mae``. A view without a target has no rows.
    """
    names, codes = np.unique(groups.astype(str), return_inverse=True)
    sizes = np.bincount(codes)
    frames = []
    for view, wanted in targets.items():
        if not wanted.any():
            continue
        # A product is several times faster than picking columns out.
        by_sample = errors @ (wanted / wanted.sum()).astype(np.float32)
        mae = np.bincount(codes, by_sample) / sizes
        frames.append(
            pd.DataFrame({"view": view, "group": names, "samples": sizes, "targets": int(wanted.sum()), "mae": mae})
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


class Tally:
    """Errors and correlations by gene, averaged over the seeds of each selector."""

    def __init__(self, gene_ids: npt.NDArray[np.object_]) -> None:
        self.gene_ids = gene_ids
        self.sums: dict[tuple[str, int, str], npt.NDArray[np.float64]] = {}

    def add(
        self,
        key: tuple[str, int, str],
        errors: npt.NDArray[np.float32],
        truth: npt.NDArray[np.float32],
        inferred: npt.NDArray[np.float32],
        targets: Bools,
    ) -> None:
        """Add one panel's errors, of shape (samples, genes), over its `targets`; `key` is model, k and selector."""
        total = self.sums.setdefault(key, np.zeros((3, len(self.gene_ids))))
        total[0] += np.where(targets, errors.mean(axis=0), 0)
        total[1, targets] += np.nan_to_num(pearson(truth[:, targets], inferred[:, targets]))
        total[2] += targets

    def to_frame(self, clean: Mapping[int, Bools]) -> pd.DataFrame:
        """Return ``model``, ``k``, ``selector``, ``gene_id``, ``clean``, ``mae``, ``pcc`` (0 if constant)."""
        frames = []
        for (model, k, selector), (mae, pcc, seeds) in self.sums.items():
            kept = seeds > 0
            columns = {"gene_id": self.gene_ids[kept], "clean": clean[k][kept]}
            metrics = {"mae": (mae[kept] / seeds[kept]), "pcc": (pcc[kept] / seeds[kept])}
            frames.append(pd.DataFrame({"model": model, "k": k, "selector": selector, **columns, **metrics}))
        return pd.concat(frames, ignore_index=True)


def summarise_arena(groups: pd.DataFrame, *, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put panels and selectors in order, with intervals over groups.

    Parameters
    ----------
    groups
        Of all folds: ``model``, ``k``, ``selector``, ``seed``, and the columns of `errors_by_group`.
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
        ``gain_high`` (95%);
        ``z_random``; ``p_wilcoxon`` (paired over groups, against random) and ``p_holm``, corrected for all
        selectors of the view, model and size.
    """
    panels, selectors = [], []
    for key, rows in groups.groupby(["view", "model", "k"]):
        view, model, k = tuple(key)
        place: dict[str, Any] = {"view": view, "model": model, "k": k}
        one = rows.assign(total=rows["mae"] * rows["samples"]).groupby(["selector", "seed"])
        mae = (one["total"].sum() / one["samples"].sum()).rename("mae").reset_index()
        chance = mae.loc[mae["selector"] == RANDOM, "mae"]
        spread = chance.std() if len(chance) >= 3 else np.nan
        mae["z_random"] = (chance.mean() - mae["mae"]) / spread
        panels.append(mae.assign(**place))
        wide, weights = _by_group(rows, resamples, seed)
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
        table = pd.DataFrame(summary)
        if len(chance):
            others = table["selector"] != RANDOM
            table.loc[others, "p_holm"] = holm(table.loc[others, "p_wilcoxon"].tolist())
        selectors.append(table)
    columns = ["view", "model", "k", "selector", "seed", "mae", "z_random"]
    return pd.concat(panels, ignore_index=True)[columns], pd.concat(selectors, ignore_index=True)


def _by_group(rows: pd.DataFrame, resamples: int, seed: int) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Return MAE by group and selector (mean over seeds), and bootstrap weights of the groups by their samples."""
    wide = rows.pivot_table(index="group", columns="selector", values="mae")
    lacking = wide.columns[wide.isna().any()].tolist()
    if lacking:
        raise LandmarksError(
            f"Expected every selector judged on every group, found groups without {', '.join(lacking)}.",
            hint="run the arena anew: its folds do not belong together.",
        )
    sizes = rows.groupby("group")["samples"].first().loc[wide.index].to_numpy()
    weights = resample(len(wide), resamples, seed) * sizes
    return wide, weights / weights.sum(axis=1, keepdims=True)


def compare_arena(groups: pd.DataFrame, targets: pd.DataFrame, *, resamples: int, seed: int) -> pd.DataFrame:
    """Test every pair of selectors of one view, model and size.

    Parameters
    ----------
    groups
        As for `summarise_arena`: the unit of the MAE's tests and intervals.
    targets
        Of all folds, from `Tally.to_frame`: the wins, and the unit of the PCC's tests and intervals.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        ``view``, ``model``, ``k``, ``metric``, ``unit``, ``selector_a``, ``selector_b``, ``units``, ``mean_a``,
        ``mean_b``, ``difference`` (a − b), ``difference_low``, ``difference_high`` (95%), ``p_t``,
        ``p_wilcoxon`` (paired),
        ``p_wilcoxon_holm`` (for all pairs), ``wins_a``, ``wins_b`` (targets, by their mean over the folds), ``better``.
    """
    found = []
    for (view, model, k), rows in groups.groupby(["view", "model", "k"]):
        genes = targets[(targets["model"] == model) & (targets["k"] == k)]
        if view == "clean":
            genes = genes[genes["clean"]]
        by_gene = {m: genes.pivot_table(index="gene_id", columns="selector", values=m).dropna() for m in ("mae", "pcc")}
        wide, weights = _by_group(rows, resamples, seed)
        samples = rows.groupby("group")["samples"].first().loc[wide.index].to_numpy()
        units = {"mae": ("group", wide, samples / samples.sum(), weights, -1.0)}
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
    return pd.DataFrame(found)
