"""The tables that describe genes and samples, made from ids, patterns and labels."""

import logging
import re
from collections.abc import Mapping, Sequence

import pandas as pd

from landmarks.errors import LandmarksError, name_some

logger = logging.getLogger("landmarks")

GENE_NAMES = ("symbol", "entrez", "ensembl")
ENSEMBL = re.compile(r"(ENS[A-Z]*G\d{11})(\.\d+)?")
"""A stable gene id of any species, and its version; https://www.ensembl.org/info/genome/stable_ids."""


def _compile(pattern: str, option: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise LandmarksError(
            f"Expected a regular expression in {option}, found {pattern!r}: {error}.",
            hint="quote it in the shell; Python's syntax applies.",
        ) from error


def describe_genes(gene_ids: Sequence[str], pattern: str = "") -> pd.DataFrame:
    r"""Make the table of genes.

    Parameters
    ----------
    gene_ids
        Ids as in the file.
    pattern
        A regular expression with groups named symbol, entrez or ensembl, searched for in every id, such as
        ``^(?P<symbol>.+)_(?P<entrez>\d+)$``. Without one, an Ensembl gene id goes to ``ensembl``, less its
        version, and any other id to ``symbol``.

    Returns
    -------
    DataFrame
        ``gene_id``, ``symbol``, ``entrez``, ``ensembl``: strings, empty where unknown.

    Raises
    ------
    LandmarksError
        If the pattern is wrong, names no or other groups, or an id does not match it.
    """
    found: list[dict[str, str | None]]
    if not pattern:
        found = [{"ensembl": match[1]} if (match := ENSEMBL.fullmatch(name)) else {"symbol": name} for name in gene_ids]
    else:
        regex = _compile(pattern, "--gene-pattern")
        if not regex.groupindex or set(regex.groupindex) - set(GENE_NAMES):
            raise LandmarksError(
                f"Expected groups named {', '.join(GENE_NAMES)} in --gene-pattern, found {pattern!r}.",
                hint=r"for ids like ESR1_2099 write ^(?P<symbol>.+)_(?P<entrez>\d+)$.",
            )
        matches = [regex.search(name) for name in gene_ids]
        strays = [name for name, match in zip(gene_ids, matches, strict=True) if match is None]
        if strays:
            raise LandmarksError(
                f"Expected every gene id to match {pattern!r}; {len(strays):,} do not: {name_some(strays)}.",
                hint="mend --gene-pattern, or leave it out.",
            )
        found = [match.groupdict() for match in matches if match is not None]
    columns = {name: [gene.get(name) or "" for gene in found] for name in GENE_NAMES}
    return pd.DataFrame({"gene_id": list(gene_ids), **columns}, dtype=object)


def annotate_genes(genes: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Keep the genes of a table, with the names it gives them.

    Parameters
    ----------
    genes
        From `describe_genes`.
    table
        Strings: gene ids first, and columns ``symbol``, ``entrez`` or ``ensembl``, in any case of letters. Several
        names are joined by ``///``, as in Affymetrix annotation.

    Returns
    -------
    DataFrame
        Rows of `genes` in their order; names that the table gives replace their own.

    Raises
    ------
    LandmarksError
        If the table has no such column, repeats an id, or holds none of the genes.
    """
    found = {str(name).strip().lower(): name for name in table.columns[1:]}
    names = [name for name in GENE_NAMES if name in found]
    if not names:
        raise LandmarksError(
            f"Expected columns named {', '.join(GENE_NAMES)} in the table of genes, "
            f"found {name_some(list(table.columns))}.",
            hint="name at least one of them so.",
        )
    ids = table.iloc[:, 0]
    if repeated := ids[ids.duplicated()].unique().tolist():
        raise LandmarksError(
            f"Expected every gene once in the table of genes; {len(repeated):,} repeat: {name_some(repeated)}.",
            hint="leave one row a gene; several names of one are joined by ///.",
        )
    kept = genes[genes["gene_id"].isin(ids)].reset_index(drop=True)
    if kept.empty:
        raise LandmarksError(
            f"Expected genes like {name_some(genes['gene_id'].tolist(), 3)} in the table of genes, "
            f"found {name_some(ids.tolist(), 3)}.",
            hint="its first column must hold the ids of the matrix.",
        )
    logger.info("%s of %s genes are in the table of genes.", f"{len(kept):,}", f"{len(genes):,}")
    given = table.set_index(table.columns[0]).loc[kept["gene_id"].tolist()]
    return kept.assign(**{name: given[found[name]].to_numpy(object) for name in names})


def describe_samples(
    samples: pd.DataFrame,
    *,
    group_pattern: str = "",
    group_column: str = "",
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    r"""Make the table of samples.

    Parameters
    ----------
    samples
        ``sample_id``, then any annotation of the file.
    group_pattern
        A regular expression searched for in every sample id; its first group is the sample's group (study,
        donor, site), such as ``^TCGA-(\w{2})-``.
    group_column
        The annotation column that holds the group, instead. Without either, every sample is its own group.
    labels
        Labels by sample id.

    Returns
    -------
    DataFrame
        ``sample_id``, ``group``, ``label``, then the annotation: strings, empty where unknown. Annotation
        that is itself called group or label becomes ``group_in_file`` or ``label_in_file``.

    Raises
    ------
    LandmarksError
        If both or wrong groupings are asked for, a sample has no group, or no sample has a label.
    """
    ids = samples["sample_id"].tolist()
    annotation = samples.drop(columns="sample_id")
    if group_pattern and group_column:
        raise LandmarksError(
            "Expected one of --group-pattern and --group-column, found both.", hint="leave one of them out."
        )
    groups = ids
    if group_pattern:
        groups = _match_groups(ids, group_pattern)
    elif group_column:
        groups = _read_column(annotation, group_column, "--group-column", "the annotation of the file")
    nameless = [name for name, group in zip(ids, groups, strict=True) if not group]
    if nameless:
        raise LandmarksError(
            f"Expected a group for every sample, found none for {len(nameless):,}: {name_some(nameless)}.",
            hint="mend --group-pattern or the group column: groups are kept whole when samples are split.",
        )
    columns = {"sample_id": ids, "group": groups, "label": _assign_labels(ids, labels)}
    annotation = annotation.rename(columns={name: f"{name}_in_file" for name in ("group", "label")})
    return pd.concat([pd.DataFrame(columns, dtype=object), annotation.reset_index(drop=True)], axis=1)


def _match_groups(ids: Sequence[str], pattern: str) -> list[str]:
    regex = _compile(pattern, "--group-pattern")
    if not regex.groups:
        raise LandmarksError(
            f"Expected a group in parentheses in --group-pattern, found {pattern!r}.",
            hint=r"the first one is what samples share: ^TCGA-(\w{2})-.",
        )
    matches = (regex.search(name) for name in ids)
    return [(match[1] or "") if match else "" for match in matches]


def _read_column(frame: pd.DataFrame, name: str, option: str, place: str) -> list[str]:
    if name not in frame:
        raise LandmarksError(
            f"Expected the column {name!r} in {place}, found {name_some(list(frame.columns)) or 'none'}.",
            hint=f"mend {option}.",
        )
    return [str(value) for value in frame[name]]


def _assign_labels(ids: Sequence[str], labels: Mapping[str, str] | None) -> list[str]:
    """Return the label of each sample, empty where there is none, and log who lacks one."""
    if labels is None:
        return [""] * len(ids)
    bare = [name for name in ids if name not in labels]
    if len(bare) == len(ids):
        raise LandmarksError(
            f"Expected labels for samples like {name_some(ids, 3)}; found {name_some(list(labels), 3)}.",
            hint="both files must name their samples alike; is --label-id-column right?",
        )
    strays = sorted(set(labels) - set(ids))
    if bare:
        logger.warning("%s of %s samples have no label: %s.", f"{len(bare):,}", f"{len(ids):,}", name_some(bare))
    if strays:
        logger.warning("%s labels belong to no sample: %s.", f"{len(strays):,}", name_some(strays))
    return [labels.get(name, "") for name in ids]


def choose_labels(
    table: pd.DataFrame,
    id_column: str = "",
    label_column: str = "",
    names: Mapping[str, str] | None = None,
    pattern: str = "",
) -> dict[str, str]:
    """Return labels by sample id from a table of strings.

    Parameters
    ----------
    table
        A row a sample: a file of labels, or the annotation of the matrix itself.
    id_column, label_column
        Its columns; the first and second by default, the latter only if there is no third.
    names
        Names of the codes that the table holds; without any, labels are the codes themselves.
    pattern
        A regular expression searched for in the column of labels: its first group, or the whole match, is the code.
        Where it does not match there is no label.

    Raises
    ------
    LandmarksError
        If a column is missing, a sample occurs twice, a code has no name, or the pattern is wrong or never matches.
    """
    if not label_column and len(table.columns) != 2:
        raise LandmarksError(
            f"Expected --label-column among {name_some(list(table.columns))}, found none.",
            hint="name the column of labels; only a table of two columns needs no --label-column.",
        )
    ids = _read_column(table, id_column or table.columns[0], "--label-id-column", "the labels")
    codes = _read_column(table, label_column or table.columns[1], "--label-column", "the labels")
    if pattern:
        codes = _match_codes(codes, pattern)
    index = pd.Index(ids)
    repeated = index[index.duplicated()].unique().tolist()
    if repeated:
        raise LandmarksError(
            f"Expected every sample once among the labels; {len(repeated):,} repeat: {name_some(repeated)}.",
            hint="leave one row a sample.",
        )
    if names:
        unknown = sorted({code for code in codes if code and code not in names})
        if unknown:
            raise LandmarksError(
                f"Expected labels among {name_some(list(names))}, found {name_some(unknown)}.",
                hint="give every code a name in --label-names.",
            )
        codes = [names.get(code, "") for code in codes]
    return dict(zip(ids, codes, strict=True))


def _match_codes(texts: Sequence[str], pattern: str) -> list[str]:
    regex = _compile(pattern, "--label-pattern")
    matches = [regex.search(text) for text in texts]
    codes = [(match[min(1, regex.groups)] or "") if match else "" for match in matches]
    if not any(codes):
        raise LandmarksError(
            f"Expected labels that match {pattern!r}, found none among {name_some(sorted(set(texts)))}.",
            hint="mend --label-pattern, or name another --label-column.",
        )
    return codes


def parse_label_names(text: str) -> dict[str, str]:
    """Read ``0=normal-like,1=basal`` as names by code; an empty text is an empty mapping."""
    names = {}
    for entry in filter(None, text.split(",")):
        code, equals, name = (part.strip() for part in entry.partition("="))
        if not (code and equals and name) or code in names:
            raise LandmarksError(
                f"Expected label names as CODE=NAME,CODE=NAME, every code once; found {entry!r} in {text!r}.",
                hint="write --label-names '0=normal-like,1=basal'.",
            )
        names[code] = name
    return names
