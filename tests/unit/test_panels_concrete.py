"""Concrete autoencoder: that units find what was planted, and that no gene is read twice."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import torch
from panel_data import constrained, make_evidence
from torch import Tensor

from landmarks.panels import concrete, training_scores


def blocks() -> npt.NDArray[np.float64]:
    """Three blocks of four genes that follow one hidden variable each."""
    generator = np.random.default_rng(2)
    return np.repeat(generator.standard_normal((64, 3)), 4, axis=1) + 0.2 * generator.standard_normal((64, 12))


def given_probabilities(monkeypatch: pytest.MonkeyPatch, rows: list[list[float]]) -> None:
    """Stand in for the training."""

    def train(*_: object) -> Tensor:
        return torch.tensor(rows)

    monkeypatch.setattr(concrete, "train", train)


def test_units_take_their_next_best_where_a_gene_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    given_probabilities(monkeypatch, [[0.6, 0.3, 0.1, 0.0], [0.9, 0.02, 0.03, 0.05], [0.1, 0.25, 0.2, 0.45]])
    ranking = concrete.rank(make_evidence(np.random.default_rng(0).standard_normal((6, 4)), 3))
    # Unit 1 takes g0 (0.9), so unit 0 loses it (0.6); unit 2 takes g3 (0.45); unit 0 falls back on g1 (0.3).
    assert ranking["gene_id"].tolist() == ["g0", "g3", "g1"]
    np.testing.assert_allclose(ranking["score"], [0.9, 0.45, 0.3], rtol=1e-6)


def test_a_unit_without_a_gene_left_is_filled_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concrete, "NEXT_BEST", 1)
    given_probabilities(monkeypatch, [[0.8, 0.1, 0.1], [0.7, 0.05, 0.25]])
    ranking = concrete.rank(make_evidence(np.random.default_rng(0).standard_normal((6, 3)), 2))
    assert ranking["gene_id"].tolist() == ["g0", "g2"]
    np.testing.assert_allclose(ranking["score"], [0.8, 0.0], rtol=1e-6)


def test_costs_divide_the_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    given_probabilities(monkeypatch, [[0.6, 0.4], [0.3, 0.7]])
    values = np.random.default_rng(0).standard_normal((6, 2))
    choice = constrained(make_evidence(values, 2).choice, costs=np.array([1.0, 2.0]))
    ranking = concrete.rank(make_evidence(values, 2, choice=choice))
    # 0.6 against 0.7 / 2 = 0.35; the score stays the probability.
    assert ranking["gene_id"].tolist() == ["g0", "g1"]
    np.testing.assert_allclose(ranking["score"], [0.6, 0.7], rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_units_find_the_planted_blocks(seed: int) -> None:
    evidence = make_evidence(blocks(), 3, seed=seed)
    ranking = concrete.rank(evidence, epochs=300, learning_rate=0.03)
    assert sorted(int(gene[1:]) // 4 for gene in ranking["gene_id"]) == [0, 1, 2]
    torch.manual_seed(seed)
    z = torch.from_numpy(training_scores(evidence))
    found = concrete.train(z, torch.arange(12), [], 3, epochs=300, batch_size=64, learning_rate=0.03)
    # A block's genes are interchangeable and share a unit's probability: its block has more than half of it.
    of_block = found.reshape(3, 3, 4).sum(dim=2)
    assert (of_block.max(dim=1).values > 0.5).all()
    assert sorted(of_block.argmax(dim=1).tolist()) == [0, 1, 2]


def test_the_constraints_are_obeyed() -> None:
    base = make_evidence(blocks(), 4).choice
    allowed = np.arange(12) % 4 < 2
    choice = constrained(base, allowed=allowed, included=np.array([9]), labels=np.arange(12) // 2)
    ranking = concrete.rank(make_evidence(blocks(), 4, choice=choice), epochs=3)
    chosen = [int(gene[1:]) for gene in ranking["gene_id"]]
    # Three labels may be chosen, so three genes.
    assert chosen[0] == 9
    assert sorted(gene // 4 for gene in chosen) == [0, 1, 2]
    assert allowed[chosen].all()
    assert ranking["reason"].iloc[0] == "must be included"


def test_included_genes_alone_need_no_training() -> None:
    choice = constrained(make_evidence(blocks(), 2).choice, included=np.array([5, 1]))
    assert concrete.rank(make_evidence(blocks(), 2, choice=choice))["gene_id"].tolist() == ["g5", "g1"]


def test_probabilities_are_rows_of_one() -> None:
    torch.manual_seed(0)
    z = torch.from_numpy(blocks().astype(np.float32))
    found = concrete.train(z, torch.arange(2, 12), [0], 3, epochs=2, batch_size=50, learning_rate=0.01)
    assert found.shape == (3, 10)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(3))


def test_the_seed_decides() -> None:
    values = np.random.default_rng(1).standard_normal((20, 40))
    first, again, other = (concrete.rank(make_evidence(values, 8, seed=seed), epochs=3) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert first["gene_id"].tolist() != other["gene_id"].tolist()
