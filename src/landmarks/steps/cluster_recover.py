"""Cancel the jobs that a killed Snakemake left on a SLURM cluster, and unlock its folder."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from landmarks.orphans import cancel_jobs, find_runs, list_jobs, refuse_running

logger = logging.getLogger("landmarks")


def main(
    *,
    folder: Annotated[Path, typer.Option(help="where Snakemake was started")] = Path(),
    snakefile: Annotated[Path | None, typer.Option(help="as given to Snakemake")] = None,
    configfile: Annotated[Path | None, typer.Option(help="as given to Snakemake")] = None,
    wait_s: Annotated[float, typer.Option(min=0, help="how long cancelled jobs are waited for")] = 300,
) -> None:
    """Cancel the jobs that a killed Snakemake left on a SLURM cluster, and unlock its folder."""
    refuse_running(folder)
    runs = find_runs(folder)
    jobs = list_jobs(runs)
    if jobs:
        cancel_jobs(jobs, runs, wait_s)
    logger.info("%d jobs of %d runs were cancelled", len(jobs), len(runs))
    given = {"--snakefile": snakefile, "--configfile": configfile}
    chosen = [word for name, file in given.items() if file is not None for word in (name, str(file.resolve()))]
    subprocess.run([sys.executable, "-m", "snakemake", "--unlock", *chosen], cwd=folder, check=True)
