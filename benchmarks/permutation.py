"""The permutation test at the paper's size: every inferred gene against every true one.

The floor is one product of genes × samples × genes at rate F. The whole call is measured: normalising, products,
counting and the correlations that are recomputed in double precision. Memory is that of a process of its own.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from common import gemm_gflops, in_turns, seconds, spread, write_results

from landmarks.metrics import permutation_test

ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
from permutation import simulate
from landmarks.cli import peak_mb
from landmarks.metrics import permutation_test
permutation_test(*simulate(int(sys.argv[2]), int(sys.argv[3])))
print(peak_mb() * 1e6 / 2**30)
"""


def simulate(genes: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return correlated truth, and inferences that follow it more or less, both (samples, genes) float32."""
    generator = np.random.default_rng(0)
    truth = generator.standard_normal((samples, 20), np.float32) @ generator.standard_normal((20, genes), np.float32)
    truth += 3 * generator.standard_normal((samples, genes), np.float32)
    inferred = 4 * generator.standard_normal((samples, genes), np.float32)
    inferred += truth
    return truth, inferred


def plain(truth: np.ndarray, inferred: np.ndarray) -> np.ndarray:
    """Count with NumPy in double precision, all correlations of some genes at once: what one would write first."""
    known, guessed = (values - values.mean(axis=0) for values in (truth.astype(float), inferred.astype(float)))
    known /= np.linalg.norm(known, axis=0)
    guessed /= np.linalg.norm(guessed, axis=0)
    correlations = guessed.T @ known
    own = np.einsum("ij,ij->j", known[:, : guessed.shape[1]], guessed)
    better: np.ndarray = (correlations > own[:, None]).sum(axis=1)
    return better


def main(
    genes: Annotated[int, typer.Option()] = 22_268,
    samples: Annotated[int, typer.Option()] = 2_000,
    rounds: Annotated[int, typer.Option()] = 3,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    truth, inferred = simulate(genes, samples)
    part = min(2_000, genes)

    def plain_seconds() -> float:
        """Measure the plain way on a part of the inferences; the rest would take as long again and again."""
        return seconds(partial(plain, truth, inferred[:, :part])) * genes / part

    measured = in_turns(
        {
            "F": gemm_gflops,
            "permutation_test": lambda: seconds(partial(permutation_test, truth, inferred)),
            f"NumPy, double precision ({part:,} inferences measured)": plain_seconds,
        },
        rounds,
    )
    rate = measured.pop("F")
    floor = [2 * genes**2 * samples / flops / 1e9 for flops in rate]
    folder = str(Path(__file__).parent)
    alone = [sys.executable, "-c", ALONE, folder, str(genes), str(samples)]
    peak = float(subprocess.run(alone, check=True, capture_output=True, text=True).stdout)
    frame = pd.DataFrame(
        {
            "what": what,
            "genes": genes,
            "samples": samples,
            **{f"seconds_{name}": value for name, value in spread(times).items()},
            "share_of_floor": spread([least / time for least, time in zip(floor, times, strict=True)])["median"],
            "peak_gib": peak if what == "permutation_test" else float("nan"),
            "gflops_F": spread(rate)["median"],
        }
        for what, times in {"floor: the product alone": floor, **measured}.items()
    )
    write_results("permutation", frame, out_dir)


if __name__ == "__main__":
    typer.run(main)
