"""Simulate an expression compendium of any size, with known drivers, and companion data sets beside it."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.simulation.compendium import write_compendium
from landmarks.simulation.studies import DUPLICATES


def main(
    *,
    samples: Annotated[int, typer.Option(help="Samples of the compendium, in studies of 40 on average.")],
    genes: Annotated[int, typer.Option(help="Its genes; 4,000 or more have all 120 modules.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")],
    out: Annotated[
        Path,
        typer.Option(
            help="The compendium, log2, .gctx or .parquet. Beside it: STEM.genes.parquet with modules and drivers, "
            "STEM.samples.parquet with studies, tissues and duplicates, STEM.rnaseq and STEM.labelled."
        ),
    ],
    rnaseq: Annotated[int, typer.Option(help="Samples of STEM.rnaseq: counts, under Ensembl ids; 0 for none.")] = 60,
    labelled: Annotated[
        int,
        typer.Option(
            help="Samples of STEM.labelled: arrays of a new study, its subtypes in STEM.labelled.samples.parquet; "
            "0 for none."
        ),
    ] = 100,
    duplicates: Annotated[
        float, typer.Option(help="Share of samples that are nearly copies of an earlier one of their study.")
    ] = DUPLICATES,
) -> None:
    """Simulate, block by block, and write."""
    write_compendium(out, samples, genes, seed, rnaseq=rnaseq, labelled=labelled, duplicates=duplicates)
