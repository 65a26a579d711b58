"""Jobs that are killed at random moments go on, and end with the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SETTINGS = {
    "train-autoencoder": {
        "hidden": "60,20", "dropout": 0.1, "penalty": 1e-6, "epochs": 60, "batch-size": 16, "learning-rate": 1e-3,
        "trained-on": "train", "seed": 0,
    },
    "attribute-deeplift": {
        "engine": "captum", "samples": "all", "seed": 0, "shard": 1, "shards": 2, "memory-mb": 100,
        "reference": "mean", "output": "after", "aggregation": "mean_abs", "completeness": 1e-4, "agreement-k": 10,
        "agreement-jaccard": 0.9, "check-samples": 8, "check-units": 3, "check-bound": 1e-4,
    },
}  # fmt: skip


def run(*words: object, kill_after_s: float | None = None) -> bool:
    """Run a subcommand, or kill it with its process group; return whether it ended by itself."""
    command = [sys.executable, "-m", "landmarks", *map(str, words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(kill_after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    assert code == 0, words
    return True


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a simulated compendium and its split."""
    folder = tmp_path_factory.mktemp("kills")
    run("simulate-compendium", "--samples", 1_500, "--genes", 400, "--seed", 1, "--out", folder / "all.parquet")
    samples, out = folder / "all.samples.parquet", folder / "split.parquet"
    shares = ("--method", "random", "--validation", 0.1, "--test", 0.1, "--seed", 0)
    run("split-samples", "--expression", folder / "all.parquet", "--samples", samples, *shares, "--out", out)
    return folder


def arguments(step: str, prepared: Path, out: Path, checkpointed: bool) -> list[object]:
    """Return the command line of a step that writes to a folder of its own."""
    words: list[object] = [step, "--expression", prepared / "all.parquet", "--split", prepared / "split.parquet"]
    for name, value in SETTINGS[step].items():
        words += [f"--{name}", value]
    if step == "train-autoencoder":
        words += ["--out", out / "one.parquet", "--out-history", out / "two.parquet"]
    else:
        words += ["--parameters", prepared / "undisturbed" / "one.parquet"]
        words += ["--out", out / "three.parquet", "--out-checks", out / "four.parquet"]
    return words + (["--checkpoint", out / "state.npz", "--checkpoint-minutes", 0] if checkpointed else [])


@pytest.mark.slow
def test_ten_random_kills_change_no_byte(prepared: Path) -> None:
    generator = random.Random(20_211)
    taken_up = 0
    for step, kills in (("train-autoencoder", 6), ("attribute-deeplift", 4)):
        start = time.monotonic()
        assert run(*arguments(step, prepared, prepared / "undisturbed", checkpointed=False))
        duration = time.monotonic() - start
        killed = 0
        while killed < kills:
            out = prepared / "killed"
            # Of its whole time at first; what is left of the work gets shorter with every kill.
            after = generator.uniform(0.3, 1.0) * duration
            if run(*arguments(step, prepared, out, checkpointed=True), kill_after_s=after):
                # It was through before: this kill comes too late, and the work begins again.
                for file in out.iterdir():
                    file.unlink()
                continue
            killed += 1
            taken_up += (out / "state.npz").exists()
        assert run(*arguments(step, prepared, prepared / "killed", checkpointed=True))
        for name in ("one", "two") if step == "train-autoencoder" else ("three", "four"):
            expected = (prepared / "undisturbed" / f"{name}.parquet").read_bytes()
            assert (prepared / "killed" / f"{name}.parquet").read_bytes() == expected, (step, name)
        # Neither a state nor the remains of a file that was being written.
        leftovers = {file.name for file in (prepared / "killed").iterdir()}
        assert leftovers <= {"one.parquet", "two.parquet", "three.parquet", "four.parquet"}, leftovers
    assert taken_up >= 5, "the kills came before there was anything to take up"
