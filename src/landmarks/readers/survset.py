"""The pickled frames of SurvSet: a row a patient, genes marked by a prefix.

Source: Drysdale 2022, "SurvSet: An open-source time-to-event dataset repository",
https://github.com/ErikinBC/SurvSet.
Its columns are ``pid``, ``event``, ``time``, then factors ``fac_…`` and numbers ``num_…``.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from landmarks.checksums import read_sidecar, sidecar
from landmarks.errors import LandmarksError, name_some
from landmarks.matrices import InMemory, Room
from landmarks.readers.base import RawTable, ReadOptions, as_strings, make_table, split_columns
from landmarks.unpickle import read_frame_pickle

GENE_PREFIX = "num_HS_"
SAMPLE_COLUMN = "pid"


def read_survset(path: Path, options: ReadOptions, room: Room) -> RawTable:
    """Read a SurvSet pickle whose SHA-256 is given or kept beside it, into memory; see `open_table`."""
    options = replace(
        options,
        gene_prefix=options.gene_prefix or GENE_PREFIX,
        sample_column=options.sample_column or SAMPLE_COLUMN,
    )
    if options.orientation == "genes":
        raise LandmarksError(
            f"Expected samples in the rows of {path}, found --orientation genes.",
            hint="SurvSet frames always hold a row a patient.",
        )
    sha256 = options.sha256 or read_sidecar(path)
    if not sha256:
        raise LandmarksError(
            f"Expected the SHA-256 of the pickle {path}, found neither --sha256 nor {sidecar(path)}.",
            hint="unpickling can run anything: get the file with `landmarks fetch`, which checks it.",
        )
    frame = read_frame_pickle(path, sha256)
    names = [str(name) for name in frame.columns]
    ids_at, genes_at, annotation_at = split_columns(names, options, path)
    genes = [names[index].removeprefix(options.gene_prefix) for index in genes_at]
    sample_ids = as_strings(frame.iloc[:, ids_at])
    block = frame.iloc[:, genes_at]
    strays = [str(name) for name, kind in block.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if strays:
        raise LandmarksError(
            f"Expected numbers in the gene columns of {path}, found others in {name_some(strays)}.",
            hint="mend --gene-prefix: it must begin the names of gene columns only.",
        )
    values = np.ascontiguousarray(block.to_numpy(np.float32))
    annotation = {names[index]: as_strings(frame.iloc[:, index]) for index in annotation_at}
    return make_table(sample_ids, genes, InMemory(values), annotation)
