"""Judge all panels of a fold by a model in closed form, on samples held out: each takes a fraction of a second."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from landmarks.arena import judge_panels
from landmarks.files import read_frame, write_frame
from landmarks.inference.judging import infer_knn, infer_ridge
from landmarks.inference.problem import score
from landmarks.matrices import Room
from landmarks.options import integers, numbers
from landmarks.panels.files import read_panels
from landmarks.partition import groups_of
from landmarks.progress import track


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="…/<selector>/k<k>/seed<seed>.parquet")],
    model: Annotated[str, typer.Option(help="ridge or knn")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet of the fold")],
    method: Annotated[str, typer.Option(help="how samples were held out: random or grouped")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    common: Annotated[Path, typer.Option(help="the targets common to the panels of a size")],
    penalties: Annotated[str, typer.Option(help="ridge: candidates, as 10,100")] = "",
    neighbours: Annotated[str, typer.Option(help="knn: candidates, as 5,10")] = "",
    out: Annotated[Path, typer.Option(help="a row a panel, view and group")],
    out_targets: Annotated[Path, typer.Option(help="a row a selector and target")],
    memory_mb: Annotated[float, typer.Option(min=1, help="larger compendia are staged on disk")] = 2000,
) -> None:
    """Judge all panels of a fold by a model in closed form, on samples held out."""
    parts = read_frame(split)
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        scores = score(expression, parts, Room(out.parent, memory_mb, closing))
        chosen = read_panels(panels, scores.gene_ids)
        inferences: Iterator[tuple[npt.NDArray[np.float32], float]]
        if model == "ridge":
            inferences = infer_ridge(scores, chosen.values(), numbers(penalties))
        else:
            inferences = infer_knn(scores, chosen.values(), integers(neighbours))
        judged = track(zip(chosen, inferences, strict=True), "judging panels", len(chosen))
        by_group, by_target = judge_panels(
            scores.test,
            groups_of(parts, "test"),
            read_frame(genes).set_index("gene_id").loc[scores.gene_ids.tolist()].reset_index(),
            read_frame(common),
            chosen,
            ((model, name, inferred) for name, (inferred, _) in judged),
            method,
        )
    write_frame(by_group, out)
    write_frame(by_target, out_targets)
