"""Gene sets: Gene Ontology terms with the genes annotated to them or to a descendant, and the GMT format."""

import gzip
import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import obonet
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.files import replacing

logger = logging.getLogger("landmarks")

COLUMNS = ["term_id", "term_name", "gene_symbol"]

PROPAGATING = ("is_a", "part_of")
"""Relations along which an annotation holds for the parent too (GO's true-path rule); `regulates` is none."""

UNREADABLE = (OSError, EOFError, ValueError)
"""What a missing, truncated, or wrongly encoded file raises, plain or gzipped, JSON's own errors included."""


def read_ontology(path: Path) -> "nx.MultiDiGraph[str]":
    """Read an OBO file, gzipped where its name ends in ``.gz``.

    Returns
    -------
    networkx.MultiDiGraph
        A node a term, obsolete ones included; edges from child to parent, the relation as their key (obonet).

    Raises
    ------
    LandmarksError
        If the file is missing, unreadable, or holds no term.
    """
    try:
        graph = obonet.read_obo(str(path), ignore_obsolete=False)
    except UNREADABLE as error:
        raise _unreadable(path, "an ontology in OBO format", error) from error
    if not graph:
        raise LandmarksError(
            f"Expected `[Term]` stanzas in the OBO file {path}, found none.",
            hint="give the ontology, such as go-basic.obo of geneontology.org.",
        )
    return graph


def read_associations(path: Path) -> dict[str, list[str]]:
    """Read which proteins are annotated directly to which term.

    Parameters
    ----------
    path
        JSON of PyIOmica: ``[date, {GO id: [UniProt accession, …]}]``, gzipped where the name ends in ``.gz``.

    Raises
    ------
    LandmarksError
        If the file is missing, unreadable, or of another form.
    """
    match _load(path):
        case [_, dict() as associations]:
            return associations
    raise LandmarksError(
        f"Expected [date, {{GO id: [accessions]}}] in {path}, found another form of JSON.",
        hint="give PyIOmica's humanGeneOntAssoc.json.gz, or give gene sets as a GMT file.",
    )


def read_identifiers(path: Path) -> dict[str, set[str]]:
    """Read the gene symbols of each UniProt accession; an isoform (``P23634-2``) counts as its protein.

    Parameters
    ----------
    path
        JSON of PyIOmica: ``[date, [UCSC ids, UniProt accessions, symbols, …]]``, parallel lists with null or
        the string ``None`` where an identifier is missing; gzipped where the name ends in ``.gz``.

    Returns
    -------
    dict
        A set of symbols an accession: proteins coded by several genes have several.

    Raises
    ------
    LandmarksError
        If the file is missing, unreadable, or of another form.
    """
    match _load(path):
        case [_, [_, list() as accessions, list() as names, *_]] if len(accessions) == len(names):
            symbols: dict[str, set[str]] = defaultdict(set)
            for accession, symbol in zip(accessions, names, strict=True):
                if accession not in (None, "", "None") and symbol not in (None, "", "None"):
                    symbols[accession.partition("-")[0]].add(symbol)
            return dict(symbols)
    raise LandmarksError(
        f"Expected [date, [UCSC ids, accessions, symbols, …]] with lists of one length in {path}, "
        "found another form of JSON.",
        hint="give PyIOmica's humanGeneUCSCTable.json.gz, or give gene sets as a GMT file.",
    )


def build_gene_sets(
    ontology: "nx.MultiDiGraph[str]",
    associations: Mapping[str, Sequence[str]],
    symbols: Mapping[str, set[str]],
    *,
    namespace: str = "molecular_function",
    minimum: int = 5,
    maximum: int = 500,
) -> pd.DataFrame:
    """Return the terms of a namespace with their genes, annotations carried up to every ancestor.

    Follows the Gene Ontology's true-path rule along `PROPAGATING`, within the namespace. An alternative id
    counts as its term, an obsolete term as the one that replaces it; obsolete terms without one are left out.

    Parameters
    ----------
    ontology
        Terms with edges from child to parent, as `read_ontology` gives them.
    associations
        UniProt accessions by term id, direct annotations.
    symbols
        Gene symbols by accession.
    namespace
        The part of the ontology to keep.
    minimum, maximum
        The fewest and most genes of a set, both kept.

    Returns
    -------
    pandas.DataFrame
        ``term_id``, ``term_name``, ``gene_symbol`` (strings), a row a gene of a term, sorted.

    Raises
    ------
    LandmarksError
        If the namespace is unknown, the ontology has a cycle, or no set is left.
    """
    terms = [
        term
        for term, data in ontology.nodes(data=True)
        if data.get("namespace") == namespace and data.get("is_obsolete") != "true"
    ]
    if not terms:
        known = sorted({str(name) for _, name in ontology.nodes(data="namespace") if name})
        raise LandmarksError(
            f"Expected terms of the namespace {namespace!r} in the ontology, found {', '.join(known) or 'none'}.",
            hint="choose one of the namespaces that the ontology holds.",
        )
    genes = _annotate(ontology, terms, associations, symbols)
    _propagate(ontology, genes)
    names = {term: ontology.nodes[term].get("name", term) for term in sorted(genes)}
    rows = [(term, name, gene) for term, name in names.items() for gene in sorted(genes[term])]
    return limit_sizes(pd.DataFrame(rows, columns=COLUMNS, dtype=str), minimum=minimum, maximum=maximum)


def limit_sizes(sets: pd.DataFrame, *, minimum: int = 5, maximum: int = 500) -> pd.DataFrame:
    """Return the sets of `minimum` to `maximum` genes, both included.

    Raises
    ------
    LandmarksError
        If none is left.
    """
    size = sets.groupby("term_id")["gene_symbol"].transform("nunique")
    kept = sets[size.between(minimum, maximum)].reset_index(drop=True)
    if kept.empty:
        raise LandmarksError(
            f"Expected gene sets of {minimum:,} to {maximum:,} genes, found none among "
            f"{sets['term_id'].nunique():,} sets.",
            hint="widen the limits; do the associations and the identifiers belong to the same species?",
        )
    logger.info(
        "%s of %s gene sets hold %s to %s genes; %s genes in all",
        *(f"{n:,}" for n in (kept["term_id"].nunique(), sets["term_id"].nunique(), minimum, maximum)),
        f"{kept['gene_symbol'].nunique():,}",
    )
    return kept


def write_gmt(sets: pd.DataFrame, path: Path) -> None:
    """Write `sets` as GMT: a line a set, tab-separated: id, name, genes."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for (term, name), rows in sets.groupby(["term_id", "term_name"], sort=True):
            file.write("\t".join([str(term), str(name), *rows["gene_symbol"]]) + "\n")


def read_gmt(path: Path) -> pd.DataFrame:
    """Read gene sets in GMT: a line a set, tab-separated: id, description, genes.

    Returns
    -------
    pandas.DataFrame
        ``term_id``, ``term_name``, ``gene_symbol`` (strings), a row a gene of a set, in the file's order.

    Raises
    ------
    LandmarksError
        If the file is missing or unreadable, or a line has fewer than three fields or repeats an id.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UNREADABLE as error:
        raise _unreadable(path, "gene sets in GMT format", error) from error
    rows: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        term, description, *genes = (field.strip() for field in (line + "\t").split("\t"))
        genes = [gene for gene in dict.fromkeys(genes) if gene]
        if not genes or not term or term in seen:
            raise LandmarksError(
                f"Expected a new set name, a description and genes, tab-separated, in line {number} of "
                f"{path}, found {'a set named before' if term in seen else 'fewer fields'}: {line[:60]!r}.",
                hint="give a GMT file, such as MSigDB's *.symbols.gmt.",
            )
        seen.add(term)
        # MSigDB's description is a link to its card, which is no name.
        name = term if description in ("", "na") or description.startswith("http") else description
        rows += [(term, name, gene) for gene in genes]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def _annotate(
    ontology: "nx.MultiDiGraph[str]",
    terms: list[str],
    associations: Mapping[str, Sequence[str]],
    symbols: Mapping[str, set[str]],
) -> dict[str, set[str]]:
    """Return the symbols annotated directly to each of `terms`, an empty set where there are none."""
    current = {term: term for term in ontology}
    for term, data in ontology.nodes(data=True):
        current |= {other: term for other in data.get("alt_id", []) if other not in ontology}
        if data.get("is_obsolete") == "true" and len(data.get("replaced_by", [])) == 1:
            current[term] = data["replaced_by"][0]
    genes: dict[str, set[str]] = {term: set() for term in terms}
    accessions: set[str] = set()
    for term, proteins in associations.items():
        target = current.get(term)
        if target in genes:
            accessions.update(proteins)
            genes[target].update(*(symbols.get(protein, ()) for protein in proteins))
    logger.info(
        "%s terms, %s of them annotated; %s of %s accessions have no gene symbol; %s associated terms are unknown",
        f"{len(terms):,}",
        f"{sum(map(bool, genes.values())):,}",
        f"{len(accessions - symbols.keys()):,}",
        f"{len(accessions):,}",
        f"{len(associations.keys() - current.keys()):,}",
    )
    return genes


def _propagate(ontology: "nx.MultiDiGraph[str]", genes: dict[str, set[str]]) -> None:
    """Add the genes of each term of `genes` to its ancestors among them, in place."""
    edges = [
        (child, parent)
        for child, parent, relation in ontology.edges(keys=True)
        if relation in PROPAGATING and child in genes and parent in genes
    ]
    hierarchy = nx.DiGraph(edges)
    try:
        # Children come before their parents, so one pass carries a gene all the way up.
        for child in nx.topological_sort(hierarchy):
            for parent in hierarchy.successors(child):
                genes[parent] |= genes[child]
    except nx.NetworkXUnfeasible as error:
        raise LandmarksError(
            "Expected an ontology without cycles along is_a and part_of, found one.",
            hint="give go-basic.obo, which has none; the full go.obo may.",
        ) from error


def _load(path: Path) -> Any:
    """Return the content of a JSON file, plain or gzipped."""
    try:
        data = path.read_bytes()
        return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    except UNREADABLE as error:
        raise _unreadable(path, "JSON", error) from error


def _unreadable(path: Path, kind: str, error: Exception) -> LandmarksError:
    """Return the error for a file that is missing or broken."""
    return LandmarksError(f"Expected {kind} in {path}: {error}.", hint="check the path, or fetch the file again.")
