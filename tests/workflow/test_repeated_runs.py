"""The tiny run again: nothing to do, the same bytes elsewhere, no trace of test samples in what is learnt."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import K, Workflow, write_inputs

from landmarks.files import read_frame

pytestmark = pytest.mark.slow


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every Parquet file under `folder`."""
    files = sorted(folder.rglob("*.parquet"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_second_call_has_nothing_to_do(finished: Workflow) -> None:
    assert "Nothing to be done" in finished.snakemake().stdout


def test_same_seed_gives_the_same_bytes_elsewhere(finished: Workflow, again: Workflow) -> None:
    assert digests(finished.results) == digests(again.results)


def test_saved_config_is_one_to_run_again(finished: Workflow, again: Workflow) -> None:
    saved = (finished.results / "config.yaml").read_bytes()
    assert saved == (again.results / "config.yaml").read_bytes()
    done = finished.snakemake("--dry-run", "--configfile", "results/tiny/config.yaml")
    assert "Nothing to be done" in done.stdout


def test_test_samples_leave_no_trace_in_what_is_learnt(finished: Workflow, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    split = read_frame(finished.results / "split.parquet")
    held_out = split.loc[split["part"] == "test", "sample_id"].tolist()
    expression = pd.read_csv(tmp_path / "expression.csv", index_col="sample")
    expression.loc[held_out] = expression.loc[held_out] * -2 + np.arange(len(held_out))[:, None]
    # The copied sample must stay a copy, else there is one sample more to split.
    expression.loc["D00-copy"] = expression.loc["D00-0"]
    expression.to_csv(tmp_path / "expression.csv")
    learnt = [
        "split.parquet",
        "autoencoder/seed0/parameters.parquet",
        f"panels/variance/k{K}/seed0.parquet",
        f"inference/ridge/variance/k{K}/seed0/model.parquet",
    ]
    altered = Workflow(tmp_path, finished.tree)
    altered.snakemake("--", *(f"results/tiny/{path}" for path in learnt))
    assert digests(altered.results)["prepared/main.parquet"] != digests(finished.results)["prepared/main.parquet"]
    for path in learnt:
        assert (altered.results / path).read_bytes() == (finished.results / path).read_bytes(), path
