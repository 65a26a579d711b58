"""Names from tables, and the averaging of probes, by hand."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmarks.errors import LandmarksError
from landmarks.gene_tables import average_by, name_columns, name_genes, read_gene_names, translate_panel

GENES = pd.DataFrame(
    {
        "gene_id": ["p1", "p2", "p3", "p4", "p5"],
        "symbol": ["A", "B", "", "A", "C /// D"],
        "entrez": ["1", "2", "", "1", ""],
        "ensembl": ["", "", "", "", ""],
    },
    dtype=object,
)


def lists(rows: list[tuple[str, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, dtype=object)


def test_the_published_lists_have_no_headings() -> None:
    table = name_columns(lists([("A", "ENSG1", "p1,p4"), ("B", "ENSG2", "p2")]), ["", "ensembl", "gene_id"])
    assert list(table.columns) == ["ensembl", "gene_id"]
    named = name_genes(GENES, table)
    assert named["ensembl"].tolist() == ["ENSG1", "ENSG2", "", "ENSG1", ""]
    pd.testing.assert_frame_equal(named.drop(columns="ensembl"), GENES.drop(columns="ensembl"))


def test_a_probe_of_several_genes_has_all_names() -> None:
    table = pd.DataFrame({"gene_id": ["p1", "p1,p3", "p1", "zz"], "ensembl": ["E2", "E1", "E2", "E9"]}, dtype=object)
    assert name_genes(GENES, table)["ensembl"].tolist() == ["E2 /// E1", "", "E1", "", ""]


def test_empty_cells_change_nothing() -> None:
    table = pd.DataFrame({"gene_id": ["p1", "p2"], "symbol": ["", "X"]}, dtype=object)
    assert name_genes(GENES, table)["symbol"].tolist() == ["A", "X", "", "A", "C /// D"]


def test_tables_that_name_nothing() -> None:
    with pytest.raises(LandmarksError, match=r"ids like p1, p2, p3 .* found none[\s\S]*Hint: which"):
        name_genes(GENES, pd.DataFrame({"gene_id": ["q"], "symbol": ["A"]}, dtype=object))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["gene_id", "name", "symbol"], "found name"),
        (["symbol", "", "ensembl"], "Expected gene_id among"),
        (["gene_id", "symbol", "symbol"], "no name twice"),
        (["gene_id", "symbol", "", ""], "Expected 4 columns in the table of gene names, found 3"),
    ],
)
def test_wrong_names_of_columns(columns: list[str], message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        name_columns(lists([("a", "b", "c")]), columns)


def test_probes_are_averaged_by_hand() -> None:
    averaged, weights = average_by(GENES, "symbol")
    assert averaged["gene_id"].tolist() == ["A", "B"]
    assert averaged["entrez"].tolist() == ["1", "2"]
    values = np.array([[1, 2, 50, 4, 60], [10, 20, 70, 40, 80]], np.float32)
    # A is the mean of p1 and p4; p3 has no symbol and p5 two.
    np.testing.assert_array_equal(values @ weights, np.array([[2.5, 2], [25, 20]], np.float32))


def test_names_on_which_probes_disagree_are_empty() -> None:
    genes = GENES.assign(entrez=["1", "2", "", "7", ""])
    assert average_by(genes, "symbol")[0]["entrez"].tolist() == ["", "2"]


def test_nothing_to_average() -> None:
    with pytest.raises(LandmarksError, match=r"in the column ensembl, found 0 among 5 rows"):
        average_by(GENES, "ensembl")


def test_a_list_without_headings(tmp_path: Path) -> None:
    path = tmp_path / "map_tg.txt"
    path.write_text("NXN\tENSG1\tp1\nMAK\tENSG2\tp2,p3\n", encoding="utf-8")
    table = read_gene_names(path, ["", "ensembl", "gene_id"])
    assert table.to_dict("list") == {"ensembl": ["ENSG1", "ENSG2"], "gene_id": ["p1", "p2,p3"]}


def test_the_annotation_of_a_platform_of_geo(tmp_path: Path) -> None:
    path = tmp_path / "GPL96.annot.gz"
    text = (
        "^Annotation\n!Annotation_date = Aug 09\n#ID = ID from Platform\n!platform_table_begin\n"
        'ID\tGene title\tGene symbol\tGene ID\tUniGene\n1007_s_at\ta "5\' end"\tDDR1///MIR4640\t780///100616237\t\n'
        "1053_at\tRFC2\tRFC2\t5982\n!platform_table_end\n"
    )
    path.write_bytes(gzip.compress(text.encode()))
    table = read_gene_names(path, ["gene_id", "", "symbol", "entrez"])
    assert table["gene_id"].tolist() == ["1007_s_at", "1053_at"]
    assert table["symbol"].tolist() == ["DDR1///MIR4640", "RFC2"]
    assert table["entrez"].tolist() == ["780///100616237", "5982"]


def test_a_table_that_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "genes.csv"
    path.write_text('probe,title,symbol\np1,"a, b",A\n', encoding="utf-8")
    assert read_gene_names(path).to_dict("list") == {"gene_id": ["p1"], "symbol": ["A"]}
    path.write_text("probe,title\np1,a\n", encoding="utf-8")
    with pytest.raises(LandmarksError, match=r"columns named symbol, entrez, ensembl in .*, found title"):
        read_gene_names(path)


def test_a_damaged_table(tmp_path: Path) -> None:
    path = tmp_path / "genes.csv.gz"
    path.write_bytes(gzip.compress(b"probe,symbol\np1,A\n" * 100)[:-12])
    with pytest.raises(LandmarksError, match="is not readable as a table of gene names"):
        read_gene_names(path)


def panel_of(*probes: str) -> pd.DataFrame:
    ranks = range(1, len(probes) + 1)
    return pd.DataFrame({"gene_id": list(probes), "rank": ranks, "score": 1.0, "reason": "r"}).astype(
        {"gene_id": object}
    )


def test_a_panels_genes() -> None:
    translated = translate_panel(panel_of("p4", "p5", "p2", "p1", "p3"), GENES, "symbol")
    assert translated["gene_id"].tolist() == ["A", "B"]
    assert translated["rank"].tolist() == [1, 2]
    assert list(translated.columns) == ["gene_id", "rank", "score", "reason"]


def test_a_panel_that_measures_no_gene() -> None:
    with pytest.raises(LandmarksError, match=r"column symbol in the panel, found p3, p5"):
        translate_panel(panel_of("p3", "p5"), GENES, "symbol")
