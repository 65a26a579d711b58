"""Selectors against chance: better where genes tell of each other, no better where they do not."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import torch
from panel_data import make_evidence, planted

from landmarks.inference.judging import smoothers
from landmarks.panels import Evidence, crossfit, greedy

K, CHANCE, PENALTY = 10, 60, 30.0

SELECTORS = pytest.mark.parametrize("rank", [crossfit.rank, greedy.rank], ids=["crossfit", "greedy"])


def distance_from_chance(values: npt.NDArray[np.floating], rank: Callable[[Evidence], pd.DataFrame]) -> float:
    """Return how far a selector's panel lies under random panels' mean MAE on new samples, in their deviations.

    It chooses from the first half of the samples, regressions are fitted on it, and the second half is inferred.
    """
    half = len(values) // 2
    scores = ((values - values[:half].mean(axis=0)) / values[:half].std(axis=0)).astype(np.float32)
    training, test = torch.from_numpy(scores[:half]), torch.from_numpy(scores[half:])
    generator = np.random.default_rng(0)
    ids = rank(make_evidence(values[:half], K))["gene_id"].head(K)
    chosen = [int(name.removeprefix("g")) for name in ids]
    panels = [chosen, *(generator.permutation(values.shape[1])[:K].tolist() for _ in range(CHANCE))]
    errors = []
    for panel in panels:
        inferred = next(iter(smoothers(training[:, panel], test[:, panel], [PENALTY]))) @ training
        targets = np.setdiff1d(np.arange(values.shape[1]), [*panel, *chosen])
        errors.append(float((inferred - test).abs()[:, targets].mean()))
    own, chance = errors[0], np.array(errors[1:])
    return float((chance.mean() - own) / chance.std(ddof=1))


@SELECTORS
def test_structure_is_found(rank: Callable[[Evidence], pd.DataFrame]) -> None:
    values = planted(0, samples=300)[0]
    assert distance_from_chance(values, rank) > 3


@SELECTORS
def test_no_advantage_on_shuffled_data(rank: Callable[[Evidence], pd.DataFrame]) -> None:
    distances = []
    for seed in range(5):
        values = planted(seed, samples=300)[0]
        shuffled = np.random.default_rng(seed).permuted(values, axis=0)  # each gene on its own
        distances.append(distance_from_chance(shuffled, rank))
    # The mean of five has a standard error of about 0.45. It may be worse than chance: what looks best in noise
    # fits the training samples' noise.
    assert np.mean(distances) < 1.5, distances
