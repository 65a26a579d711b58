"""The autoencoder's training at the paper's size, beside a plain PyTorch loop and Keras on the same network.

The floor is the flops of the matrix products, 6 a weight and sample and 4 for the first layer, at rate F, PyTorch's or
NumPy's, whichever is faster. All are measured in turns in one run, each in a process of its own, in samples a second
over whole passes of the same z-scores, in random order. The plain loop is what most would write: a shuffled DataLoader
over a TensorDataset, autograd, Adam, and the penalty as it is published, a term of the loss (as in Keras). A quicker
one leaves the penalty to Adam, as coupled weight decay. The package runs with what `landmarks` sets for PyTorch
(`landmarks.cli.ENVIRONMENT`), and so does the floor; the loops run without, and once more with it. --keras names the
Python that has TensorFlow.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from common import in_turns, spread, tabulate_ratios, write_results
from loops import HIDDEN

from landmarks.cli import ENVIRONMENT

OWN = "blocks of genes"
WITH_SETTINGS = ", the package's environment"


def measure(name: str, path: Path, batch_size: int, python: str, environment: dict[str, str]) -> float:
    """Return what a process that runs this loop prints."""
    command = [python, str(Path(__file__).with_name("loops.py")), name, str(path), str(batch_size)]
    printed = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environment
    ).stdout
    return float(printed.split("measured")[1])


def main(
    genes: Annotated[int, typer.Option()] = 22_268,
    samples: Annotated[int, typer.Option()] = 4_096,
    batch_size: Annotated[int, typer.Option()] = 512,
    rounds: Annotated[int, typer.Option()] = 3,
    keras: Annotated[Path | None, typer.Option(help="a Python with TensorFlow")] = None,
    bfloat16: Annotated[bool, typer.Option(help="measure it as well")] = False,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "z.npy"
        np.save(path, np.random.default_rng(0).standard_normal((samples, genes), dtype=np.float32))

        def run(name: str, environment: dict[str, str], python: str = sys.executable) -> Callable[[], float]:
            return lambda: measure(name, path, batch_size, python, environment)

        def speed(run: Callable[[], float]) -> Callable[[], float]:
            return lambda: samples / run()

        loops = {OWN: run(OWN, ENVIRONMENT)}
        for name in ("plain loop", "plain loop, weight decay"):
            loops |= {name: run(name, {}), name + WITH_SETTINGS: run(name, ENVIRONMENT)}
        if bfloat16:
            loops["blocks of genes, bfloat16"] = run("blocks of genes, bfloat16", ENVIRONMENT)
        if keras:
            loops["Keras"] = run("Keras", {}, str(keras))
        candidates = {"F": run("F", ENVIRONMENT)} | {name: speed(loop) for name, loop in loops.items()}
        measured = in_turns(candidates, rounds)
    widths = [genes, *HIDDEN, *HIDDEN[-2::-1], genes]
    products = [one * other for one, other in pairwise(widths)]
    flops = 6 * sum(products) - 2 * products[0]
    rate = measured.pop("F")
    floor = [gflops * 1e9 / flops for gflops in rate]
    measured = {"floor: the products alone": floor, **measured}
    frame = tabulate_ratios(measured, OWN, unit="samples_s", ratio="blocks_times_this", speeds=True)
    frame["gflops_F"] = spread(rate)["median"]
    write_results("training", frame, out_dir)


if __name__ == "__main__":
    typer.run(main)
