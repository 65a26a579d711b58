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
