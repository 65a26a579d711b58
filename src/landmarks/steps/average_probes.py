"""Average the probes of each gene, before panels are judged on genes."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.expression import Expression, read_expression, write_expression
from landmarks.files import read_frame, write_frame
from landmarks.gene_tables import average_by
from landmarks.normalise import map_to_quantiles, mean_quantiles
from landmarks.partition import samples_of


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    genes: Annotated[Path, typer.Option(help="its genes.parquet")],
    split: Annotated[Path, typer.Option(help="split.parquet: quantiles are of training samples")],
    by: Annotated[str, typer.Option(help="symbol, entrez or ensembl: what probes of a gene share")],
    normalise: Annotated[str, typer.Option(help="quantile: means get one distribution again, as published")],
    out: Annotated[Path, typer.Option(help="expression, a column a gene")],
    out_genes: Annotated[Path, typer.Option(help="gene_id (the name), symbol, entrez, ensembl")],
) -> None:
    """Average the probes of each gene, before panels are judged on genes."""
    data = read_expression(expression)
    averaged, weights = average_by(read_frame(genes), by)
    ids = averaged["gene_id"].to_numpy(object)
    result = Expression(data.sample_ids, ids, np.asarray(data.values @ weights, np.float32))
    if normalise == "quantile":
        quantiles = mean_quantiles(samples_of(result, read_frame(split), "train"))
        result = Expression(data.sample_ids, ids, map_to_quantiles(result.values, quantiles))
    write_expression(out, result)
    write_frame(averaged, out_genes)
