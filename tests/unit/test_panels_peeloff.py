"""L1000's procedure: stability and centres by hand, planted blocks, and that it ranks as many as are wanted."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from panel_data import constrained, make_evidence

from landmarks.panels import peeloff


def blocks(noise: float = 0.2) -> npt.NDArray[np.float64]:
    """Five blocks of eight genes that follow one hidden variable each."""
    generator = np.random.default_rng(2)
    return np.repeat(generator.standard_normal((60, 5)), 8, axis=1) + noise * generator.standard_normal((60, 40))


def test_stability_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2], np.int32)
    again = np.array([1, 1, 0, 0, 0, 0], np.int32)
    # {0,1,2}: {0,1} shares 2 of 3. {3,4}: {2,3,4,5} shares 2 of 4. {5}: 1 of 4, alone but not stable. 3 is empty.
    np.testing.assert_allclose(peeloff.recovered(labels, again, 4), [2 / 3, 1 / 2, 1 / 4, 0])
    np.testing.assert_allclose(peeloff.recovered(labels, (labels + 1) % 3, 4), [1, 1, 1, 0])


def test_the_nearest_gene_for_its_cost() -> None:
    points = np.array([[0.0], [1.0], [4.0], [9.0]])
    labels, centres = np.array([0, 0, 0, 1], np.int32), np.array([[1.5], [9.0]])
    assert peeloff._nearest(points, labels, centres, np.ones(4)).tolist() == [1, 3]
    assert peeloff._nearest(points, labels, centres, np.array([1.0, 4.0, 1.0, 1.0])).tolist() == [0, 3]


@pytest.mark.parametrize("seed", range(4))
def test_one_gene_of_each_planted_block(seed: int) -> None:
    ranking = peeloff.rank(make_evidence(blocks(), 5, seed=seed))
    assert sorted(int(gene[1:]) // 8 for gene in ranking["gene_id"]) == [0, 1, 2, 3, 4]
    assert ranking["score"].tolist() == [1.0] * 5


def test_blocks_go_before_genes_that_follow_nobody() -> None:
    loners = np.random.default_rng(8).standard_normal((60, 6))
    ranking = peeloff.rank(make_evidence(np.hstack([blocks(), loners]), 8))
    first = [int(gene[1:]) for gene in ranking["gene_id"].head(4)]
    assert max(first) < 40
    assert len({gene // 8 for gene in first}) == 4


def test_a_stable_cluster_is_peeled_off_and_the_rest_clustered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # Six genes in two clusters; the subsample breaks the second: Jaccard 4/5 and 1/2. Then two genes are left.
    script = iter([[0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 0], [0, 0], [0, 0]])
    seen: list[tuple[int, int]] = []

    def cluster(points: npt.NDArray[np.float64], clusters: int, _: object) -> tuple[npt.NDArray, npt.NDArray]:
        seen.append((len(points), clusters))
        labels = np.array(next(script), np.int32)
        return labels, np.stack([points[labels == label].mean(axis=0) for label in range(clusters)])

    monkeypatch.setattr(peeloff, "_cluster", cluster)
    ranking = peeloff.rank(make_evidence(blocks()[:, ::7], 2), runs=1, threshold=0.6)
    assert seen == [(6, 2), (6, 2), (2, 1), (2, 1)]
    assert ranking["gene_id"].iloc[0] in {"g0", "g1", "g2", "g3"}
    assert ranking["gene_id"].iloc[1] in {"g4", "g5"}
    np.testing.assert_allclose(ranking["score"], [0.8, 1.0])


def test_every_gene_can_be_ranked() -> None:
    ranking = peeloff.rank(make_evidence(blocks(), 40))
    assert sorted(ranking["gene_id"]) == sorted(f"g{gene}" for gene in range(40))


def test_constant_genes_are_taken_last() -> None:
    values = np.hstack([np.full((60, 3), 4.0), blocks()])
    ranking = peeloff.rank(make_evidence(values, 43))
    assert set(ranking["gene_id"].tail(3)) == {"g0", "g1", "g2"}


def test_a_cheaper_block_goes_first() -> None:
    evidence = make_evidence(blocks(), 5)
    costs = np.repeat([4.0, 3.0, 1.0, 2.0, 5.0], 8)
    ranking = peeloff.rank(make_evidence(blocks(), 5, choice=constrained(evidence.choice, costs=costs)))
    assert [int(gene[1:]) // 8 for gene in ranking["gene_id"]] == [2, 3, 1, 0, 4]


def test_the_constraints_are_obeyed() -> None:
    base = make_evidence(blocks(), 6).choice
    allowed = np.arange(40) % 8 < 3
    choice = constrained(base, allowed=allowed, included=np.array([17, 1]), labels=np.arange(40) // 2)
    ranking = peeloff.rank(make_evidence(blocks(), 6, choice=choice))
    chosen = [int(gene[1:]) for gene in ranking["gene_id"]]
    assert chosen[:2] == [17, 1]
    assert ranking["reason"].tolist() == ["must be included"] * 2 + ["centre of a stable cluster of genes"] * 4
    assert allowed[chosen].all()
    assert len({gene // 2 for gene in chosen}) == 6


def test_fewer_than_wanted_where_no_more_may_be_chosen() -> None:
    choice = constrained(make_evidence(blocks(), 1).choice, allowed=np.arange(40) < 3)
    assert sorted(peeloff.rank(make_evidence(blocks(), 9, choice=choice))["gene_id"]) == ["g0", "g1", "g2"]


def test_the_seed_decides() -> None:
    values = np.random.default_rng(1).standard_normal((20, 60))
    first, again, other = (peeloff.rank(make_evidence(values, 12, seed=seed), runs=2) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert first["gene_id"].tolist() != other["gene_id"].tolist()
