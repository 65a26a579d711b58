"""Jobs that are killed at random moments go on, and end with the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmarks.expression import read_gene_ids

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


def start(*words: object) -> subprocess.Popen[bytes]:
    """Start a subcommand in a process group of its own."""
    command = [sys.executable, "-m", "landmarks", *map(str, words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)


def run(*words: object, kill_after_s: float | None = None) -> bool:
    """Run a subcommand, or kill it with its process group; return whether it ended by itself."""
    process = start(*words)
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
        begun = time.monotonic()
        assert run(*arguments(step, prepared, prepared / "undisturbed", checkpointed=False))
        duration = time.monotonic() - begun
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


def number_of(state: Path) -> int:
    """Return which file this is: every state is a new one; 0 if there is none."""
    return state.stat().st_ino if state.exists() else 0


@pytest.mark.slow
def test_killed_inference_changes_no_byte(prepared: Path) -> None:
    """Each kill comes after a state of its own, so that each of them has something to take up."""
    pd.DataFrame({"gene_id": read_gene_ids(prepared / "all.parquet")[::8]}).to_parquet(prepared / "panel.parquet")
    words = ["fit-inference", "--model", "dgex", "--expression", prepared / "all.parquet", "--seed", 0]
    words += ["--split", prepared / "split.parquet", "--panel", prepared / "panel.parquet"]
    words += ["--settings", '{"hidden": [80], "keep": 0.9, "epochs": 6, "batch_size": 16, "learning_rate": 5e-4}']
    generator, places = random.Random(20_212), []

    def command(folder: Path, minutes: float) -> list[object]:
        files = ("--checkpoint", folder / "state.npz", "--out", folder / "model", "--out-roles", folder / "roles")
        return [*words, *files, "--checkpoint-minutes", minutes]

    assert run(*command(prepared / "whole", 1_000))
    out = prepared / "stopped"
    state = out / "state.npz"
    for _ in range(3):
        before, process = number_of(state), start(*command(out, 0))
        while number_of(state) in (0, before) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(generator.uniform(0, 0.3))
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it was through before the kill"
        with np.load(state) as archive:
            places.append(("part.0.layer.0.weight" in archive, *archive["place"].tolist()))
    assert places == sorted(set(places)), places
    # With states, since the first one clears away what a kill left of one that was being written.
    assert run(*command(out, 0))
    for name in ("model", "roles"):
        assert (out / name).read_bytes() == (prepared / "whole" / name).read_bytes(), (name, places)
    assert {file.name for file in out.iterdir()} <= {"model", "roles"}
