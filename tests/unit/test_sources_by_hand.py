"""Files placed by hand, files of unknown sum, and what the config may say of both."""

import hashlib
import logging
import os
from pathlib import Path

import pytest
from config_data import SCHEMA, Config, explain, put, small_config

from landmarks import sources
from landmarks.checksums import read_sidecar
from landmarks.config import check_config
from landmarks.config_checks import is_local
from landmarks.errors import LandmarksError
from landmarks.origins import Origin, parse_origin
from landmarks.sources import fetch
from landmarks.steps import fetch as step

BODY = b"gene,a,b\nESR1,1,2\n" * 100
SHA256 = hashlib.sha256(BODY).hexdigest()
OTHER_SHA256 = "0" * 64
# Nothing may be asked of it: example.invalid has no address.
WEB = Origin("web", "https://example.invalid/a.csv")
ASKED = Origin("by-hand", "a.csv")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return small_config(tmp_path)


@pytest.fixture
def placed(tmp_path: Path) -> Path:
    path = tmp_path / "downloads" / "datasets.main" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(BODY)
    os.utime(path, (0, 0))
    return path


@pytest.mark.parametrize("origin", [WEB, ASKED])
@pytest.mark.parametrize("digest", [SHA256, SHA256.upper(), "unknown"])
def test_a_placed_file_is_taken_and_stays(origin: Origin, digest: str, placed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "a.csv"
    assert fetch(origin, out, digest, placed) == SHA256
    assert out.read_bytes() == placed.read_bytes() == BODY
    assert out.samefile(placed)  # 11 GB are not copied
    assert out.stat().st_mtime > 0  # newer than what was made from an earlier file
    assert list(out.parent.iterdir()) == [out]


def test_the_file_behind_a_link_is_taken(placed: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(placed)
    out = tmp_path / "out" / "a.csv"
    fetch(ASKED, out, SHA256, link)
    assert not out.is_symlink()
    placed.unlink()
    assert out.read_bytes() == BODY


@pytest.mark.parametrize("reason", ["other file system", "other owner"])
def test_a_placed_file_is_copied_where_it_cannot_be_linked(
    reason: str, placed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    if reason == "other owner":
        monkeypatch.setattr(os, "getuid", lambda: placed.stat().st_uid + 1)
    else:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    out = tmp_path / "out" / "a.csv"
    assert fetch(ASKED, out, SHA256, placed) == SHA256
    assert out.read_bytes() == BODY and not out.samefile(placed)
    assert placed.stat().st_mtime == 0


@pytest.mark.parametrize("origin", [WEB, ASKED])
def test_a_placed_file_of_another_sum_is_refused(origin: Origin, placed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "a.csv"
    with pytest.raises(LandmarksError) as caught:
        fetch(origin, out, OTHER_SHA256, placed)
    message, _, hint = str(caught.value).partition("\nHint: ")
    assert message == f"Expected the SHA-256 {OTHER_SHA256} of {placed}, found {SHA256} of {len(BODY):,} bytes."
    assert "replace it" in hint
    assert not list(out.parent.iterdir())
    assert placed.read_bytes() == BODY


def test_an_absent_file_without_address_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError) as caught:
        fetch(ASKED, tmp_path / "out" / "a.csv", SHA256, Path("downloads/datasets.main/a.csv"))
    assert "Expected the file a.csv at downloads/datasets.main/a.csv, found none." in str(caught.value)
    assert str(caught.value).endswith("place the file by hand at downloads/datasets.main/a.csv.")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("origin", ["local", "pypi"])
def test_local_files_and_wheels_are_never_taken_from_elsewhere(
    origin: str, placed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "PIP_TRIES", 1)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    named = Origin("local", str(tmp_path / "absent.csv")) if origin == "local" else Origin("pypi", "tiny==1", "a.csv")
    with pytest.raises(LandmarksError, match=r"absent\.csv|tiny==1"):
        fetch(named, tmp_path / "out" / "a.csv", SHA256, placed)


def test_an_unknown_sum_is_told_and_kept(placed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = tmp_path / "out" / "a.csv"
    with caplog.at_level(logging.WARNING, "landmarks"):
        step.main(origin="by-hand:a.csv", out=out, sha256="unknown", by_hand=placed)
    assert read_sidecar(out) == SHA256
    assert len(caplog.records) == 1
    assert str(placed) in caplog.text and SHA256 in caplog.text and "1,800 bytes" in caplog.text


def test_a_known_sum_is_no_warning(placed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        fetch(ASKED, tmp_path / "out.csv", SHA256, placed)
    assert not caplog.records


def test_a_wheel_needs_its_sum(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match="64 hexadecimal digits, found 'unknown'"):
        fetch(parse_origin("pypi:tiny==1!a.csv"), tmp_path / "out.csv", "unknown")


def test_a_file_placed_by_hand_is_no_local_path() -> None:
    assert not is_local("by-hand:a.gctx")


@pytest.mark.parametrize("origin", ["https://example.org/a.csv", "by-hand:a.gctx"])
@pytest.mark.parametrize("digest", [SHA256, "unknown"])
def test_the_config_takes_files_that_are_not_there_yet(config: Config, origin: str, digest: str) -> None:
    filled = check_config(put(put(config, "datasets.a.origin", origin), "datasets.a.sha256", digest), SCHEMA)
    assert filled["datasets"]["a"]["sha256"] == digest


@pytest.mark.parametrize(
    ("origin", "digest", "expected", "hint"),
    [
        ("by-hand:a.gctx", None, "a download needs a sha256, found none for by-hand:a.gctx", "unknown if"),
        ("pypi:p==1!a.csv", "unknown", "the sha256 of the wheel of pypi:p==1!a.csv, found 'unknown'", "indexes"),
        ("by-hand:b/a.gctx", SHA256, "an origin like by-hand:NAME, found 'by-hand:b/a.gctx'", "without folders"),
        ("pypi:p!a.csv", SHA256, "pypi:NAME==VERSION!path/inside.csv, found 'pypi:p!a.csv'", "exact version"),
        ("http://example.org/a.csv", SHA256, "found 'http://example.org/a.csv'", "https address"),
        ("https://example.org/a.pickle", "unknown", "datasets.a.sha256: expected the sha256 of a pickle", "CSV"),
        ("by-hand:A.PICKLE.gz", "unknown", "datasets.a.sha256: expected the sha256 of a pickle", "CSV"),
    ],
)
def test_mistakes_are_found_before_any_download(
    config: Config, origin: str, digest: str | None, expected: str, hint: str
) -> None:
    config = put(config, "datasets.a.origin", origin)
    if digest is not None:
        config = put(config, "datasets.a.sha256", digest)
    message, _, advice = explain(config).partition("\nHint: ")
    assert message.startswith("config: datasets.a") and expected in message
    assert hint in advice and "Hint" not in advice


def test_a_pickle_by_another_name_needs_its_sum(config: Config) -> None:
    config["datasets"]["a"] |= {"origin": "by-hand:a.bin", "sha256": "unknown", "format": "survset"}
    assert "expected the sha256 of a pickle" in explain(config)
