"""Attribute the bottleneck to the input genes with DeepLIFT, summed over the training samples."""

import logging
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.attribution import attribute, reference_point, refuse_incomplete
from landmarks.autoencoder import from_parameters, z_scores
from landmarks.captum_engine import attributed_network, contributions, output_differences
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.parameters import read_parameters
from landmarks.partition import samples_of

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    parameters: Annotated[Path, typer.Option(help="the trained autoencoder")],
    reference: Annotated[str, typer.Option(help="mean, median, zero, or the id of a training sample")],
    output: Annotated[str, typer.Option(help="bottleneck after or before its sigmoid")],
    aggregation: Annotated[str, typer.Option(help="mean_abs, abs_mean, mean_signed or abs_sum_units")],
    completeness: Annotated[float, typer.Option(help="largest relative completeness error allowed")],
    out: Annotated[Path, typer.Option(help="sums by gene")],
    out_checks: Annotated[Path, typer.Option(help="completeness error and its bound")],
) -> None:
    """Attribute the bottleneck to the input genes with DeepLIFT, summed over the training samples."""
    data, parts, tensors = read_expression(expression), read_frame(split), read_parameters(parameters)
    z = z_scores(samples_of(data, parts, "train"), tensors)
    ids = parts.loc[parts["part"] == "train", "sample_id"].tolist()
    point = reference_point(reference, z, ids, z_scores(data.values[:1] * 0, tensors)[0])
    network = attributed_network(from_parameters(tensors), output)
    sums = attribute(
        z,
        partial(contributions, network, reference=point),
        partial(output_differences, network, reference=point),
        aggregation,
    )
    refuse_incomplete(sums.completeness_error, completeness)
    logger.info("%d samples, completeness error %.2g (bound %.2g)", sums.samples, sums.completeness_error, completeness)
    write_frame(
        pd.DataFrame({"gene_id": data.gene_ids, "samples": sums.samples, "total": sums.total, "squares": sums.squares}),
        out,
    )
    checks = {"samples": sums.samples, "completeness_error": sums.completeness_error, "bound": completeness}
    write_frame(pd.DataFrame([checks]), out_checks)
