"""The import step, as people call it: one file in, three Parquet tables out."""

from pathlib import Path

import numpy as np
import pytest

from landmarks.cli import main
from landmarks.expression import read_expression
from landmarks.files import read_frame

TABLE = "patient,ESR1_2099,FOXA1_3169\nTCGA-3C-1,0,7\nTCGA-4H-2,3,1023\nTCGA-4H-3,1,1\n"
LABELS = "patient,pam50\nTCGA-4H-2,1\nTCGA-3C-1,0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "labels.csv").write_text(LABELS)
    path = tmp_path / "rna.csv"
    path.write_text(TABLE)
    return path


def test_the_fixed_command_line(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(["import-expression", str(file), "--format", "auto", "--out-dir", str(out)])
    assert ended.value.code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "expression.parquet",
        "genes.parquet",
        "samples.parquet",
    ]
    expression = read_expression(out / "expression.parquet")
    # The 99th percentile is far above 50 and nothing is negative: log2(x + 1).
    np.testing.assert_allclose(expression.values, [[0, 3], [2, 10], [1, 1]], rtol=1e-6)
    samples = read_frame(out / "samples.parquet")
    assert list(samples) == ["sample_id", "group", "label"]
    assert samples["group"].tolist() == ["TCGA-3C-1", "TCGA-4H-2", "TCGA-4H-3"]
    assert samples["label"].tolist() == ["", "", ""]


def test_every_option(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = {
        "--format": "csv",
        "--orientation": "samples",
        "--scale": "log2",
        "--gene-pattern": r"^(?P<symbol>.+)_(?P<entrez>\d+)$",
        "--group-pattern": r"^TCGA-(\w{2})-",
        "--labels": str(tmp_path / "labels.csv"),
        "--label-id-column": "patient",
        "--label-column": "pam50",
        "--label-names": "0=normal-like,1=basal",
        "--out-dir": str(out),
    }
    with pytest.raises(SystemExit) as ended:
        main(["import-expression", str(file), *(word for pair in options.items() for word in pair)])
    assert ended.value.code == 0
    genes = read_frame(out / "genes.parquet")
    assert genes.to_numpy().tolist() == [
        ["ESR1_2099", "ESR1", "2099", ""],
        ["FOXA1_3169", "FOXA1", "3169", ""],
    ]
    samples = read_frame(out / "samples.parquet")
    assert samples["group"].tolist() == ["3C", "4H", "4H"]
    assert samples["label"].tolist() == ["normal-like", "basal", ""]
    assert read_expression(out / "expression.parquet").values.max() == 1023


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--gene-pattern", "(?P<entrez>99)$"], 1),
        (["--label-names", "0=a"], 1),
        (["--scale", "log10"], 2),
        (["--orientation", "columns"], 2),
    ],
)
def test_a_mistake_writes_nothing(file: Path, tmp_path: Path, words: list[str], code: int) -> None:
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(["import-expression", str(file), "--out-dir", str(out), *words])
    assert ended.value.code == code
    assert not out.exists()


def test_the_same_file_gives_the_same_bytes(file: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        with pytest.raises(SystemExit):
            main(["import-expression", str(file), "--out-dir", str(tmp_path / name)])
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


SERIES = """!Series_geo_accession\t"GSE9"
!Sample_characteristics_ch1\t"type: breast tumour"\t"type: normal breast"\t"type: cell line"
!series_matrix_table_begin
"ID_REF"\t"GSM1"\t"GSM2"\t"GSM3"
"a"\t1\t2\t3
"b"\t4\t5\t6
!series_matrix_table_end
"""


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["import-expression", *words])
    return int(str(ended.value.code))


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ([], ["breast tumour", "normal breast", "cell line"]),
        (["--label-pattern", "breast"], ["breast", "breast", ""]),
        (["--label-pattern", r"^(\w+) (?:tumour|breast)"], ["breast", "normal", ""]),
        (
            ["--label-pattern", "tumour|normal", "--label-names", "tumour=breast cancer,normal=not=cancer"],
            ["breast cancer", "not=cancer", ""],
        ),
    ],
    ids=["column", "whole match", "first group", "names"],
)
def test_labels_from_the_annotation_of_the_file(tmp_path: Path, words: list[str], labels: list[str]) -> None:
    path = tmp_path / "GSE9_series_matrix.txt"
    path.write_text(SERIES)
    assert run(str(path), "--out-dir", str(tmp_path / "out"), "--label-column", "type", *words) == 0
    samples = read_frame(tmp_path / "out" / "samples.parquet")
    assert samples["label"].tolist() == labels
    assert list(samples) == ["sample_id", "group", "label", "type", "series"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--label-column", "kind"], "the column 'kind'"),
        (["--label-column", "type", "--label-pattern", "liver"], "labels that match 'liver', found none among breast"),
        (["--label-column", "type", "--label-pattern", "("], "regular expression in --label-pattern"),
        (["--label-column", "type", "--label-names", "cell line=x"], "labels among cell line, found breast tumour"),
        (["--label-column", "type", "--label-id-column", "series"], "--labels with --label-id-column"),
        (["--label-pattern", "breast"], "--label-column with --label-pattern"),
    ],
)
def test_labels_that_are_not_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    path = tmp_path / "GSE9_series_matrix.txt"
    path.write_text(SERIES)
    assert run(str(path), "--out-dir", str(tmp_path / "out"), *words) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_pattern_applies_to_a_file_of_labels_too(file: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("patient,pam50\nTCGA-4H-2,type 1b\nTCGA-3C-1,type 0\n")
    words = ["--labels", str(tmp_path / "labels.csv"), "--label-pattern", r"\d", "--label-names", "0=x,1=y"]
    assert run(str(file), "--out-dir", str(tmp_path / "out"), *words) == 0
    assert read_frame(tmp_path / "out" / "samples.parquet")["label"].tolist() == ["x", "y", ""]


def test_names_of_genes_from_the_file_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "a.gct"
    path.write_text(
        "#1.3\n2\t2\t3\t0\nid\tpr_gene_symbol\tpr_gene_id\tnote\ts1\ts2\np_1\tESR1\t2099\tx\t1\t2\np_2\t-666\t3\ty\t3\t4\n"
    )
    out = tmp_path / "out"
    assert run(str(path), "--out-dir", str(out)) == 0
    assert read_frame(out / "genes.parquet").to_numpy().tolist() == [["p_1", "ESR1", "2099", ""], ["p_2", "", "3", ""]]
    assert run(str(path), "--out-dir", str(out), "--gene-pattern", "^p_(?P<entrez>.)") == 0
    assert read_frame(out / "genes.parquet").to_numpy().tolist() == [["p_1", "", "1", ""], ["p_2", "", "2", ""]]
    (tmp_path / "genes.csv").write_text("id,symbol\np_2,B\n")
    assert run(str(path), "--out-dir", str(out), "--gene-table", str(tmp_path / "genes.csv")) == 0
    assert read_frame(out / "genes.parquet").to_numpy().tolist() == [["p_2", "B", "", ""]]
    assert read_expression(out / "expression.parquet").values.tolist() == [[3], [4]]


def test_what_is_written_does_not_depend_on_the_memory(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(8, 2, (40, 2_000))
    rows = (f"s{number}," + ",".join(f"{value:.4f}" for value in row) for number, row in enumerate(values))
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["sample," + ",".join(f"g{number}" for number in range(2_000)), *rows]))
    read = []
    for memory in ("1", "100"):
        assert run(str(path), "--out-dir", str(tmp_path / memory), "--memory-mb", memory) == 0
        read.append(read_expression(tmp_path / memory / "expression.parquet"))
    np.testing.assert_allclose(read[0].values, values, atol=1e-4)
    np.testing.assert_array_equal(read[0].values, read[1].values)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["1", "100", "a.csv"]


def test_a_fault_in_the_values_writes_nothing(file: Path, tmp_path: Path) -> None:
    file.write_text(TABLE.replace("1023", "NA"))
    assert run(str(file), "--out-dir", str(tmp_path / "out")) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["labels.csv", "rna.csv"]
