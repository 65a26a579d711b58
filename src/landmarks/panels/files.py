"""The files of panels: their names tell selector, size and seed."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from landmarks.expression import find_positions
from landmarks.files import read_frame

Panel = tuple[str, int, int]
"""Selector, size and seed."""


def panel_of(path: Path) -> Panel:
    """Read selector, size and seed off …/<selector>/k<k>/seed<seed>[.parquet]."""
    selector, size, seed = path.with_suffix("").parts[-3:]
    return selector, int(size.removeprefix("k")), int(seed.removeprefix("seed"))


def read_panels(files: Iterable[Path], gene_ids: npt.NDArray[np.object_]) -> dict[Panel, npt.NDArray[np.int64]]:
    """Return where the landmarks of each panel stand among `gene_ids`, in the panel's order."""
    return {
        panel_of(file): find_positions(gene_ids, read_frame(file, ["gene_id"])["gene_id"].to_numpy(object), "gene")
        for file in files
    }
