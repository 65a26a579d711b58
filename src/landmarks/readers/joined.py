"""Several files as one matrix, a study a file; and a choice of genes."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import find_positions
from landmarks.readers.base import RawTable, check_ids
from landmarks.readers.matrices import Stacked

logger = logging.getLogger("landmarks")


def join_tables(tables: list[RawTable], paths: list[Path]) -> RawTable:
    """Put the samples of several files below each other, with the genes that all of them measure.

    Parameters
    ----------
    tables
        What was read from each file, on one scale.
    paths
        The files, in the same order.

    Returns
    -------
    RawTable
        The genes, and their annotation, in the order of the first file. A single file is returned as it is; of
        several, the samples' annotation is preceded by ``file``, the file's name without its suffixes.

    Raises
    ------
    LandmarksError
        If the files share fewer than two genes, or two of them name a sample alike.
    """
    if len(tables) == 1:
        return tables[0]
    shared = pd.Index(tables[0].gene_ids)
    for table in tables[1:]:
        shared = shared[shared.isin(table.gene_ids)]
    if len(shared) < 2:
        raise LandmarksError(
            f"Expected genes that all of {len(paths)} files measure, found {len(shared)}: "
            f"{name_some(list(map(str, paths)))}.",
            hint="files are joined by gene id: are all of one platform, and is --orientation right for each?",
        )
    logger.info("%d files share %s genes.", len(paths), f"{len(shared):,}")
    genes = shared.to_numpy(object)
    chosen = [select_genes(table, genes) for table in tables]
    every = np.arange(len(genes))
    annotations = []
    for table, path in zip(tables, paths, strict=True):
        own = table.samples.drop(columns="file", errors="ignore")
        own.insert(1, "file", path.name.split(".")[0])
        annotations.append(own)
    joined = RawTable(
        np.concatenate([table.sample_ids for table in tables]),
        genes,
        pd.concat(annotations, ignore_index=True).fillna(""),
        chosen[0].genes,
        Stacked([(table.matrix, every) for table in chosen]),
    )
    check_ids(joined, paths[0].parent)
    return joined


def select_genes(table: RawTable, gene_ids: npt.NDArray[np.object_]) -> RawTable:
    """Return `table` with these genes only, in this order."""
    positions = find_positions(table.gene_ids, gene_ids, "gene")
    genes = table.genes.iloc[positions].reset_index(drop=True)
    return replace(table, gene_ids=gene_ids, genes=genes, matrix=Stacked([(table.matrix, positions)]))
