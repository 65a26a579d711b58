"""What tables say about genes beyond their ids, and the averaging of probes that measure one gene."""

import csv
import gzip
import logging
import zlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from scipy import sparse

from landmarks.annotation import GENE_NAMES
from landmarks.errors import LandmarksError, name_some

logger = logging.getLogger("landmarks")

GENE_ID = "gene_id"
TABLE_BEGINS, TABLE_ENDS = "!platform_table_begin", "!platform_table_end"


def read_gene_names(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table of gene names.

    Parameters
    ----------
    path
        CSV or TSV, gzipped or not. In the annotation files of GEO's platforms all lines up to
        ``!platform_table_begin`` and the last one are passed over.
    columns
        What each column holds where the file has no headings, see `name_columns`; a GEO file's headings are
        passed over. Without any, the file names its columns itself, ids first.

    Returns
    -------
    pandas.DataFrame
        Strings: ``gene_id`` and some of the names.

    Raises
    ------
    LandmarksError
        If the file is no such table.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise LandmarksError(
            f"{path} is not readable as a table of gene names: {error}.", hint="is it whole, and UTF-8 text?"
        ) from error
    lines = text.splitlines()
    geo = TABLE_BEGINS in lines
    if geo:
        lines = [line for line in lines[lines.index(TABLE_BEGINS) + 1 :] if line != TABLE_ENDS]
    separator = "\t" if lines and "\t" in lines[0] else ","
    rows = list(csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE if geo else csv.QUOTE_MINIMAL))
    headings = [] if columns and not geo else rows[:1]
    width = max(map(len, rows), default=0)
    table = pd.DataFrame([row + [""] * (width - len(row)) for row in rows[len(headings) :]], dtype=object)
    if columns:
        return name_columns(table, columns)
    found = headings[0][1:] if headings else []
    named = [name for name in found if name in GENE_NAMES]
    if not named:
        raise LandmarksError(
            f"Expected columns named {', '.join(GENE_NAMES)} in {path}, found {name_some(found) or 'none'}.",
            hint="name at least one of them so, or name all columns in the config.",
        )
    return table.set_axis([GENE_ID, *found], axis=1)[[GENE_ID, *named]]


def name_columns(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Name the columns of a table without headings.

    Parameters
    ----------
    table
        Strings, its columns in their order.
    columns
        A name a column: ``gene_id``, ``symbol``, ``entrez`` or ``ensembl``; empty for one that is not wanted.
        Columns after the last name are not wanted either.

    Raises
    ------
    LandmarksError
        If there are fewer columns, or a name is unknown, given twice, or ``gene_id`` is missing.
    """
    wanted = [name for name in columns if name]
    if unknown := sorted(set(wanted) - {GENE_ID, *GENE_NAMES}):
        raise LandmarksError(
            f"Expected columns named {GENE_ID}, {', '.join(GENE_NAMES)}, found {name_some(unknown)}.",
            hint="leave the name of a column empty that is not wanted.",
        )
    if len(set(wanted)) < len(wanted) or GENE_ID not in wanted:
        raise LandmarksError(
            f"Expected {GENE_ID} among the columns, and no name twice; found {', '.join(columns)}.",
            hint="genes are found by their ids.",
        )
    if len(columns) > len(table.columns):
        raise LandmarksError(
            f"Expected {len(columns)} columns in the table of gene names, found {len(table.columns)}.",
            hint="name the columns of the file in their order, with empty names for those that are not wanted.",
        )
    return table.iloc[:, : len(columns)].set_axis(list(columns), axis=1)[wanted]


def name_genes(genes: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Give genes the names that a table has for them; the others keep theirs.

    Parameters
    ----------
    genes
        ``gene_id``, ``symbol``, ``entrez``, ``ensembl``: strings.
    table
        ``gene_id``, and some of the names. An id may be several, joined by commas, as the probes of a gene are in
        D-GEX's lists (Chen et al. 2016).

    Returns
    -------
    pandas.DataFrame
        As `genes`. A gene that several rows name has their names joined by `` /// ``.

    Raises
    ------
    LandmarksError
        If the table names none of the genes.
    """
    table = table.assign(**{GENE_ID: table[GENE_ID].str.split(",")}).explode(GENE_ID)
    table = table[table[GENE_ID].isin(genes[GENE_ID])]
    if table.empty:
        raise LandmarksError(
            f"Expected ids like {name_some(genes[GENE_ID].tolist(), 3)} in the table of gene names, found none.",
            hint="which of its columns holds the ids of the matrix?",
        )
    logger.info("%s of %s genes are named.", f"{table[GENE_ID].nunique():,}", f"{len(genes):,}")
    named, ids = genes.copy(), pd.Index(genes[GENE_ID])
    for name in (column for column in table.columns if column != GENE_ID):
        given = table[table[name] != ""].drop_duplicates([GENE_ID, name]).groupby(GENE_ID)[name].agg(" /// ".join)
        column = named[name].to_numpy(object, copy=True)
        column[ids.get_indexer(given.index)] = given.to_numpy(object)
        named[name] = column
    return named


def is_named(genes: pd.DataFrame, name: str) -> pd.Series:
    """Tell which rows have one name, and not none or several (joined by ``///``)."""
    return (genes[name] != "") & ~genes[name].str.contains("///", regex=False)


def average_by(genes: pd.DataFrame, name: str) -> tuple[pd.DataFrame, sparse.csr_matrix]:
    """Tell how the rows (probes) of each gene are averaged, as Chen et al. 2016 do.

    Parameters
    ----------
    genes
        ``gene_id``, ``symbol``, ``entrez``, ``ensembl``: a row a probe.
    name
        The column that tells which probes are of one gene. Probes without such a name, and those of several genes
        (joined by ``///``), are left out.

    Returns
    -------
    pandas.DataFrame
        A row a gene, in the order of their first probes: ``gene_id`` is its name; of the other columns the names
        that its probes agree on.
    scipy.sparse.csr_matrix
        float32, shape (probes, genes): (samples, probes) values times it are the means of the genes.

    Raises
    ------
    LandmarksError
        If fewer than two genes are named.
    """
    usable = is_named(genes, name)
    codes, names = pd.factorize(genes.loc[usable, name])
    if len(names) < 2:
        raise LandmarksError(
            f"Expected genes with a name in the column {name}, found {len(names)} among {len(genes):,} rows.",
            hint="name them with gene_pattern, genes or gene_names, or choose another average_by.",
        )
    logger.info(
        "%s of %s rows are averaged to %s genes; the others have no %s, or several.",
        f"{usable.sum():,}",
        f"{len(genes):,}",
        f"{len(names):,}",
        name,
    )
    probes = usable.to_numpy().nonzero()[0]
    sizes = pd.Series(codes).groupby(codes).transform("size")
    weights = sparse.csr_matrix((1 / sizes, (probes, codes)), shape=(len(genes), len(names)), dtype="float32")
    averaged = pd.DataFrame({GENE_ID: names.astype(object)})
    for column in GENE_NAMES:
        groups = genes.loc[usable, column].groupby(codes)
        averaged[column] = groups.first().where(groups.nunique() == 1, "").to_numpy(object)
    return averaged, weights


def translate_panel(panel: pd.DataFrame, genes: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the genes that a panel's probes measure.

    Parameters
    ----------
    panel
        ``gene_id`` (a probe), ``rank``, ``score``, ``reason``.
    genes
        ``gene_id`` and `name`, a row a probe of the compendium.
    name
        What probes of a gene share.

    Returns
    -------
    pandas.DataFrame
        As `panel`, its ``gene_id`` the name of the gene. Probes of no gene, of several, or of one that the panel has
        already are left out, and ranks are closed up.

    Raises
    ------
    LandmarksError
        If no gene is left.
    """
    names = genes.loc[is_named(genes, name)].set_index("gene_id")[name]
    translated = panel.assign(gene_id=panel["gene_id"].map(names)).dropna(subset="gene_id")
    translated = translated.drop_duplicates("gene_id").reset_index(drop=True)
    if translated.empty:
        raise LandmarksError(
            f"Expected probes with a name in the column {name} in the panel, "
            f"found {name_some(panel['gene_id'].tolist())}.",
            hint="name them with gene_names, or choose another average_by.",
        )
    if len(translated) < len(panel):
        logger.info("%d of %d probes of the panel measure a gene of their own", len(translated), len(panel))
    return translated.assign(rank=range(1, len(translated) + 1), gene_id=translated["gene_id"].astype(object))
