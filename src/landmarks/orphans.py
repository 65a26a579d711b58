"""Jobs that a killed Snakemake left on a SLURM cluster: found by the id of its run, cancelled, waited for.

The executor plugin gives all jobs of a run one name, the run's id, and writes it to Snakemake's log. A Snakemake that
was killed knows nothing of its jobs when it is started again: they would go on and write to the same files.
"""

import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from landmarks.errors import LandmarksError, name_some

RUN_ID = re.compile(r"SLURM run ID: (\S+)")
LOGS = ".snakemake/log"

POLL_S = 1.0
"""Seconds between two looks at the queue."""


def find_runs(folder: Path) -> list[str]:
    """Return the ids of all runs that were started in a folder, as Snakemake's logs have them, oldest first."""
    logs = sorted((folder / LOGS).glob("*.log"), key=lambda log: log.stat().st_mtime)
    found = (RUN_ID.search(log.read_text(encoding="utf-8", errors="replace")) for log in logs)
    return [match[1] for match in found if match]


def refuse_running(folder: Path) -> None:
    """Raise if a Snakemake works in the folder: its jobs are no orphans.

    Processes of this machine are all that can be seen. Where it is one of the cluster's nodes too, a job's own do not
    count.

    Raises
    ------
    LandmarksError
        With the process's id.
    """
    for process in psutil.process_iter():
        try:
            words, place = process.cmdline(), process.cwd()
        except psutil.Error:
            continue
        called = any(Path(word).name in ("snakemake", "snakemake.exe") for word in words[:3])
        # Of a job: `--mode remote`, or of a job's rule: `--mode subprocess`.
        alone = "--unlock" not in words and "--mode" not in words
        if called and alone and Path(place) == folder.resolve():
            raise LandmarksError(
                f"Snakemake is running in {folder.resolve()} (process {process.pid}): its jobs are no orphans.",
                hint="stop it first, by Ctrl-C: it then cancels its jobs itself.",
            )


def list_jobs(runs: Sequence[str]) -> list[str]:
    """Return the numbers of the runs' jobs that wait, run or end just now.

    Raises
    ------
    LandmarksError
        If SLURM does not answer.
    """
    if not runs:
        return []
    return _call("squeue", "--noheader", "--format=%i", f"--name={','.join(runs)}").split()


def cancel_jobs(jobs: Sequence[str], runs: Sequence[str], wait_s: float) -> None:
    """Cancel jobs, and wait until none of their runs' is left: not before may another write to their files.

    Raises
    ------
    LandmarksError
        If some are still there after `wait_s` seconds.
    """
    _call("scancel", *jobs)
    end = time.monotonic() + wait_s
    while left := list_jobs(runs):
        if time.monotonic() > end:
            raise LandmarksError(
                f"After {wait_s:.0f} s, {len(left):,} cancelled jobs are still there: {name_some(left)}.",
                hint="wait until `squeue` shows them no more, then call this again.",
            )
        time.sleep(POLL_S)


def _call(*command: str) -> str:
    """Run a command of SLURM's and return what it prints."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        found = f"no command `{command[0]}`"
    except subprocess.CalledProcessError as error:
        found = error.stderr.strip() or f"status {error.returncode}"
    raise LandmarksError(f"Expected SLURM to answer `{command[0]}`, found {found}.", hint="call this on a login node.")
