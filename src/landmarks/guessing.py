"""What an expression file is, guessed from what it holds: for a first config. Every guess comes with its reason."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from landmarks.annotation import ENSEMBL
from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import Values
from landmarks.readers import SUFFIXES
from landmarks.readers.scale import LINEAR_ABOVE
from landmarks.readers.survey import Survey

PEEKED = 65_536
"""Bytes by which the format of a file is told."""
ZEROS = 0.01
"""Share of zeros from which values are taken for those of sequencing."""
ALIKE = 0.01
"""Largest difference between sorted samples, in log2, that are taken for quantile-normalised."""
GENE_PATTERN = r"^(?P<symbol>.+)[_|](?P<entrez>\d+)$"
GROUP_PATTERNS = (r"^(TCGA-\w\w-\w{4})", r"^([^-_.:| ]+)[-_.:| ]", r"^(.+)[-_.:| ][^-_.:| ]+$")
GROUPS = 5
"""Fewer groups are not worth holding out."""


@dataclass(frozen=True)
class Guess:
    """A value, or none, and why."""

    value: str | None
    why: str


def guess_format(path: Path) -> Guess:
    """Tell the format of a file by its first bytes.

    Raises
    ------
    LandmarksError
        If it is missing, empty, or none that can be read.
    """
    if not path.is_file():
        raise LandmarksError(f"Expected an expression file at {path}, found none.", hint="check the path.")
    with path.open("rb") as stream:
        first = stream.read(PEEKED)
    if first[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as stream:
                first = stream.read(PEEKED)
        except (OSError, EOFError) as error:
            raise LandmarksError(f"{path} is damaged: {error}.", hint="was it fetched whole?") from error
    if not first:
        raise LandmarksError(f"Expected expression in {path}, found an empty file.", hint="was it fetched whole?")
    name = path.name.lower().removesuffix(".gz")
    by_name = next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)
    if first[:4] == b"PAR1":
        return Guess("parquet", "its first bytes are Parquet's")
    if first[:8] == b"\x89HDF\r\n\x1a\n":
        kind = by_name if by_name in ("gctx", "h5ad") else "gctx"
        return Guess(kind, "it is HDF5")
    if re.match(rb"#1\.[23]\s", first):
        return Guess("gct", "its first line is GCT's")
    if first[:1] == b"!":
        return Guess("series", "its first line is a GEO series matrix's")
    if by_name == "survset":
        return Guess("survset", "its name ends in .pickle")
    if b"\0" in first:
        raise LandmarksError(
            f"Expected text, Parquet, GCTX or h5ad in {path}, found other binary data.",
            hint="export the matrix as CSV or Parquet.",
        )
    heading = first.decode("utf-8", "replace").lstrip("\ufeff").split("\n", 1)[0]
    counts = {delimiter: len(next(csv.reader([heading], delimiter=delimiter), [])) for delimiter in ",\t;"}
    delimiter = max(counts, key=lambda one: counts[one])
    if delimiter == ";" or counts[delimiter] < 2:
        found = "semicolons" if delimiter == ";" else f"neither in {heading[:40]!r}"
        raise LandmarksError(
            f"Expected commas or tabs between the columns of {path}, found {found}.",
            hint="export the matrix with commas or tabs, and points in numbers.",
        )
    kind = "csv" if delimiter == "," else "tsv"
    return Guess(kind, f"{counts[delimiter] - 1:,} {'commas' if kind == 'csv' else 'tabs'} in its first line")


def guess_scale(survey: Survey) -> Guess:
    """Tell whether values are counts, linear, or log2."""
    lowest, values = float(survey.lowest.min()), f"1% of the values above {survey.high:.3g}"
    if lowest < 0:
        return Guess("log2", f"some values are negative, down to {lowest:.3g}")
    if survey.whole and survey.high > 1:
        return Guess("counts", f"all values looked at are whole numbers, {values}")
    if survey.high > LINEAR_ABOVE:
        return Guess("linear", values)
    return Guess("log2", f"only {values}")


def guess_normalisation(scale: str, values: Values) -> Guess:
    """Tell whether arrays are to be quantile-normalised.

    Parameters
    ----------
    scale
        From `guess_scale`.
    values
        Some samples in log2, float32, shape (samples, genes).
    """
    if scale == "counts":
        return Guess("none", "counts are divided by the samples' sums")
    zeros = float((values == 0).mean())
    if zeros >= ZEROS:
        return Guess("none", f"{zeros:.0%} of the values are 0, as of sequencing")
    ordered = np.sort(values, axis=1)
    if np.ptp(ordered, axis=0).max() < ALIKE:
        return Guess("none", "all samples have the same quantiles already")
    return Guess("quantile", "hardly a value is 0, as of arrays")


def guess_gene_names(gene_ids: Sequence[str]) -> Guess:
    """Tell how genes are named; the value is a pattern for ids that hold two names."""
    some = name_some(list(gene_ids), 2)
    if all(re.search(GENE_PATTERN, name) for name in gene_ids):
        return Guess(GENE_PATTERN, f"ids are symbol and Entrez number: {some}")
    if sum(ENSEMBL.fullmatch(name) is not None for name in gene_ids) > len(gene_ids) / 2:
        return Guess(None, f"ids are Ensembl's: {some}")
    if sum(name.endswith("_at") for name in gene_ids) > len(gene_ids) / 2:
        return Guess(None, f"ids are Affymetrix probes: {some}. A table of their genes is worth having: genes, below")
    return Guess(None, f"ids are taken for symbols: {some}")


def guess_groups(sample_ids: Sequence[str]) -> Guess:
    """Tell which samples belong together, as of a study or donor, by how ids begin."""
    for pattern in GROUP_PATTERNS:
        matches = [re.search(pattern, name) for name in sample_ids]
        if not all(matches):
            continue
        sizes = Counter(match[1] for match in matches if match)
        if GROUPS <= len(sizes) < len(sample_ids) and max(sizes.values()) <= len(sample_ids) / 2:
            return Guess(pattern, f"{len(sizes):,} groups, such as {name_some(sorted(sizes), 3)}")
    return Guess(None, "no groups are told by the ids: every sample is its own")


@dataclass(frozen=True)
class Labels:
    """Which columns of a table of labels are ids and labels, and the others that could be labels."""

    id_column: str
    label_column: str
    found: int
    classes: int
    others: list[str]


def guess_labels(table: pd.DataFrame, sample_ids: Sequence[str], path: Path) -> Labels:
    """Find the columns of a table of labels.

    Raises
    ------
    LandmarksError
        If no column holds the samples' ids, or none could be labels.
    """
    known = set(sample_ids)
    overlap = {str(name): len(known & set(table[name])) for name in table.columns}
    id_column = max(overlap, key=lambda name: overlap[name], default="")
    if not id_column or not overlap[id_column]:
        raise LandmarksError(
            f"Expected the samples' ids, as {name_some(list(sample_ids), 2)}, in a column of {path}; "
            f"found columns {name_some(list(table.columns))}.",
            hint="name samples alike in both files.",
        )
    own = table[table[id_column].isin(known)]
    classes = {str(name): own.loc[own[name] != "", name].nunique() for name in table.columns if name != id_column}
    possible = [name for name, count in classes.items() if 2 <= count <= max(2, len(own) / 3)]
    if not possible:
        raise LandmarksError(
            f"Expected a column of {path} with a few different labels, found none among {name_some(list(classes))}.",
            hint="leave --labels out, or add such a column.",
        )
    label = min(possible, key=lambda name: (classes[name] > 20, list(classes).index(name)))
    return Labels(id_column, label, overlap[id_column], classes[label], [one for one in possible if one != label])


def panel_sizes(genes: int) -> list[int]:
    """Return sizes of panels that leave most genes to be inferred."""
    return [k for k in (50, 100, 250, 500, 943) if k <= genes / 4] or [max(2, genes // 10)]


def network_sizes(samples: int, genes: int) -> dict[str, int | list[int]]:
    """Return settings with which the paper's autoencoder takes at least some 1,500 steps on so many samples."""
    limits = ((200, 8), (400, 16), (5_000, 32), (20_000, 128))
    batch = next((size for limit, size in limits if samples < limit), 512)
    steps = max(1, int(0.7 * samples) // batch)
    hidden = [min(500, max(8, genes // 4)), min(100, max(4, genes // 20))]
    return {"hidden": hidden, "epochs": max(100, -(-1_500 // steps)), "batch_size": batch}
