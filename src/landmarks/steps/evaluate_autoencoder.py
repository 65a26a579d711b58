"""Judge the autoencoder on the test samples, gene by gene."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import torch
import typer

from landmarks.autoencoder import from_parameters, refuse_useless, z_scores
from landmarks.evaluation import evaluate_genes
from landmarks.expression import iterate_rows, read_gene_ids
from landmarks.files import read_frame, write_frame
from landmarks.medians import gene_medians
from landmarks.parameters import read_parameters
from landmarks.partition import members_of, rows_of
from landmarks.sampling import BATCH

Array = npt.NDArray[np.float32]

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    parameters: Annotated[Path, typer.Option(help="the trained autoencoder")],
    trained_on: Annotated[str, typer.Option(help="parts of the split it has seen; all others are held out")],
    out: Annotated[Path, typer.Option(help="a row a gene")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds what is read, test samples aside")] = 2000,
) -> None:
    """Judge the autoencoder on the test samples, gene by gene."""
    parts, tensors, genes = read_frame(split), read_parameters(parameters), read_gene_ids(expression)
    model = from_parameters(tensors)
    medians = gene_medians(expression, rows_of(expression, parts, "train"), genes)
    null = z_scores(medians, tensors).numpy()

    def reconstruct(part: str) -> Iterator[tuple[Array, Array]]:
        """Yield the z-scores of some samples, and what the autoencoder makes of them."""
        for values in iterate_rows(expression, rows_of(expression, parts, part), BATCH, memory_mb):
            z = z_scores(values, tensors)
            with torch.no_grad():
                yield z.numpy(), model(z).numpy()

    truth = np.empty((len(members_of(parts, "test")), len(genes)), np.float32)
    inferred, start = np.empty_like(truth), 0
    held_out = ["test"] if "validation" in trained_on.split(",") else ["test", "validation"]
    errors = np.zeros(2)  # of the autoencoder, and of the medians
    for part in held_out:
        for z, again in reconstruct(part):
            errors += np.abs(again - z).sum(dtype=np.float64), np.abs(null - z).sum(dtype=np.float64)
            if part == "test":
                truth[start : start + len(z)], inferred[start : start + len(z)] = z, again
                start += len(z)
    refuse_useless(*errors / (parts["part"].isin(held_out).sum() * len(genes)))
    judged = evaluate_genes(np.asarray(genes, object), truth, inferred, scale=tensors["input.scale"], null=null)
    logger.info(
        "test samples: MAE %.4f (median predictor %.4f) z-scores, PCC %.4f, %d of %d genes significant",
        judged["mae"].mean(),
        judged["mae_null"].mean(),
        judged["pcc"].mean(),
        judged["significant"].sum(),
        len(judged),
    )
    if not judged["mae"].mean() < judged["mae_null"].mean():
        logger.warning("What it learnt helps on validation samples, and not on the test samples' studies or donors.")
    write_frame(judged, out)
