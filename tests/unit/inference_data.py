"""A small compendium of four programmes and noise, as a file, and what models are fitted on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from landmarks.expression import Expression
from landmarks.matrices import InMemory, Room
from landmarks.writing import write_expression

PARTS = ["train", "train", "validation", "test"]
STAGED, IN_MEMORY = 1e-4, 10.0
"""MB: the compendia of these tests do not fit, or do."""


def simulate(samples: int, genes: int) -> Expression:
    """Return the same compendium at every call."""
    generator = np.random.default_rng(0)
    values = generator.standard_normal((samples, 4)) @ generator.standard_normal((4, genes))
    values += 0.5 * generator.standard_normal((samples, genes)) + 7
    sample_ids, gene_ids = (
        np.array([f"{kind}{i}" for i in range(n)], object) for kind, n in zip("sg", values.shape, strict=True)
    )
    return Expression(sample_ids, gene_ids, values.astype(np.float32))


def split_of(data: Expression) -> pd.DataFrame:
    """Return a split in the file's order, half of the samples for training."""
    return pd.DataFrame({"sample_id": data.sample_ids, "part": np.resize(PARTS, len(data.sample_ids))})


@contextmanager
def stored(data: Expression, folder: Path, memory_mb: float = IN_MEMORY) -> Iterator[tuple[Path, Room]]:
    """Yield the file of a compendium, and room for what is held of it."""
    write_expression(folder / "expression.parquet", data)
    with ExitStack() as closing:
        yield folder / "expression.parquet", Room(folder, memory_mb, closing)


def beside(landmarks: np.ndarray, targets: np.ndarray) -> InMemory:
    """Return samples as models take them, landmarks first."""
    return InMemory(np.hstack([landmarks, targets]))
