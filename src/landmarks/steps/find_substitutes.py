"""Find the genes that can stand in for each landmark of a panel, and families of interchangeable genes."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.expression import find_positions, read_gene_ids
from landmarks.files import read_frame, write_frame
from landmarks.panels.choice import from_frame, positions_of
from landmarks.panels.evidence import read_training
from landmarks.standardise import fit_scaling
from landmarks.substitutes import families_of, substitutes_of

logger = logging.getLogger("landmarks")


def main(
    *,
    panel: Annotated[Path, typer.Option(help="gene_id, rank: what select_panels wrote")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    candidates: Annotated[Path, typer.Option(help="which genes may be substitutes")],
    count: Annotated[int, typer.Option(min=1, help="substitutes for each landmark")],
    penalty: Annotated[float, typer.Option(help="of the ridge regressions, above 0")],
    samples: Annotated[int, typer.Option(min=2, help="the most training samples that are looked at")] = 3_000,
    out: Annotated[Path, typer.Option(help="a row a landmark and substitute")],
    out_families: Annotated[Path, typer.Option(help="a row a gene: family, gene_id, landmark")],
) -> None:
    """Find the genes that can stand in for each landmark of a panel, and families of interchangeable genes."""
    choice = from_frame(read_frame(candidates))
    training, _ = read_training(expression, read_frame(split), samples)
    training = training[:, find_positions(np.asarray(read_gene_ids(expression), object), choice.gene_ids, "gene")]
    mean, scale = fit_scaling(training, choice.gene_ids)
    landmarks = positions_of(choice, read_frame(panel, ["gene_id", "rank"]).sort_values("rank")["gene_id"].tolist())
    open_genes = choice.start()
    for landmark in landmarks:
        # A row that measures a landmark's gene is no other gene to measure.
        choice.take(open_genes, landmark)
    substitutes = substitutes_of(
        (training - mean) / scale, landmarks, open_genes, gene_ids=choice.gene_ids, penalty=penalty, count=count
    )
    families = families_of(substitutes)
    sizes = families.groupby("family").size()
    alone = (sizes == 1).sum()
    logger.info("%d landmarks in %d families, %d of them without a substitute", len(landmarks), len(sizes), alone)
    write_frame(substitutes, out)
    write_frame(families, out_families)
