"""What the benchmarks share: the machine's rate, measuring in turns, and the tables."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from landmarks.files import replacing, write_frame


def gemm_gflops(size: int = 4_096, repeats: int = 2) -> float:
    """Measure F, the rate of single-precision products in GFLOP/s: PyTorch's or NumPy's, whichever is faster."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.empty_like(a)
    products = (lambda: torch.mm(a, b, out=out), lambda: np.matmul(a.numpy(), b.numpy(), out=out.numpy()))
    rates = []
    for product in products:
        product()
        took = sum(seconds(product) for _ in range(repeats))
        rates.append(repeats * 2 * size**3 / took / 1e9)
    return max(rates)


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


def tabulate_ratios(
    measured: dict[str, list[float]], own: str, *, unit: str, ratio: str, scale: float = 1.0, speeds: bool = False
) -> pd.DataFrame:
    """Return a row a candidate: its measurements, how they compare with this package's own, and with the floor.

    Parameters
    ----------
    measured
        By candidate, the floor first: times, or `speeds`, of the same rounds, within which quotients are taken.
    own
        The candidate that is this package's.
    unit, scale
        What columns of measurements begin with, and by what those are multiplied.
    ratio
        The column of times by which a candidate is slower than `own`.
    """
    floor = next(iter(measured.values()))

    def slower(these: list[float], those: list[float]) -> float:
        """Return how many times as long as those these take, in the median."""
        pairs = zip(those, these, strict=True) if speeds else zip(these, those, strict=True)
        return spread([one / other for one, other in pairs])["median"]

    return pd.DataFrame(
        {
            "what": what,
            **{f"{unit}_{name}": scale * value for name, value in spread(values).items()},
            ratio: slower(values, measured[own]),
            "share_of_floor": slower(floor, values),
        }
        for what, values in measured.items()
    )


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
