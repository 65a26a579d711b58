"""Normalisation of a fold: its training samples alone make the reference distribution."""

from pathlib import Path

import numpy as np
import pandas as pd

from landmarks.expression import Expression, read_expression
from landmarks.files import write_frame
from landmarks.steps.prepare_fold import main
from landmarks.writing import write_expression

GENES = np.array(["a", "b", "c"], object)


def prepare(folder: Path, values: list[list[float]], parts: list[str]) -> Expression:
    samples = np.array([f"s{row}" for row in range(len(values))], object)
    write_expression(folder / "x.parquet", Expression(samples, GENES, np.array(values, np.float32)))
    write_frame(pd.DataFrame({"sample_id": samples[: len(parts)], "part": parts}), folder / "split.parquet")
    main(expression=folder / "x.parquet", split=folder / "split.parquet", out=folder / "out.parquet")
    return read_expression(folder / "out.parquet")


def test_by_hand(tmp_path: Path) -> None:
    values = [[1.0, 5.0, 3.0], [3.0, 7.0, 11.0], [100.0, 0.0, 50.0], [9.0, 9.5, 8.0], [0.0, 0.0, 0.0]]
    parts = ["train", "train", "test", "validation"]  # the last sample was dropped as a duplicate
    found = prepare(tmp_path, values, parts)
    assert found.sample_ids.tolist() == ["s0", "s1", "s2", "s3"]
    # Means of the sorted training samples (1, 3, 5) and (3, 7, 11): 2, 5, 8.
    np.testing.assert_allclose(found.values, [[2, 8, 5], [2, 5, 8], [8, 2, 5], [5, 8, 2]])


def test_held_out_samples_change_no_training_sample(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(8, 2, (4, 3)).tolist()
    parts = ["train", "train", "train", "test"]
    first = prepare(tmp_path, values, parts).values[:3]
    values[3] = [1000.0, -5.0, 0.0]
    np.testing.assert_array_equal(prepare(tmp_path, values, parts).values[:3], first)
