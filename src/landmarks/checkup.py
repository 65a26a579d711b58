"""Findings about this machine, and about what a configured run needs of it."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from landmarks.config import check_config
from landmarks.errors import LandmarksError
from landmarks.machine import (
    count_cores,
    describe_gpu,
    disk_gb,
    find_scheduler,
    find_versions,
    gemm_gflops,
    locked_versions,
    memory_mb,
)
from landmarks.outlook import find_shape, foresee

LEAST_MB, LEAST_GB = 4_000, 2.0
"""Memory and disk of the default run."""
SCHEMA = Path("workflow/schemas/config.schema.yaml")


@dataclass(frozen=True)
class Finding:
    """One line of a check-up.

    Attributes
    ----------
    state
        good; look, where it works but could be better; bad, where the run will fail.
    what, found, advice
        What was looked at, what there is, and what to do about it.
    """

    state: Literal["good", "look", "bad"]
    what: str
    found: str
    advice: str = ""


def look_at_machine(home: Path) -> list[Finding]:
    """Look at what there is; `home` is the workflow's folder, with its lock file."""
    total, free = memory_mb()
    gpu, scheduler, space = describe_gpu(), find_scheduler(), disk_gb(Path("results"))
    small = free < LEAST_MB
    locked, installed = locked_versions(home / "requirements.lock"), find_versions()
    missing = [name for name, found in installed.items() if not found]
    others = {
        name: f"{name} {found.split('+')[0]}, not {locked[name]}"
        for name, found in installed.items()
        if found and locked.get(name, found.split("+")[0]) != found.split("+")[0]
    }
    python = sys.version_info
    return [
        Finding(
            "good" if python >= (3, 11) else "bad",
            "Python",
            sys.version.split()[0],
            "" if python >= (3, 11) else "3.11",
        ),
        Finding(
            "bad" if missing else "look" if others else "good",
            "packages",
            ", ".join(f"{name} missing" for name in missing) or "; ".join(others.values()) or "as in requirements.lock",
            "make setup" if missing or others else "",
        ),
        Finding("good", "cores", f"{count_cores()}", ""),
        Finding(
            "look" if small else "good",
            "memory",
            f"{total:,} MB, {free:,} free",
            f"the default run needs {LEAST_MB:,}: end other programs, or lower memory_mb" if small else "",
        ),
        Finding(
            "look" if space < LEAST_GB else "good",
            "disk",
            f"{space:,.0f} GB free for results/",
            f"the default run needs {LEAST_GB:.0f} GB" if space < LEAST_GB else "",
        ),
        Finding("good", "GPU", gpu or "none", "" if gpu else "trainings run on processors; large ones gain from a GPU"),
        Finding(
            "good", "cluster", scheduler or "none", "snakemake --profile profiles/slurm" if scheduler == "SLURM" else ""
        ),
    ]


def look_at_run(configfile: Path, home: Path) -> list[Finding]:
    """Look at what a run of a config needs of this machine; `home` is the workflow's folder."""
    try:
        config: dict[str, Any] = check_config(yaml.safe_load(configfile.read_text(encoding="utf-8")), home / SCHEMA)
    except (LandmarksError, yaml.YAMLError, OSError) as error:
        message, _, hint = str(error).partition("\nHint: ")
        return [Finding("bad", f"config {configfile}", message, hint)]
    findings = [Finding("good", f"config {configfile}", f"run {config['run']}")]
    jobs, problem = count_jobs(configfile, home)
    if problem:
        return [*findings, Finding("bad", "jobs", problem, "snakemake --dry-run shows more")]
    findings.append(Finding("good", "jobs", f"{jobs:,} are left to run" if jobs else "nothing is left to run"))
    shape = find_shape(config)
    if shape is None:
        return [*findings, Finding("look", "compendium", "not here yet", "its size is known once it is imported")]
    outlook, rate = foresee(config, *shape), gemm_gflops()
    cores, (total, _) = count_cores(), memory_mb()
    space = disk_gb(Path("results"))
    hours = outlook.hours(rate, jobs, cores)
    long = hours > 24 and not describe_gpu()
    return [
        *findings,
        Finding("good", "compendium", f"{outlook.samples:,} samples × {outlook.genes:,} genes"),
        Finding(
            "bad" if outlook.memory_mb > total else "good",
            "memory of its largest job",
            f"{outlook.memory_mb:,} MB ({outlook.rule})",
            "lower memory_mb or the panels' sizes, or run where there is more" if outlook.memory_mb > total else "",
        ),
        Finding(
            "bad" if outlook.disk_gb > space else "good",
            "disk of its results",
            f"{outlook.disk_gb:,.1f} GB",
            "run where there is more" if outlook.disk_gb > space else "",
        ),
        Finding(
            "look" if long else "good",
            "time, roughly",
            _say_time(hours) + f" from the beginning, {rate:,.0f} GFLOP/s",
            "a GPU, fewer epochs of dgex or of the autoencoder, or a cluster (docs/cluster.md)" if long else "",
        ),
    ]


def count_jobs(configfile: Path, home: Path) -> tuple[int, str]:
    """Return how many jobs Snakemake would run, and what it says where it would not."""
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(home / "Snakefile"),
        "--dry-run",
        "--quiet",
        "rules",
    ]
    done = subprocess.run(
        [*command, "--configfile", str(configfile), "--cores", "1", "--nolock"],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    if done.returncode:
        return 0, next(
            (line.strip() for line in said.splitlines() if "rror" in line or "Expected" in line), said[-300:]
        )
    total = re.search(r"^total\s+(\d+)$", said, re.MULTILINE)
    return int(total[1]) if total else 0, ""


def _say_time(hours: float) -> str:
    """Return a time in the unit that fits.

    >>> _say_time(0.4), _say_time(30), _say_time(100)
    ('24 min', '30 h', '4 days')
    """
    if hours < 2:
        return f"{max(1, round(60 * hours))} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
