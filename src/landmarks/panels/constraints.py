"""What a panel's designer asks for, as a `Choice`: names are looked up and conflicts found before any ranking."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError, name_some
from landmarks.gene_tables import is_named
from landmarks.panels.choice import Choice, unconstrained

NAMES = ("gene_id", "symbol", "entrez", "ensembl")


def constrain(
    genes: pd.DataFrame,
    expression: npt.NDArray[np.floating],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    minimum_expression: float | None = None,
    one_probe_a_gene: bool = False,
    averaged_by: str | None = None,
    measured: Sequence[pd.DataFrame] = (),
    costs: pd.DataFrame | None = None,
) -> Choice:
    """Return which genes of a compendium may and must be chosen.

    Parameters
    ----------
    genes
        ``gene_id`` and possibly ``symbol``, ``entrez``, ``ensembl``, a row a gene of the compendium.
    expression
        Mean log2 expression of each gene over the training samples, shape (genes,).
    include, exclude
        Genes that every panel must hold, in this order, or must not: gene ids, symbols, Entrez or Ensembl ids. An
        included symbol of several probes stands for the one with the highest mean; an excluded one for all.
    minimum_expression
        Genes with a lower mean may not be chosen.
    one_probe_a_gene
        Rows of one symbol measure the same, and one of them is enough.
    averaged_by
        The name by which rows are averaged before panels are judged: rows without one, or with several, may not be
        chosen, and one row a name is enough.
    measured
        Gene tables of other platforms: only genes whose symbol all of them hold may be chosen.
    costs
        ``gene``, ``cost``: what measuring a gene costs; 1 for genes that are not named.

    Raises
    ------
    LandmarksError
        If a name is unknown, a cost is not above 0, or constraints contradict each other: the genes are named.
    """
    choice = unconstrained(genes["gene_id"].to_numpy(object))
    rows = _rows_by_name(genes)
    symbols = genes["symbol"].to_numpy(object) if "symbol" in genes else np.full(len(genes), "", object)
    reasons = ("exclude", "minimum_expression", "measured_on", "average_by")
    banned = {reason: np.zeros(len(genes), bool) for reason in reasons}
    banned["exclude"][[row for name in exclude for row in _find(name, rows, "exclude")]] = True
    if minimum_expression is not None:
        banned["minimum_expression"] = expression < minimum_expression
    if averaged_by is not None:
        banned["average_by"] = ~is_named(genes, averaged_by).to_numpy()
    for table in measured:
        banned["measured_on"] |= ~pd.Index(symbols).isin([symbol for symbol in table["symbol"] if symbol])
    included = np.asarray(
        [max(_find(name, rows, "include"), key=lambda row: expression[row]) for name in include], np.int64
    )
    for name, mask in banned.items():
        clashing = [str(choice.gene_ids[row]) for row in included if mask[row]]
        if clashing:
            raise LandmarksError(
                f"constraints: {len(clashing):,} genes of include are ruled out by {name}: {name_some(clashing)}.",
                hint=f"take them out of include, or loosen constraints.{name}.",
            )
    labels = choice.labels
    if one_probe_a_gene or averaged_by is not None:
        names = symbols if averaged_by is None else genes[averaged_by].to_numpy(object)
        # A row without a name measures a gene of its own.
        labels = pd.factorize(pd.Series(np.where(names == "", choice.gene_ids, names)))[0].astype(np.int64)
    repeated = pd.Series(choice.gene_ids[included])[pd.Series(labels[included]).duplicated(keep=False)]
    if len(repeated):
        raise LandmarksError(
            f"constraints: include names several rows of one gene: {name_some(repeated.tolist())}.",
            hint="leave one of them, or drop constraints.one_probe_a_gene.",
        )
    allowed = ~np.logical_or.reduce(list(banned.values()))
    return Choice(choice.gene_ids, allowed, included, labels, _read_costs(costs, rows, len(genes)))


def _rows_by_name(genes: pd.DataFrame) -> dict[str, list[int]]:
    """Return the rows of every name; an id goes before a symbol of the same spelling."""
    rows: dict[str, list[int]] = {}
    for column in NAMES:
        if column in genes:
            found: dict[str, list[int]] = {}
            for row, name in enumerate(genes[column]):
                if name:
                    found.setdefault(name, []).append(row)
            rows = found | rows
    return rows


def _find(name: str, rows: dict[str, list[int]], key: str) -> list[int]:
    """Return the rows of a gene, or raise."""
    if name not in rows:
        raise LandmarksError(
            f"constraints.{key}: expected genes of the compendium, found {name!r}.",
            hint="name genes by the compendium's gene ids, symbols, Entrez or Ensembl ids.",
        )
    return rows[name]


def _read_costs(costs: pd.DataFrame | None, rows: dict[str, list[int]], size: int) -> npt.NDArray[np.float64]:
    """Return the cost of every gene, 1 where none is given."""
    values = np.ones(size)
    if costs is not None:
        for name, cost in zip(costs["gene"], costs["cost"], strict=True):
            if not (np.isfinite(cost) and cost > 0):
                raise LandmarksError(
                    f"constraints.costs: expected a cost above 0 for {name}, found {cost}.",
                    hint="a gene that must not be chosen belongs in constraints.exclude.",
                )
            values[_find(name, rows, "costs")] = cost
    return values
