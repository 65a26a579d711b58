"""Names of genes by what an expression file itself says of them."""

import pandas as pd

from landmarks.annotation import ENSEMBL, GENE_NAMES

USUAL = {
    "symbol": ("pr_gene_symbol", "gene_symbol", "symbol", "gene_name", "hgnc_symbol"),
    "entrez": ("pr_gene_id", "entrez", "entrez_id", "entrez_gene_id", "gene_id_in_file"),
    "ensembl": ("ensembl", "ensembl_id", "ensembl_gene_id", "pr_ensembl_id", "pr_ensembl_gene_id", "gene_id_in_file"),
}
"""Usual headings, in lower case and with ``_`` for spaces; the first that fits is taken. A file's own ``gene_id``,
which readers call ``gene_id_in_file``, may hold either kind of id."""


def usual_names(annotation: pd.DataFrame) -> dict[str, list[str]]:
    """Find names of genes in columns with usual headings.

    Parameters
    ----------
    annotation
        Strings, a row a gene: ``gene_id``, then whatever the file says.

    Returns
    -------
    dict
        ``symbol``, ``entrez`` or ``ensembl``, as many as are found: a name a gene, empty where unknown. A column
        fits only if it holds numbers for Entrez, or stable ids for Ensembl, whose versions are cut off.
    """
    headings = {str(name).strip().lower().replace(" ", "_"): name for name in annotation.columns[1:]}
    found = {}
    for kind in GENE_NAMES:
        columns = (annotation[headings[name]].tolist() for name in USUAL[kind] if name in headings)
        names = next(filter(None, (_clean(kind, column) for column in columns)), None)
        if names:
            found[kind] = names
    return found


def _clean(kind: str, names: list[str]) -> list[str]:
    """Return the names of a column if they are of the kind, else none."""
    given = [name for name in names if name]
    if kind == "entrez" and not all(part.isdecimal() for name in given for part in name.split(" /// ")):
        return []
    if kind == "ensembl":
        matches = [ENSEMBL.fullmatch(name) for name in names]
        if sum(match is not None for match in matches) < len(given):
            return []
        names = [match[1] if match else "" for match in matches]
    return names if given else []
