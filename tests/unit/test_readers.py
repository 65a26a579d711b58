"""Readers: every format gives samples x genes, and every fault is named."""

import gzip
import hashlib
import logging
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_data import Read, read_table, read_values

from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.matrices import InMemory
from landmarks.readers import READERS, choose_format
from landmarks.readers.base import make_table
from landmarks.readers.scale import Scale, to_log2
from landmarks.readers.survey import check_matrix
from landmarks.readers.tables import read_labels

SAMPLES = "sample,ESR1,FOXA1,MLPH\ns1,1,2.5,3\ns2,4,5,-6e-1\n"
GENES = "gene,s1,s2\nESR1,1,4\nFOXA1,2.5,5\nMLPH,3,-0.6\n"
VALUES = [[1, 2.5, 3], [4, 5, -0.6]]


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def check(table: Read) -> None:
    """Check that a table holds what `SAMPLES` does."""
    expression = table.expression
    assert expression.sample_ids.tolist() == ["s1", "s2"]
    assert expression.gene_ids.tolist() == ["ESR1", "FOXA1", "MLPH"]
    assert expression.values.dtype == np.float32
    assert expression.values.flags.c_contiguous
    np.testing.assert_array_equal(expression.values, np.array(VALUES, np.float32))
    assert table.samples["sample_id"].tolist() == ["s1", "s2"]


@pytest.mark.parametrize("text", [SAMPLES, GENES, "\ufeff" + SAMPLES, SAMPLES.replace("\n", "\r\n")])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "a.txt.gz", "A.TSV"])
def test_delimited_text(tmp_path: Path, text: str, name: str) -> None:
    check(read_table(write(tmp_path / name, text if "csv" in name else text.replace(",", "\t"))))


def test_gzip_is_known_by_content_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "download"
    path.write_bytes(gzip.compress(SAMPLES.encode()))
    check(read_table(path, "csv"))


def test_quoted_headings_and_ids(tmp_path: Path) -> None:
    text = '"",ESR1,"FOXA1",MLPH\n"s1",1,2.5,3\n"s2","4",5,-0.6\n'
    check(read_table(write(tmp_path / "a.csv", text)))


def test_ids_that_look_like_missing_values_or_numbers_are_kept(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", "probe,1,02\nNA,1,2\n007,3,4\n"))
    assert table.expression.gene_ids.tolist() == ["NA", "007"]
    assert table.expression.sample_ids.tolist() == ["1", "02"]


def test_whole_numbers_may_turn_fractional(tmp_path: Path) -> None:
    rows = [f"s{number},{number},0" for number in range(2000)]
    table = read_table(write(tmp_path / "a.csv", "\n".join(["sample,A,B", *rows, "t,0.5,1e3"])))
    np.testing.assert_array_equal(table.expression.values[-2:], [[1999, 0], [0.5, 1000]])


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    wide = pd.DataFrame({"s1": [1, 2.5, 3], "s2": [4, 5, -0.6]}, index=["ESR1", "FOXA1", "MLPH"])
    wide.index.name = "gene"
    wide.to_parquet(path)  # the index is stored last
    check(read_table(path))
    wide.reset_index().to_parquet(path, index=False)
    check(read_table(path))
    wide.T.reset_index(names="sample_id").to_parquet(path, index=False)
    check(read_table(path))


def test_parquet_without_text_ids_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"A": [1.0, 2.0], "B": [1.0, 2.0]}), path)
    with pytest.raises(LandmarksError, match="ids as text in column 'A'"):
        read_table(path)


def test_other_columns_annotate_samples(tmp_path: Path) -> None:
    text = "age,id,g_A,study,g_B\n50,s1,1,x,2\n,s2,3,y,4\n"
    table = read_table(write(tmp_path / "a.csv", text), gene_prefix="g_", sample_column="id")
    assert table.expression.gene_ids.tolist() == ["A", "B"]
    np.testing.assert_array_equal(table.expression.values, [[1, 2], [3, 4]])
    assert table.samples.to_dict("list") == {
        "sample_id": ["s1", "s2"],
        "age": ["50", ""],
        "study": ["x", "y"],
    }


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "empty file"),
        ("sample,A,B\n", {}, "two samples.*found 0"),
        ("sample,A,B\ns1,1,2\n", {}, "two samples.*found 1"),
        ("sample,A\ns1,1\ns2,2\n", {}, "two genes.*found 1"),
        ("sample\ns1\ns2\n", {}, "two genes.*found 0"),
        ("sample;A;B\ns1;1;2\ns2;1;2\n", {}, "at least two.*separator"),
        ("sample,A,B\ns1,1,2\ns1,3,4\n", {}, "every sample id once.*1 repeat: s1"),
        ("sample,A,A\ns1,1,2\ns2,3,4\n", {}, "every gene id once.*1 repeat: A"),
        ("sample,A,\ns1,1,2\ns2,3,4\n", {}, "none for gene number 2"),
        ("sample,A,B\ns1,1,2\ns2,,4\n", {}, r"1 missing or infinite.*genes \(A\).*samples \(s2\)"),
        ("sample,A,B\ns1,1,inf\ns2,NA,nan\n", {}, r"3 missing or infinite.*genes \(A, B\)"),
        ("sample,A,B\ns1,1,1e39\ns2,1,2\n", {}, r"infinite.*genes \(B\)"),
        ("sample,A,B\ns1,1,2\ns2,3,abc\n", {}, "column 'B'.*'abc'"),
        ("A,B\ns1,1,2\ns2,3,4\n", {}, "not readable as a table.*heading"),
        ("sample,A,B\ns1,1,2\n", {"gene_prefix": "g_"}, "start with 'g_'"),
        ("sample,A,B\ns1,1,2\n", {"sample_column": "pid"}, "column 'pid'"),
        (SAMPLES, {"format": "parquet"}, "not readable as Parquet"),
        (SAMPLES, {"format": "xlsx"}, "found 'xlsx'"),
        (SAMPLES, {"orientation": "genes", "sample_column": "sample"}, "contradicts"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(LandmarksError, match=f"(?s){message}"):
        read_table(write(tmp_path / "a.csv", text), **options)


def test_a_truncated_gzip_and_other_encodings_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(SAMPLES.encode() * 99)[:-20])
    with pytest.raises(LandmarksError, match="not readable"):
        read_table(path)
    path = tmp_path / "a.csv"
    for text in ("sample,Ä,B\ns1,1,2\ns2,3,4\n", "sample,A,B\nä,1,2\ns2,3,4\n"):
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(LandmarksError, match="not readable"):
            read_table(path)


def test_missing_files_and_unknown_suffixes(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"absent\.csv"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(LandmarksError, match=r"found a\.xlsx"):
        read_table(tmp_path / "a.xlsx")
    assert {choose_format(Path(f"a.{name}"), "auto") for name in ("csv", "tsv", "parquet")} < set(READERS)


def test_constant_genes_are_kept_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        table = read_table(write(tmp_path / "a.csv", "sample,A,B\ns1,1,2\ns2,1,3\n"))
    assert table.expression.gene_ids.tolist() == ["A", "B"]
    assert "1 of 2 genes never change and are kept: A." in caplog.text


def survset_frame() -> pd.DataFrame:
    columns = {
        "pid": pd.Series(["p1", "p2"], dtype=object),
        "time": np.array([39, 43]),
        "fac_grade": pd.Categorical(["2", None], categories=pd.Index(["2", "3"], dtype=object)),
        "num_HS_ESR1": [0.5, 1.5],
        "num_HS_MLPH": [-1.0, 2.0],
    }
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index(list(columns), dtype=object)
    return frame


def test_survset(tmp_path: Path) -> None:
    path = tmp_path / "a.pickle"
    path.write_bytes(pickle.dumps(survset_frame()))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(LandmarksError, match="neither --sha256"):
        read_table(path)
    table = read_table(path, sha256=digest)
    (tmp_path / "a.pickle.sha256").write_text(f"{digest}  a.pickle\n")
    assert read_table(path).samples.equals(table.samples)
    assert table.expression.gene_ids.tolist() == ["ESR1", "MLPH"]
    np.testing.assert_array_equal(table.expression.values, [[0.5, -1], [1.5, 2]])
    assert table.samples.to_dict("list") == {
        "sample_id": ["p1", "p2"],
        "time": ["39", "43"],
        "fac_grade": ["2", ""],
    }
    with pytest.raises(LandmarksError, match="a row a patient"):
        read_table(path, orientation="genes")
    with pytest.raises(LandmarksError, match=r"Expected numbers.*fac_grade"):
        read_table(path, gene_prefix="fac_")
    (tmp_path / "a.pickle.sha256").write_text(f"{'0' * 64}  a.pickle\n")
    with pytest.raises(LandmarksError, match=f"found {digest}"):
        read_table(path)


def scaled(values: list[list[float]], scale: Scale, memory_mb: float = 1) -> npt.NDArray[np.float32]:
    """Return values on the log2 scale."""
    data = matrix(values)
    table = make_table(data.sample_ids.tolist(), data.gene_ids.tolist(), InMemory(data.values))
    return read_values(to_log2(table, scale, check_matrix(table, Path("a.csv"), memory_mb)), memory_mb)


def matrix(values: list[list[float]]) -> Expression:
    array = np.asarray(values, np.float32)
    samples, genes = ([f"{kind}{i}" for i in range(n)] for kind, n in zip("sg", array.shape, strict=True))
    return Expression(np.array(samples, object), np.array(genes, object), array)


@pytest.mark.parametrize(
    ("values", "scale", "linear"),
    [
        ([[0, 7], [3, 1023]], "auto", True),
        ([[0, 7], [3, 1023]], "log2", False),
        ([[0, 7], [3, 15]], "auto", False),
        ([[0, 7], [3, 15]], "linear", True),
        ([[-1, 7], [3, 1023]], "auto", False),
    ],
)
def test_scale(values: list[list[float]], scale: Scale, linear: bool) -> None:
    made = scaled(values, scale)
    assert made.dtype == np.float32
    expected = np.log2(np.asarray(values) + 1) if linear else np.asarray(values)
    np.testing.assert_allclose(made, expected, rtol=1e-6)


def test_high_yet_negative_values_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        scaled([[-1, 7], [3, 1023]], "auto")
    assert "seldom log2" in caplog.text


def test_negative_linear_values_are_an_error() -> None:
    with pytest.raises(LandmarksError, match="1 genes: g0"):
        scaled([[-1, 7], [3, 1023]], "linear")


def test_labels_are_strings(tmp_path: Path) -> None:
    table = read_labels(write(tmp_path / "a.tsv", "id\tcode\n01\t1\n02\t\n"))
    assert table.to_numpy().tolist() == [["01", "1"], ["02", ""]]
    with pytest.raises(LandmarksError, match="table of labels"):
        read_labels(tmp_path / "absent.csv")
    with pytest.raises(LandmarksError, match="table of labels"):
        read_labels(write(tmp_path / "empty.csv", ""))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(2, 5).flatmap(
        lambda genes: st.lists(
            st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=genes, max_size=genes),
            min_size=2,
            max_size=5,
        )
    )
)
def test_both_orientations_agree_to_the_bit(tmp_path: Path, values: list[list[float]]) -> None:
    expression = matrix(values)
    frame = pd.DataFrame(expression.values, index=expression.sample_ids, columns=expression.gene_ids)
    frame.to_csv(tmp_path / "samples.csv", index_label="sample")
    frame.T.to_csv(tmp_path / "genes.csv", index_label="gene")
    for name in ("samples.csv", "genes.csv"):
        read = read_table(tmp_path / name).expression
        np.testing.assert_array_equal(read.values, expression.values)
        assert read.sample_ids.tolist() == expression.sample_ids.tolist()
