"""Several studies as one matrix, and a table that names genes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmarks.annotation import annotate_genes, describe_genes
from landmarks.cli import main
from landmarks.errors import LandmarksError
from landmarks.expression import read_expression
from landmarks.files import read_frame


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["import-expression", *arguments])
    return int(str(ended.value.code))


def test_studies_are_joined_each_on_its_own_scale(tmp_path: Path) -> None:
    first = write(tmp_path / "one.csv", "probe,s1,s2\np1,1,2\np2,3,4\np3,5,6\n")
    # Linear, another order, a probe more and one less.
    second = write(tmp_path / "two.csv", "probe,t1,t2\np3,1023,255\np9,1,2\np1,0,1\n")
    names = write(tmp_path / "genes.tsv", "probe\tEntrez\tSymbol\np1\t11\tA\np3\t33\tC /// D\np5\t55\tE\n")
    out = tmp_path / "out"
    options = ["--orientation", "genes", "--group-column", "file", "--gene-table", names, "--out-dir", str(out)]
    assert run(first, second, *options) == 0
    expression = read_expression(out / "expression.parquet")
    assert expression.gene_ids.tolist() == ["p1", "p3"]
    assert expression.sample_ids.tolist() == ["s1", "s2", "t1", "t2"]
    np.testing.assert_allclose(expression.values, [[1, 5], [2, 6], [0, 10], [1, 8]])
    assert read_frame(out / "samples.parquet")["group"].tolist() == ["one", "one", "two", "two"]
    genes = read_frame(out / "genes.parquet")
    assert genes["symbol"].tolist() == ["A", "C /// D"] and genes["entrez"].tolist() == ["11", "33"]


@pytest.mark.parametrize(
    ("second", "found"),
    [("probe,t1,t2\nq1,1,2\np1,3,4\n", "found 1"), ("probe,s1,t2\np1,1,2\np2,3,4\n", "sample id once")],
    ids=["genes", "samples"],
)
def test_studies_that_do_not_fit_are_refused(
    second: str, found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = write(tmp_path / "one.csv", "probe,s1,s2\np1,1,2\np2,3,4\n"), write(tmp_path / "two.csv", second)
    assert run(*files, "--orientation", "genes", "--out-dir", str(tmp_path / "out")) == 1
    assert found in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"id": ["p1"], "title": ["x"]}, "columns named symbol"),
        ({"id": ["p1", "p1"], "symbol": ["A", "B"]}, "repeat: p1"),
        ({"id": ["x1"], "symbol": ["A"]}, "like p1"),
    ],
    ids=["columns", "repeated", "other ids"],
)
def test_a_table_of_genes_that_names_none_is_refused(table: dict[str, list[str]], message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        annotate_genes(describe_genes(["p1", "p2"]), pd.DataFrame(table))
