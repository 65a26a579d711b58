"""Expression files written block by block, as GCTX or Parquet."""

from collections.abc import Callable, Iterable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.files import replacing
from landmarks.simulation.programmes import Floats
from landmarks.writing import write_expression_blocks

PARQUET_MB = 600.0
"""Bounds the row groups of Parquet, beside a block and the largest study."""

Writer = Callable[[Path, pd.DataFrame, pd.DataFrame, Iterable[Floats]], None]


def find_writer(path: Path) -> Writer:
    """Return the writer for the suffix of `path`.

    Raises
    ------
    LandmarksError
        If it is another one than .gctx or .parquet.
    """
    writers: dict[str, Writer] = {".gctx": write_gctx, ".parquet": write_parquet}
    if path.suffix not in writers:
        raise LandmarksError(
            f"Expected a file that ends in .gctx or .parquet, found {path}.",
            hint="the suffix chooses the format: write --out compendium.gctx.",
        )
    return writers[path.suffix]


def write_parquet(path: Path, samples: pd.DataFrame, genes: pd.DataFrame, blocks: Iterable[Floats]) -> None:
    """Write expression as Parquet; of the tables only the ids. See `write_gctx`."""
    sample_ids, gene_ids = (table.iloc[:, 0].to_numpy(object) for table in (samples, genes))
    write_expression_blocks(path, sample_ids, gene_ids, blocks, PARQUET_MB)


def write_gctx(path: Path, samples: pd.DataFrame, genes: pd.DataFrame, blocks: Iterable[Floats]) -> None:
    """Write GCTX 1.0, contiguous and not compressed.

    Parameters
    ----------
    path
        The file; it gets its name when all blocks are written.
    samples, genes
        Ids first, then any metadata, as strings; genes are ROW and samples COL, as in CMap's own files.
    blocks
        float32, shape (samples of the block, genes): together all samples, in order.
    """
    # `replacing` may hold a lock of its own on the file, which HDF5's would meet.
    with replacing(path) as temporary, h5py.File(temporary, "w", locking=False) as file:
        file.attrs["version"] = np.bytes_("GCTX1.0")
        for name, table in (("ROW", genes), ("COL", samples)):
            columns = table.rename(columns={str(table.columns[0]): "id"})
            for field, column in columns.items():
                # Strings of fixed length, as CMap's own files have them.
                file[f"0/META/{name}/{field}"] = np.char.encode(column.to_numpy(object).astype(str), "utf-8")
        matrix = file.create_dataset("0/DATA/0/matrix", (len(samples), len(genes)), np.float32)
        written = 0
        for values in blocks:
            matrix.write_direct(np.ascontiguousarray(values), dest_sel=np.s_[written : written + len(values)])
            written += len(values)
