"""Bad input: one message with a hint, exit status 1, no traceback, and earlier results as they were."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bad_files import IMPORTS, TABLE
from exported_model import export
from test_cli import fresh_logging as fresh_logging

from landmarks.cli import main
from landmarks.errors import LandmarksError
from landmarks.files import read_frame, write_frame
from landmarks.origins import parse_origin
from landmarks.sources import _extract

EARLIER = {"expression.parquet": b"earlier expression", "samples.parquet": b"samples", "genes.parquet": b"genes"}


def fail(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a step that must fail, and return what it says: one message, one hint, no traceback."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(arguments)
    said = capsys.readouterr().err
    assert end.value.code == 1, said
    assert said.count("Error: ") == said.count("\nHint: ") == 1, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("case", IMPORTS)
def test_import(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write, message = IMPORTS[case]
    out = tmp_path / "data"
    out.mkdir()
    for name, content in EARLIER.items():
        (out / name).write_bytes(content)
    arguments = write(tmp_path)
    if "--out-dir" not in arguments:
        arguments += ["--out-dir", str(out)]
    before = sorted(tmp_path.rglob("*"))
    said = fail(arguments, capsys)
    assert pd.Series([said.replace("\n", " ")]).str.contains(message).all(), said
    assert {file.name: file.read_bytes() for file in out.iterdir()} == EARLIER
    # Nothing is left of what was begun, and nothing was run.
    assert sorted(tmp_path.rglob("*")) == before


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("model"))[0]


def measured(*rows: str) -> str:
    return "\n".join(["sample,g40,g3,g14,g15,g9,g26", *rows, ""])


INFERENCES = {
    "no landmark": ("sample,A,B\nx,1,2\n", "Expected the model's 6 landmarks, found 0"),
    "missing landmark": ("sample,g40,g3,g14,g15,g9\nx,7,7,7,7,7\n", "found 5 .* missing are g26"),
    "missing value": (measured("x,7,7,NA,7,7,7"), "1 missing or infinite"),
    "another scale": (measured("x,-90,-80,-90,-90,-90,-90"), "standard deviations off"),
    "no sample": (measured(), "at least one sample"),
    "repeated sample": (measured("x,7,7,7,7,7,7", "x,7,7,7,7,7,7"), "every sample id once"),
}


@pytest.mark.parametrize("case", INFERENCES)
def test_infer(case: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, message = INFERENCES[case]
    (tmp_path / "new.csv").write_text(content)
    (tmp_path / "out.parquet").write_bytes(b"earlier")
    options = ["--model", str(model), "--expression", str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.parquet")]
    said = fail(["infer", *options, "--orientation", "samples"], capsys)
    assert pd.Series([said.replace("\n", " ")]).str.contains(message).all(), said
    assert (tmp_path / "out.parquet").read_bytes() == b"earlier"
    assert not (tmp_path / "out.genes.parquet").exists()


def test_infer_with_a_model_that_was_changed(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.csv").write_text(measured("x,7,7,7,7,7,7"))
    card = json.loads((model / "card.json").read_text())
    (tmp_path / "card.json").write_text(json.dumps(card))
    for name in ("genes.parquet", "parameters.parquet"):
        (tmp_path / name).write_bytes((model / name).read_bytes()[:-1])
    options = [
        "--model",
        str(tmp_path),
        "--expression",
        str(tmp_path / "new.csv"),
        "--out",
        str(tmp_path / "o.parquet"),
    ]
    assert "SHA-256" in fail(["infer", *options], capsys)


INITS = {
    "missing file": (None, "found none"),
    "empty file": (b"", "found an empty file"),
    "semicolons": (TABLE.replace(",", ";").encode(), "found semicolons"),
    "prose": (b"these are no numbers\nat all\n", "found neither"),
    "binary": (b"\0\1\2" * 99, "other binary data"),
    "truncated gzip": (gzip.compress(os.urandom(9_000))[:1_000], "is damaged"),
    "missing values": (TABLE.replace("5,", ",").encode(), "missing or infinite"),
}


@pytest.mark.parametrize("case", INITS)
def test_init(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, message = INITS[case]
    if content is not None:
        (tmp_path / "x.csv").write_bytes(content)
    said = fail(["init", "--expression", str(tmp_path / "x.csv"), "--out-dir", str(tmp_path / "out")], capsys)
    assert message in said
    assert not (tmp_path / "out/config.yaml").exists()


def test_init_keeps_a_config_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text(TABLE)
    (tmp_path / "config.yaml").write_text("mine")
    assert "found one" in fail(["init", "--expression", str(tmp_path / "x.csv"), "--out-dir", str(tmp_path)], capsys)
    assert (tmp_path / "config.yaml").read_text() == "mine"


def test_design_without_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = fail(["design", "--run", str(tmp_path), "--out-dir", str(tmp_path / "out")], capsys)
    assert "Expected an exported model" in said and not (tmp_path / "out").exists()


def test_more_landmarks_than_genes(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "panels/variance/k61/seed0.parquet"
    split = read_frame(model.parent / "split.parquet")
    write_frame(split.assign(group=split["sample_id"]), tmp_path / "split.parquet")
    files = [f"--{name}={model.parent / name}.parquet" for name in ("expression", "genes")]
    files += ["--split", str(tmp_path / "split.parquet")]
    said = fail(["select-panels", str(out), "--selector", "variance", "--seed", "0", *files], capsys)
    assert "61" in said and "60" in said and not out.exists()


def import_to(folder: Path, limit: Callable[[], None] | None = None) -> str:
    """Import 480 kB of values to a folder where they find no place; earlier files must stay. Return what is said."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.random((300, 400)), index=[f"s{i}" for i in range(300)])
    frame.columns = [f"G{i}" for i in range(400)]
    table = folder.with_name("x.csv")
    frame.rename_axis("sample").to_csv(table)
    for name, content in EARLIER.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-m", "landmarks", "import-expression", str(table), "--out-dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert done.stderr.count("Hint: ") == 1, done.stderr
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == EARLIER
    return done.stderr


def test_limit_of_a_files_size_keeps_what_was_there(tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    (tmp_path / "data").mkdir()
    assert "File too large" in import_to(tmp_path / "data", limit)


def test_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    disk = tmp_path / "data"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("a disk of 200 kB needs root to be mounted")
    try:
        assert "No space left on device" in import_to(disk)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("member", ["../../evil", "/etc/evil", "package/../../../evil"])
def test_archive_writes_nowhere_else(tmp_path: Path, member: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as archive:
        archive.writestr(member, "content")
    (tmp_path / "in/side").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "x.whl") as archive, suppress(LandmarksError):
        _extract(archive, parse_origin(f"pypi:x==1!{member}"), tmp_path / "in/side/wanted")
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} <= {"x.whl", "wanted"}


def test_archive_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmarks.sources.LARGEST_MEMBER", 1 << 20)
    with zipfile.ZipFile(tmp_path / "x.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b", b"\0" * (1 << 21))
    with zipfile.ZipFile(tmp_path / "x.whl") as archive, pytest.raises(LandmarksError, match="at most 1,048,576 bytes"):
        _extract(archive, parse_origin("pypi:x==1!a/b"), tmp_path / "wanted")
    assert not (tmp_path / "wanted").exists()


@pytest.mark.parametrize(
    "name", ["mit Leerzeichen.csv", "größe µ.csv", "'quoted' \"name\".csv", "日本.csv", "-dash.csv"]
)
def test_any_path_is_fine(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(TABLE)
    with pytest.raises(SystemExit) as end:
        main(["import-expression", f"./{name}", "--out-dir", f"{tmp_path}/out put"])
    assert not end.value.code
    assert {file.name for file in (tmp_path / "out put").iterdir()} == set(EARLIER)
