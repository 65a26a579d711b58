"""Gene sets: annotations carried up a toy ontology, ids mapped, sizes limited, GMT read and written."""

import gzip
import json
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.errors import LandmarksError
from landmarks.gene_sets import (
    build_gene_sets,
    limit_sizes,
    read_associations,
    read_gmt,
    read_identifiers,
    read_ontology,
    write_gmt,
)
from landmarks.steps import build_gene_sets as step

# root ← binding ← zinc, root ← catalysis; zinc is also part of catalysis. `switch` only regulates catalysis.
TOY = """format-version: 1.2
ontology: toy

[Term]
id: T:1
name: root
namespace: molecular_function

[Term]
id: T:2
name: binding
namespace: molecular_function
alt_id: T:22
is_a: T:1 ! root

[Term]
id: T:3
name: zinc
namespace: molecular_function
is_a: T:2 ! binding
relationship: part_of T:4 ! catalysis

[Term]
id: T:4
name: catalysis
namespace: molecular_function
is_a: T:1 ! root
relationship: part_of T:9 ! process

[Term]
id: T:5
name: switch
namespace: molecular_function
is_a: T:1 ! root
relationship: regulates T:4 ! catalysis

[Term]
id: T:6
name: obsolete old
namespace: molecular_function
is_obsolete: true
replaced_by: T:5

[Term]
id: T:7
name: obsolete gone
namespace: molecular_function
is_obsolete: true

[Term]
id: T:9
name: process
namespace: biological_process
"""

SYMBOLS = {"P1": {"A"}, "P2": {"B"}, "P3": {"C", "D"}, "P4": {"E"}, "P5": {"F"}, "P6": {"G"}}


@pytest.fixture
def ontology(tmp_path: Path) -> "nx.MultiDiGraph[str]":
    path = tmp_path / "toy.obo"
    path.write_text(TOY)
    return read_ontology(path)


def as_dict(sets: pd.DataFrame) -> dict[str, str]:
    return {str(term): "".join(rows) for term, rows in sets.groupby("term_id")["gene_symbol"]}


def test_annotations_reach_every_ancestor_of_the_namespace(ontology: "nx.MultiDiGraph[str]") -> None:
    associations = {"T:3": ["P1", "P3"], "T:22": ["P2"], "T:4": ["P4"], "T:6": ["P5"], "T:7": ["P6"]}
    sets = build_gene_sets(ontology, associations, SYMBOLS, minimum=1)
    # zinc is a binding and part of catalysis; the switch (once `old`) regulates, so F stays out of catalysis;
    # G was annotated to a term that nothing replaces; the process is of another namespace.
    assert as_dict(sets) == {"T:1": "ABCDEF", "T:2": "ABCD", "T:3": "ACD", "T:4": "ACDE", "T:5": "F"}
    assert sets["term_name"].unique().tolist() == ["root", "binding", "zinc", "catalysis", "switch"]


def test_both_limits_of_size_are_kept(ontology: "nx.MultiDiGraph[str]") -> None:
    associations = {"T:3": ["P1", "P3"], "T:22": ["P2"], "T:4": ["P4"], "T:6": ["P5"]}
    sets = build_gene_sets(ontology, associations, SYMBOLS, minimum=3, maximum=4)
    assert as_dict(sets) == {"T:2": "ABCD", "T:3": "ACD", "T:4": "ACDE"}


def test_another_namespace_can_be_kept(ontology: "nx.MultiDiGraph[str]") -> None:
    sets = build_gene_sets(ontology, {"T:4": ["P1"], "T:9": ["P2"]}, SYMBOLS, namespace="biological_process", minimum=1)
    assert as_dict(sets) == {"T:9": "B"}


def test_losses_are_logged(ontology: "nx.MultiDiGraph[str]", caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "landmarks"):
        build_gene_sets(ontology, {"T:3": ["P1", "Q9"], "T:99": ["P2"]}, SYMBOLS, minimum=1)
    assert "5 terms, 1 of them annotated" in caplog.text
    assert "1 of 2 accessions have no gene symbol; 1 associated terms are unknown" in caplog.text


def test_no_set_left_is_an_error(ontology: "nx.MultiDiGraph[str]") -> None:
    with pytest.raises(LandmarksError, match="sets of 5 to 500 genes, found none among 3 sets"):
        build_gene_sets(ontology, {"T:2": ["P1"], "T:5": ["P2"]}, SYMBOLS)
    with pytest.raises(LandmarksError, match="found biological_process, molecular_function"):
        build_gene_sets(ontology, {}, SYMBOLS, namespace="function")


def test_a_cycle_is_an_error(ontology: "nx.MultiDiGraph[str]") -> None:
    ontology.add_edge("T:1", "T:3", key="part_of")
    with pytest.raises(LandmarksError, match="without cycles"):
        build_gene_sets(ontology, {"T:3": ["P1"]}, SYMBOLS, minimum=1)


def test_identifiers_drop_isoforms_and_missing_ones(tmp_path: Path) -> None:
    path = tmp_path / "table.json.gz"
    accessions = ["P1-2", "P1-6", "P2", None, "None", "P3", "P3"]
    symbols = ["A", "A2", "None", "B", "C", None, "D"]
    path.write_bytes(gzip.compress(json.dumps(["2019", [["u"] * 7, accessions, symbols]]).encode()))
    assert read_identifiers(path) == {"P1": {"A", "A2"}, "P3": {"D"}}


@pytest.mark.parametrize("content", ['{"T:1": []}', '["2019", [["u"], ["P1"], ["A", "B"]]]', '["2019"', "[1, 2]"])
def test_other_json_is_an_error_that_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(content)
    for read in (read_associations, read_identifiers):
        with pytest.raises(LandmarksError, match=r"odd\.json[\s\S]*Hint: "):
            read(path)


def test_missing_and_truncated_files_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(TOY.encode())[:-20])
    for read in (read_ontology, read_associations, read_identifiers, read_gmt):
        for file in (path, tmp_path / "absent.gz"):
            with pytest.raises(LandmarksError, match=file.name):
                read(file)
    empty = tmp_path / "empty.obo"
    empty.write_text("format-version: 1.2\nontology: none\n")
    with pytest.raises(LandmarksError, match="found none"):
        read_ontology(empty)


def test_gmt_of_msigdb_takes_the_set_name_for_the_link(tmp_path: Path) -> None:
    path = tmp_path / "sets.gmt"
    path.write_text("S1\thttp://card\tA\tB\tA\t\n\nS2\tzinc binding\tC\r\n")
    assert read_gmt(path).to_numpy().tolist() == [
        ["S1", "S1", "A"],
        ["S1", "S1", "B"],
        ["S2", "zinc binding", "C"],
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [("S1\tx\tA\nS2\tx\n", "line 2 .*fewer"), ("S1\tx\tA\nS1\tx\tB\n", "line 2 .*before"), ("S1", "line 1")],
)
def test_faulty_gmt_is_an_error_with_its_line(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "sets.gmt"
    path.write_text(text)
    with pytest.raises(LandmarksError, match=found):
        read_gmt(path)


words = st.text("abcXYZ019-_:@. /", min_size=1).map(str.strip).filter(lambda word: word not in ("", "na"))


@given(st.dictionaries(words, st.tuples(words, st.sets(words, min_size=1)), min_size=1))
def test_gmt_round_trip(tmp_path_factory: pytest.TempPathFactory, content: dict[str, tuple[str, set[str]]]) -> None:
    rows = [(term, content[term][0], gene) for term in sorted(content) for gene in sorted(content[term][1])]
    sets = pd.DataFrame(rows, columns=["term_id", "term_name", "gene_symbol"], dtype=str)
    path = tmp_path_factory.mktemp("gmt") / "sets.gmt"
    write_gmt(sets, path)
    pd.testing.assert_frame_equal(read_gmt(path), sets)


def test_size_counts_distinct_genes() -> None:
    sets = pd.DataFrame({"term_id": ["a", "a", "b", "b"], "term_name": "x", "gene_symbol": list("AAAB")})
    assert limit_sizes(sets, minimum=2, maximum=2)["term_id"].tolist() == ["b", "b"]


def test_step_takes_either_source_and_not_both(tmp_path: Path) -> None:
    gmt, out, copy = tmp_path / "in.gmt", tmp_path / "sets.parquet", tmp_path / "out.gmt"
    gmt.write_text("S1\tone\tA\tB\nS2\ttwo\tC\n")
    step.main(gmt=gmt, minimum=2, out_parquet=out, out_gmt=copy)
    assert copy.read_text() == "S1\tone\tA\tB\n"
    assert as_dict(pd.read_parquet(out)) == {"S1": "AB"}
    for own, ontology in ((None, None), (gmt, gmt), (None, gmt)):
        with pytest.raises(LandmarksError, match="neither or both"):
            step.main(gmt=own, ontology=ontology, out_parquet=out, out_gmt=copy)


def test_step_builds_from_an_ontology(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("go.obo", "associations.json", "table.json", "o.parquet", "o.gmt")]
    files[0].write_text(TOY)
    files[1].write_text(json.dumps(["2019", {"T:3": ["P1"], "T:5": ["P2"]}]))
    files[2].write_text(json.dumps(["2019", [["u", "u"], ["P1", "P2-1"], ["A", "B"]]]))
    step.main(
        ontology=files[0],
        associations=files[1],
        identifiers=files[2],
        minimum=1,
        out_parquet=files[3],
        out_gmt=files[4],
    )
    expected = {"T:1": "AB", "T:2": "A", "T:3": "A", "T:4": "A", "T:5": "B"}
    assert as_dict(pd.read_parquet(files[3])) == as_dict(read_gmt(files[4])) == expected
