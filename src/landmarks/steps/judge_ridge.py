"""Fit ridge regressions on all panels, and judge them on the test samples."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from landmarks.evaluation import evaluate_genes
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference.judging import infer_ridge
from landmarks.inference.problem import score, targets_of
from landmarks.options import numbers
from landmarks.panels import CONTROLS
from landmarks.progress import track

logger = logging.getLogger("landmarks")


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="…/<selector>/k<k>/seed<seed>.parquet")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    penalties: Annotated[str, typer.Option(help="candidates, as 10,100")],
    tested: Annotated[int, typer.Option(help="random panels of a size that are put to the permutation test")],
    out_dir: Annotated[Path, typer.Option(help="a row a target, in <selector>/k<k>/seed<seed>/genes.parquet")],
) -> None:
    """Fit ridge regressions on all panels, and judge them on the test samples."""
    data = read_expression(expression)
    scores = score(data, read_frame(split))
    null = np.median(scores.training, axis=0)
    positions = [data.positions(read_frame(file, ["gene_id"])["gene_id"].to_numpy(object)) for file in panels]
    inferences = infer_ridge(scores, positions, numbers(penalties))
    judged = zip(panels, positions, inferences, strict=True)
    for file, panel, (inferred, penalty) in track(judged, "judging panels", len(panels)):
        selector, size, seed = file.parent.parent.name, file.parent.name, file.stem
        targets = targets_of(data.gene_ids, panel)
        evaluated = evaluate_genes(
            data.gene_ids[targets],
            scores.test[:, targets],
            inferred[:, targets],
            scale=scores.scale[targets],
            null=null[targets],
            permuted=selector not in CONTROLS or int(seed.removeprefix("seed")) < tested,
        )
        mae, pcc = evaluated["mae"].mean(), evaluated["pcc"].mean()
        logger.info("%s, %s, %s: penalty %g, MAE %.4f, PCC %.4f", selector, size, seed, penalty, mae, pcc)
        write_frame(evaluated, out_dir / selector / size / seed / "genes.parquet")
