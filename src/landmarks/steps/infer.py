"""Infer the rest of a transcriptome from newly measured landmarks, and say what to expect of every gene."""

import logging
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from landmarks.errors import name_some
from landmarks.files import write_frame
from landmarks.inference.applying import make_inferrer
from landmarks.matrices import Room, iterate_blocks
from landmarks.measured import ScaleCheck, check_missing, gather_landmarks, open_measured
from landmarks.normalise import map_to_quantiles
from landmarks.portable import JUDGED, QUANTILES, genes_of, read_description, read_tensors
from landmarks.readers.base import Orientation, ReadOptions
from landmarks.readers.scale import Scale
from landmarks.writing import ROW_GROUP, write_groups

logger = logging.getLogger("landmarks")

ALIVE = 2
"""Row groups that are held at once: what is inferred, one group over the other, and what PyArrow makes of it."""


def main(
    *,
    model: Annotated[Path, typer.Option(help="a model's folder, from export-model")],
    expression: Annotated[Path, typer.Option(help="measured samples, in any format of import-expression")],
    out: Annotated[
        Path, typer.Option(help="Parquet: sample_id, and a column a target, log2; beside it …genes.parquet")
    ],
    format: Annotated[str, typer.Option(help="as of import-expression; auto goes by the suffix")] = "auto",
    orientation: Annotated[Orientation, typer.Option(help="what the rows are; auto looks for the landmarks")] = "auto",
    scale: Annotated[Scale, typer.Option(help="of the values, as of import-expression")] = "auto",
    gene_prefix: Annotated[str, typer.Option(help="columns that carry it are genes and lose it")] = "",
    sample_column: Annotated[str, typer.Option(help="column of sample ids; the first by default")] = "",
    map_quantiles: Annotated[
        bool, typer.Option("--map-quantiles", help="map each sample's landmarks by rank into the training samples'")
    ] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="missing landmarks enter as the training mean")
    ] = False,
    memory_mb: Annotated[float, typer.Option(min=1, help="bounds the values held")] = 2000,
) -> None:
    """Infer the rest of a transcriptome from newly measured landmarks, and say what to expect of every gene."""
    card, genes = read_description(model)
    landmarks, targets = genes_of(genes, "landmark"), genes_of(genes, "target")
    out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        # Read in the background, while the samples are looked at.
        reading = closing.enter_context(ThreadPoolExecutor(1)).submit(read_tensors, model, card, genes)
        room = Room(out.parent, memory_mb, closing)
        options = ReadOptions(orientation, gene_prefix, sample_column)
        table, match = open_measured(expression, format, options, scale, room, landmarks)
        check_missing(match, landmarks, expression, allowed=allow_missing)
        measured = np.ones(len(landmarks), bool)
        measured[match.missing] = False
        parameters = reading.result()
        mean = parameters["input.mean"]
        check = ScaleCheck(mean, parameters["input.scale"], measured)
        inputs = np.empty((len(table.sample_ids), len(landmarks)), np.float32)
        for start, values in iterate_blocks(table.matrix, room.block_mb):
            block = gather_landmarks(values, match, mean)
            if map_quantiles:
                block[:, measured] = map_to_quantiles(block[:, measured], np.asarray(parameters[QUANTILES], float))
            check.add(block)
            inputs[start : start + len(block)] = block
        check.finish(expression, mapped=map_quantiles)
    infer = make_inferrer(parameters)
    most = min(ROW_GROUP, max(1, int(memory_mb * 1e6 / (4 * ALIVE * len(targets)))))
    rows = math.ceil(len(inputs) / math.ceil(len(inputs) / most))

    # Not ahead, in the background: BLAS shares its work out evenly among all cores, which a second thread would upset.
    def groups() -> Iterator[tuple[npt.NDArray[np.object_], npt.NDArray[np.float32]]]:
        for start in range(0, len(inputs), rows):
            yield table.sample_ids[start : start + rows], infer(inputs[start : start + rows])

    write_groups(out, targets["gene_id"].to_numpy(object), groups(), compression="none")
    expected = targets.drop(columns="role").assign(landmarks_missing=len(match.missing))
    write_frame(expected, out.with_name(f"{out.name.removesuffix('.parquet')}.genes.parquet"))
    unknown = targets.loc[~targets["inferable"], "gene_id"].tolist()
    logger.info(
        "%s samples × %s targets; expected error %.3f log2 in the median gene, intervals of %.0f%% ± %.3f",
        f"{len(inputs):,}",
        f"{len(targets):,}",
        targets[JUDGED[0]].median(),
        100 * card["interval"]["level"],
        targets["half_width"].median(),
    )
    if unknown:
        logger.warning("%s targets cannot be inferred: %s.", f"{len(unknown):,}", name_some(unknown, 20))
