"""Judge an inference model on the test samples, target by target."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.evaluation import evaluate_genes
from landmarks.files import read_frame, write_frame
from landmarks.inference import infer_test
from landmarks.medians import gene_medians
from landmarks.parameters import read_parameters
from landmarks.partition import rows_of

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    model: Annotated[Path, typer.Option(help="model.parquet")],
    roles: Annotated[Path, typer.Option(help="the model's landmarks and targets")],
    out: Annotated[Path, typer.Option(help="a row a target")],
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds what is read, test samples aside")] = 2000,
) -> None:
    """Judge an inference model on the test samples, target by target."""
    parts, tensors, role = read_frame(split), read_parameters(model), read_frame(roles)
    landmarks, targets = (role.loc[role["role"] == name, "gene_id"].to_numpy(object) for name in ("landmark", "target"))
    truth, inferred = infer_test(expression, parts, landmarks, targets, tensors, memory_mb)
    medians = gene_medians(expression, rows_of(expression, parts, "train"), targets.tolist())
    evaluated = evaluate_genes(
        targets,
        truth[:, len(landmarks) :],
        inferred[:, len(landmarks) :],
        scale=tensors["output.scale"],
        null=(medians - tensors["output.mean"]) / tensors["output.scale"],
    )
    logger.info("test samples: MAE %.4f z-scores, PCC %.4f", evaluated["mae"].mean(), evaluated["pcc"].mean())
    write_frame(evaluated, out)
