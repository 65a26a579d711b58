"""Merge the shards' sums and rank the genes by their importance for the bottleneck."""

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.attribution import agreement
from landmarks.files import read_frame, write_frame
from landmarks.importance import merge_checks, merge_shards, rank_genes

logger = logging.getLogger("landmarks")


def main(
    *,
    sums: Annotated[list[Path], typer.Argument(help="what attribute_deeplift wrote, a file a shard")],
    checks: Annotated[list[Path], typer.Option(help="its checks, once a shard")],
    engine: Annotated[str, typer.Option(help="as in the attribution")],
    aggregation: Annotated[str, typer.Option(help="as in the attribution")],
    agreement_k: Annotated[int, typer.Option(help="size of the top whose agreement is reported")],
    out: Annotated[Path, typer.Option(help="a row a gene, the most important first")],
    out_checks: Annotated[Path, typer.Option(help="samples, completeness, difference from Captum, agreement")],
) -> None:
    """Merge the shards' sums and rank the genes by their importance for the bottleneck."""
    genes, summed = merge_shards([read_frame(file) for file in sums])
    reached = agreement(summed, aggregation, agreement_k)
    logger.info("%d samples; the top %d of two halves agree by %.3f", summed.samples, agreement_k, reached)
    merged = merge_checks(pd.concat([read_frame(file) for file in checks]))
    row = {"engine": engine, "shards": len(sums), **merged, "agreement_k": agreement_k, "agreement": reached}
    write_frame(rank_genes(genes, summed, aggregation), out)
    write_frame(pd.DataFrame([row]), out_checks)
