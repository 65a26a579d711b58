"""Fit ridge regressions on all panels, and judge them on the test samples: gene by gene, and beside chance."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from landmarks.arena import judge_panels
from landmarks.evaluation import evaluate_genes
from landmarks.files import read_frame, write_frame
from landmarks.inference.judging import infer_ridge
from landmarks.inference.problem import Scores, score, targets_of
from landmarks.matrices import Room
from landmarks.medians import gene_medians
from landmarks.options import numbers
from landmarks.panels import CONTROLS
from landmarks.panels.files import Panel, read_panels
from landmarks.partition import groups_of, rows_of
from landmarks.progress import track

logger = logging.getLogger("landmarks")


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="…/<selector>/k<k>/seed<seed>.parquet")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    method: Annotated[str, typer.Option(help="how samples were held out: random or grouped")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    common: Annotated[Path, typer.Option(help="the targets common to the panels of a size")],
    penalties: Annotated[str, typer.Option(help="candidates, as 10,100")],
    tested: Annotated[int, typer.Option(help="random panels of a size that are put to the permutation test")],
    out_dir: Annotated[Path, typer.Option(help="a row a target, in <selector>/k<k>/seed<seed>/genes.parquet")],
    out: Annotated[Path, typer.Option(help="a row a panel, view and group")],
    out_targets: Annotated[Path, typer.Option(help="a row a selector and target")],
    memory_mb: Annotated[float, typer.Option(min=1, help="larger compendia are staged on disk")] = 2000,
) -> None:
    """Fit ridge regressions on all panels, and judge them on the test samples: gene by gene, and beside chance."""
    parts = read_frame(split)

    def judge_alone(
        scores: Scores, chosen: dict[Panel, npt.NDArray[np.int64]]
    ) -> Iterator[tuple[str, Panel, npt.NDArray[np.float32]]]:
        """Judge each panel on all its own targets, and pass its inferences on."""
        medians = gene_medians(expression, rows_of(expression, parts, "train"), scores.gene_ids.tolist())
        null = (medians - scores.mean) / scores.scale
        fitted = zip(chosen, infer_ridge(scores, chosen.values(), numbers(penalties)), strict=True)
        for name, (inferred, penalty) in track(fitted, "judging panels", len(chosen)):
            selector, k, seed = name
            targets = targets_of(scores.gene_ids, chosen[name])
            evaluated = evaluate_genes(
                scores.gene_ids[targets],
                scores.test[:, targets],
                inferred[:, targets],
                scale=scores.scale[targets],
                null=null[targets],
                permuted=selector not in CONTROLS or seed < tested,
            )
            mae, pcc = evaluated["mae"].mean(), evaluated["pcc"].mean()
            logger.info("%s, %d, seed %d: penalty %g, MAE %.4f, PCC %.4f", selector, k, seed, penalty, mae, pcc)
            write_frame(evaluated, out_dir / selector / f"k{k}" / f"seed{seed}" / "genes.parquet")
            yield "ridge", name, inferred

    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        scores = score(expression, parts, Room(out.parent, memory_mb, closing))
        chosen = read_panels(panels, scores.gene_ids)
        by_group, by_target = judge_panels(
            scores.test,
            groups_of(parts, "test"),
            read_frame(genes).set_index("gene_id").loc[scores.gene_ids.tolist()].reset_index(),
            read_frame(common),
            chosen,
            judge_alone(scores, chosen),
            method,
        )
    write_frame(by_group, out)
    write_frame(by_target, out_targets)
