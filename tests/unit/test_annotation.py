"""Annotation: genes, groups and labels, and what is said when they do not fit."""

import logging

import pandas as pd
import pytest

from landmarks.annotation import choose_labels, describe_genes, describe_samples, parse_label_names
from landmarks.errors import LandmarksError

IDS = pd.DataFrame({"sample_id": ["TCGA-3C-1", "TCGA-3C-2", "TCGA-4H-1"]})
SITE = r"^TCGA-(\w{2})-"


def test_genes_by_pattern() -> None:
    table = describe_genes(["ESR1_2099", "HLA_A_3105"], r"^(?P<symbol>.+)_(?P<entrez>\d+)$")
    assert list(table) == ["gene_id", "symbol", "entrez", "ensembl"]
    assert table.to_numpy().tolist() == [
        ["ESR1_2099", "ESR1", "2099", ""],
        ["HLA_A_3105", "HLA_A", "3105", ""],
    ]


def test_genes_without_pattern() -> None:
    table = describe_genes(["ENSG00000091831.24", "ENSMUSG00000019768", "ESR1", "ENSA"])
    assert table["ensembl"].tolist() == ["ENSG00000091831", "ENSMUSG00000019768", "", ""]
    assert table["symbol"].tolist() == ["", "", "ESR1", "ENSA"]
    assert table["gene_id"].tolist()[0] == "ENSG00000091831.24"


def test_a_group_left_out_of_a_match_is_empty() -> None:
    table = describe_genes(["ESR1", "FOXA1_3169"], r"^(?P<symbol>[^_]+)(_(?P<entrez>\d+))?$")
    assert table["entrez"].tolist() == ["", "3169"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"^(?P<symbol>.+)_(?P<entrez>\d+)$", "1 do not: LONELY"),
        (r"^(.+)$", "groups named"),
        (r"^(?P<name>.+)$", "groups named"),
        (r"^(?P<symbol>.+$", "regular expression"),
    ],
)
def test_wrong_gene_patterns(pattern: str, message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        describe_genes(["ESR1_2099", "LONELY"], pattern)


def test_groups() -> None:
    assert describe_samples(IDS)["group"].tolist() == IDS["sample_id"].tolist()
    assert describe_samples(IDS, group_pattern=SITE)["group"].tolist() == ["3C", "3C", "4H"]
    annotated = IDS.assign(study=["s1", "s2", "s2"], group=["x", "y", "z"])
    table = describe_samples(annotated, group_column="study")
    assert list(table) == ["sample_id", "group", "label", "study", "group_in_file"]
    assert table["group"].tolist() == ["s1", "s2", "s2"]
    assert table["group_in_file"].tolist() == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_pattern": SITE, "group_column": "study"}, "found both"),
        ({"group_pattern": "^TCGA"}, "parentheses"),
        ({"group_pattern": "^TCGA-(3C)"}, "none for 1: TCGA-4H-1"),
        ({"group_column": "donor"}, "found study"),
        ({"group_column": "study"}, "none for 1: TCGA-3C-2"),
    ],
)
def test_wrong_groups(options: dict[str, str], message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        describe_samples(IDS.assign(study=["s1", "", "s2"]), **options)  # type: ignore[arg-type]


def test_labels_are_joined_and_strays_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        table = describe_samples(IDS, labels={"TCGA-3C-2": "basal", "OTHER": "HER2"})
    assert table["label"].tolist() == ["", "basal", ""]
    assert "2 of 3 samples have no label: TCGA-3C-1, TCGA-4H-1." in caplog.text
    assert "1 labels belong to no sample: OTHER." in caplog.text


def test_labels_for_nobody_are_an_error() -> None:
    with pytest.raises(LandmarksError, match=r"TCGA-3C-1.*OTHER"):
        describe_samples(IDS, labels={"OTHER": "basal"})


def test_labels_are_chosen_and_named() -> None:
    table = pd.DataFrame({"patient": ["a", "b", "c"], "pam50": ["1", "0", ""]})
    assert choose_labels(table) == {"a": "1", "b": "0", "c": ""}
    named = choose_labels(table, "patient", "pam50", {"0": "normal-like", "1": "basal"})
    assert named == {"a": "basal", "b": "normal-like", "c": ""}


@pytest.mark.parametrize(
    ("ids", "codes", "id_column", "message"),
    [
        (["a", "a"], ["0", "1"], "", "1 repeat: a"),
        (["a", "b"], ["0", "7"], "", "found 7"),
        (["a", "b"], ["0", "1"], "sample", "'sample'"),
    ],
)
def test_wrong_labels(ids: list[str], codes: list[str], id_column: str, message: str) -> None:
    table = pd.DataFrame({"patient": ids, "pam50": codes})
    with pytest.raises(LandmarksError, match=message):
        choose_labels(table, id_column, "", {"0": "normal-like", "1": "basal"})


def test_the_label_column_is_not_guessed_among_many() -> None:
    table = pd.DataFrame({"patient": ["a"], "age": ["50"], "pam50": ["1"]})
    with pytest.raises(LandmarksError, match="--label-column among patient, age, pam50"):
        choose_labels(table)


def test_label_names() -> None:
    assert parse_label_names("") == {}
    assert parse_label_names("0=normal-like, 3=luminal A") == {"0": "normal-like", "3": "luminal A"}
    for wrong in ("0", "0=", "=x", "0=a,0=b"):
        with pytest.raises(LandmarksError, match="CODE=NAME"):
            parse_label_names(wrong)
