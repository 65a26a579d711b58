"""Sources: origins are read strictly, files arrive whole and checked or not at all."""

import hashlib
import logging
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from landmarks import sources
from landmarks.checksums import read_sidecar
from landmarks.errors import LandmarksError
from landmarks.origins import Origin, parse_origin
from landmarks.sources import fetch
from landmarks.steps import fetch as step

BODY = b"gene,a,b\nESR1,1,2\n" * 1000
MEMBER = "tiny/data/table.csv"
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves a whole file, a truncated one, one of unknown length, and nothing else."""

    def do_GET(self) -> None:
        if self.path not in ("/whole.csv", "/truncated.csv", "/unsized.csv"):
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unsized.csv":
            self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:100] if self.path == "/truncated.csv" else BODY)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a wheel with one table and let pip find it without a network."""
    folder = tmp_path / "index"
    folder.mkdir()
    path = folder / "tiny_landmarks-1.0-py3-none-any.whl"
    info = "tiny_landmarks-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, BODY)
        archive.writestr("tiny/__init__.py", "raise SystemExit('imported')")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-landmarks\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setattr(sources, "BACKOFF_S", 0.0)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a.csv", Origin("web", "https://example.org/a.csv")),
        ("http://127.0.0.1:80/a.csv", Origin("web", "http://127.0.0.1:80/a.csv")),
        ("http://localhost/a.csv", Origin("web", "http://localhost/a.csv")),
        ("data/a.csv", Origin("local", "data/a.csv")),
        ("pypi:SurvSet==0.2.11!a/b c.csv", Origin("pypi", "SurvSet==0.2.11", "a/b c.csv")),
        ("by-hand:GTEx_n2921x55993.gctx", Origin("by-hand", "GTEx_n2921x55993.gctx")),
    ],
)
def test_origins(text: str, expected: Origin) -> None:
    assert parse_origin(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://example.org/a.csv",
        "http://127.0.0.1.example.org/a.csv",
        "http://localhost@example.org/a.csv",
        "ftp://example.org/a.csv",
        "file:///etc/hosts",
        "https:///a.csv",
        "pypi:tiny!a.csv",
        "pypi:tiny>=1!a.csv",
        "pypi:tiny==1.0",
        "pypi:tiny==1.0!",
        "pypi:--index-url=x==1.0!a.csv",
        "pypi:tiny==1.0 --pre!a.csv",
        "by-hand:",
        "by-hand:folder/a.gctx",
        "by-hand:..",
        "by-hand:.hidden",
        "by-hand:{key}.gctx",
        "by-hand:a.gctx.sha256",
    ],
)
def test_other_origins_are_refused(text: str) -> None:
    with pytest.raises(LandmarksError, match="Hint: "):
        parse_origin(text)


def test_a_file_is_copied_and_its_sum_returned(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(BODY)
    out = tmp_path / "new" / "b.csv"
    assert fetch(parse_origin(str(source)), out) == sha256(BODY)
    assert fetch(parse_origin(str(source)), out, sha256(BODY).upper()) == sha256(BODY)
    assert out.read_bytes() == BODY


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"absent\.csv"):
        fetch(parse_origin(str(tmp_path / "absent.csv")), tmp_path / "out.csv")


def test_a_wrong_sum_names_both_and_keeps_the_older_file(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "out" / "b.csv"
    source.write_bytes(BODY)
    out.parent.mkdir()
    out.write_text("older")
    with pytest.raises(LandmarksError, match=f"(?s){EMPTY_SHA256}.*{sha256(BODY)}"):
        fetch(parse_origin(str(source)), out, EMPTY_SHA256)
    assert out.read_text() == "older"
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "a" * 63])
def test_a_malformed_sum_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(LandmarksError, match="64 hexadecimal"):
        fetch(Origin("web", "https://example.invalid/a"), tmp_path / "out", digest)


@pytest.mark.parametrize("text", ["https://example.invalid/a.csv", "pypi:tiny-landmarks==1.0!a.csv"])
def test_a_download_needs_a_sum(tmp_path: Path, text: str) -> None:
    with pytest.raises(LandmarksError, match="found none"):
        fetch(parse_origin(text), tmp_path / "out.csv")


@pytest.mark.parametrize("name", ["whole.csv", "unsized.csv"])
def test_a_download_is_whole(server: str, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.csv"
    assert fetch(parse_origin(f"{server}/{name}"), out, sha256(BODY)) == sha256(BODY)
    assert out.read_bytes() == BODY


@pytest.mark.parametrize(
    ("name", "digest", "message"),
    [
        # The sum is that of what arrives: only the length can tell that it is not all.
        ("truncated.csv", sha256(BODY[:100]), "not be downloaded whole"),
        ("absent.csv", sha256(BODY), "404"),
        ("whole.csv", EMPTY_SHA256, sha256(BODY)),
    ],
)
def test_a_failed_download_leaves_nothing(server: str, tmp_path: Path, name: str, digest: str, message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        fetch(parse_origin(f"{server}/{name}"), tmp_path / "out.csv", digest)
    assert not list(tmp_path.iterdir())


def test_a_member_comes_out_of_a_wheel(wheel: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "table.csv"
    digest = fetch(parse_origin(f"pypi:tiny-landmarks==1.0!{MEMBER}"), out, sha256(wheel.read_bytes()))
    assert digest == sha256(BODY)
    assert out.read_bytes() == BODY
    assert list(out.parent.iterdir()) == [out]


def test_a_missing_member_is_answered_with_its_like(wheel: Path, tmp_path: Path) -> None:
    origin = parse_origin("pypi:tiny-landmarks==1.0!table.csv")
    with pytest.raises(LandmarksError, match=f"did you mean {MEMBER}"):
        fetch(origin, tmp_path / "out" / "table.csv", sha256(wheel.read_bytes()))
    assert not list((tmp_path / "out").iterdir())


def test_a_wheel_of_another_sum_is_not_opened(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(LandmarksError, match=f"(?s){EMPTY_SHA256}.*{sha256(wheel.read_bytes())}"):
        fetch(parse_origin(f"pypi:tiny-landmarks==1.0!{MEMBER}"), tmp_path / "out" / "a.csv", EMPTY_SHA256)
    assert not list((tmp_path / "out").iterdir())


def test_a_member_too_large_is_refused(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LARGEST_MEMBER", len(BODY) - 1)
    origin = parse_origin(f"pypi:tiny-landmarks==1.0!{MEMBER}")
    with pytest.raises(LandmarksError, match="at most"):
        fetch(origin, tmp_path / "out" / "a.csv", sha256(wheel.read_bytes()))


def test_a_damaged_member_is_refused(wheel: Path, tmp_path: Path) -> None:
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        info = archive.getinfo(MEMBER)
    # 30 bytes of local header, the name, then the compressed data, whose middle is turned over.
    content[info.header_offset + 30 + len(MEMBER) + info.compress_size // 2] ^= 0xFF
    wheel.write_bytes(content)
    origin = parse_origin(f"pypi:tiny-landmarks==1.0!{MEMBER}")
    with pytest.raises(LandmarksError, match="damaged"):
        fetch(origin, tmp_path / "out" / "a.csv", sha256(bytes(content)))
    assert not list((tmp_path / "out").iterdir())


def test_pip_is_tried_thrice_and_quoted(wheel: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    origin = parse_origin(f"pypi:tiny-landmarks==2.0!{MEMBER}")
    with (
        caplog.at_level(logging.WARNING, "landmarks"),
        pytest.raises(LandmarksError, match=r"(?s)3 attempts.*No matching distribution found"),
    ):
        fetch(origin, tmp_path / "out.csv", EMPTY_SHA256)
    assert [record.message for record in caplog.records] == [
        "pip could not download tiny-landmarks==2.0; trying again."
    ] * 2


def test_the_step_keeps_the_sum_beside_the_file(tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_bytes(BODY)
    step.main(origin=str(source), out=out)
    assert (tmp_path / "b.csv.sha256").read_text() == f"{sha256(BODY)}  b.csv\n"
    assert read_sidecar(out) == sha256(BODY)
