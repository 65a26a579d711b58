"""What a run will need: counted by hand, and the check-up of a machine."""

import gzip
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

from landmarks.checkup import look_at_machine, look_at_run
from landmarks.config import check_config
from landmarks.machine import locked_versions, memory_mb
from landmarks.outlook import count_flops, find_shape, foresee

REPOSITORY = Path(__file__).parents[2]
SCHEMA = REPOSITORY / "workflow/schemas/config.schema.yaml"


def config(**dataset: Any) -> dict[str, Any]:
    return check_config(
        {
            "version": 1,
            "run": "own",
            "compendium": "own",
            "datasets": {"own": {"origin": "https://example.org/x.csv", "sha256": "0" * 64} | dataset},
            "autoencoder": {"hidden": [4, 2], "epochs": 10},
            "panels": {"variance": {"sizes": [5]}, "random": {"sizes": [5], "seeds": 2}},
            "inference": {"ridge": {"penalties": [1, 10]}},
            "figures": {"model": "ridge", "k": 5, "pair": ["variance", "random"]},
        },
        SCHEMA,
    )


def test_flops_by_hand() -> None:
    # 30 genes: weights 2 (30·4 + 4·2) = 256; learning 6·256·10 a sample, attribution 2·30·4·2; Gram matrix 30².
    expected = 80 * (6 * 256 * 10 + 480) + 80 * 900
    # Three panels of 5: inferences of 20 test samples, and of 2,000 with each of two penalties.
    expected += 3 * 2 * 5 * 30 * (20 + 2_000 * 2)
    assert count_flops(config(), 80, 20, 30) == expected


def test_outlook_grows_with_the_compendium() -> None:
    small, large = foresee(config(), 1_000, 2_000), foresee(config(), 100_000, 20_000)
    assert small.memory_mb < large.memory_mb and small.disk_gb < large.disk_gb
    assert small.hours(100, 50, 2) < large.hours(100, 50, 2)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv.gz", "x.parquet", "x.gctx"])
@pytest.mark.parametrize("orientation", ["auto", "samples", "genes"])
def test_shapes(tmp_path: Path, name: str, orientation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(np.zeros((7, 3)), columns=list("abc"), index=pd.Index([f"r{i}" for i in range(7)], name="id"))
    if name == "x.gctx":
        with h5py.File(name, "w") as file:
            file["0/DATA/0/matrix"] = np.zeros((3, 7))
        orientation = "samples"
    elif name == "x.parquet":
        frame.reset_index().to_parquet(name, index=False)
    else:
        text = frame.to_csv(sep="\t" if "tsv" in name else ",").encode()
        Path(name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    expected = {"samples": (7, 3), "genes": (3, 7), "auto": (3, 7)}[orientation]
    given = {"origin": name, "orientation": orientation}
    own = config()
    own["datasets"]["own"] |= given
    assert find_shape(own) == (expected if name != "x.gctx" else (3, 7))
    assert find_shape(config()) is None


def test_machine() -> None:
    findings = {one.what: one for one in look_at_machine(REPOSITORY)}
    assert findings["Python"].state == "good"
    assert findings["packages"].state == "good", findings["packages"]
    total, free = memory_mb()
    assert total >= free > 0
    assert locked_versions(REPOSITORY / "requirements.lock")["numpy"]


def test_run_that_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"version": 2}))
    (finding,) = look_at_run(tmp_path / "config.yaml", REPOSITORY)
    assert finding.state == "bad" and finding.advice
    (tmp_path / "config.yaml").write_text("a: [")
    assert look_at_run(tmp_path / "config.yaml", REPOSITORY)[0].state == "bad"
