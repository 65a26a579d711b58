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

import psutil
import pytest
from cluster import missing, run_cluster
from conftest import Workflow, write_inputs

pytestmark = [pytest.mark.slow, pytest.mark.skipif(missing() is not None, reason=missing() or "")]

TRAINED = "results/tiny/autoencoder/seed0/parameters.parquet"
WAIT_S = 120

EPOCHS = 1_000
"""Of the drills' training: enough that it can be met while it runs."""


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[Path]:
    """Run a cluster for all tests of this file, and return the folder of its logs."""
    # Not in pytest's folders: all must be able to reach munge's socket.
    with TemporaryDirectory(prefix="landmarks-slurm-") as folder:
        Path(folder).chmod(0o755)
        with run_cluster(Path(folder) / "cluster"):
            yield Path(folder) / "cluster"


def start(workflow: Workflow, profile: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Snakemake with a profile, its two outputs in one file, in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(workflow.tree / "Snakefile")]
    command += ["--profile", str(workflow.tree / "profiles" / profile), "--configfile", "config.yaml"]
    command += ["--latency-wait", "5", *arguments]
    environment = os.environ | {"PYTHONPATH": str(workflow.tree / "src")}
    with (workflow.folder / "snakemake.out").open("a") as out:
        return subprocess.Popen(
            command,
            cwd=workflow.folder,
            env=environment,
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
            # Tests that are started in the background ignore Ctrl-C, and so would what they start.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def submit(workflow: Workflow, *arguments: str) -> subprocess.Popen[str]:
    """Start Snakemake with the profile for SLURM; it looks at its jobs earlier than on a cluster with others' jobs."""
    return start(workflow, "slurm", "--slurm-init-seconds-before-status-checks", "2", *arguments)


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
    await_true(lambda: "RUNNING" in states(workflow, rule).values(), f"running job of {rule}")
    return next(job for job, state in states(workflow, rule).items() if state == "RUNNING")


def await_true(ready: Callable[[], bool], what: str) -> None:
    """Wait until `ready`, or fail."""
    end = time.monotonic() + WAIT_S
    while not ready():
        if time.monotonic() > end:
            pytest.fail(f"no {what} in {WAIT_S} s")
        time.sleep(0.05)


def stop_step(workflow: Workflow, step: str) -> None:
    """Stop a step's process of a workflow, as SIGSTOP does."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if step in (process.info["cmdline"] or []) and process.info["cwd"] == str(workflow.folder):
            process.send_signal(signal.SIGSTOP)


def read_files(workflow: Workflow) -> dict[str, bytes]:
    """Return the content of all Parquet files of a run, by path."""
    return {str(file.relative_to(workflow.results)): file.read_bytes() for file in workflow.results.rglob("*.parquet")}


def test_tiny_run_ends_with_the_same_bytes(finished: Workflow, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, finished.tree)
    # Of a tiny run every job is short: several share one.
    finish(workflow, submit(workflow, "--group-components", "trained=4", "shown=15"))
    theirs = read_files(workflow)
    assert theirs == read_files(finished)
    assert set(states(workflow, "").values()) == {"COMPLETED"}


@pytest.fixture(scope="session")
def undisturbed(default: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a run up to the trained autoencoder, on this machine; the drills' training is to end alike."""
    workflow = Workflow(tmp_path_factory.mktemp("undisturbed"), default.tree)
    write_inputs(workflow.folder)
    config = workflow.config()
    config["autoencoder"]["epochs"] = EPOCHS
    # A state a second: what is killed goes on where it was.
    config["checkpoints"] = {"minutes": 0.02}
    workflow.write_config(config)
    workflow.snakemake(TRAINED)
    return workflow


def untrained(undisturbed: Workflow, folder: Path) -> Workflow:
    """Return the same run in another folder, with all but the training done."""
    shutil.copytree(undisturbed.folder, folder, dirs_exist_ok=True)
    for part in ("autoencoder", "checkpoints", "logs/train_autoencoder"):
        shutil.rmtree(folder / "results/tiny" / part, ignore_errors=True)
    return Workflow(folder, undisturbed.tree)


@pytest.fixture(scope="module")
def overdue(
    undisturbed: Workflow, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Workflow, subprocess.Popen[str]]]:
    """Start a run whose step hangs, for instance on a disk that does not answer, until SLURM's minute is over."""
    workflow = untrained(undisturbed, tmp_path_factory.mktemp("overdue"))
    # A minute, then ten: the second attempt ends, however busy the machine is.
    running = submit(workflow, TRAINED, "--set-resources", "train_autoencoder:runtime=10 ** (attempt - 1)")
    await_running(workflow, "train_autoencoder")
    state = workflow.results / "checkpoints"
    await_true(lambda: any(state.rglob("*.npz")), "state of the training")
    stop_step(workflow, "train-autoencoder")
    yield workflow, running
    if running.poll() is None:
        kill(running)


@pytest.fixture
def drill(undisturbed: Workflow, overdue: object, tmp_path: Path) -> Workflow:
    """Return a run of which the training is left, while the one that hangs waits for its minute to be over."""
    return untrained(undisturbed, tmp_path)


def trained(workflow: Workflow) -> bytes:
    return (workflow.folder / TRAINED).read_bytes()


def test_cancelled_job_is_sent_again(drill: Workflow, undisturbed: Workflow) -> None:
    running = submit(drill, TRAINED)
    subprocess.run(["scancel", await_running(drill, "train_autoencoder")], check=True)
    finish(drill, running)
    assert sorted(states(drill, "train_autoencoder").values()) == ["CANCELLED", "COMPLETED"]
    assert trained(drill) == trained(undisturbed)


def test_job_over_its_memory_gets_more(drill: Workflow, undisturbed: Workflow, cluster: Path) -> None:
    # Snakemake and the step together hold more than 300 MB, and less than 1,200.
    growing = "train_autoencoder:mem_mb=300 * 4 ** (attempt - 1)"
    finish(drill, submit(drill, TRAINED, "--set-resources", growing))
    (first, ended), (_, last) = sorted(states(drill, "train_autoencoder").items(), key=lambda item: int(item[0]))
    # SLURM kills the step; the job around it then fails, which it may call so before it calls it out of memory.
    assert ended in ("FAILED", "OUT_OF_MEMORY") and last == "COMPLETED"
    assert f"StepId={first}.0 exceeded memory limit" in (cluster / "slurmd.log").read_text(encoding="utf-8")
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


def test_gpus_are_asked_for_where_networks_are_trained(drill: Workflow, undisturbed: Workflow) -> None:
    gpu = ["--workflow-profile", str(drill.tree / "profiles/gpu")]
    finish(drill, submit(drill, "results/tiny/codes/main/seed0.parquet", *gpu))
    name = f"--name={run_id(drill)}"
    command = ["squeue", "--states=all", "--noheader", "--Format=comment:90,tres-per-job:30", name]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    asked = {line.split("_wildcards")[0]: line.split()[-1] for line in lines}
    assert asked == {"rule_train_autoencoder": "gres:gpu:1", "rule_encode_samples": "N/A"}
    assert trained(drill) == trained(undisturbed)


def test_generic_profile_with_own_commands(drill: Workflow, undisturbed: Workflow) -> None:
    asks = "--cpus-per-task={threads} --mem={resources.mem_mb} --time={resources.runtime}"
    commands = [
        "--cluster-generic-submit-cmd",
        f"sbatch --parsable --job-name=generic --output=.snakemake/%j.out {asks}",
    ]
    commands += ["--cluster-generic-cancel-cmd", "scancel"]
    finish(drill, start(drill, "generic", TRAINED, *commands))
    command = ["squeue", "--states=all", "--noheader", "--format=%T", "--name=generic"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["COMPLETED"]
    assert trained(drill) == trained(undisturbed)


def test_job_over_its_time_goes_on_in_the_next(
    overdue: tuple[Workflow, subprocess.Popen[str]], undisturbed: Workflow
) -> None:
    workflow, running = overdue
    finish(workflow, running)
    ends = sorted(states(workflow, "train_autoencoder").items(), key=lambda item: int(item[0]))
    assert [state for _, state in ends] == ["TIMEOUT", "COMPLETED"]
    log = (workflow.results / "logs/train_autoencoder/seed0.log").read_text(encoding="utf-8")
    assert "goes on at epoch" in log
    assert trained(workflow) == trained(undisturbed)
