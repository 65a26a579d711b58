"""Names of genes from what a file says of them."""

import pandas as pd

from landmarks.gene_metadata import usual_names


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"gene_id": ["a", "b"]} | columns, dtype=object)


def test_usual_headings() -> None:
    found = usual_names(frame(**{"Gene Symbol": ["A", ""], "pr_gene_id": ["1", "2 /// 3"], "title": ["x", "y"]}))
    assert found == {"symbol": ["A", ""], "entrez": ["1", "2 /// 3"]}
    assert usual_names(frame()) == {}


def test_a_column_fits_only_if_it_holds_what_it_should() -> None:
    ids = ["ENSG00000091831.24", "ENSG00000129514"]
    assert usual_names(frame(gene_id_in_file=ids)) == {"ensembl": ["ENSG00000091831", "ENSG00000129514"]}
    assert usual_names(frame(gene_id_in_file=["7", ""])) == {"entrez": ["7", ""]}
    assert usual_names(frame(gene_id_in_file=["x", "7"])) == {}
    assert usual_names(frame(entrez=["x", "7"], ensembl=["", ""], entrez_id=["8", "9"])) == {"entrez": ["8", "9"]}
