"""Forward selection against regressions computed one by one, and what it finds in planted data."""

from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_data import constrained, gene_table, make_evidence, planted

from landmarks.panels import crossfit, deeplift_nonredundant, forward, greedy, greedy_autoencoder
from landmarks.panels.choice import unconstrained
from landmarks.panels.forward import Regressions, Unmeasured, all_samples, select_forward
from landmarks.split import leave_groups_out

Part = TypeVar("Part", bound=Regressions)

GENERATOR = np.random.default_rng(3)
X = GENERATOR.standard_normal((14, 3)) @ GENERATOR.standard_normal((3, 9)) + 0.5 * GENERATOR.standard_normal((14, 9))
FOLDS = [(np.arange(14)[np.arange(14) % 3 != fold], np.arange(14)[np.arange(14) % 3 == fold]) for fold in range(3)]
CHOICE = unconstrained(gene_table(9)["gene_id"].to_numpy(object))


def squared_errors(
    fitted: npt.NDArray[np.float64], judged: npt.NDArray[np.float64], chosen: list[int], penalty: float
) -> tuple[float, float]:
    """Return the squared error of all genes' ridge regressions on judged samples, and the penalty's part."""
    landmarks = fitted[:, chosen]
    weights = np.linalg.solve(landmarks.T @ landmarks + penalty * np.eye(len(chosen)), landmarks.T @ fitted)
    return float(((judged - judged[:, chosen] @ weights) ** 2).sum()), penalty * float((weights**2).sum())


@pytest.mark.parametrize("refresh", [3, 64])
def test_each_step_lowers_the_penalised_error_most(monkeypatch: pytest.MonkeyPatch, refresh: int) -> None:
    monkeypatch.setattr(forward, "REFRESH", refresh)
    found, gains = select_forward(all_samples(X, 2.0), CHOICE, 7, lambda parts: parts[0].gain())
    chosen: list[int] = []
    for gene, gain in zip(found, gains, strict=True):
        before = sum(squared_errors(X, X, chosen, 2.0))
        possible = [
            -np.inf if other in chosen else before - sum(squared_errors(X, X, [*chosen, other], 2.0))
            for other in range(9)
        ]
        assert gene == int(np.argmax(possible))
        assert gain == pytest.approx(possible[gene], rel=1e-9)
        chosen.append(int(gene))


def folds(kind: type[Part], penalties: Sequence[float] = (1.0, 4.0)) -> list[Part]:
    """Return regressions without each fold, with each penalty."""
    parts = [(torch.from_numpy(fitted), torch.from_numpy(left)) for fitted, left in FOLDS]
    return [kind(torch.from_numpy(X), *part, penalty) for part in parts for penalty in penalties]


def held_out_worth(parts: Sequence[forward.Regressions]) -> torch.Tensor:
    return torch.stack([part.held_out_gain() for part in parts]).sum(dim=0)


def error_left_out(chosen: list[int], targets: Collection[int], penalties: Sequence[float] = (1.0, 4.0)) -> float:
    """Return the squared error of the targets in the samples left out, summed over folds and penalties."""
    total = 0.0
    for fit, left in FOLDS:
        for penalty in penalties:
            landmarks = X[fit][:, chosen]
            weights = np.linalg.solve(landmarks.T @ landmarks + penalty * np.eye(len(chosen)), landmarks.T @ X[fit])
            total += float(((X[left] - X[left][:, chosen] @ weights) ** 2)[:, list(targets)].sum())
    return total


@pytest.mark.parametrize("refresh", [2, 64])
@pytest.mark.parametrize("kind", [Regressions, Unmeasured])
def test_each_step_lowers_the_error_of_samples_left_out_most(
    monkeypatch: pytest.MonkeyPatch, kind: type[Regressions], refresh: int
) -> None:
    monkeypatch.setattr(forward, "REFRESH", refresh)
    found, gains = select_forward(folds(kind), CHOICE, 7, held_out_worth)

    def possible(chosen: list[int], gene: int) -> float:
        if gene in chosen:
            return -np.inf
        # What is measured needs no inference: neither the candidate nor those before it are targets.
        targets = range(9) if kind is Regressions else set(range(9)) - {*chosen, gene}
        return error_left_out(chosen, targets) - error_left_out([*chosen, gene], targets)

    chosen: list[int] = []
    for gene, gain in zip(found, gains, strict=True):
        worth = [possible(chosen, other) for other in range(9)]
        assert gene == int(np.argmax(worth))
        assert gain == pytest.approx(worth[gene], rel=1e-8, abs=1e-9)
        chosen.append(int(gene))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=2, max_size=6, unique=True), st.data())
def test_taking_a_gene_out_leaves_what_never_holding_it_leaves(chosen: list[int], data: st.DataObject) -> None:
    (part, *_) = folds(Unmeasured)
    for gene in chosen:
        forward.advance([part.choose(gene)], part.profiles)
    gone = data.draw(st.sampled_from(chosen))
    forward.advance([part.drop(gone)], part.profiles)
    names = ("kernel", "products", "length", "covariance", "hat", "moments", "crossed", "error")
    changed = {name: getattr(part, name).clone() for name in names}
    part.refresh([gene for gene in chosen if gene != gone])
    for name in names:
        np.testing.assert_allclose(changed[name], getattr(part, name), atol=1e-9, err_msg=name)


def test_exchanges_take_each_gene_out_and_the_one_worth_most_in() -> None:
    def worth_most(rest: list[int]) -> int:
        """Return the gene that takes most from the error of the others in the samples left out."""
        worth = {}
        for gene in set(range(9)) - set(rest):
            targets = set(range(9)) - {*rest, gene}
            worth[gene] = error_left_out(rest, targets, [2.0]) - error_left_out([*rest, gene], targets, [2.0])
        return max(worth, key=lambda gene: worth[gene])

    chosen: list[int] = []
    changes = 0
    for size in range(1, 7):
        chosen.append(worth_most(chosen))
        if size in (4, 6):
            for gene in chosen[0 if size == 4 else 4 :]:
                chosen.remove(gene)
                chosen.append(worth_most(chosen))
                changes += chosen[-1] != gene
    found, _ = select_forward(
        folds(Unmeasured, [2.0]), CHOICE, 6, held_out_worth, drop=Unmeasured.drop, exchange_at=[4, 6]
    )
    assert found.tolist() == chosen
    assert changes  # else the test would show nothing
    head, _ = select_forward(folds(Unmeasured, [2.0]), CHOICE, 4, held_out_worth, drop=Unmeasured.drop, exchange_at=[4])
    assert head.tolist() == chosen[:4]


def test_what_is_exchanged_obeys_the_choice() -> None:
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 0, 1])
    choice = constrained(CHOICE, included=np.array([4]), allowed=np.arange(9) != 2, labels=labels)
    found, _ = select_forward(folds(Unmeasured), choice, 5, held_out_worth, drop=Unmeasured.drop, exchange_at=[2, 4, 5])
    assert found[0] == 4 and 2 not in found
    assert len(set(labels[found])) == len(found) == 5


def test_the_penalty_follows_the_number_of_genes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "REFRESH", 2)
    parts = folds(Unmeasured, [1.0])
    select_forward(parts, CHOICE, 6, held_out_worth, penalty_of=lambda size: 1.0 + size)
    assert {part.penalty for part in parts} == {5.0}  # set last when four were chosen


def test_lengths_are_what_the_chosen_genes_leave_of_each_gene() -> None:
    kept = []

    def worth(parts: Sequence[forward.Regressions]) -> torch.Tensor:
        kept.append(parts[0].length.clone())
        return parts[0].length

    found, _ = select_forward(all_samples(X, 1e-9), CHOICE, 3, worth)
    basis = np.linalg.qr(X[:, found[:2]])[0]
    np.testing.assert_allclose(kept[2], ((X - basis @ (basis.T @ X)) ** 2).sum(axis=0), atol=1e-6)


def test_costs_included_and_closed_genes() -> None:
    free, _ = select_forward(all_samples(X, 2.0), CHOICE, 1, lambda parts: parts[0].gain())
    dear = CHOICE.costs.copy()
    dear[free[0]] = 100.0
    choice = constrained(CHOICE, costs=dear, included=np.array([4]), allowed=np.arange(9) != 2)
    found, _ = select_forward(all_samples(X, 2.0), choice, 9, lambda parts: parts[0].gain())
    assert found[0] == 4
    assert found[-1] == free[0] or free[0] == 4
    assert sorted(found) == [0, 1, 3, 4, 5, 6, 7, 8]


def test_folds_hold_whole_groups_of_equal_size() -> None:
    groups = np.array(["a"] * 5 + ["b"] * 3 + ["c"] * 3 + ["d"], object)
    parts = leave_groups_out(groups, 2, seed=0)
    assert sorted(np.concatenate([held for _, held in parts])) == list(range(12))
    for fitted, held in parts:
        assert len(held) == 6
        assert not set(groups[fitted]) & set(groups[held])
    assert len(leave_groups_out(np.array(["only"] * 6, object), 3, seed=0)) == 3


@pytest.mark.parametrize("seed", range(3))
def test_planted_drivers_head_the_panel(seed: int) -> None:
    values, drivers = planted(seed)
    evidence = make_evidence(values, 5)
    for selector in (greedy, crossfit):
        found = selector.rank(evidence, **({"penalty": 10.0} if selector is greedy else {"least_penalty": 10.0}))
        assert sorted(int(gene[1:]) for gene in found["gene_id"]) == drivers, selector.__name__


def test_greedy_autoencoder_explains_the_reconstruction_not_the_data() -> None:
    values, _ = planted(0)
    evidence = make_evidence(values, 8)
    assert set(greedy_autoencoder.rank(evidence)["gene_id"]) != set(greedy.rank(evidence)["gene_id"])
    assert greedy_autoencoder.rank(evidence, penalty=1e-6)["score"].sum() > 0.98  # a bottleneck of two units


def test_importance_is_discounted_by_what_is_known() -> None:
    values = np.random.default_rng(0).standard_normal((40, 4))
    values[:, 1] = values[:, 0]
    evidence = make_evidence(values, 4)
    assert evidence.importance is not None
    evidence.importance["importance"] = [1.0, 0.9, 0.5, 0.3]
    assert deeplift_nonredundant.rank(evidence, penalty=1e-3)["gene_id"].tolist() == ["g0", "g2", "g3", "g1"]
