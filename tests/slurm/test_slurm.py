"""The tiny run on a real SLURM node, and what happens when jobs, or Snakemake, are killed there."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cluster import missing, run_cluster
from conftest import Workflow, write_inputs

pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing() is not None, reason=missing() or "")]

POLLING = ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"]
TRAINED = "results/tiny/autoencoder/seed0/parameters.parquet"
WAIT_S = 120

EPOCHS = 4_000
"""Of the drills' training: enough that it can be met while it runs."""


@pytest.fixture(scope="session", autouse=True)
def cluster() -> Iterator[None]:
    """Run a cluster for all tests of this file."""
    # Not in pytest's folders: all must be able to reach munge's socket.
    with TemporaryDirectory(prefix="landmarks-slurm-") as folder:
        Path(folder).chmod(0o755)
        with run_cluster(Path(folder) / "cluster"):
            yield


def submit(workflow: Workflow, *arguments: str) -> subprocess.Popen[str]:
    """Start Snakemake with the profile for SLURM, its two outputs in one file, in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(workflow.tree / "Snakefile")]
    command += ["--profile", str(workflow.tree / "profiles/slurm"), "--configfile", "config.yaml", *POLLING, *arguments]
    environment = os.environ | {"PYTHONPATH": str(workflow.tree / "src")}
    with (workflow.folder / "snakemake.out").open("a") as out:
        return subprocess.Popen(
            command, cwd=workflow.folder, env=environment, stdout=out, stderr=out, text=True, start_new_session=True
        )


def finish(workflow: Workflow, running: subprocess.Popen[str]) -> None:
    """Wait for Snakemake to end well."""
    if running.wait() != 0:
        pytest.fail((workflow.folder / "snakemake.out").read_text(encoding="utf-8")[-6000:])


def run_id(workflow: Workflow) -> str:
    """Return the id of the run that was started last."""
    words = (workflow.folder / "snakemake.out").read_text(encoding="utf-8").split("SLURM run ID: ")
    return words[-1].split()[0] if len(words) > 1 else ""


def states(workflow: Workflow, rule: str) -> dict[str, str]:
    """Return the state of all jobs of a rule in the run that was started last, by number."""
    if not (name := run_id(workflow)):
        return {}
    command = ["squeue", "--states=all", "--noheader", "--format=%i|%T|%k", f"--name={name}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split("|") for line in lines]
    return {job: state for job, state, comment in rows if comment.startswith(f"rule_{rule}")}


def await_running(workflow: Workflow, rule: str) -> str:
    """Wait until a job of a rule runs, and return its number."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        for job, state in states(workflow, rule).items():
            if state == "RUNNING":
                return job
        time.sleep(0.2)
    pytest.fail(f"no job of {rule} ran: {(workflow.folder / 'snakemake.out').read_text(encoding='utf-8')[-3000:]}")


def read_files(workflow: Workflow) -> dict[str, bytes]:
    """Return the content of all Parquet files of a run, by path."""
    return {str(file.relative_to(workflow.results)): file.read_bytes() for file in workflow.results.rglob("*.parquet")}


def test_tiny_run_ends_with_the_same_bytes(finished: Workflow, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, finished.tree)
    finish(workflow, submit(workflow))
    theirs = read_files(workflow)
    assert theirs == read_files(finished)
    assert set(states(workflow, "").values()) == {"COMPLETED"}


@pytest.fixture(scope="session")
def undisturbed(finished: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a run up to the trained autoencoder, on this machine; the drills' training is to end alike."""
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"), finished.tree)
    write_inputs(workflow.folder)
    config = workflow.config()
    config["autoencoder"]["epochs"] = EPOCHS
    # A state at every batch: what is killed goes on where it was.
    config["checkpoints"] = {"minutes": 0.02}
    workflow.write_config(config)
    workflow.snakemake(TRAINED)
    return workflow


@pytest.fixture
def drill(undisturbed: Workflow, tmp_path: Path) -> Workflow:
    """Return the same run, with all but the training done."""
    shutil.copytree(undisturbed.folder, tmp_path, dirs_exist_ok=True)
    for folder in ("autoencoder", "checkpoints", "logs/train_autoencoder"):
        shutil.rmtree(tmp_path / "results/tiny" / folder, ignore_errors=True)
    return Workflow(tmp_path, undisturbed.tree)


def trained(workflow: Workflow) -> bytes:
    return (workflow.folder / TRAINED).read_bytes()


def test_cancelled_job_is_sent_again(drill: Workflow, undisturbed: Workflow) -> None:
    running = submit(drill, TRAINED)
    subprocess.run(["scancel", await_running(drill, "train_autoencoder")], check=True)
    finish(drill, running)
    assert sorted(states(drill, "train_autoencoder").values()) == ["CANCELLED", "COMPLETED"]
    assert trained(drill) == trained(undisturbed)


def test_job_over_its_memory_gets_more(drill: Workflow, undisturbed: Workflow) -> None:
    # Snakemake and the step together hold more than 300 MB, and less than 1,200.
    growing = "train_autoencoder:mem_mb=300 * 4 ** (attempt - 1)"
    finish(drill, submit(drill, TRAINED, "--set-resources", growing))
    ends = [state for _, state in sorted(states(drill, "train_autoencoder").items())]
    assert ends[-1] == "COMPLETED" and set(ends[:-1]) and set(ends[:-1]) <= {"OUT_OF_MEMORY", "CANCELLED", "FAILED"}
    assert trained(drill) == trained(undisturbed)


def test_job_over_its_time_goes_on_in_the_next(drill: Workflow, undisturbed: Workflow) -> None:
    finish(drill, submit(drill, TRAINED, "--set-resources", "train_autoencoder:runtime=1"))
    ends = [state for _, state in sorted(states(drill, "train_autoencoder").items())]
    assert ends[0] == "TIMEOUT" and ends[-1] == "COMPLETED"
    log = (drill.results / "logs/train_autoencoder/seed0.log").read_text(encoding="utf-8")
    assert "goes on at epoch" in log
    assert trained(drill) == trained(undisturbed)


def interrupt(running: subprocess.Popen[str]) -> None:
    """Press Ctrl-C."""
    os.killpg(running.pid, signal.SIGINT)


def kill(running: subprocess.Popen[str]) -> None:
    """Kill Snakemake without a word."""
    os.killpg(running.pid, signal.SIGKILL)


@pytest.mark.parametrize(("stop", "left"), [(interrupt, "CANCELLED"), (kill, "RUNNING")])
def test_stopped_snakemake_goes_on(
    drill: Workflow, undisturbed: Workflow, stop: Callable[[subprocess.Popen[str]], None], left: str
) -> None:
    running = submit(drill, TRAINED)
    job = await_running(drill, "train_autoencoder")
    stop(running)
    assert running.wait() != 0
    assert states(drill, "train_autoencoder") == {job: left}
    first = run_id(drill)
    recover = [sys.executable, "-m", "landmarks", "cluster-recover", "--configfile", "config.yaml"]
    subprocess.run(
        [*recover, "--snakefile", str(drill.tree / "Snakefile")],
        cwd=drill.folder,
        env=os.environ | {"PYTHONPATH": str(drill.tree / "src")},
        check=True,
    )
    # Nothing of the first run may write any more when the second begins.
    command = ["squeue", "--noheader", "--format=%i", f"--name={first}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""
    finish(drill, submit(drill, TRAINED))
    assert run_id(drill) != first
    assert list(states(drill, "train_autoencoder").values()) == ["COMPLETED"]
    assert trained(drill) == trained(undisturbed)
