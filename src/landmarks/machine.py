"""What a machine has: cores, memory, disk, GPU, versions, a cluster."""

import os
import shutil
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import torch

CGROUP = Path("/sys/fs/cgroup/memory.max")
PACKAGES = ("snakemake", "torch", "captum", "numpy", "pandas", "scipy", "pyarrow")


def count_cores() -> int:
    """Return the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_mb() -> tuple[int, int]:
    """Return the MB there are, a container's limit included, and those that are free."""
    memory = psutil.virtual_memory()
    total = memory.total
    if CGROUP.is_file() and (limit := CGROUP.read_text().strip()).isdigit():
        total = min(total, int(limit))
    return int(total / 1e6), int(min(memory.available, total) / 1e6)


def disk_gb(folder: Path) -> float:
    """Return the free GB of the disk that holds a folder, or will."""
    while not folder.exists():
        folder = folder.resolve().parent
    return shutil.disk_usage(folder).free / 1e9


def gemm_gflops(size: int = 2_048) -> float:
    """Measure the rate of single-precision matrix products, roughly, in GFLOP/s."""
    a = torch.randn(size, size)
    torch.mm(a, a)
    start = time.perf_counter()
    for _ in range(3):
        torch.mm(a, a)
    return 3 * 2 * size**3 / (time.perf_counter() - start) / 1e9


def describe_gpu() -> str:
    """Return the name and memory of the first GPU that PyTorch finds, or an empty text."""
    if not torch.cuda.is_available():
        return ""
    properties = torch.cuda.get_device_properties(0)
    return f"{properties.name}, {properties.total_memory / 1e9:.0f} GB"


def find_scheduler() -> str:
    """Return the name of the cluster's scheduler, by its commands, or an empty text."""
    commands = {"sbatch": "SLURM", "qsub": "Grid Engine or PBS", "bsub": "LSF"}
    return next((name for command, name in commands.items() if shutil.which(command)), "")


def find_versions() -> dict[str, str]:
    """Return the installed version of each package; an empty text where it is missing."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def locked_versions(lock: Path) -> dict[str, str]:
    """Return the versions that a lock file pins, names in lower case."""
    if not lock.is_file():
        return {}
    lines = (line.split(";")[0].strip() for line in lock.read_text(encoding="utf-8").splitlines())
    pins = (line.partition("==") for line in lines if "==" in line)
    return {name.lower(): pinned.split("+")[0] for name, _, pinned in pins}
