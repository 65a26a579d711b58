"""Several files as one matrix: a study a file."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import Expression
from landmarks.readers.base import RawTable, check_matrix

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
        The genes in the order of the first file. A single file is returned as it is; of several, the annotation
        is preceded by ``file``, the file's name without its suffixes.

    Raises
    ------
    LandmarksError
        If the files share fewer than two genes, or two of them name a sample alike.
    """
    if len(tables) == 1:
        return tables[0]
    shared = pd.Index(tables[0].expression.gene_ids)
    for table in tables[1:]:
        shared = shared[shared.isin(table.expression.gene_ids)]
    if len(shared) < 2:
        raise LandmarksError(
            f"Expected genes that all of {len(paths)} files measure, found {len(shared)}: "
            f"{name_some(list(map(str, paths)))}.",
            hint="files are joined by gene id: are all of one platform, and is --orientation right for each?",
        )
    logger.info("%d files share %s genes.", len(paths), f"{len(shared):,}")
    genes = shared.to_numpy(object)
    ids = np.concatenate([table.expression.sample_ids for table in tables])
    values = np.concatenate([table.expression.columns(genes) for table in tables])
    joined = Expression(ids, genes, values)
    check_matrix(joined, paths[0].parent)
    annotations = []
    for table, path in zip(tables, paths, strict=True):
        own = table.samples.drop(columns="file", errors="ignore")
        own.insert(1, "file", path.name.split(".")[0])
        annotations.append(own)
    return RawTable(joined, pd.concat(annotations, ignore_index=True).fillna(""))
