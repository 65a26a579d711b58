"""GCT 1.2 and 1.3: values, metadata of rows and columns, and files that contradict themselves."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from reader_data import read_table

from landmarks.errors import LandmarksError

OLD = "#1.2\t\n2\t3\t\t\nName\tDescription\ts1\ts2\ts3\np1\tfirst gene\t1\t2\t3\np2\tna\t4\t5.5\t-6\n"
NEW = (
    "#1.3\n2\t3\t1\t2\nid\tpr_gene_symbol\ts1\ts2\ts3\ndose\tna\t10\t-666\t5\ncell\tna\tA\tB\tA\n"
    "p1\tESR1\t1\t2\t3\np2\t-666\t4\t5.5\t-6\n"
)
VALUES = [[1, 4], [2, 5.5], [3, -6]]


def write(folder: Path, text: str, name: str = "a.gct") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("memory_mb", [1e-6, 100])
@pytest.mark.parametrize("name", ["a.gct", "a.gct.gz"])
@pytest.mark.parametrize(
    "text", [OLD, NEW, NEW.replace("\n", "\r\n"), "\ufeff" + NEW], ids=["1.2", "1.3", "dos", "bom"]
)
def test_values(tmp_path: Path, text: str, name: str, memory_mb: float) -> None:
    read = read_table(write(tmp_path, text, name), memory_mb=memory_mb)
    np.testing.assert_array_equal(read.expression.values, VALUES)
    assert read.expression.sample_ids.tolist() == ["s1", "s2", "s3"]
    assert read.expression.gene_ids.tolist() == ["p1", "p2"]


def test_metadata(tmp_path: Path) -> None:
    read = read_table(write(tmp_path, NEW))
    assert read.samples.iloc[:, 1:].to_dict("list") == {"dose": ["10", "", "5"], "cell": ["A", "B", "A"]}
    assert read.genes.to_dict("list") == {"gene_id": ["p1", "p2"], "pr_gene_symbol": ["ESR1", ""]}
    assert read_table(write(tmp_path, OLD)).genes["Description"].tolist() == ["first gene", "na"]


def test_rows_may_be_samples(tmp_path: Path) -> None:
    read = read_table(write(tmp_path, NEW), orientation="samples")
    np.testing.assert_array_equal(read.expression.values, np.array(VALUES).T)
    assert read.samples["pr_gene_symbol"].tolist() == ["ESR1", ""]
    assert read.genes["cell"].tolist() == ["A", "B", "A"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#1.3", "#1.1", "first line .*found '#1.1'"),
        ("2\t3\t1\t2", "2\t3\t1", "4 whole numbers .*found '2 3 1'"),
        ("2\t3\t1\t2", "2\t3\t1\tx", "4 whole numbers"),
        ("2\t3\t1\t2", "3\t3\t1\t2", "3 rows .*found 2"),
        ("2\t3\t1\t2", "2\t4\t1\t2", "6 headings .*found 5"),
        ("2\t3\t1\t2", "2\t3\t1\t3", "numbers in column|ESR1|found 1"),
        ("\t-666\t5\n", "\t5\n", r"5 fields in the line of metadata \['dose'\].*found 4"),
        ("5.5\t-6", "5.5", "not readable as a table"),
        ("5.5", "NA", r"1 missing.*genes \(p2\).*samples \(s2\)"),
        ("p2", "p1", "every gene id once"),
    ],
)
def test_faults_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in NEW
    with pytest.raises(LandmarksError, match=f"(?s){message}"):
        read_table(write(tmp_path, NEW.replace(old, new)))


def test_empty_and_truncated_files(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match="found ''"):
        read_table(write(tmp_path, ""))
    path = write(tmp_path, NEW, "b.gct.gz")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(LandmarksError, match=r"b\.gct\.gz is not readable as text"):
        read_table(path)
