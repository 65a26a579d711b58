"""What the rows of a table are: samples or genes, told by its first heading, by its ids, or by its shape."""

import logging
import re
from pathlib import Path
from typing import Literal

from landmarks.annotation import ENSEMBL
from landmarks.errors import LandmarksError, name_some
from landmarks.readers.base import ReadOptions

logger = logging.getLogger("landmarks")

Kind = Literal["samples", "genes"]

SAMPLE_HEADINGS = {"sample", "samples", "sampleid", "samplename", "patient", "patientid", "pid", "barcode"}
SAMPLE_HEADINGS |= {"cell", "cellid", "donor", "donorid", "subject", "subjectid", "geoaccession"}
GENE_HEADINGS = {"gene", "genes", "geneid", "genename", "genesymbol", "symbol", "hgncsymbol", "idref"}
GENE_HEADINGS |= {"probe", "probeid", "probeset", "probesetid", "ensembl", "ensemblid", "ensemblgeneid"}
GENE_HEADINGS |= {"entrez", "entrezid", "entrezgeneid", "feature", "featureid"}
SAMPLE_ID = re.compile(r"(GS[MX]|[SED]R[RSX])\d+([._-].*)?|(TCGA|TARGET|GTEX)[-.].+")
"""Of GEO, the sequence archives, TCGA, TARGET and GTEx."""
GENE_ID = re.compile(rf"{ENSEMBL.pattern}|\d+(_[sxaf])?_at", ENSEMBL.flags)
"""Of Ensembl, and Affymetrix' probes."""
LOOKED_AT = 1_000
"""Ids by which their kind is told."""


def choose_orientation(options: ReadOptions, heading: str, rows: list[str], columns: list[str], path: Path) -> Kind:
    """Tell what the rows of a table are, and log why.

    Parameters
    ----------
    options
        Its `orientation` decides unless it is ``auto``; a `gene_prefix` or `sample_column` means samples.
    heading
        Of the column of ids: ``sample_id`` and its like mean samples, ``probe`` or ``gene`` genes.
    rows, columns
        Their ids, without annotation: most of them GEO's, TCGA's or GTEx's samples, or Ensembl's genes or Affymetrix'
        probes, or else more rows than columns, which means genes.
    path
        The file, for messages.

    Raises
    ------
    LandmarksError
        If genes are said to be both in rows and in columns.
    """
    by_column = options.gene_prefix or options.sample_column
    if options.orientation == "genes" and by_column:
        raise LandmarksError(
            f"{path}: --orientation genes contradicts --gene-prefix and --sample-column.",
            hint="those mean samples in rows: leave one of them out, or use --orientation samples.",
        )
    word = re.sub(r"[^a-z]", "", heading.lower())
    reason = f"its first column is {heading!r}"
    chosen: Kind
    if options.orientation != "auto":
        chosen, reason = options.orientation, "as asked"
    elif by_column or word in SAMPLE_HEADINGS:
        chosen = "samples"
    elif word in GENE_HEADINGS:
        chosen = "genes"
    elif (told := tell_kind(rows)) and told != tell_kind(columns):
        chosen, reason = told, f"as their ids tell: {name_some(rows, 2)}"
    elif (told := tell_kind(columns)) and told != tell_kind(rows):
        chosen, reason = ("genes" if told == "samples" else "samples"), f"as the columns tell: {name_some(columns, 2)}"
    else:
        chosen = "genes" if len(rows) > len(columns) else "samples"
        reason = "the longer side is taken for genes"
    shape = f"{len(rows):,} rows, {len(columns):,} columns"
    logger.info("%s: %s; rows are %s, %s.", path, shape, chosen, reason)
    return chosen


def tell_kind(ids: list[str]) -> Kind | None:
    """Return what most of some ids can only be, if anything."""
    some = ids[:LOOKED_AT]
    kinds: dict[Kind, re.Pattern[str]] = {"samples": SAMPLE_ID, "genes": GENE_ID}
    for kind, pattern in kinds.items():
        if sum(pattern.fullmatch(name) is not None for name in some) > len(some) / 2:
            return kind
    return None
