"""Drop samples that nearly equal an earlier one."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.duplicates import find_duplicates
from landmarks.errors import name_some
from landmarks.expression import Expression, read_expression, write_expression
from landmarks.files import write_frame

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="normalised expression")],
    distance: Annotated[float, typer.Option(help="Euclidean distance under which two samples are duplicates")],
    clusters: Annotated[int, typer.Option(help="1 compares all pairs; more only within that many clusters")],
    seed: Annotated[int, typer.Option(help="of the clustering")],
    out: Annotated[Path, typer.Option(help="prepared expression")],
    out_duplicates: Annotated[Path, typer.Option(help="the dropped samples")],
) -> None:
    """Drop samples that nearly equal an earlier one."""
    data = read_expression(expression)
    found = find_duplicates(data.sample_ids, data.values, distance=distance, clusters=clusters, seed=seed)
    kept = ~np.isin(data.sample_ids, found["sample_id"].to_numpy(object))
    names = found["sample_id"].tolist()
    logger.info("%d of %d samples dropped as duplicates: %s", len(found), len(kept), name_some(names, 20) or "none")
    write_frame(found, out_duplicates)
    write_expression(out, Expression(data.sample_ids[kept], data.gene_ids, data.values[kept]))
