"""What the benchmarks share: the machine's rate, measuring in turns, and the tables."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch

from landmarks.files import replacing, write_frame


def gemm_gflops(size: int = 4_096, repeats: int = 2) -> float:
    """Measure F, the rate of single-precision matrix products, in GFLOP/s."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.mm(a, b)
    start = time.perf_counter()
    for _ in range(repeats):
        torch.mm(a, b, out=out)
    return repeats * 2 * size**3 / (time.perf_counter() - start) / 1e9


def seconds(call: Callable[[], object]) -> float:
    """Measure one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turns(candidates: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return each candidate's measurements, a round of all after the other, so that drifts meet all alike."""
    measured: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            measured[name].append(measure())
    return measured


def spread(values: list[float]) -> dict[str, float]:
    """Return median, smallest and largest."""
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def write_results(name: str, frame: pd.DataFrame, folder: Path) -> None:
    """Write `frame` as ``<name>.parquet``, and all benchmarks of the folder as one Markdown page."""
    write_frame(frame, folder / f"{name}.parquet")
    pages = [f"## {file.stem}\n\n{markdown(pd.read_parquet(file))}" for file in sorted(folder.glob("*.parquet"))]
    with replacing(folder / "benchmarks.md") as temporary:
        temporary.write_text("# Benchmarks\n\n" + "\n".join(pages), encoding="utf-8")
    print(markdown(frame))


def markdown(frame: pd.DataFrame) -> str:
    """Return a Markdown table, numbers with three significant digits."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return "" if pd.isna(value) else f"{value:.3g}" if abs(value) < 1_000 else f"{value:,.0f}"
        return str(value)

    rows = [list(frame.columns), ["---"] * len(frame.columns)]
    rows += [[cell(value) for value in row] for row in frame.itertuples(index=False)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
