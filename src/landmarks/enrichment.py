"""Over-representation of gene sets in a panel, and how much of it random panels show."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import false_discovery_control, hypergeom

from landmarks.errors import LandmarksError, name_some

SIGNIFICANT = 0.05
"""The false discovery rate below which a term counts as enriched."""


@dataclass(frozen=True)
class Universe:
    """The genes and terms that a test is about.

    Attributes
    ----------
    genes
        Symbols measured and annotated, sorted, shape (genes,).
    terms
        ``term_id`` and ``term_name`` of the terms tested, sorted by id, shape (terms, 2).
    membership
        1 where a gene belongs to a term, int64, sparse, shape (genes, terms).
    """

    genes: npt.NDArray[np.object_]
    terms: pd.DataFrame
    membership: csr_array


def split_symbols(symbols: Iterable[object]) -> set[str]:
    """Return the distinct gene symbols; a probe of several genes (``A /// B``) gives each of them.

    >>> sorted(split_symbols(["TP53", "A /// B", "", None]))
    ['A', 'B', 'TP53']
    """
    parts = (part.strip() for symbol in symbols if isinstance(symbol, str) for part in symbol.split("///"))
    return {part for part in parts if part}


def find_symbols(gene_ids: pd.Series, genes: pd.DataFrame) -> pd.Series:
    """Return the symbols of a panel's genes.

    Parameters
    ----------
    gene_ids
        The ids of the panel.
    genes
        ``gene_id`` and ``symbol`` of every measured gene.

    Raises
    ------
    LandmarksError
        If an id is not among `genes`.
    """
    unknown = gene_ids[~gene_ids.isin(genes["gene_id"])]
    if len(unknown):
        raise LandmarksError(
            f"{len(unknown):,} of the panel's {len(gene_ids):,} genes are not measured: {name_some(list(unknown))}.",
            hint="the panel and the table of genes must belong to the same dataset.",
        )
    return genes.loc[genes["gene_id"].isin(gene_ids), "symbol"]


def enrich(
    panel: Iterable[object],
    background: Iterable[object],
    sets: pd.DataFrame,
    *,
    minimum: int = 5,
    maximum: int = 500,
) -> pd.DataFrame:
    """Test each gene set for more genes of the panel than chance gives.

    The upper tail of the hypergeometric distribution (Fisher's exact test, one-sided), and the false
    discovery rate of Benjamini and Hochberg (1995) over all terms tested. The background is the measured
    genes that `sets` annotate: a gene without annotation cannot belong to a term, and counting such genes
    would make every term look enriched in a panel of well-known genes.

    Parameters
    ----------
    panel, background
        Gene symbols of the panel and of all that was measured; see `split_symbols` for what they may hold.
    sets
        ``term_id``, ``term_name``, ``gene_symbol``, a row a gene of a term.
    minimum, maximum
        The fewest and most background genes of a term that is tested.

    Returns
    -------
    pandas.DataFrame
        A row a term, by rising p: ``term_id``, ``term_name``, ``n_background``, ``n_term``, ``n_panel``,
        ``n_overlap`` (genes; int64), ``fold`` (observed overlap / expected), ``p``, ``q`` (float64),
        ``genes`` (the overlap, sorted, joined by ``;``).

    Raises
    ------
    LandmarksError
        If no term is left to test, or the panel has no gene in the background.
    """
    universe = find_universe(background, sets, minimum=minimum, maximum=maximum)
    inside = np.isin(universe.genes, list(split_symbols(panel)))
    n_panel = int(inside.sum())
    if n_panel == 0:
        raise LandmarksError(
            f"Expected panel genes among the {len(inside):,} annotated genes of the background, found none.",
            hint="the panel, the table of genes and the gene sets must all use gene symbols.",
        )
    n_term = universe.membership.sum(axis=0)
    n_overlap = universe.membership.T @ inside.astype(np.int64)
    p = _tail(n_overlap, n_term, n_panel, len(inside))
    hits = universe.membership[inside].tocsc()
    names = universe.genes[inside]
    result = universe.terms.assign(
        n_background=len(inside),
        n_term=n_term,
        n_panel=n_panel,
        n_overlap=n_overlap,
        fold=n_overlap * len(inside) / (n_term * n_panel),
        p=p,
        q=false_discovery_control(p),
        genes=[
            ";".join(names[np.sort(hits.indices[start:end])])
            for start, end in zip(hits.indptr[:-1], hits.indptr[1:], strict=True)
        ],
    )
    return result.sort_values("p", kind="stable", ignore_index=True)


def count_by_chance(
    n_panel: int,
    background: Iterable[object],
    sets: pd.DataFrame,
    *,
    replicates: int,
    seed: int,
    minimum: int = 5,
    maximum: int = 500,
) -> npt.NDArray[np.int64]:
    """Count the enriched terms of random panels: what a panel's own count must exceed to mean anything.

    Parameters
    ----------
    n_panel
        Annotated genes a panel, ``n_panel`` of `enrich`.
    background, sets, minimum, maximum
        As for `enrich`.
    replicates
        Random panels, drawn without replacement from the annotated background.
    seed
        Of numpy's default generator.

    Returns
    -------
    numpy.ndarray
        Terms with q < `SIGNIFICANT`, int64, shape (replicates,).

    Raises
    ------
    LandmarksError
        If no term is left to test, or the background has fewer than `n_panel` genes.
    """
    universe = find_universe(background, sets, minimum=minimum, maximum=maximum)
    size = len(universe.genes)
    if n_panel > size:
        raise LandmarksError(
            f"Expected at least {n_panel:,} annotated genes to draw random panels from, found {size:,}.",
            hint="give the panel's own background, and count only panel genes that lie in it.",
        )
    generator = np.random.default_rng(seed)
    drawn = [generator.choice(size, n_panel, replace=False) for _ in range(replicates)]
    ends = np.arange(replicates + 1) * n_panel
    ones = np.ones(replicates * n_panel, np.int64)
    panels = csr_array((ones, np.concatenate(drawn), ends), shape=(replicates, size))
    # One product gives every overlap, shape (replicates, terms).
    overlaps = (panels @ universe.membership).toarray()
    p = _tail(overlaps, universe.membership.sum(axis=0), n_panel, size)
    counts: npt.NDArray[np.int64] = (false_discovery_control(p, axis=1) < SIGNIFICANT).sum(axis=1)
    return counts


def find_universe(
    background: Iterable[object], sets: pd.DataFrame, *, minimum: int = 5, maximum: int = 500
) -> Universe:
    """Return the annotated genes of the background, and the terms with `minimum` to `maximum` of them.

    Raises
    ------
    LandmarksError
        If there is no such term.
    """
    measured = sets[sets["gene_symbol"].isin(split_symbols(background))]
    measured = measured.drop_duplicates(["term_id", "gene_symbol"])
    genes = np.unique(measured["gene_symbol"].to_numpy(object))
    tested = measured[measured.groupby("term_id")["gene_symbol"].transform("size").between(minimum, maximum)]
    if tested.empty:
        raise LandmarksError(
            f"Expected terms with {minimum:,} to {maximum:,} measured genes, found none among "
            f"{sets['term_id'].nunique():,} terms; {len(genes):,} measured genes are annotated.",
            hint="gene sets and the table of genes must both use gene symbols of the same species.",
        )
    terms = tested[["term_id", "term_name"]].drop_duplicates("term_id")
    terms = terms.sort_values("term_id", ignore_index=True)
    rows = pd.Index(genes).get_indexer(tested["gene_symbol"])
    columns = pd.Index(terms["term_id"]).get_indexer(tested["term_id"])
    ones = np.ones(len(tested), np.int64)
    return Universe(genes, terms, csr_array((ones, (rows, columns)), shape=(len(genes), len(terms))))


def _tail(
    overlap: npt.NDArray[np.int64], n_term: npt.NDArray[np.int64], n_panel: int, n_background: int
) -> npt.NDArray[np.float64]:
    """Return P(X ≥ overlap) of the hypergeometric distribution, in the shape of `overlap` (…, terms)."""
    # The tail is slow to compute, and among thousands of terms and panels few pairs of counts differ.
    pairs = np.stack([overlap.ravel(), np.broadcast_to(n_term, overlap.shape).ravel()], axis=1)
    distinct, where = np.unique(pairs, axis=0, return_inverse=True)
    tail = hypergeom.sf(distinct[:, 0] - 1, n_background, distinct[:, 1], n_panel)
    # Rounding can carry the tail a hair over one, which `false_discovery_control` refuses.
    clipped: npt.NDArray[np.float64] = np.minimum(tail, 1.0)
    return clipped[where].reshape(overlap.shape)
