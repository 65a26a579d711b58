"""What every reader gives back, what it may be told, and what no matrix may hold."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import Expression

logger = logging.getLogger("landmarks")

Orientation = Literal["auto", "samples", "genes"]
"""What the rows of a file are."""


@dataclass(frozen=True)
class RawTable:
    """A file as it was read: values on the scale of the file.

    Attributes
    ----------
    expression
        Samples × genes.
    samples
        A row a sample, in the same order: ``sample_id``, then any annotation of the file, as strings.
    """

    expression: Expression
    samples: pd.DataFrame


@dataclass(frozen=True)
class ReadOptions:
    """What a file cannot say about itself.

    Attributes
    ----------
    orientation
        What the rows are; ``auto`` judges by the first heading, then by the shape.
    gene_prefix
        Columns that carry it are genes and lose it, the others annotate samples. Empty: all are genes.
    sample_column
        The column of sample ids. Empty: the first, or the format's own.
    sha256
        The sum of a pickle. Empty: the one kept beside the file.
    """

    orientation: Orientation = "auto"
    gene_prefix: str = ""
    sample_column: str = ""
    sha256: str = ""


def as_strings(column: pd.Series) -> pd.Series:
    """Return a column as strings, empty where a value is missing."""
    return column.astype(object).where(column.notna(), "").astype(str).astype(object)


def split_columns(names: list[str], options: ReadOptions, path: Path) -> tuple[int, list[int], list[int]]:
    """Return the positions of the ids, of the genes and of the annotation among the columns of a file.

    Parameters
    ----------
    names
        The columns' headings.
    options
        Its `gene_prefix` and `sample_column` decide.
    path
        The file, for messages.

    Raises
    ------
    LandmarksError
        If there is no such column, or no column carries the prefix.
    """
    if options.sample_column and options.sample_column not in names:
        raise LandmarksError(
            f"Expected a column {options.sample_column!r} in {path}, found {name_some(names)}.",
            hint="name the column of sample ids with --sample-column.",
        )
    ids = names.index(options.sample_column) if options.sample_column else 0
    others = [index for index in range(len(names)) if index != ids]
    genes = [index for index in others if names[index].startswith(options.gene_prefix)]
    if options.gene_prefix and not genes:
        raise LandmarksError(
            f"Expected columns that start with {options.gene_prefix!r} in {path}, found {name_some(names)}.",
            hint="mend --gene-prefix, or leave it out where every column is a gene.",
        )
    chosen = set(genes)
    return ids, genes, [index for index in others if index not in chosen]


def check_matrix(expression: Expression, path: Path) -> None:
    """Refuse a matrix that nothing can be learnt from or that would mislead; warn of constant genes.

    Raises
    ------
    LandmarksError
        If an id is empty or repeated, a value is missing or infinite, or there are fewer than two samples or
        two genes.
    """
    for kind, ids in (("sample", expression.sample_ids), ("gene", expression.gene_ids)):
        if len(ids) < 2:
            raise LandmarksError(
                f"Expected at least two {kind}s in {path}, found {len(ids)}.",
                hint="is the separator right (--format), and do the rows hold what --orientation says?",
            )
        _check_ids(ids, kind, path)
    finite = np.isfinite(expression.values)
    if not finite.all():
        genes = expression.gene_ids[~finite.all(axis=0)].tolist()
        samples = expression.sample_ids[~finite.all(axis=1)].tolist()
        raise LandmarksError(
            f"Expected finite numbers in {path}, found {(~finite).sum():,} missing or infinite values: "
            f"{len(genes):,} genes ({name_some(genes)}), {len(samples):,} samples ({name_some(samples)}).",
            hint="drop these genes or samples, or impute their values, before the import.",
        )
    unchanging = expression.values.min(axis=0) == expression.values.max(axis=0)
    constant = expression.gene_ids[unchanging].tolist()
    if constant:
        logger.warning(
            "%s of %s genes never change and are kept: %s.",
            f"{len(constant):,}",
            f"{len(expression.gene_ids):,}",
            name_some(constant),
        )


def _check_ids(ids: npt.NDArray[np.object_], kind: str, path: Path) -> None:
    index = pd.Index(ids)
    repeated = index[index.duplicated()].unique().tolist()
    if repeated:
        raise LandmarksError(
            f"Expected every {kind} id once in {path}; {len(repeated):,} repeat: {name_some(repeated)}.",
            hint=f"average or rename the repeated {kind}s before the import.",
        )
    nameless = np.flatnonzero(ids == "")
    if len(nameless):
        raise LandmarksError(
            f"Expected an id for every {kind} in {path}, found none for {kind} number {nameless[0] + 1}.",
            hint=f"name or drop that {kind}.",
        )
