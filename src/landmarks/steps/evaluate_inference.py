"""Judge an inference model on the test samples, target by target."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.evaluation import evaluate_genes
from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference import infer
from landmarks.parameters import read_parameters
from landmarks.partition import samples_of

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    model: Annotated[Path, typer.Option(help="model.parquet")],
    roles: Annotated[Path, typer.Option(help="the model's landmarks and targets")],
    out: Annotated[Path, typer.Option(help="a row a target")],
) -> None:
    """Judge an inference model on the test samples, target by target."""
    data, parts = read_expression(expression), read_frame(split)
    tensors, role = read_parameters(model), read_frame(roles)
    z = {}
    for name, side in (("landmark", "input"), ("target", "output")):
        genes = role.loc[role["role"] == name, "gene_id"].to_numpy(object)
        chosen = Expression(data.sample_ids, genes, data.columns(genes))
        for part in ("train", "test"):
            values = samples_of(chosen, parts, part)
            z[name, part] = (values - tensors[f"{side}.mean"]) / tensors[f"{side}.scale"]
    evaluated = evaluate_genes(
        role.loc[role["role"] == "target", "gene_id"].to_numpy(object),
        z["target", "test"],
        infer(tensors, z["landmark", "test"]),
        scale=tensors["output.scale"],
        null=np.median(z["target", "train"], axis=0),
    )
    logger.info("test samples: MAE %.4f z-scores, PCC %.4f", evaluated["mae"].mean(), evaluated["pcc"].mean())
    write_frame(evaluated, out)
