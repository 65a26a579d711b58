"""A simulated compendium that several tests look at."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from landmarks.cli import main
from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame
from landmarks.simulation.genes import Genes, design_genes
from landmarks.simulation.studies import plan_studies

SAMPLES, GENES, SEED = 400, 900, 7


@dataclass(frozen=True)
class Simulated:
    """A compendium as it was written, with the programmes' activity that nobody but the simulation knows."""

    folder: Path
    expression: Expression
    samples: pd.DataFrame
    genes: pd.DataFrame
    designed: Genes
    activity: npt.NDArray[np.float32]


def simulate(folder: Path) -> Simulated:
    """Write it in both formats, and return what is in it."""
    for name in ("c.parquet", "c.gctx"):
        run(
            "simulate-compendium",
            f"--samples={SAMPLES}",
            f"--genes={GENES}",
            f"--seed={SEED}",
            f"--out={folder / name}",
        )
    designed = design_genes(GENES, SEED)
    plans = plan_studies(SAMPLES, designed.programmes.factors, SEED)
    factors = np.concatenate([plan.factors for plan in plans])[:SAMPLES]
    return Simulated(
        folder,
        read_expression(folder / "c.parquet"),
        read_frame(folder / "c.samples.parquet"),
        read_frame(folder / "c.genes.parquet"),
        designed,
        designed.programmes.respond(factors),
    )


def run(*words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words])
    assert ended.value.code == 0
