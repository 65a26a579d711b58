"""How long `landmarks infer` takes, reading and writing included, beside its one matrix product.

A ridge model of random numbers, 943 landmarks and 21,325 targets, is applied to 10,000 samples in Parquet, on the
command line: Python's start, the check of hashes, reading, inference and writing count. The floor is the product alone,
2 · samples · landmarks · targets flops, in the same run: at rate F, as for all benchmarks, as done by PyTorch, and as
done by NumPy; their libraries differ by half as much again on some processors.

Beside them stands a file of as many bytes as infer writes: a virtual machine gives memory that is free back to its
host, and getting it again can take a second a GB, for what is written to files as well.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from common import gemm_gflops, in_turns, seconds, tabulate_ratios, write_results

from landmarks.expression import Expression
from landmarks.parameters import Parameters
from landmarks.portable import COLUMNS, QUANTILES, PortableModel, write_model
from landmarks.writing import write_expression

USED = re.compile(r"held (\d+) MB at most")


def make_model(folder: Path, landmarks: int, targets: int) -> None:
    """Write a model of random numbers."""
    generator = np.random.default_rng(0)
    parameters: Parameters = {
        "input.mean": np.full(landmarks, 7, np.float32),
        "input.scale": np.ones(landmarks, np.float32),
        "output.mean": np.full(targets, 7, np.float32),
        "output.scale": np.ones(targets, np.float32),
        "part.0.layer.0.weight": generator.standard_normal((targets, landmarks), np.float32) / np.float32(landmarks),
        "part.0.layer.0.bias": np.zeros(targets, np.float32),
        QUANTILES: np.linspace(4, 15, landmarks, dtype=np.float32),
    }
    genes = pd.DataFrame({name: [f"{name}{i}" for i in range(landmarks + targets)] for name in COLUMNS})
    genes["role"] = ["landmark"] * landmarks + ["target"] * targets
    genes = genes.assign(expected_error=0.3, pcc=0.8, half_width=0.6, coverage=0.9, inferable=True)
    write_model(folder, PortableModel({"interval": {"level": 0.9}}, genes, parameters))


def main(
    samples: Annotated[int, typer.Option()] = 10_000,
    landmarks: Annotated[int, typer.Option()] = 943,
    targets: Annotated[int, typer.Option()] = 21_325,
    rounds: Annotated[int, typer.Option()] = 3,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    generator = np.random.default_rng(1)
    ids = np.array([f"gene_id{i}" for i in range(landmarks)], object)
    values = generator.normal(7, 1, (samples, landmarks)).astype(np.float32)
    inputs, weights = torch.from_numpy(values), torch.randn(targets, landmarks)
    product = torch.empty(targets, samples)
    peaks: list[int] = []
    with tempfile.TemporaryDirectory(dir=out_dir.parent if out_dir.parent.is_dir() else None) as name:
        folder = Path(name)
        make_model(folder / "model", landmarks, targets)
        names = np.array([f"s{i}" for i in range(samples)], object)
        write_expression(folder / "new.parquet", Expression(names, ids, values))
        command = [str(Path(sys.executable).parent / "landmarks"), "--log", str(folder / "log"), "infer"]
        command += ["--model", str(folder / "model"), "--expression", str(folder / "new.parquet")]

        def infer() -> float:
            (folder / "out.parquet").unlink(missing_ok=True)  # that an old file is freed is no part of it
            took = seconds(lambda: subprocess.run([*command, "--out", str(folder / "out.parquet")], check=True))
            found = USED.search((folder / "log").read_text(encoding="utf-8"))
            peaks.append(int(found[1]) if found else 0)
            return took

        flops = 2 * samples * landmarks * targets
        block = values.ravel().view(np.uint8)[: 2**20]

        def write() -> float:
            def fill() -> None:
                with (folder / "bytes").open("wb", buffering=0) as stream:
                    for _ in range(4 * samples * targets // len(block)):
                        stream.write(block.data)

            took = seconds(fill)
            (folder / "bytes").unlink()
            return took

        candidates = {
            "product at rate F": lambda: 1e-9 * flops / gemm_gflops(),
            "product by PyTorch": lambda: seconds(lambda: torch.mm(weights, inputs.T, out=product)),
            "product by NumPy": lambda: seconds(lambda: np.matmul(weights.numpy(), values.T, out=product.numpy())),
            "a file of as many bytes": write,
            "landmarks infer": infer,
        }
        in_turns(candidates, 1)  # warm-up
        measured = in_turns(candidates, rounds)
        size = (folder / "out.parquet").stat().st_size / 1e6
    frame = tabulate_ratios(measured, "landmarks infer", unit="seconds", ratio="share_of_infer")
    write_results("infer", frame.assign(held_mb=max(peaks), written_mb=size), out_dir)


if __name__ == "__main__":
    typer.run(main)
