"""Attribute the bottleneck to the input genes with DeepLIFT: sums over a shard of the training samples."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import typer
from torch import Tensor

from landmarks.attribution import (
    Attributed,
    attribute_from,
    attribute_until_agreed,
    refuse_different,
    refuse_incomplete,
)
from landmarks.autoencoder import attributed_network, from_parameters, z_scores
from landmarks.captum_engine import attribute_with_captum, largest_difference
from landmarks.checkpoints import Checkpoint, identify
from landmarks.deeplift import attribute_samples
from landmarks.devices import choose_device
from landmarks.expression import read_gene_ids
from landmarks.files import read_frame, write_frame
from landmarks.importance import to_frame
from landmarks.networks import read_encoder
from landmarks.parameters import read_parameters
from landmarks.partition import members_of, rows_of
from landmarks.references import reference_expression
from landmarks.sampling import choose_samples, iterate_z_scores, shard_bounds

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    parameters: Annotated[Path, typer.Option(help="the trained autoencoder")],
    engine: Annotated[Literal["exact", "captum"], typer.Option(help="exact or captum")],
    samples: Annotated[str, typer.Option(help="all, auto, or how many training samples")],
    seed: Annotated[int, typer.Option(help="of the samples drawn")],
    shard: Annotated[int, typer.Option(help="which of the shards, from 0")],
    shards: Annotated[int, typer.Option(help="among how many the samples are divided")],
    memory_mb: Annotated[float, typer.Option(help="working memory")],
    reference: Annotated[str, typer.Option(help="mean, median, zero, or the id of a training sample")],
    output: Annotated[Literal["after", "before"], typer.Option(help="bottleneck after or before its sigmoid")],
    aggregation: Annotated[
        Literal["mean_abs", "abs_mean", "mean_signed", "abs_sum_units"], typer.Option(help="over samples and units")
    ],
    completeness: Annotated[float, typer.Option(help="largest relative completeness error allowed")],
    agreement_k: Annotated[int, typer.Option(help="size of the top that two halves are to agree on")],
    agreement_jaccard: Annotated[float, typer.Option(help="samples auto stops at this agreement")],
    check_samples: Annotated[int, typer.Option(help="samples that Captum attributes as well")],
    check_units: Annotated[int, typer.Option(help="units that Captum attributes as well")],
    check_bound: Annotated[float, typer.Option(help="largest difference from Captum, relative to the largest")],
    out: Annotated[Path, typer.Option(help="sums by gene")],
    out_checks: Annotated[Path, typer.Option(help="completeness and difference from Captum")],
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    checkpoint: Annotated[Path | None, typer.Option(help="where the sums are kept meanwhile, but for auto")] = None,
    checkpoint_minutes: Annotated[float, typer.Option(help="time between two states")] = 10,
) -> None:
    """Attribute the bottleneck to the input genes with DeepLIFT: sums over a shard of the training samples."""
    tensors, genes = read_parameters(parameters), read_gene_ids(expression)
    parts = read_frame(split)
    training, rows = members_of(parts, "train"), rows_of(expression, parts, "train")
    chosen = rows[choose_samples(len(rows), samples, seed)]
    first, end = shard_bounds(len(chosen), shard, shards)

    place = choose_device(device)
    read = partial(iterate_z_scores, expression, parameters=tensors, memory_mb=memory_mb / 2, device=place)
    log2 = reference_expression(reference, expression, training, genes, tensors)
    point = z_scores(log2[None], tensors)[0].to(place)
    network = attributed_network(from_parameters(tensors), output).to(place)
    encoder = read_encoder(network)

    generator = np.random.default_rng([seed, shard])
    units = generator.choice(len(encoder.biases[-1]), min(check_units, len(encoder.biases[-1])), replace=False)
    few = generator.choice(chosen[first:end], min(check_samples, end - first), replace=False)
    (z,) = read(np.sort(few))
    difference = largest_difference(encoder, sorted(units.tolist()), z, point, aggregation=aggregation)
    refuse_different(difference, check_bound)

    run: Callable[[Tensor], Attributed]
    if engine == "captum":
        run = partial(attribute_with_captum, network, reference=point, aggregation=aggregation)
    else:
        run = partial(attribute_samples, encoder, reference=point, aggregation=aggregation, memory_mb=memory_mb / 4)
    if samples == "auto":
        sums = attribute_until_agreed(
            chosen, read, run, aggregation=aggregation, k=agreement_k, jaccard=agreement_jaccard
        )
    else:
        wanted = (engine, samples, seed, shard, shards, output, aggregation)
        identity = identify(wanted, chosen[first:end], log2, *tensors.values())
        kept = None if checkpoint is None else Checkpoint(checkpoint, 60 * checkpoint_minutes, identity)
        sums = attribute_from(kept, chosen[first:end], read, run, first)
    refuse_incomplete(sums.completeness_error, completeness)
    logger.info(
        "%d of %d training samples, completeness error %.2g (bound %.2g), difference from Captum %.2g (bound %.2g)",
        sums.samples,
        len(rows),
        sums.completeness_error,
        completeness,
        difference,
        check_bound,
    )
    write_frame(to_frame(genes, sums), out)
    checks = {
        "samples": sums.samples,
        "training_samples": len(rows),
        "completeness_error": sums.completeness_error,
        "completeness_bound": completeness,
        "captum_samples": len(few),
        "captum_units": len(units),
        "captum_difference": difference,
        "captum_bound": check_bound,
    }
    write_frame(pd.DataFrame([checks]), out_checks)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
