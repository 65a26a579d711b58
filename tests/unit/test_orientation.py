"""What the rows of a table are taken for."""

import logging
from pathlib import Path

import pytest

from landmarks.readers.base import Orientation, ReadOptions
from landmarks.readers.orientation import choose_orientation


@pytest.mark.parametrize(
    ("asked", "heading", "shape", "expected"),
    [
        ("auto", "patient", (9, 3), "samples"),
        ("auto", "Sample_ID", (9, 3), "samples"),
        ("auto", "ID_REF", (3, 9), "genes"),
        ("auto", "Gene symbol", (3, 9), "genes"),
        ("auto", "", (9, 3), "genes"),
        ("auto", "x", (3, 9), "samples"),
        ("genes", "patient", (3, 9), "genes"),
        ("samples", "probe", (9, 3), "samples"),
    ],
)
def test_orientation(
    asked: Orientation,
    heading: str,
    shape: tuple[int, int],
    expected: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "landmarks"):
        rows, columns = ([f"{axis}{i}" for i in range(size)] for axis, size in zip("rc", shape, strict=True))
        assert choose_orientation(ReadOptions(asked), heading, rows, columns, Path("a.csv")) == expected
    assert f"rows are {expected}" in caplog.text


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (["TCGA-2K-A9WE", "TCGA-2Z-A9J1", "x"], ["A", "B"], "samples"),
        (["A", "B"], ["GSM12", "GSM13.CEL.gz", "GSM14"], "genes"),
        (["ENSG00000000003.15", "ENSG00000000005"], ["A", "B", "C"], "genes"),
        (["A", "B", "C"], ["1007_s_at", "1053_at"], "samples"),
        # Both look alike, or too few of them: by the shape.
        (["GSM1", "GSM2", "GSM3"], ["SRR1", "SRR2"], "genes"),
        (["A", "B", "GSM1"], ["C", "D"], "genes"),
        # Could be either: a patient's number, or a symbol and Entrez's.
        (["patient_1", "patient_2", "patient_3"], ["KDR_3791", "FLT1_2321"], "genes"),
    ],
)
def test_ids_tell_what_rows_are(rows: list[str], columns: list[str], expected: str) -> None:
    assert choose_orientation(ReadOptions(), "", rows, columns, Path("a.csv")) == expected
