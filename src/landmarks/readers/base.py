"""What every reader gives back, and what it may be told and use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import Matrix

Orientation = Literal["auto", "samples", "genes"]
"""What the rows of a file are."""


@dataclass(frozen=True)
class RawTable:
    """A file that is open for reading, with values on its own scale.

    Attributes
    ----------
    sample_ids, gene_ids
        One string a sample, shape (samples,), and a gene, shape (genes,).
    samples
        A row a sample, in the same order: ``sample_id``, then any annotation of the file, as strings.
    genes
        A row a gene, likewise: ``gene_id``, then any annotation.
    matrix
        The values, samples × genes.
    rows
        What the rows of the file are, where its format leaves that open.
    """

    sample_ids: npt.NDArray[np.object_]
    gene_ids: npt.NDArray[np.object_]
    samples: pd.DataFrame
    genes: pd.DataFrame
    matrix: Matrix
    rows: Literal["samples", "genes"] | None = None


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


def make_table(
    sample_ids: Sequence[str],
    gene_ids: Sequence[str],
    matrix: Matrix,
    samples: Mapping[str, Sequence[str]] | None = None,
    genes: Mapping[str, Sequence[str]] | None = None,
    rows: Literal["samples", "genes"] | None = None,
) -> RawTable:
    """Return a table of ids, values, and annotation by name of its column, if any.

    Annotation that is itself called ``sample_id`` or ``gene_id`` becomes ``sample_id_in_file``, ``gene_id_in_file``.
    """
    frames = []
    for kind, ids, columns in (("sample_id", sample_ids, samples or {}), ("gene_id", gene_ids, genes or {})):
        own = {f"{name}_in_file" if name == kind else name: list(column) for name, column in columns.items()}
        frames.append(pd.DataFrame({kind: list(ids), **own}, dtype=object))
    return RawTable(np.asarray(sample_ids, object), np.asarray(gene_ids, object), frames[0], frames[1], matrix, rows)


def as_strings(column: pd.Series) -> list[str]:
    """Return a column as strings, empty where a value is missing."""
    return [str(value) for value in column.astype(object).where(column.notna(), "")]


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


def refuse_options(options: ReadOptions, path: Path, format_: str, rows: Orientation | None = None) -> None:
    """Refuse options that mean nothing to a format that itself tells ids, genes and annotation apart.

    Parameters
    ----------
    options
        What was asked for.
    path, format_
        The file and its format, for messages.
    rows
        What the rows of such a file always are; by default they may be either.

    Raises
    ------
    LandmarksError
        If a column of ids, a prefix of genes, or another orientation is asked for.
    """
    if options.sample_column or options.gene_prefix:
        found = "--sample-column" if options.sample_column else "--gene-prefix"
        raise LandmarksError(
            f"Expected no {found} for {path}, found {options.sample_column or options.gene_prefix!r}.",
            hint=f"{format_} itself says which ids are samples and which genes: leave the option out.",
        )
    if rows and options.orientation not in ("auto", rows):
        raise LandmarksError(
            f"Expected {rows} in the rows of {path}, found --orientation {options.orientation}.",
            hint=f"{format_} always holds {rows} in rows: leave the option out.",
        )


def check_ids(table: RawTable, path: Path, samples: int = 2) -> None:
    """Refuse tables without at least two genes and as many `samples`, and ids that are empty or repeat.

    Raises
    ------
    LandmarksError
        Names the ids, and `path`.
    """
    for kind, ids, least in (("sample", table.sample_ids, samples), ("gene", table.gene_ids, 2)):
        if len(ids) < least:
            raise LandmarksError(
                f"Expected at least {('one', 'two')[least - 1]} {kind}{'s' * (least > 1)} in {path}, found {len(ids)}.",
                hint="is the separator right (--format), and do the rows hold what --orientation says?",
            )
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
