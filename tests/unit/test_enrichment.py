"""Enrichment: Fisher's exact test as the oracle, Benjamini-Hochberg by hand, random panels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from landmarks.enrichment import count_by_chance, enrich, find_symbols, find_universe, split_symbols
from landmarks.errors import LandmarksError
from landmarks.steps import enrich_panel as step


def make_sets(**genes: str) -> pd.DataFrame:
    rows = [(term, f"name of {term}", gene) for term, members in genes.items() for gene in members]
    return pd.DataFrame(rows, columns=["term_id", "term_name", "gene_symbol"], dtype=str)


SETS = make_sets(t1="ABC", t2="ADEF", t3="GHIJ")


def test_hand_computed_terms() -> None:
    # Ten annotated genes A to J; K is measured but not annotated, Z not even measured.
    result = enrich("ABCKZ", "ABCDEFGHIJK", SETS, minimum=1).set_index("term_id")
    assert result.index.tolist() == ["t1", "t2", "t3"]
    assert result["n_background"].eq(10).all() and result["n_panel"].eq(3).all()
    assert result["n_term"].tolist() == [3, 4, 4]
    assert result["n_overlap"].tolist() == [3, 1, 0]
    # Of 120 panels of three, one is ABC; 20 = C(6, 3) avoid t2.
    np.testing.assert_allclose(result["p"], [1 / 120, 100 / 120, 1])
    np.testing.assert_allclose(result["fold"], [10 / 3, 10 / 12, 0])
    assert result["genes"].tolist() == ["A;B;C", "A", ""]


def test_hand_computed_false_discovery_rates() -> None:
    result = enrich("ABC", "ABCDEFGHIJ", SETS, minimum=1)
    # p times terms over rank: 3/120, 300/240 and 1, then the smallest from there downwards in the table.
    np.testing.assert_allclose(result["q"], [3 / 120, 1, 1])
    two = enrich("ABCD", "ABCDEFGHIJ", make_sets(t1="ABCD", t2="ABCDE", t3="FGHIJ"), minimum=1)
    np.testing.assert_allclose(two["p"], [1 / 210, 5 / 210, 1])
    np.testing.assert_allclose(two["q"], [3 / 210, 7.5 / 210, 1])


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_p_equals_fishers_exact_test(data: st.DataObject) -> None:
    pool = [f"g{number}" for number in range(data.draw(st.integers(3, 40)))]
    subsets = st.sets(st.sampled_from(pool), min_size=1)
    terms = data.draw(st.lists(subsets, min_size=1, max_size=4))
    sets = pd.concat(
        [make_sets(every="")]
        + [
            pd.DataFrame({"term_id": f"t{n}", "term_name": "x", "gene_symbol": sorted(genes)}, dtype=str)
            for n, genes in enumerate(terms)
        ]
    )
    annotated = set().union(*terms)
    panel = data.draw(st.sets(st.sampled_from(sorted(annotated)), min_size=1))
    for row in enrich(panel, pool, sets, minimum=1).itertuples():
        genes = terms[int(str(row.term_id)[1:])]
        table = [
            [len(panel & genes), len(panel - genes)],
            [len(genes - panel), len(annotated - panel - genes)],
        ]
        assert row.p == pytest.approx(fisher_exact(table, alternative="greater").pvalue)
        assert row.genes == ";".join(sorted(panel & genes))


def test_size_limits_count_measured_genes() -> None:
    sets = make_sets(small="AB", fits="ABCXY", large="ABCDE")
    result = enrich("A", "ABCDEF", sets, minimum=3, maximum=4)
    assert result["term_id"].tolist() == ["fits"]
    # D and E are annotated all the same, though only by a term too large to be tested.
    assert result["n_background"].tolist() == [5]


def test_probes_of_several_genes_give_each() -> None:
    assert split_symbols(["A /// B", "B", "C///", "", None, np.nan]) == {"A", "B", "C"}
    result = enrich(["A /// B", "C"], ["A /// B", *"CDEFGHIJ"], SETS, minimum=1)
    assert result["genes"].iloc[0] == "A;B;C"


def test_repeated_rows_of_a_set_count_once() -> None:
    twice = pd.concat([SETS, SETS])
    pd.testing.assert_frame_equal(
        enrich("ABC", "ABCDEFGHIJ", twice, minimum=1), enrich("ABC", "ABCDEFGHIJ", SETS, minimum=1)
    )


def test_faults_are_errors() -> None:
    with pytest.raises(LandmarksError, match="found none among 3 terms; 0 measured"):
        enrich("A", "xyz", SETS, minimum=1)
    with pytest.raises(LandmarksError, match="5 to 500 measured genes"):
        enrich("A", "ABCDEFGHIJ", SETS)
    with pytest.raises(LandmarksError, match="Expected panel genes"):
        enrich("xyz", "ABCDEFGHIJ", SETS, minimum=1)
    with pytest.raises(LandmarksError, match=r"at least 11 annotated .* found 10"):
        count_by_chance(11, "ABCDEFGHIJ", SETS, replicates=2, seed=0, minimum=1)
    with pytest.raises(LandmarksError, match="1 of the panel's 2 genes are not measured: p9"):
        find_symbols(pd.Series(["p1", "p9"]), pd.DataFrame({"gene_id": ["p1"], "symbol": ["A"]}))


def random_sets(generator: np.random.Generator, terms: int, pool: np.ndarray) -> pd.DataFrame:
    draws = [generator.choice(pool, generator.integers(5, 30), replace=False) for _ in range(terms)]
    return pd.concat(
        [
            pd.DataFrame({"term_id": f"t{number:03}", "term_name": "x", "gene_symbol": genes}, dtype=str)
            for number, genes in enumerate(draws)
        ]
    )


def test_random_panels_count_as_single_panels_do() -> None:
    generator = np.random.default_rng(5)
    pool = np.array([f"g{number:03}" for number in range(60)], object)
    sets = random_sets(generator, 40, pool)
    counts = count_by_chance(20, pool, sets, replicates=300, seed=7)
    # The same draws, one panel at a time; the small background lets some of them find a term.
    draws = np.random.default_rng(7)
    universe = find_universe(pool, sets)
    single = [
        (enrich(universe.genes[draws.choice(len(universe.genes), 20, replace=False)], pool, sets)["q"] < 0.05).sum()
        for _ in range(300)
    ]
    assert counts.tolist() == single
    assert counts.sum() > 0
    # Under the null hypothesis, at most 5% of the panels find anything; 300 panels give 5% ± 1.3%.
    assert (counts > 0).mean() < 0.09


def test_the_seed_decides() -> None:
    generator = np.random.default_rng(5)
    pool = np.array([f"g{number:03}" for number in range(60)], object)
    sets = random_sets(generator, 40, pool)
    first, again, other = (count_by_chance(20, pool, sets, replicates=100, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_step_writes_terms_and_controls(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = ("panel", "genes", "sets", "out", "controls")
    panel, genes, sets, out, controls = (tmp_path / f"{name}.parquet" for name in names)
    letters = list("ABCDEFGHIJ")
    pd.DataFrame({"gene_id": ["pA", "pB", "pC"], "rank": [1, 2, 3]}).to_parquet(panel)
    pd.DataFrame({"gene_id": [f"p{x}" for x in letters], "symbol": letters}).to_parquet(genes)
    SETS.to_parquet(sets)
    with caplog.at_level("INFO", "landmarks"):
        step.main(panel=panel, genes=genes, sets=sets, seed=3, controls=9, minimum=1, out=out, out_controls=controls)
    assert pd.read_parquet(out)["n_overlap"].tolist() == [3, 1, 0]
    written = pd.read_parquet(controls)
    assert written.columns.tolist() == ["replicate", "n_significant"]
    assert written["replicate"].tolist() == list(range(9))
    assert "1 of 3 terms with q < 0.05 for 3 annotated panel genes" in caplog.text
