"""Export a fitted model to a folder of its own, with what held-out samples say of every gene it infers."""

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks import __version__
from landmarks.exporting import describe_targets, measure_intervals, training_quantiles
from landmarks.files import read_frame
from landmarks.matrices import Room
from landmarks.options import mapping
from landmarks.parameters import read_parameters
from landmarks.partition import members_of
from landmarks.portable import COLUMNS, QUANTILES, PortableModel, write_model

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet")],
    method: Annotated[str, typer.Option(help="grouped if it holds whole groups out, or random")],
    model: Annotated[Path, typer.Option(help="model.parquet")],
    roles: Annotated[Path, typer.Option(help="its landmarks and targets")],
    evaluation: Annotated[Path, typer.Option(help="its genes.parquet, a row a target: test samples")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium: names")],
    level: Annotated[float, typer.Option(help="share of new samples that intervals are to cover", min=0.01, max=0.999)],
    facts: Annotated[str, typer.Option(help='what else the card says: {"run": "mine"}')] = "",
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds what is read at a time")] = 2000,
    out_dir: Annotated[Path, typer.Option(help="the model's folder")],
) -> None:
    """Export a fitted model to a folder of its own, with what held-out samples say of every gene it infers."""
    parts, tensors, role = read_frame(split), read_parameters(model), read_frame(roles, ["gene_id", "role"])
    landmarks, targets = (role.loc[role["role"] == one, "gene_id"].to_numpy(object) for one in ("landmark", "target"))
    out_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        room = Room(out_dir, memory_mb, closing)
        intervals = measure_intervals(
            expression, parts, tensors, landmarks, targets, method=method, level=level, room=room
        )
    tensors[QUANTILES] = training_quantiles(expression, parts, landmarks)
    judged = read_frame(evaluation)
    described = describe_targets(judged, targets, intervals)
    names = read_frame(genes, [name for name in COLUMNS if name != "role"])
    frame = role.merge(names, on="gene_id", how="left").fillna("")
    frame = frame.merge(described, on="gene_id", how="left")
    # A landmark is measured.
    frame["inferable"] = frame["inferable"].astype("boolean").fillna(True).astype(bool)
    inferable, covered = int(described["inferable"].sum()), float(intervals.coverage.mean())
    card = {
        **mapping(facts),
        "landmarks": len(landmarks),
        "targets": len(targets),
        "inferable": inferable,
        "samples": {
            "train": len(members_of(parts, "train")),
            "calibration": intervals.validation,
            "left_out": intervals.left_out,
            "test": len(members_of(parts, "test")),
        },
        "test": {name: round(float(judged[name].mean()), 6) for name in ("mae_log2", "mae", "pcc")},
        "interval": {"level": level, "coverage": round(covered, 6)},
        "landmarks_version": __version__,
    }
    write_model(out_dir, PortableModel(card, pd.DataFrame(frame), tensors))
    logger.info(
        "%s targets, %s of them inferable; intervals of %.0f%% cover %.1f%% of the values of test samples",
        f"{len(targets):,}",
        f"{inferable:,}",
        100 * level,
        100 * covered,
    )
