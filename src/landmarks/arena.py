"""The arena: every panel judged on held-out samples, on one set of targets, beside chance.

The published evaluation (Kong et al. 2021) is mended in two strides, each a view:

- ``as_published``: samples held out at random; every gene that no panel measures is a target.
- ``grouped``: whole studies or donors held out; the same targets.
- ``clean``: the same, without targets that share a name with a landmark of any panel: on arrays, other probes of a
  landmark's gene are copies of an input rather than inferred.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.annotation import GENE_NAMES
from landmarks.metrics import pearson
from landmarks.panels import CONTROLS
from landmarks.panels.files import Panel

Bools = npt.NDArray[np.bool_]

VIEWS = {"random": {"as_published": "every"}, "grouped": {"grouped": "every", "clean": "unshared"}}
"""By the method of the split, the views of its test samples and the set of targets of each."""

GENES = 1_024
"""Genes whose correlations are calculated at a time."""


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


def split_targets(labels: npt.NDArray[np.int64], panels: Iterable[npt.NDArray[np.intp]]) -> dict[str, Bools]:
    """Return which genes none of the panels measures: ``every`` one, and those ``unshared`` with a landmark.

    Parameters
    ----------
    labels
        From `same_gene`.
    panels
        Positions of the landmarks of each.

    Returns
    -------
    dict
        By name of the set, bool of shape (genes,).
    """
    landmarks = np.unique(np.concatenate([*panels, np.empty(0, np.intp)])).astype(np.intp)
    free = np.ones(len(labels), bool)
    free[landmarks] = False
    return {"every": free, "unshared": free & ~np.isin(labels, labels[landmarks])}


def share_targets(genes: pd.DataFrame, panels: Mapping[Panel, npt.NDArray[np.intp]]) -> pd.DataFrame:
    """Return the targets that all panels of a size are judged on.

    Random panels are many: together they would leave no target. They do not count here; each is judged on those of
    the common targets that it does not measure itself.

    Parameters
    ----------
    genes
        As for `same_gene`.
    panels
        Positions of each panel's landmarks.

    Returns
    -------
    pandas.DataFrame
        ``k``, ``gene_id``, ``unshared``: a row a size and target, in the order of `genes`.
    """
    labels, frames = same_gene(genes), []
    for size in sorted({k for _, k, _ in panels}):
        counted = [panel for (selector, k, _), panel in panels.items() if k == size and selector not in CONTROLS]
        sets = split_targets(labels, counted)
        columns = {"gene_id": genes["gene_id"][sets["every"]], "unshared": sets["unshared"][sets["every"]]}
        frames.append(pd.DataFrame({"k": size, **columns}))
    return pd.concat(frames, ignore_index=True)


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
    columns = ["view", "group", "samples", "targets", "mae"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


class Tally:
    """Errors and correlations by gene, averaged over the seeds of each selector."""

    def __init__(self, gene_ids: npt.NDArray[np.object_]) -> None:
        self.gene_ids = gene_ids
        self.sums: dict[tuple[str, int, str], npt.NDArray[np.float64]] = {}

    def add(
        self,
        key: tuple[str, int, str],
        mae: npt.NDArray[np.float32],
        pcc: npt.NDArray[np.float64],
        targets: Bools,
    ) -> None:
        """Add one panel's errors and correlations, shape (genes,), of its `targets`; `key` is model, k and selector."""
        total = self.sums.setdefault(key, np.zeros((3, len(self.gene_ids))))
        total[:, targets] += np.stack([mae[targets], pcc[targets], np.ones(targets.sum())])

    def to_frame(self, unshared: Mapping[int, Bools]) -> pd.DataFrame:
        """Return ``model``, ``k``, ``selector``, ``gene_id``, ``unshared``, ``mae``, ``pcc`` (0 if constant)."""
        frames = []
        for (model, k, selector), (mae, pcc, seeds) in self.sums.items():
            kept = seeds > 0
            columns = {"gene_id": self.gene_ids[kept], "unshared": unshared[k][kept]}
            metrics = {"mae": (mae[kept] / seeds[kept]), "pcc": (pcc[kept] / seeds[kept])}
            frames.append(pd.DataFrame({"model": model, "k": k, "selector": selector, **columns, **metrics}))
        return pd.concat(frames, ignore_index=True)


def correlate(
    truth: npt.NDArray[np.float32], inferred: npt.NDArray[np.float32], targets: Bools
) -> npt.NDArray[np.float64]:
    """Return the Pearson correlations of the targets over samples, shape (genes,), 0 for other genes."""
    correlations = np.zeros(len(targets))
    wanted = np.flatnonzero(targets)
    for part in np.split(wanted, range(GENES, len(wanted), GENES)):
        correlations[part] = pearson(truth[:, part], inferred[:, part])
    return correlations


def judge_panels(
    truth: npt.NDArray[np.float32],
    groups: npt.NDArray[np.object_],
    genes: pd.DataFrame,
    common: pd.DataFrame,
    panels: Mapping[Panel, npt.NDArray[np.intp]],
    inferences: Iterable[tuple[str, Panel, npt.NDArray[np.float32]]],
    method: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge panels on the targets common to their size.

    Parameters
    ----------
    truth
        z-scores of the test samples, float32, shape (samples, genes).
    groups
        The samples' study or donor.
    genes
        As for `same_gene`, in the order of the columns.
    common
        From `share_targets`.
    panels
        Positions of each panel's landmarks.
    inferences
        Model, panel, and the inferred z-scores of the test samples, float32, shape (samples, genes), which are
        overwritten; what stands in columns of landmarks is not looked at.
    method
        How the test samples were held out, ``random`` or ``grouped``: which views they are judged in.

    Returns
    -------
    groups
        ``model``, ``k``, ``selector``, ``seed``, and the columns of `errors_by_group`.
    targets
        ``view`` (that of every target) and the columns of `Tally.to_frame`.
    """
    labels, ids = same_gene(genes), pd.Index(genes["gene_id"])
    sets = {}
    for size in {k for _, k, _ in panels}:
        rows = common[common["k"] == size]
        among = {"every": rows["gene_id"], "unshared": rows["gene_id"][rows["unshared"]]}
        sets[size] = {name: ids.isin(members) for name, members in among.items()}
    tally, judged = Tally(genes["gene_id"].to_numpy(object)), []
    for model, name, inferred in inferences:
        selector, k, seed = name
        own = split_targets(labels, [panels[name]])
        targets = {view: sets[k][among] & own[among] for view, among in VIEWS[method].items()}
        common_targets = sets[k]["every"] & own["every"]
        correlations = correlate(truth, inferred, common_targets)
        # In place: with the panels' model there is no room for a third array of this size.
        errors = np.abs(np.subtract(inferred, truth, out=inferred), out=inferred)
        tally.add((model, k, selector), errors.mean(axis=0), correlations, common_targets)
        judged.append(errors_by_group(errors, groups, targets).assign(model=model, k=k, selector=selector, seed=seed))
    by_target = tally.to_frame({k: among["unshared"] for k, among in sets.items()})
    return pd.concat(judged, ignore_index=True), by_target.assign(view=next(iter(VIEWS[method])))
