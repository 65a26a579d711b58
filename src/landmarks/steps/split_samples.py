"""Split the compendium's samples into train, validation and test."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, write_frame
from landmarks.split import PARTS, split_fold, split_samples

logger = logging.getLogger("landmarks")


def main(
    *,
    expression: Annotated[Path, typer.Option(help="prepared expression: its samples are split")],
    samples: Annotated[Path, typer.Option(help="samples.parquet: the samples' groups")],
    method: Annotated[str, typer.Option(help="random or grouped")],
    validation: Annotated[float, typer.Option(help="share of the samples, or their number")],
    test: Annotated[float, typer.Option(help="share of the samples, or their number")],
    seed: Annotated[int, typer.Option(help="of the shuffle")],
    test_group: Annotated[list[str] | None, typer.Option(help="a group that is tested, instead of a share")] = None,
    folds: Annotated[int, typer.Option(help="instead of a share, test one of so many parts of the groups")] = 0,
    fold: Annotated[int, typer.Option(help="which of them, from 0")] = 0,
    out: Annotated[Path, typer.Option(help="sample_id, group, part")],
) -> None:
    """Split the compendium's samples into train, validation and test."""
    kept = read_frame(expression, ["sample_id"])
    described = kept.merge(read_frame(samples, ["sample_id", "group"]), on="sample_id", how="left", validate="1:1")
    if folds:
        split = split_fold(described, method=method, validation=validation, folds=folds, fold=fold, seed=seed)
    else:
        split = split_samples(
            described, method=method, validation=validation, test=test, seed=seed, test_groups=test_group or ()
        )
    for part in PARTS:
        members = split[split["part"] == part]
        logger.info("%s: %d samples of %d groups", part, len(members), members["group"].nunique())
    write_frame(split, out)
