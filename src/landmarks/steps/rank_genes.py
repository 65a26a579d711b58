"""Rank the genes by their importance for the bottleneck."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.attribution import AttributionSums, rank_genes
from landmarks.files import read_frame, write_frame


def main(
    *,
    sums: Annotated[Path, typer.Option(help="what attribute_deeplift wrote")],
    aggregation: Annotated[str, typer.Option(help="as in the attribution")],
    out: Annotated[Path, typer.Option(help="gene_id, importance, standard_error, rank")],
) -> None:
    """Rank the genes by their importance for the bottleneck."""
    frame = read_frame(sums)
    summed = AttributionSums(
        samples=int(frame["samples"].iloc[0]), total=frame["total"].to_numpy(), squares=frame["squares"].to_numpy()
    )
    write_frame(rank_genes(frame["gene_id"].to_numpy(object), summed, aggregation), out)
