"""How long the paper's run takes on 1, 8, 32 and 128 slots: its DAG, scheduled on paper with measured times.

Jobs and what each waits for are Snakemake's (a dry run of config/paper.yaml); nothing is run. A slot is two
cores for one job. A job's time is that of the same rule at the same shape in `benchmarks/scale.py`, 129,158 samples ×
22,268 genes, from its table of jobs; trainings, of which few epochs were measured, are extrapolated: the autoencoder by
its epochs, D-GEX by counted flops at `SHARE` of the measured rate F. Where the paper's run averages probes to half as
many genes, times of the full number stand for it, so they are too long. Downloads and queues are left out.

Jobs start as slots are free, those first after which the longest chain of jobs remains.
"""

import heapq
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
import yaml
from common import write_results

SAMPLES = 129_158
SLOTS = (1, 8, 32, 128)
SHARE = 0.8
"""Of F, that D-GEX's widest layers are taken to reach."""
TARGETS = 10_018
"""Of the paper's D-GEX: genes, means of their probes."""
BLOCK = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", re.MULTILINE)
FILES = re.compile(r"^    (input|output|log): (.*)$", re.MULTILINE)
"""A job, and the files of it, as a dry run prints them."""

SHORT_S = 5.0
"""A job whose rule was not measured: tables, figures and lists of genes."""


@dataclass
class Job:
    """A job of the DAG."""

    rule: str
    log: str
    seconds: float = 0.0
    waits_for: set[str] = field(default_factory=set)


def list_jobs(config: Path) -> dict[str, Job]:
    """Return the jobs of a run of which nothing is made yet, by the path of their log."""
    program = str(Path(sys.executable).parent / "snakemake")
    command = [program, "--configfile", str(config), "--dry-run", "--forceall"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True)
    made_by: dict[str, str] = {}
    reads: dict[str, list[str]] = {}
    jobs: dict[str, Job] = {}
    for block in BLOCK.finditer(printed.stdout + printed.stderr):
        rule, text = block.groups()
        files = {kind: names.split(", ") for kind, names in FILES.findall(text)}
        name = files.get("log", files.get("output", [rule]))[0]
        jobs[name] = Job(rule, name)
        reads[name] = files.get("input", [])
        made_by |= dict.fromkeys(files.get("output", []), name)
    for name, job in jobs.items():
        job.waits_for = {made_by[file] for file in reads[name] if file in made_by}
    return jobs


def estimate(job: Job, config: Mapping[str, Any], measured: pd.DataFrame, rate: float, epoch_s: float) -> float:
    """Return the seconds of a job.

    `measured` has ``rule``, ``job`` (its log's path) and ``seconds``; `rate` is F in GFLOP/s, `epoch_s` the seconds of
    an epoch of the autoencoder.
    """
    rows = measured[measured["rule"] == job.rule]
    if job.rule == "fit_part":
        settings = config["inference"]["dgex"]
        widths = [config["figures"]["k"], *settings["hidden"], TARGETS // 2]
        weights = sum(one * other for one, other in pairwise(widths))
        learnt = 6 * weights - 2 * widths[0] * widths[1]
        samples = SAMPLES - config["split"]["validation"] - config["split"]["test"]
        return settings["epochs"] * samples * learnt / (SHARE * rate * 1e9)
    if rows.empty:
        return SHORT_S
    if job.rule == "train_autoencoder":
        return epoch_s * config["autoencoder"]["epochs"]
    if job.rule == "attribute_deeplift":
        return float(rows["seconds"].sum()) / config["attribution"]["shards"]
    alike = rows[[is_alike(job.log, other, config["compendium"]) for other in rows["job"]]]
    return float((alike if len(alike) else rows)["seconds"].max())


def is_alike(log: str, measured: str, compendium: str) -> bool:
    """Whether two jobs of a rule are of the same selector, model or kind of dataset."""
    parts = {"simulated" if part == compendium else part for part in Path(log).with_suffix("").parts}
    theirs = set(Path(measured).with_suffix("").parts)
    kinds: list[set[str]] = [{"simulated"}, {"deeplift"}, {"crossfit"}, {"ridge", "dgex"}]
    return all(parts & kind == theirs & kind for kind in kinds)


def longest_chains(jobs: Mapping[str, Job]) -> dict[str, float]:
    """Return, for each job, the seconds of the longest chain that begins with it."""
    followers: dict[str, list[str]] = {name: [] for name in jobs}
    for name, job in jobs.items():
        for needed in job.waits_for:
            followers[needed].append(name)
    chains: dict[str, float] = {}

    def chain(name: str) -> float:
        if name not in chains:
            chains[name] = jobs[name].seconds + max(map(chain, followers[name]), default=0.0)
        return chains[name]

    for name in jobs:
        chain(name)
    return chains


def schedule(jobs: Mapping[str, Job], slots: int) -> float:
    """Return when the last job ends."""
    chains = longest_chains(jobs)
    missing = {name: len(job.waits_for) for name, job in jobs.items()}
    ready = [(-chains[name], name) for name, count in missing.items() if count == 0]
    heapq.heapify(ready)
    running: list[tuple[float, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < slots:
            _, name = heapq.heappop(ready)
            heapq.heappush(running, (now + jobs[name].seconds, name))
        now, done = heapq.heappop(running)
        for name, job in jobs.items():
            if done in job.waits_for:
                missing[name] -= 1
                if missing[name] == 0:
                    heapq.heappush(ready, (-chains[name], name))
    return now


def critical_path(jobs: Mapping[str, Job]) -> list[str]:
    """Return the jobs of the longest chain, first to last."""
    chains = longest_chains(jobs)
    path = [max(chains, key=lambda name: chains[name])]
    while following := [name for name, job in jobs.items() if path[-1] in job.waits_for]:
        path.append(max(following, key=lambda name: chains[name]))
    return path


def main(
    config: Annotated[Path, typer.Option()] = Path("config/paper.yaml"),
    out_dir: Annotated[Path, typer.Option(help="with scale_jobs.parquet of benchmarks/scale.py")] = Path(
        "results/benchmarks"
    ),
) -> None:
    """Schedule and print."""
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    measured = pd.read_parquet(out_dir / "scale_jobs.parquet").query("samples == @SAMPLES")
    training = pd.read_parquet(out_dir / "scale_training.parquet").query("samples == @SAMPLES").iloc[0]
    rate, epoch_s = float(training["gflops_F"]), float(training["trained_on"] / training["samples_s"])
    jobs = list_jobs(config)
    for job in jobs.values():
        job.seconds = estimate(job, settings, measured, rate, epoch_s)
    rows = []
    for name, left_out in (("all", ()), ("without D-GEX", ("fit_part",))):
        kept = {
            key: Job(job.rule, job.log, 0.0 if job.rule in left_out else job.seconds, job.waits_for)
            for key, job in jobs.items()
        }
        work = sum(job.seconds for job in kept.values())
        for slots in SLOTS:
            makespan = schedule(kept, slots)
            row = {"jobs": name, "count": len(kept), "slots": slots, "hours": makespan / 3_600}
            rows.append(row | {"efficiency": work / (slots * makespan)})
    write_results("schedule", pd.DataFrame(rows), out_dir)
    path = [jobs[name] for name in critical_path(jobs)]
    steps = pd.DataFrame({"rule": [job.rule for job in path], "hours": [job.seconds / 3_600 for job in path]})
    write_results("schedule_critical_path", steps, out_dir)


if __name__ == "__main__":
    typer.run(main)
