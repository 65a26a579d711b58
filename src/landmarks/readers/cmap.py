"""What GCT and GCTX files of the Connectivity Map have in common.

Source: Enache et al. 2019, "The GCTx format and cmap{Py, R, M, J} packages", https://doi.org/10.1093/bioinformatics/bty784.
"""

from collections.abc import Mapping, Sequence

from landmarks.matrices import Matrix
from landmarks.readers.base import RawTable, ReadOptions, make_table

NOTHING = {"-666", "-666.0"}
"""What CMap writes where metadata are missing."""

Metadata = Mapping[str, Sequence[str]]


def orient_table(
    rows: tuple[Sequence[str], Metadata], columns: tuple[Sequence[str], Metadata], matrix: Matrix, options: ReadOptions
) -> RawTable:
    """Return a table of rows and columns, ids and metadata each: rows are genes unless they are said to be samples.

    `matrix` must have samples first already.
    """
    samples, genes = (rows, columns) if options.orientation == "samples" else (columns, rows)
    return make_table(samples[0], genes[0], matrix, drop_missing(samples[1]), drop_missing(genes[1]))


def drop_missing(metadata: Metadata) -> dict[str, list[str]]:
    """Return metadata with CMap's -666 as empty strings."""
    return {name: ["" if value in NOTHING else value for value in column] for name, column in metadata.items()}
