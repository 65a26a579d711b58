"""Test which gene sets a panel is enriched in, beside random panels of the same size."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from landmarks.enrichment import SIGNIFICANT, count_by_chance, enrich, find_symbols
from landmarks.files import read_frame, write_frame

logger = logging.getLogger("landmarks")


def main(
    *,
    panel: Annotated[Path, typer.Option(help="Panel in Parquet: gene_id.")],
    genes: Annotated[Path, typer.Option(help="Measured genes in Parquet: gene_id, symbol.")],
    sets: Annotated[Path, typer.Option(help="Gene sets in Parquet: term_id, term_name, gene_symbol.")],
    seed: Annotated[int, typer.Option(help="Seed of the random panels.")],
    controls: Annotated[int, typer.Option(min=1, help="Random panels.")] = 200,
    minimum: Annotated[int, typer.Option(min=1, help="Fewest measured genes of a term.")] = 5,
    maximum: Annotated[int, typer.Option(min=1, help="Most measured genes of a term.")] = 500,
    out: Annotated[Path, typer.Option(help="Parquet to write: a row a term.")],
    out_controls: Annotated[Path, typer.Option(help="Parquet to write: replicate, n_significant.")],
) -> None:
    """Test the panel and its random controls against the same background."""
    measured = read_frame(genes, ["gene_id", "symbol"])
    terms = read_frame(sets, ["term_id", "term_name", "gene_symbol"])
    symbols = find_symbols(read_frame(panel, ["gene_id"])["gene_id"], measured)
    result = enrich(symbols, measured["symbol"], terms, minimum=minimum, maximum=maximum)
    n_panel = int(result["n_panel"].iloc[0])
    chance = count_by_chance(
        n_panel,
        measured["symbol"],
        terms,
        replicates=controls,
        seed=seed,
        minimum=minimum,
        maximum=maximum,
    )
    write_frame(result, out)
    write_frame(pd.DataFrame({"replicate": np.arange(controls), "n_significant": chance}), out_controls)
    logger.info(
        "%s of %s terms with q < %s for %s annotated panel genes; random panels: mean %.2f, at most %s",
        f"{(result['q'] < SIGNIFICANT).sum():,}",
        f"{len(result):,}",
        SIGNIFICANT,
        f"{n_panel:,}",
        chance.mean(),
        f"{chance.max():,}",
    )
