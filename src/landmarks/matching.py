"""How many genes of one selector infer as well as a panel of another."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

MATCH_COLUMNS = [
    *("view", "model", "reference", "k_reference", "mae_reference"),
    *("selector", "k_needed", "bound"),
]


def smallest_sizes(selectors: pd.DataFrame) -> pd.DataFrame:
    """Find, for every panel of the arena, the smallest size at which each other selector reaches its MAE.

    An approximation, in three ways. Panels of a size are judged on the targets that none of them measures, so that
    the MAEs of two sizes are means over different targets. Between the sizes judged, the MAE is taken as linear in
    log k. And a curve is made non-increasing by its running minimum: a larger panel that happens to be worse does not
    undo what a smaller one reached.

    Parameters
    ----------
    selectors
        ``view``, ``model``, ``k``, ``selector``, ``mae``: from `landmarks.standings.summarise_arena`.

    Returns
    -------
    pandas.DataFrame
        ``view``, ``model``, ``reference``, ``k_reference``, ``mae_reference``; ``selector``, ``k_needed`` (float64),
        ``bound``: "reached"; "at_smallest" if its smallest size judged already is as good, so that k_needed is that
        size and fewer genes may do; "not_reached" if none of its sizes is as good: k_needed is missing.
    """
    rows: list[dict[str, Any]] = []
    for (view, model), judged in selectors.sort_values("k").groupby(["view", "model"]):
        curves = {
            selector: (curve["k"].to_numpy(np.float64), curve["mae"].to_numpy(np.float64))
            for selector, curve in judged.groupby("selector")
        }
        for reference, (sizes, errors) in curves.items():
            for k, mae in zip(sizes, errors, strict=True):
                panel = {"view": view, "model": model, "reference": reference}
                panel |= {"k_reference": int(k), "mae_reference": mae}
                for selector, curve in curves.items():
                    if selector != reference:
                        needed, bound = _size_for(mae, *curve)
                        rows.append(panel | {"selector": selector, "k_needed": needed, "bound": bound})
    return pd.DataFrame(rows, columns=MATCH_COLUMNS)


def _size_for(mae: float, sizes: npt.NDArray[np.float64], errors: npt.NDArray[np.float64]) -> tuple[float, str]:
    """Return where a size curve, its sizes ascending, first comes down to `mae`, and which bound that is."""
    lowest = np.minimum.accumulate(errors)
    enough = np.flatnonzero(lowest <= mae)
    if not len(enough):
        return np.nan, "not_reached"
    at = enough[0]
    if at == 0:
        return sizes[0], "at_smallest"
    way = (lowest[at - 1] - mae) / (lowest[at - 1] - lowest[at])
    return sizes[at - 1] * (sizes[at] / sizes[at - 1]) ** way, "reached"
