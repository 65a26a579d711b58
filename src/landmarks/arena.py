"""The arena: every panel judged on held-out groups, on one set of targets, beside chance.

Two views of the same inferences. ``as_published`` takes as targets every gene that no panel measures, as Kong et al.
2021 do. ``clean`` leaves out targets that share their gene with a landmark: on arrays, other probes of a landmark's
gene, which are copies of an input rather than inferred.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.annotation import GENE_NAMES
from landmarks.inference.problem import Scores
from landmarks.metrics import pearson
from landmarks.panels import CONTROLS

Bools = npt.NDArray[np.bool_]
Panel = tuple[str, int, int]
"""Selector, size and seed."""


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


def judge_panels(
    scores: Scores,
    groups: npt.NDArray[np.object_],
    genes: pd.DataFrame,
    panels: Mapping[Panel, npt.NDArray[np.intp]],
    inferences: Iterable[tuple[str, Panel, npt.NDArray[np.float32]]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge all panels of a fold, those of a size on the targets that none of them measures.

    Random panels are many: together they would leave no target. Each is judged on those it does not measure itself.

    Parameters
    ----------
    scores
        z-scores of all genes.
    groups
        The test samples' study or donor.
    genes
        As for `same_gene`, in the order of the scores' columns.
    panels
        Positions of each panel's landmarks.
    inferences
        Model, panel, and the inferred z-scores of the test samples, float32, shape (samples, genes); what stands
        in columns of landmarks is not looked at.

    Returns
    -------
    groups
        ``model``, ``k``, ``selector``, ``seed``, and the columns of `errors_by_group`.
    targets
        As of `Tally.to_frame`.
    """
    labels = same_gene(genes)
    sizes = {k for _, k, _ in panels}
    common = {
        size: targets_by_view(
            labels, [panel for (selector, k, _), panel in panels.items() if k == size and selector not in CONTROLS]
        )
        for size in sizes
    }
    tally, rows = Tally(genes["gene_id"].to_numpy(object)), []
    for model, name, inferred in inferences:
        selector, k, seed = name
        own = targets_by_view(labels, [panels[name]])
        targets = {view: wanted & own[view] for view, wanted in common[k].items()}
        errors = np.abs(inferred - scores.test)
        tally.add((model, k, selector), errors, scores.test, inferred, targets["as_published"])
        rows.append(errors_by_group(errors, groups, targets).assign(model=model, k=k, selector=selector, seed=seed))
    return pd.concat(rows, ignore_index=True), tally.to_frame({k: views["clean"] for k, views in common.items()})
