"""Attribution of a finished run again: in shards, of some samples, by Captum; and a network that is refused."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Workflow
from pandas.testing import assert_frame_equal

from landmarks import deeplift, sampling
from landmarks.cli import main
from landmarks.files import read_frame

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning:captum")]


def call(*words: object) -> None:
    """Run a step; a failure stops the test as it would the job."""
    try:
        main([str(word) for word in words])
    except SystemExit as done:
        if done.code:
            raise


@pytest.fixture
def rank(finished: Workflow, tmp_path: Path) -> Any:
    """Return a function that attributes with changed settings, and gives importances and checks."""

    def run(**changed: Any) -> tuple[pd.DataFrame, pd.Series]:
        settings = finished.config()["attribution"] | {
            "engine": "exact",
            "samples": "all",
            "seed": 0,
            "shards": 1,
            "memory-mb": 100,
            "agreement-k": 10,
            "agreement-jaccard": 0.9,
            "check-samples": 8,
            "check-units": 3,
            "check-bound": 1e-5,
        }
        settings |= changed
        results, shards = finished.results, range(settings["shards"])
        files = {kind: [str(tmp_path / f"{kind}{shard}.parquet") for shard in shards] for kind in ("sums", "checks")}
        options = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        for shard in shards:
            call(
                "attribute-deeplift",
                *options,
                *("--shard", shard, "--out", files["sums"][shard], "--out-checks", files["checks"][shard]),
                *("--split", results / "split.parquet", "--expression", results / "prepared" / "main.parquet"),
                *("--parameters", results / "autoencoder" / "seed0" / "parameters.parquet"),
            )
        out, out_checks = tmp_path / "importance.parquet", tmp_path / "merged.parquet"
        call(
            "rank-genes",
            *files["sums"],
            *(word for file in files["checks"] for word in ("--checks", file)),
            *("--engine", settings["engine"], "--aggregation", settings["aggregation"], "--agreement-k", 10),
            *("--out", out, "--out-checks", out_checks),
        )
        return read_frame(out), read_frame(out_checks).iloc[0]

    return run


def test_shards_change_nothing(finished: Workflow, rank: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The run has 32 training samples: smaller batches make several shards of them.
    monkeypatch.setattr(sampling, "ALIGNMENT", 8)
    monkeypatch.setattr(deeplift, "BATCH", 8)
    whole, _ = rank()
    assert_frame_equal(whole, read_frame(finished.results / "importance" / "seed0.parquet"))
    shards, checks = rank(shards=3)
    assert shards["gene_id"].tolist() == whole["gene_id"].tolist()
    assert_frame_equal(shards, whole, rtol=1e-6)
    assert checks["shards"] == 3
    assert checks["samples"] == checks["training_samples"]


def test_captum_gives_the_same_ranks(rank: Any) -> None:
    exact, _ = rank()
    captum, checks = rank(engine="captum")
    assert checks["engine"] == "captum"
    assert_frame_equal(captum.sort_values("gene_id"), exact.sort_values("gene_id"), rtol=1e-4, check_dtype=False)


def test_some_samples(rank: Any) -> None:
    _, all_checks = rank()
    _, checks = rank(samples=20)
    assert checks["samples"] == 20
    assert checks["training_samples"] == all_checks["samples"]
    # So few samples are all in the first round.
    _, checks = rank(samples="auto")
    assert checks["samples"] == all_checks["samples"]
    assert 0 < checks["agreement"] <= 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"check-bound": 1e-12}, "attribution.check.bound allows 1e-12"),
        ({"completeness": 1e-12}, "attribution.completeness allows 1e-12"),
        ({"shards": 50}, "attribution.shards to be at most 1 for 32"),
        ({"samples": 5000}, "found 5000"),
        ({"memory-mb": 0.001}, "memory_mb allows 0.00025"),
    ],
)
def test_bounds_stop_the_step(
    rank: Any, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(SystemExit):
        rank(**changed)
    printed = capsys.readouterr().err
    assert words in printed
    assert "Hint: " in printed
