"""Small compendia with a known structure, and the evidence that selectors get of them."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.autoencoder import Autoencoder, to_parameters
from landmarks.panels import Evidence
from landmarks.panels.choice import Choice, unconstrained


def gene_table(count: int) -> pd.DataFrame:
    """Genes g0, g1, … with a symbol each."""
    return pd.DataFrame({"gene_id": [f"g{i}" for i in range(count)], "symbol": [f"S{i}" for i in range(count)]})


def make_evidence(training: npt.NDArray[np.floating], k: int, **more: object) -> Evidence:
    """Return evidence with everything that any selector wants: an untrained autoencoder, an importance, a panel."""
    samples, count = training.shape
    values = training.astype(np.float32)
    genes = gene_table(count)
    generator = np.random.default_rng(1)
    importance = pd.DataFrame({"gene_id": genes["gene_id"], "importance": generator.random(count)})
    importance["rank"] = importance["importance"].rank(ascending=False).astype(int)
    ids = genes["gene_id"].to_numpy(object)
    scale = values.std(axis=0) + 1e-3
    settings: dict[str, object] = {
        "groups": np.array([f"s{i // 3}" for i in range(samples)], object),
        "choice": unconstrained(ids),
        "seed": 0,
        "importance": importance,
        "parameters": to_parameters(Autoencoder(count, [4, 2], 0.0), values.mean(axis=0), scale),
        "listed": ids[::-1].tolist(),
        "followed": [ids[:k].tolist()],
    }
    return Evidence(genes=genes, training=values, k=k, **(settings | more))  # type: ignore[arg-type]


def planted(
    seed: int, samples: int = 120, drivers: int = 5, followers: int = 20, noise: int = 30
) -> tuple[npt.NDArray[np.float64], list[int]]:
    """Simulate genes that follow drivers through saturating curves; return them and the drivers' positions.

    Every follower is a saturating curve (tanh) of one driver plus noise; noise genes follow nobody.
    """
    generator = np.random.default_rng(seed)
    hidden = generator.standard_normal((samples, drivers))
    columns = [hidden]
    for driver in range(drivers):
        slopes = generator.uniform(0.7, 1.5, followers) * generator.choice([-1, 1], followers)
        columns.append(np.tanh(hidden[:, [driver]] * slopes) + 0.6 * generator.standard_normal((samples, followers)))
    columns.append(generator.standard_normal((samples, noise)))
    values = np.concatenate(columns, axis=1)
    order = generator.permutation(values.shape[1])
    return values[:, order], sorted(int(np.flatnonzero(order == driver)[0]) for driver in range(drivers))


def constrained(base: Choice, **changes: object) -> Choice:
    """Return `base` with other fields."""
    fields = {name: getattr(base, name) for name in ("gene_ids", "allowed", "included", "labels", "costs")}
    return Choice(**(fields | changes))
