"""How far the panels of one selector agree: between seeds, and between folds of the training samples."""

import numpy as np
import numpy.typing as npt
import pandas as pd

NO_FOLD = -1
"""The fold of a panel that belongs to none of the arena's: it was chosen from the run's own split."""

OVERLAP_COLUMNS = ["selector", "k", "between", "pairs", "shared", "kappa", "kappa_low", "kappa_high"]


def overlap_of(panels: pd.DataFrame, candidates: int) -> pd.DataFrame:
    """Compare every pair of panels of one selector and size.

    Kuncheva's consistency index is the overlap corrected for chance, (r − k/n) / (1 − k/n) with r the shared part of
    two panels of k among n genes: 1 for equal panels, 0 on average for panels drawn at random (Kuncheva 2007, "A
    stability index for feature selection", equation 4, with both sides of the fraction divided by k·n).

    Parameters
    ----------
    panels
        ``fold``, ``selector``, ``k``, ``seed``, ``gene_id``: a row a gene of a panel, k rows a panel.
    candidates
        n, the genes that might have been chosen.

    Returns
    -------
    pandas.DataFrame
        ``selector``, ``k``, ``between``, ``pairs``, ``shared`` (mean r), ``kappa`` (the mean of the index),
        ``kappa_low``, ``kappa_high`` (its range). ``between`` is "seeds" for pairs of the same fold and different
        seeds, "folds" for pairs of the same seed and different folds; without such a pair there is no row. Panels
        of the run's own split (`NO_FOLD`) belong to no fold: their training samples differ otherwise. The index is
        missing where a panel holds every candidate. A selector that looks at no sample, such as `random`, draws
        the same in every fold, and one that draws nothing chooses the same with every seed.
    """
    rows = []
    for (selector, _), chosen in panels.groupby(["selector", "k"]):
        k = int(chosen["k"].iloc[0])
        members, folds, seeds = _indicators(chosen)
        shared = (members @ members.T).astype(np.float64) / k
        same_fold, same_seed = folds[:, None] == folds, seeds[:, None] == seeds
        in_arena = folds != NO_FOLD
        wanted = {
            "seeds": same_fold & ~same_seed,
            "folds": ~same_fold & same_seed & in_arena[:, None] & in_arena,
        }
        for between, mask in wanted.items():
            values = shared[np.triu(mask, 1)]
            if not len(values):
                continue
            chance = k / candidates
            kappa = (values - chance) / (1 - chance) if k < candidates else np.full(len(values), np.nan)
            row = {"selector": selector, "k": k, "between": between, "pairs": len(values), "shared": values.mean()}
            rows.append(row | {"kappa": kappa.mean(), "kappa_low": kappa.min(), "kappa_high": kappa.max()})
    return pd.DataFrame(rows, columns=OVERLAP_COLUMNS)


def _indicators(
    chosen: pd.DataFrame,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which panel holds which gene, float32 (exact for counts) of shape (panels, genes); folds and seeds."""
    names = chosen[["fold", "seed"]].drop_duplicates()
    rows = pd.MultiIndex.from_frame(names).get_indexer(pd.MultiIndex.from_frame(chosen[["fold", "seed"]]))
    columns, genes = pd.factorize(chosen["gene_id"])
    members = np.zeros((len(names), len(genes)), np.float32)
    members[rows, columns] = 1
    return members, names["fold"].to_numpy(np.int64), names["seed"].to_numpy(np.int64)


def frequency_of(panels: pd.DataFrame) -> pd.DataFrame:
    """Count how often each gene was chosen by the panels of one selector and size, of all folds and seeds.

    Parameters
    ----------
    panels
        As for `overlap_of`, and ``rank`` (from 1).

    Returns
    -------
    pandas.DataFrame
        ``selector``, ``k``, ``gene_id``, ``panels`` (how many there are), ``frequency`` (the share of them that holds
        the gene), ``mean_rank`` (in those that hold it). Of a selector and size, the most frequent genes come first,
        then the lower mean ranks, then the lower ids.
    """
    keys = ["selector", "k"]
    total = panels[[*keys, "fold", "seed"]].drop_duplicates().groupby(keys).size().rename("panels").reset_index()
    counted = panels.groupby([*keys, "gene_id"])["rank"].agg(votes="size", mean_rank="mean").reset_index()
    counted = counted.merge(total, on=keys)
    counted["frequency"] = counted["votes"] / counted["panels"]
    order = [*keys, "frequency", "mean_rank", "gene_id"]
    counted = counted.sort_values(order, ascending=[True, True, False, True, True], ignore_index=True)
    return counted[[*keys, "gene_id", "panels", "frequency", "mean_rank"]]
