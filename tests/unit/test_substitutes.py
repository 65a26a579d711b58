"""Substitutes against regressions fitted anew for every exchange, planted copies, and families by hand."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_data import gene_table

from landmarks import substitutes as module
from landmarks.expression import Expression
from landmarks.files import read_frame, write_frame
from landmarks.panels.choice import to_frame, unconstrained
from landmarks.steps import find_substitutes as step
from landmarks.substitutes import families_of, substitutes_of
from landmarks.writing import write_expression

GENERATOR = np.random.default_rng(5)
X = GENERATOR.standard_normal((16, 4)) @ GENERATOR.standard_normal((4, 12)) + 0.5 * GENERATOR.standard_normal((16, 12))
X = (X - X.mean(axis=0)) / X.std(axis=0)
PANEL = np.array([7, 2, 9, 4])
ALL = np.ones(12, bool)


def names(count: int) -> npt.NDArray[np.object_]:
    return gene_table(count)["gene_id"].to_numpy(object)


def explained(x: npt.NDArray[np.float64], panel: list[int], penalty: float) -> float:
    """Return what ridge regressions of all genes on the panel explain, their penalty counted."""
    landmarks = x[:, panel]
    weights = np.linalg.solve(landmarks.T @ landmarks + penalty * np.eye(len(panel)), landmarks.T @ x)
    error = ((x - landmarks @ weights) ** 2).sum() + penalty * (weights**2).sum()
    return float((x**2).sum() - error)


def brute_force(
    x: npt.NDArray[np.float64], panel: npt.NDArray[np.int64], open_genes: npt.NDArray[np.bool_], penalty: float
) -> dict[int, tuple[float, dict[int, float]]]:
    """Return for each landmark the loss without it, and with each gene in its place, in percent."""
    whole = explained(x, panel.tolist(), penalty)
    losses = {}
    for landmark in panel.tolist():
        others = [gene for gene in panel.tolist() if gene != landmark]
        exchanged = {
            gene: 100 * (1 - explained(x, [*others, gene], penalty) / whole)
            for gene in np.flatnonzero(open_genes).tolist()
            if gene not in panel
        }
        losses[landmark] = (100 * (1 - explained(x, others, penalty) / whole), exchanged)
    return losses


@pytest.mark.parametrize("penalty", [0.5, 3.0, 100.0])
@pytest.mark.parametrize("block", [3, 64])
def test_losses_are_those_of_regressions_fitted_anew(
    monkeypatch: pytest.MonkeyPatch, penalty: float, block: int
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    open_genes = np.arange(12) != 5
    frame = substitutes_of(X, PANEL, open_genes, gene_ids=names(12), penalty=penalty, count=4)
    assert frame["gene_id"].tolist() == [f"g{gene}" for gene in PANEL.repeat(4)]
    assert frame["rank"].tolist() == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    assert frame["place"].tolist() == [1, 2, 3, 4] * 4
    for landmark, (removed, exchanged) in brute_force(X, PANEL, open_genes, penalty).items():
        own = frame[frame["gene_id"] == f"g{landmark}"]
        best = sorted(exchanged, key=exchanged.__getitem__)[:4]
        assert own["substitute"].tolist() == [f"g{gene}" for gene in best]
        np.testing.assert_allclose(own["loss"], [exchanged[gene] for gene in best], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(own["loss_removed"], removed, rtol=1e-9)
        np.testing.assert_allclose(own["kept"], [1 - exchanged[gene] / removed for gene in best], rtol=1e-8, atol=1e-10)
        expected = [np.corrcoef(X[:, landmark], X[:, gene])[0, 1] for gene in best]
        np.testing.assert_allclose(own["correlation"], expected, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 9), penalty=st.sampled_from([0.1, 5.0, 300.0]))
def test_random_panels_against_regressions_fitted_anew(seed: int, size: int, penalty: float) -> None:
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((8, 3)) @ generator.standard_normal((3, 10)) + generator.standard_normal((8, 10))
    panel = generator.permutation(10)[:size]
    frame = substitutes_of(x, panel, np.ones(10, bool), gene_ids=names(10), penalty=penalty, count=10)
    losses = brute_force(x, panel, np.ones(10, bool), penalty)
    assert len(frame) == size * (10 - size)
    for row in frame.itertuples():
        removed, exchanged = losses[int(str(row.gene_id)[1:])]
        assert row.loss == pytest.approx(exchanged[int(str(row.substitute)[1:])], rel=1e-7, abs=1e-9)
        assert row.loss_removed == pytest.approx(removed, rel=1e-7)
    assert (frame["loss"] <= frame["loss_removed"] + 1e-9).all()
    assert (frame["loss_removed"] > 0).all()
    assert frame.groupby("rank")["loss"].is_monotonic_increasing.all()


def with_copies() -> npt.NDArray[np.float64]:
    """Forty unrelated genes, but g30 to g34 are copies of the first five, g31 with the sign turned."""
    x = np.random.default_rng(2).standard_normal((60, 40))
    x[:, 30:35] = x[:, :5]
    x[:, 31] *= -1
    return (x - x.mean(axis=0)) / x.std(axis=0)


def test_a_copy_is_the_first_substitute_and_loses_nothing() -> None:
    frame = substitutes_of(with_copies(), np.arange(5), np.ones(40, bool), gene_ids=names(40), penalty=30.0, count=2)
    first = frame[frame["place"] == 1]
    assert first["substitute"].tolist() == [f"g{gene}" for gene in range(30, 35)]
    np.testing.assert_allclose(first["loss"], 0, atol=1e-10)
    np.testing.assert_allclose(first["kept"], 1, atol=1e-9)
    np.testing.assert_allclose(first["correlation"], [1, -1, 1, 1, 1], atol=1e-6)
    families = families_of(frame)
    assert families["gene_id"].tolist() == [f"g{gene + copy}" for gene in range(5) for copy in (0, 30)]


def test_what_the_panel_lacks_most_comes_before_a_copy_but_is_no_family() -> None:
    x = with_copies()
    x[:, 20:30] += np.random.default_rng(3).standard_normal((60, 1))
    frame = substitutes_of(x, np.arange(5), np.ones(40, bool), gene_ids=names(40), penalty=30.0, count=20)
    first = frame[frame["place"] == 1]
    assert first["substitute"].nunique() == 1 and first["substitute"].iloc[0] in {f"g{gene}" for gene in range(20, 30)}
    assert (first["kept"] > 1).all()
    assert families_of(frame).groupby("family").size().tolist() == [2] * 5


def test_a_better_gene_has_a_negative_loss() -> None:
    generator = np.random.default_rng(4)
    hidden = generator.standard_normal((50, 1))
    x = np.concatenate([generator.standard_normal((50, 1)), hidden + 0.1 * generator.standard_normal((50, 6))], axis=1)
    row = substitutes_of(x, np.array([0]), np.ones(7, bool), gene_ids=names(7), penalty=1.0, count=1).iloc[0]
    assert row["loss"] < 0 and row["kept"] > 1
    # The only landmark: without it, nothing is explained.
    assert row["loss_removed"] == pytest.approx(100)


def test_closed_genes_and_landmarks_are_no_substitutes() -> None:
    open_genes = np.isin(np.arange(12), [0, 2, 5, 7])
    frame = substitutes_of(X, PANEL, open_genes, gene_ids=names(12), penalty=1.0, count=5)
    assert frame.groupby("rank")["substitute"].agg(set).tolist() == [{"g0", "g5"}] * 4
    assert substitutes_of(X, PANEL, ~ALL, gene_ids=names(12), penalty=1.0, count=5).empty


def test_a_constant_landmark_contributes_nothing() -> None:
    x = X.copy()
    x[:, 9] = 0
    frame = substitutes_of(x, PANEL, ALL, gene_ids=names(12), penalty=1.0, count=1)
    row = frame.iloc[2]
    assert row["loss_removed"] == 0 and np.isnan(row["kept"]) and row["correlation"] == 0
    assert row["loss"] < 0 and frame.drop(2).notna().all(axis=None)


def pairs(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    """Landmark, substitute, kept and correlation; landmarks are ranked and substitutes placed as they come."""
    frame = pd.DataFrame(rows, columns=["gene_id", "substitute", "kept", "correlation"])
    frame["rank"] = pd.factorize(frame["gene_id"])[0] + 1
    frame["place"] = frame.groupby("gene_id").cumcount() + 1
    return frame


def test_families_by_hand() -> None:
    frame = pairs(
        [
            ("A", "a", 0.95, 0.9),
            ("A", "x", 0.9, 0.3),  # as good, and nothing like it
            ("B", "y", 0.4, 0.9),  # alike, and not as good
            ("C", "c", 0.8, -0.7),
            ("D", "a", 1.2, 0.75),  # shares a with A
            ("D", "d", 0.9, 0.8),
            ("E", "f", np.nan, 0.9),
        ]
    )
    families = families_of(frame.sample(frac=1, random_state=3))
    assert families.to_numpy().tolist() == [
        [1, "A", True],
        [1, "D", True],
        [1, "a", False],
        [1, "d", False],
        [2, "B", True],
        [3, "C", True],
        [3, "c", False],
        [4, "E", True],
    ]
    strict = families_of(frame, kept=0.92, correlation=0.0)
    assert strict.groupby("family")["gene_id"].agg("".join).tolist() == ["ADa", "B", "C", "E"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("abcde"), st.floats(0, 1.2), st.floats(-1, 1)),
        min_size=1,
        max_size=12,
        unique_by=lambda row: row[:2],
    )
)
def test_every_landmark_is_in_one_family(rows: list[tuple[str, str, float, float]]) -> None:
    families = families_of(pairs(rows))
    assert families["gene_id"].is_unique
    assert set(families.loc[families["landmark"], "gene_id"]) == {row[0] for row in rows}
    assert families.groupby("family")["landmark"].any().all()
    family = families.set_index("gene_id")["family"]
    for landmark, substitute, kept, correlation in rows:
        if kept >= 0.8 and abs(correlation) >= 0.7:
            assert family[landmark] == family[substitute]


def test_the_step_looks_at_training_samples_and_other_genes(tmp_path: Path) -> None:
    generator = np.random.default_rng(8)
    values = generator.normal(8, 2, (30, 10)).astype(np.float32)
    values[:20, 9] = values[:20, 0]  # in training samples only
    values[20:, 8] = values[20:, 0]
    values[:, 7] = values[:, 1]  # the same gene as g1, by its label
    values[:, 6] = values[:, 2]  # not allowed
    ids, samples = names(10), np.array([f"s{row}" for row in range(30)], object)
    # The matrix holds the genes in another order than the candidates.
    write_expression(tmp_path / "expression.parquet", Expression(samples, ids[::-1], values[:, ::-1]))
    write_frame(
        pd.DataFrame({"sample_id": samples, "group": samples, "part": ["train"] * 20 + ["test"] * 10}),
        tmp_path / "split.parquet",
    )
    candidates = to_frame(unconstrained(ids))
    candidates.loc[7, "label"] = 1
    candidates.loc[6, "allowed"] = False
    write_frame(candidates, tmp_path / "candidates.parquet")
    # Rows are not in order of rank.
    write_frame(pd.DataFrame({"gene_id": ["g1", "g2", "g0"], "rank": [2, 3, 1]}), tmp_path / "panel.parquet")
    step.main(
        panel=tmp_path / "panel.parquet",
        expression=tmp_path / "expression.parquet",
        split=tmp_path / "split.parquet",
        candidates=tmp_path / "candidates.parquet",
        count=4,
        penalty=10.0,
        out=tmp_path / "substitutes.parquet",
        out_families=tmp_path / "families.parquet",
    )
    frame = read_frame(tmp_path / "substitutes.parquet")
    assert frame["gene_id"].unique().tolist() == ["g0", "g1", "g2"]
    copy = frame[(frame["gene_id"] == "g0") & (frame["substitute"] == "g9")].iloc[0]
    assert copy["loss"] == pytest.approx(0, abs=1e-4) and copy["correlation"] == pytest.approx(1, abs=1e-6)
    assert not set(frame["substitute"]) & {"g0", "g1", "g2", "g6", "g7"}
    families = read_frame(tmp_path / "families.parquet")
    assert families["gene_id"].tolist() == ["g0", "g9", "g1", "g2"]
    assert families["family"].tolist() == [1, 1, 2, 3]
