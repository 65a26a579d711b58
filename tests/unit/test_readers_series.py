"""GEO series matrices: values, annotation that shifts from line to line, and files that are not whole."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_data import read_table

from landmarks.errors import LandmarksError
from landmarks.readers import choose_format
from landmarks.readers.series import collect_annotation

TEXT = """!Series_title\t"A study of 5" pieces"
!Series_geo_accession\t"GSE1"

!Sample_title\t"one"\t"two"\t"three"
!Sample_geo_accession\t"GSM1"\t"GSM2"\t"GSM3"
!Sample_characteristics_ch1\t"tissue: breast"\t"tissue: lung"\t"age: 7"
!Sample_characteristics_ch1\t"age: 50"\t"12:30 h"\t"tissue: skin: arm"
!Sample_characteristics_ch1\t""\t"untreated"\t""
!Sample_relation\t"a"\t""\t"c"
!Sample_relation\t"d"\t"e"\t""
!series_matrix_table_begin
"ID_REF"\t"GSM1"\t"GSM2"\t"GSM3"
"1007_s_at"\t1.5\t2\t3
"NA"\t-4\t5e-1\t"6"
!series_matrix_table_end
"""


def write(folder: Path, text: str = TEXT, name: str = "GSE1_series_matrix.txt") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("memory_mb", [1e-6, 100])
@pytest.mark.parametrize("name", ["GSE1_series_matrix.txt", "GSE1-GPL96_series_matrix.txt.gz"])
@pytest.mark.parametrize("change", [("", ""), ("\n", "\r\n")], ids=["unix", "dos"])
def test_values_and_annotation(tmp_path: Path, change: tuple[str, str], name: str, memory_mb: float) -> None:
    read = read_table(write(tmp_path, TEXT.replace(*change) if change[0] else TEXT, name), memory_mb=memory_mb)
    np.testing.assert_array_equal(read.expression.values, [[1.5, -4], [2, 0.5], [3, 6]])
    assert read.expression.gene_ids.tolist() == ["1007_s_at", "NA"]
    assert read.samples.to_dict("list") == {
        "sample_id": ["GSM1", "GSM2", "GSM3"],
        "title": ["one", "two", "three"],
        "geo_accession": ["GSM1", "GSM2", "GSM3"],
        "relation": ["a", "", "c"],
        "relation_2": ["d", "e", ""],
        "tissue": ["breast", "lung", "skin: arm"],
        "age": ["50", "", "7"],
        "characteristics_ch1": ["", "12:30 h", ""],
        "characteristics_ch1_2": ["", "untreated", ""],
        "series": ["GSE1"] * 3,
    }


def test_two_channels_and_repeated_keys() -> None:
    lines = [
        ("characteristics_ch1", ["line: x", "line: y"]),
        ("characteristics_ch1", ["line: z", "dose:"]),
        ("characteristics_ch2", ["line: r", "line: r"]),
        ("title", ["a", "b"]),
    ]
    assert collect_annotation(lines, 2) == {
        "title": ["a", "b"],
        "line": ["x", "y"],
        "line_2": ["z", ""],
        "line_ch2": ["r", "r"],
    }


def test_it_is_known_by_its_name() -> None:
    names = {
        "GSE1_series_matrix.txt.gz": "series",
        "a.txt": "tsv",
        "a.GCT.gz": "gct",
        "b.gctx": "gctx",
        "c.h5ad": "h5ad",
    }
    assert {name: choose_format(Path(name), "auto") for name in names} == names


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("!series_matrix_table_end\n", "", "a line !series_matrix_table_end .*found none"),
        ("!series_matrix_table_begin\n", "", "a line !series_matrix_table_begin .*found none"),
        ('"1007_s_at"\t1.5', '"1007_s_at"', "not readable as a table"),
        ('"1007_s_at"\t1.5', '"1007_s_at"\tx', "numbers in column 'GSM1'.*'x'"),
        ('"1007_s_at"\t1.5', '"1007_s_at"\tnull', r"1 missing.*genes \(1007_s_at\).*samples \(GSM1\)"),
        ('\t"three"', "", "3 values in the line !Sample_title .*found 2"),
        ('"GSM1"\t"GSM2"\t"GSM3"\n!S', '"GSM2"\t"GSM1"\t"GSM3"\n!S', "samples GSM1, .*found GSM2"),
        ('"1007_s_at"\t1.5\t2\t3\n"NA"\t-4\t5e-1\t"6"\n', "", "found an empty table.*supplementary"),
    ],
)
def test_faults_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(LandmarksError, match=f"(?s){message}"):
        read_table(write(tmp_path, TEXT.replace(old, new)))


@pytest.mark.parametrize("cut", [9, 200])
def test_truncated_gzip(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path, TEXT + "\n" * 9, "a_series_matrix.txt.gz")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(LandmarksError, match=r"a_series_matrix\.txt\.gz is not readable as text"):
        read_table(path)


def test_options_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = [{"orientation": "samples"}, {"gene_prefix": "x"}, {"sample_column": "title"}]
    for options in cases:
        with pytest.raises(LandmarksError, match="leave the option out"):
            read_table(write(tmp_path), **options)
