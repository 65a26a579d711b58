"""The steps that judge panels: groups keep their samples, however the split is ordered, and staging changes nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from inference_data import IN_MEMORY, simulate, split_of

from landmarks.arena import share_targets
from landmarks.expression import Expression
from landmarks.files import read_frame, write_frame
from landmarks.steps import judge_model, judge_panels, judge_ridge
from landmarks.writing import write_expression

SAMPLES, GENES, K = 80, 300, 5
STAGED = 0.02
"""MB: the training samples do not fit."""


def judge(folder: Path, data: Expression, step: str, *, shuffled: bool, memory_mb: float) -> list[pd.DataFrame]:
    """Return errors by group and by target."""
    names = pd.Series([f"study{i // 7}" for i in range(SAMPLES)])
    split = split_of(data).assign(group=names.where(names != "study3"))
    if shuffled:
        split = split.sample(frac=1, random_state=0)
    genes = pd.DataFrame({"gene_id": data.gene_ids, "symbol": data.gene_ids, "entrez": "", "ensembl": ""})
    panel = folder / "own" / f"k{K}" / "seed0.parquet"
    positions = np.array([250, 3, 14, 15, 92])
    write_frame(pd.DataFrame({"gene_id": data.gene_ids[positions]}), panel)
    frames = {"split": split, "genes": genes, "common": share_targets(genes, {("own", K, 0): positions})}
    for name, frame in frames.items():
        write_frame(frame, folder / f"{name}.parquet")
    write_expression(folder / "expression.parquet", data)
    files: dict[str, Any] = {name: folder / f"{name}.parquet" for name in ("expression", *frames)}
    files |= {"out": folder / "out" / "groups.parquet", "out_targets": folder / "out" / "targets.parquet"}
    if step == "model":
        settings = '{"penalties": [1, 100]}'
        judge_model.main(**files, panel=panel, model="ridge", settings=settings, method="grouped", memory_mb=memory_mb)
    elif step == "panels":
        judge_panels.main(**files, panels=[panel], model="knn", neighbours="3,5", method="grouped", memory_mb=memory_mb)
    else:
        judge_ridge.main(
            **files,
            panels=[panel],
            penalties="1,100",
            method="grouped",
            tested=0,
            out_dir=folder / "ridge",
            memory_mb=memory_mb,
        )
    return [read_frame(files[name]) for name in ("out", "out_targets")]


@pytest.mark.parametrize("step", ["model", "panels", "ridge"])
def test_neither_the_splits_order_nor_staging_matters(tmp_path: Path, step: str) -> None:
    data = simulate(SAMPLES, GENES)
    # Some test samples that are hard to infer, so that groups differ.
    data.values[31::16] += np.random.default_rng(1).normal(0, 20, data.values[31::16].shape).astype(np.float32)
    plain = judge(tmp_path, data, step, shuffled=False, memory_mb=IN_MEMORY)
    assert plain[0]["mae"].max() > 3 * plain[0]["mae"].min()
    for shuffled, memory_mb in ((True, IN_MEMORY), (True, STAGED), (False, STAGED)):
        for frame, expected in zip(
            judge(tmp_path, data, step, shuffled=shuffled, memory_mb=memory_mb), plain, strict=True
        ):
            pd.testing.assert_frame_equal(frame, expected, rtol=1e-4)


def test_closed_and_stored_models_are_judged_alike(tmp_path: Path) -> None:
    data = simulate(SAMPLES, GENES)
    frames = (judge(tmp_path, data, step, shuffled=True, memory_mb=IN_MEMORY) for step in ("model", "ridge"))
    for stored, closed in zip(*frames, strict=True):
        pd.testing.assert_frame_equal(stored, closed, rtol=1e-4)
