"""Choosing and judging panels at the paper's size: 22,268 genes, panels of 943, here 500 samples.

Greedy selection has to read the profiles once a gene chosen: the floor is `k` products of the profiles with the two
vectors it needs, as one product each. Ridge for a random panel: the floor is two products with the training samples at
rate F, for the validation and for the test samples. Scikit-learn's loop fits `Ridge` and predicts.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from common import gemm_gflops, in_turns, seconds, spread, write_results
from sklearn.linear_model import Ridge

from landmarks.inference.judging import infer_ridge
from landmarks.inference.problem import Scores
from landmarks.matrices import InMemory
from landmarks.panels import Evidence, crossfit, greedy
from landmarks.panels.choice import unconstrained

PENALTIES = [10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0]


def simulate(samples: int, genes: int) -> np.ndarray:
    """Return z-scores of genes that follow thirty programmes and noise, (samples, genes) float32."""
    generator = np.random.default_rng(0)
    values = generator.standard_normal((samples, 30)) @ generator.standard_normal((30, genes))
    values += 4 * generator.standard_normal((samples, genes))
    values -= values.mean(axis=0)
    return (values / values.std(axis=0)).astype(np.float32)


def main(
    genes: Annotated[int, typer.Option()] = 22_268,
    samples: Annotated[int, typer.Option()] = 500,
    k: Annotated[int, typer.Option()] = 943,
    panels: Annotated[int, typer.Option(help="random panels judged, of 1,000 that are spoken of")] = 20,
    loops: Annotated[int, typer.Option(help="of them by scikit-learn, which takes longer")] = 3,
    rounds: Annotated[int, typer.Option()] = 3,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    z = simulate(samples, genes)
    choice = unconstrained(np.array([str(gene) for gene in range(genes)], object))
    groups = np.array([str(sample // 25) for sample in range(samples)], object)
    vectors = torch.randn(2, samples)
    profiles = torch.from_numpy(z)

    def read_profiles() -> None:
        """Read all profiles once for each gene chosen."""
        for _ in range(k):
            vectors @ profiles

    evidence = Evidence(genes=pd.DataFrame({"gene_id": choice.gene_ids}), training=z, groups=groups, choice=choice, k=k)
    chosen = in_turns(
        {
            "floor: profiles read once a gene": partial(seconds, read_profiles),
            "greedy": partial(seconds, lambda: greedy.rank(evidence)),
            "crossfit, 4 folds, without exchanges": partial(seconds, lambda: crossfit.rank(evidence, exchange_at=())),
            "crossfit, 4 folds": partial(seconds, lambda: crossfit.rank(evidence)),
        },
        rounds,
    )
    training, tested = int(0.8 * samples), int(0.9 * samples)
    zero, one = np.zeros(genes, np.float32), np.ones(genes, np.float32)
    held = InMemory(z[:training]), InMemory(z[training:tested])
    scores = Scores(choice.gene_ids, *held, z[tested:], zero, one)
    generator = np.random.default_rng(1)
    drawn = [generator.permutation(genes)[:k] for _ in range(panels)]

    def ours(penalties: list[float]) -> float:
        """Measure a panel, judged in the mean over those drawn."""

        def infer() -> None:
            for _ in infer_ridge(scores, drawn, penalties):
                pass

        return seconds(infer) / panels

    def loop(intercept: bool) -> float:
        """Measure a panel fitted and predicted by scikit-learn, one penalty."""

        def fit() -> None:
            for panel in drawn[:loops]:
                model = Ridge(alpha=300.0, fit_intercept=intercept).fit(z[:training, panel], z[:training])
                model.predict(scores.test[:, panel])

        return seconds(fit) / loops

    judged = in_turns(
        {
            "F": gemm_gflops,
            "ridge of a panel, one penalty": lambda: ours([300.0]),
            "ridge of a panel, 7 penalties on validation samples": lambda: ours(PENALTIES),
            "scikit-learn's Ridge, one penalty": partial(loop, True),
            "scikit-learn's Ridge, one penalty, no intercept": partial(loop, False),
        },
        rounds,
    )
    rate = spread(judged.pop("F"))["median"]
    judged = {
        "floor: one product with the training samples": [2 * (samples - tested) * training * genes / rate / 1e9]
    } | judged
    rows = []
    for unit, measured, base in (
        (f"{k:,} genes", chosen, "floor: profiles read once a gene"),
        ("a panel", judged, "scikit-learn's Ridge, one penalty"),
    ):
        least = spread(measured[base])["median"]
        for what, times in measured.items():
            row = {"what": what, "genes": genes, "samples": samples, "k": k, "unit": unit}
            taken = spread(times)
            row |= {f"seconds_{name}": value for name, value in taken.items()}
            rows.append(row | {"times_as_fast_as_base": least / taken["median"], "base": base})
    write_results("panels", pd.DataFrame(rows).assign(gflops_F=rate), out_dir)


if __name__ == "__main__":
    typer.run(main)
