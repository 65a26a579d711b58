"""Judge all panels of a fold on its held-out groups: ridge is fitted here, other models were before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from landmarks.arena import Panel, judge_panels
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference import infer
from landmarks.inference.judging import infer_ridge
from landmarks.inference.problem import score
from landmarks.options import numbers
from landmarks.parameters import read_parameters
from landmarks.partition import groups_of
from landmarks.progress import track


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="…/<selector>/k<k>/seed<seed>.parquet")],
    models: Annotated[
        list[Path] | None, typer.Option(help="…/<model>/<selector>/k<k>/seed<seed>/model.parquet, roles beside it")
    ] = None,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet of the fold")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    penalties: Annotated[str, typer.Option(help="of ridge, as 10,100; without any, it is not fitted")] = "",
    out: Annotated[Path, typer.Option(help="a row a panel, view and group")],
    out_targets: Annotated[Path, typer.Option(help="a row a selector and target")],
) -> None:
    """Judge all panels of a fold on its held-out groups: ridge is fitted here, other models were before."""
    data, parts = read_expression(expression), read_frame(split)
    scores, groups = score(data, parts), groups_of(parts, "test")
    table = read_frame(genes).set_index("gene_id").loc[data.gene_ids.tolist()].reset_index()
    chosen = {
        _name(file.with_suffix("")): data.positions(read_frame(file, ["gene_id"])["gene_id"].to_numpy(object))
        for file in panels
    }

    def infer_all() -> Iterator[tuple[str, Panel, npt.NDArray[np.float32]]]:
        if penalties:
            fitted = infer_ridge(scores, chosen.values(), numbers(penalties))
            for name, (inferred, _) in track(zip(chosen, fitted, strict=True), "judging panels", len(chosen)):
                yield "ridge", name, inferred
        for file in track(models or [], "judging models", len(models or [])):
            role = read_frame(file.with_name("roles.parquet"))
            landmarks, targets = (
                data.positions(role.loc[role["role"] == kind, "gene_id"].to_numpy(object))
                for kind in ("landmark", "target")
            )
            inferred = np.zeros_like(scores.test)
            inferred[:, targets] = infer(read_parameters(file), scores.test[:, landmarks])
            yield file.parts[-5], _name(file.parent), inferred

    by_group, by_target = judge_panels(scores, groups, table, chosen, infer_all())
    write_frame(by_group, out)
    write_frame(by_target, out_targets)


def _name(path: Path) -> Panel:
    """Read selector, size and seed off …/<selector>/k<k>/seed<seed>."""
    selector, size, seed = path.parts[-3:]
    return selector, int(size.removeprefix("k")), int(seed.removeprefix("seed"))
