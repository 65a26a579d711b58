"""Selectors: what each ranks first, and what a panel is cut from it."""

import logging
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from landmarks.errors import LandmarksError
from landmarks.panels import Evidence, deeplift, given, make_panel, random, read_list, variance
from landmarks.panels.choice import unconstrained

GENES = pd.DataFrame(
    {
        "gene_id": ["p1", "p2", "p3", "p4"],
        "symbol": ["ESR1", "ESR1", "KRT5", ""],
        "entrez": ["2099", "2099", "3852", ""],
        "ensembl": ["", "", "", "ENSG04"],
    }
)
EVIDENCE = Evidence(
    genes=GENES,
    training=np.array([[0, 0, 1, 5], [2, 0, 1, 5], [4, 9, 1, 6]], np.float32),
    importance=pd.DataFrame(
        {"gene_id": ["p3", "p1", "p4", "p2"], "importance": [0.2, 0.9, 0.1, 0.5], "rank": [3, 1, 4, 2]}
    ),
    listed=["KRT5", "2099"],
    seed=7,
    groups=np.array(["a", "b", "c"], object),
    choice=unconstrained(GENES["gene_id"].to_numpy(object)),
    k=4,
)


def with_genes(genes: pd.DataFrame, seed: int) -> Evidence:
    """Return the evidence with other genes."""
    return replace(EVIDENCE, genes=genes, choice=unconstrained(genes["gene_id"].to_numpy(object)), seed=seed)


def test_variance_by_hand() -> None:
    ranking = variance.rank(EVIDENCE)
    assert ranking["gene_id"].tolist() == ["p2", "p1", "p4", "p3"]
    np.testing.assert_allclose(ranking["score"], [18, 8 / 3, 2 / 9, 0])


def test_equal_variances_keep_the_order_of_genes() -> None:
    evidence = replace(EVIDENCE, training=np.tile(np.array([[0], [1]], np.float32), 4))
    assert variance.rank(evidence)["gene_id"].tolist() == ["p1", "p2", "p3", "p4"]


def test_deeplift_follows_the_ranks() -> None:
    ranking = deeplift.rank(EVIDENCE)
    assert ranking["gene_id"].tolist() == ["p1", "p2", "p3", "p4"]
    assert ranking["score"].tolist() == [0.9, 0.5, 0.2, 0.1]


def test_random_panels_differ_by_seed_and_are_nested() -> None:
    genes = pd.DataFrame({"gene_id": [f"g{index}" for index in range(200)]})
    first, again, other = (random.rank(with_genes(genes, seed)) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert first["gene_id"].tolist() != other["gene_id"].tolist()
    assert set(first["gene_id"]) == set(genes["gene_id"])
    assert first["score"].is_monotonic_decreasing
    small, large = make_panel(first, 10, "random"), make_panel(first, 50, "random")
    assert small["gene_id"].tolist() == large["gene_id"].tolist()[:10]


def test_random_panels_draw_every_gene_alike() -> None:
    genes = pd.DataFrame({"gene_id": [str(index) for index in range(10)]})
    drawn = np.zeros(10)
    for seed in range(1_000):
        drawn[random.rank(with_genes(genes, seed))["gene_id"].head(3).astype(int)] += 1
    # Expected 300 each, with a standard deviation of 14.5.
    assert (np.abs(drawn - 300) < 65).all()


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["p4", "p2"], ["p4", "p2"]),
        (["KRT5", "ESR1"], ["p3", "p1"]),
        (["3852", "2099"], ["p3", "p1"]),
        (["ENSG04"], ["p4"]),
        (["ESR1", "2099", "p1", "KRT5"], ["p1", "p3"]),
    ],
)
def test_given_names_of_every_kind(listed: list[str], expected: list[str]) -> None:
    ranking = given.rank(replace(EVIDENCE, listed=listed))
    assert ranking["gene_id"].tolist() == expected
    assert ranking["score"].tolist() == list(range(len(expected), 0, -1))


def test_a_gene_id_goes_before_a_symbol_of_the_same_name() -> None:
    genes = pd.DataFrame({"gene_id": ["x", "KRT5"], "symbol": ["KRT5", "y"]})
    assert given.rank(replace(with_genes(genes, 0), listed=["KRT5"]))["gene_id"].tolist() == ["KRT5"]


def test_unmeasured_names_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        given.rank(replace(EVIDENCE, listed=["FOXA1", "KRT5", "MLPH", ""]))
    assert caplog.messages[0].startswith("3 listed genes are not measured: FOXA1, MLPH")


@pytest.mark.parametrize(
    ("selector", "evidence", "message"),
    [
        (
            given,
            replace(EVIDENCE, listed=None),
            r"needs a list of genes, none was given\.\nHint: .*panels\.given\.file",
        ),
        (given, replace(EVIDENCE, listed=["A", "B"]), r"None of the 2 listed genes is measured: A, B\.\nHint: "),
        (
            deeplift,
            replace(EVIDENCE, importance=None),
            r"`deeplift` needs the genes' importance[\s\S]*Hint: .*rank_genes",
        ),
    ],
)
def test_missing_evidence(selector: ModuleType, evidence: Evidence, message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        selector.rank(evidence)


def test_a_panel_is_the_head_of_its_ranking() -> None:
    panel = make_panel(variance.rank(EVIDENCE), 2, "variance")
    assert list(panel.columns) == ["gene_id", "rank", "score", "reason"]
    assert panel["gene_id"].tolist() == ["p2", "p1"]
    assert panel["rank"].tolist() == [1, 2]


def test_too_large_a_panel_names_the_key() -> None:
    with pytest.raises(LandmarksError, match=r"3 genes.* `given` ranks 2 [\s\S]*Hint: .*panels\.given\.sizes"):
        make_panel(given.rank(EVIDENCE), 3, "given")


def test_lists_are_the_first_column_without_comments(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# PAM50\nESR1\tluminal\n\n KRT5 \r\n#\n2099\n", encoding="utf-8")
    assert read_list(tmp_path / "list.txt") == ["ESR1", "KRT5", "2099"]
    (tmp_path / "table.txt").write_text("A\tENSG1\tp1\nB\tENSG2\tp2\n", encoding="utf-8")
    assert read_list(tmp_path / "table.txt", 3) == ["p1", "p2"]
    with pytest.raises(LandmarksError, match=r"4 tab-separated columns in line 1 of .*, found 3\.\nHint: .*column"):
        read_list(tmp_path / "table.txt", 4)
    with pytest.raises(LandmarksError, match=r"list of genes at .*none\.txt, found none\.\nHint: "):
        read_list(tmp_path / "none.txt")


@hypothesis_given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_gene_is_twice_in_a_panel(data: st.DataObject) -> None:
    symbols = data.draw(st.lists(st.sampled_from(["", "A", "B", "C", "D"]), min_size=1, max_size=12))
    ids = [f"p{index}" for index in range(len(symbols))]
    genes = pd.DataFrame({"gene_id": ids, "symbol": symbols, "entrez": [str(len(name)) for name in symbols]})
    listed = data.draw(st.lists(st.sampled_from([*ids, "A", "B", "C", "D", "1", "unknown"]), max_size=20))
    values = data.draw(st.lists(st.integers(0, 2), min_size=2 * len(ids), max_size=2 * len(ids)))
    order = data.draw(st.permutations(range(1, len(ids) + 1)))
    importance = pd.DataFrame({"gene_id": ids, "importance": 1.0 / np.array(order), "rank": order})
    evidence = replace(
        with_genes(genes, len(listed)),
        training=np.reshape(np.array(values, np.float32), (2, -1)),
        importance=importance,
        listed=listed,
    )
    for name, selector in (("deeplift", deeplift), ("variance", variance), ("random", random), ("given", given)):
        try:
            ranking = selector.rank(evidence)
        except LandmarksError:
            assert name == "given"
            continue
        for k in (1, len(ranking)):
            panel = make_panel(ranking, k, name)
            assert panel["gene_id"].is_unique
            assert set(panel["gene_id"]) <= set(ids)
            assert panel["rank"].tolist() == list(range(1, k + 1))
