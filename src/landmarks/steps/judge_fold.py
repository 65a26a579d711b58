"""Judge all panels of a fold on its held-out groups: ridge is fitted here, other models were before."""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from landmarks.arena import Tally, errors_by_group, same_gene, targets_by_view
from landmarks.expression import read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference import infer
from landmarks.inference.judging import infer_ridge
from landmarks.inference.problem import score
from landmarks.options import numbers
from landmarks.panels import CONTROLS
from landmarks.parameters import read_parameters
from landmarks.partition import groups_of
from landmarks.progress import track

logger = logging.getLogger("landmarks")


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
    labels = same_gene(read_frame(genes).set_index("gene_id").loc[data.gene_ids.tolist()].reset_index())
    named = {(file.parent.parent.name, file.parent.name, file.stem): file for file in panels}
    chosen = {
        name: data.positions(read_frame(file, ["gene_id"])["gene_id"].to_numpy(object)) for name, file in named.items()
    }
    # Random panels are many: together they would leave no target. They are judged on those they do not measure.
    fixed = {k: [chosen[n] for n in chosen if n[1] == k and n[0] not in CONTROLS] for _, k, _ in chosen}
    common = {k: targets_by_view(labels, fixed[k]) for k in fixed}
    tally, rows = Tally(data.gene_ids), []

    def judge(model: str, name: tuple[str, str, str], inferred: np.ndarray) -> None:
        selector, size, seed = name
        own = targets_by_view(labels, [chosen[name]])
        targets = {view: wanted & own[view] for view, wanted in common[size].items()}
        k = int(size.removeprefix("k"))
        errors = np.abs(inferred - scores.test)
        tally.add((model, k, selector), errors, scores.test, inferred, targets["as_published"])
        frame = errors_by_group(errors, groups, targets)
        rows.append(frame.assign(model=model, k=k, selector=selector, seed=int(seed.removeprefix("seed"))))

    if penalties:
        inferences = infer_ridge(scores, chosen.values(), numbers(penalties))
        for name, (inferred, _) in track(zip(chosen, inferences, strict=True), "judging panels", len(chosen)):
            judge("ridge", name, inferred)
    for file in track(models or [], "judging models", len(models or [])):
        model, selector, size, seed = file.parent.parts[-4:]
        role = read_frame(file.with_name("roles.parquet"))
        ids = {kind: role.loc[role["role"] == kind, "gene_id"].to_numpy(object) for kind in ("landmark", "target")}
        inferred = np.zeros_like(scores.test)
        landmarks = scores.test[:, data.positions(ids["landmark"])]
        inferred[:, data.positions(ids["target"])] = infer(read_parameters(file), landmarks)
        judge(model, (selector, size, seed), inferred)
    write_frame(pd.concat(rows, ignore_index=True), out)
    write_frame(tally.to_frame({int(size[1:]): views["clean"] for size, views in common.items()}), out_targets)
