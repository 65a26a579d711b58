"""Judge the autoencoder on the test samples, gene by gene."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from landmarks.autoencoder import from_parameters, refuse_useless, z_scores
from landmarks.evaluation import evaluate_genes
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
    trained_on: Annotated[str, typer.Option(help="parts of the split it has seen; all others are held out")],
    out: Annotated[Path, typer.Option(help="a row a gene")],
) -> None:
    """Judge the autoencoder on the test samples, gene by gene."""
    data, parts, tensors = read_expression(expression), read_frame(split), read_parameters(parameters)
    held_out = ["test"] if "validation" in trained_on.split(",") else ["test", "validation"]
    truth = z_scores(np.concatenate([samples_of(data, parts, part) for part in held_out]), tensors)
    with torch.no_grad():
        inferred = from_parameters(tensors)(truth).numpy()
    null = np.median(z_scores(samples_of(data, parts, "train"), tensors).numpy(), axis=0)
    everything = evaluate_genes(
        data.gene_ids, truth.numpy(), inferred, scale=tensors["input.scale"], null=null, permuted=False
    )
    refuse_useless(everything)
    tested = int((parts["part"] == "test").sum())
    genes = evaluate_genes(
        data.gene_ids, truth.numpy()[:tested], inferred[:tested], scale=tensors["input.scale"], null=null
    )
    logger.info(
        "test samples: MAE %.4f (median predictor %.4f) z-scores, PCC %.4f, %d of %d genes significant",
        genes["mae"].mean(),
        genes["mae_null"].mean(),
        genes["pcc"].mean(),
        genes["significant"].sum(),
        len(genes),
    )
    if not genes["mae"].mean() < genes["mae_null"].mean():
        logger.warning("What it learnt helps on validation samples, and not on the test samples' studies or donors.")
    write_frame(genes, out)
