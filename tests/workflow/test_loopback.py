"""The rule fetch against a server on this machine: whole files, every fault, files placed by hand."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import urllib3
from conftest import Config, Workflow, simulate, tiny_config
from loopback import ELSEWHERE, Loopback, gctx, series_matrix, serving

from landmarks import sources
from landmarks.checksums import read_sidecar
from landmarks.errors import LandmarksError
from landmarks.files import read_frame
from landmarks.origins import parse_origin
from landmarks.sources import fetch

PUBLISHED = {
    "datasets.series": "GSE0_series_matrix.txt.gz",
    "datasets.series.genes": "map_lm.txt",
    "datasets.series.labels": "labels.tsv",
    "datasets.compendium": "generated_n60x80.gctx",
    "gene_sets.gmt": "sets.gmt",
}
FAULTS = ("truncated", "corrupted", "absent", "other")
DELAYS = ("failing once", "slow", "moved")
TRIES = 3  # the rule is tried again twice


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_files() -> dict[str, bytes]:
    """Return small files like the published ones, by name."""
    expression, labels = simulate()
    genes = [gene.split("_") for gene in expression.columns]
    return {
        "GSE0_series_matrix.txt.gz": series_matrix(expression),
        "generated_n60x80.gctx": gctx(expression),
        "map_lm.txt": "".join(f"{symbol}_{entrez}\t{symbol}\n" for symbol, entrez in genes).encode(),
        "labels.tsv": "".join(
            f"{sample}\t{label}\n"
            for sample, label in [("sample", "group"), *zip(expression.index, labels, strict=True)]
        ).encode(),
        "sets.gmt": ("set0\tFunction 0\t" + "\t".join(symbol for symbol, _ in genes[:8]) + "\n").encode(),
    }


def config_of(datasets: Config, compendium: str, **others: Any) -> Config:
    """Return the tiny config with other datasets, nothing of which is on this machine."""
    config = tiny_config("") | {"datasets": datasets, "compendium": compendium, "crossplatform": [], **others}
    del config["panels"]["given"]
    if "gene_sets" not in others:
        del config["gene_sets"]
    return config


def in_sources(key: str, name: str) -> str:
    return f"results/tiny/sources/{key}/{name}"


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with serving() as listening:
        listening.files |= make_files()
        yield listening


@pytest.fixture
def quiet(server: Loopback) -> Iterator[Loopback]:
    """Return the server, whole before and after."""
    server.asked.clear()
    yield server
    server.faults.clear()


def test_published_files_arrive_as_they_are(server: Loopback, default: Workflow, tmp_path: Path) -> None:
    def given(key: str) -> dict[str, str]:
        name = PUBLISHED[key]
        return {"origin": server.address(name), "sha256": sha256(server.files[name])}

    labels = {**given("datasets.series.labels"), "id_column": "sample", "label_column": "group"}
    series = {**given("datasets.series"), "genes": given("datasets.series.genes"), "labels": labels}
    gmt = {"gmt": given("gene_sets.gmt")["origin"], "sha256": given("gene_sets.gmt")["sha256"]}
    datasets = {"series": series, "compendium": given("datasets.compendium")}
    workflow = Workflow(tmp_path, default.tree)
    workflow.write_config(config_of(datasets, "compendium", crossplatform=["series"], gene_sets=gmt))
    targets = [in_sources(key, name) for key, name in PUBLISHED.items()]
    server.asked.clear()
    workflow.snakemake("--", *targets)
    for target in targets:
        path, content = tmp_path / target, server.files[Path(target).name]
        assert path.read_bytes() == content
        assert read_sidecar(path) == sha256(content)
        assert sorted(path.parent.iterdir()) == [path, path.with_name(f"{path.name}.sha256")]
    assert sorted(server.asked) == sorted(PUBLISHED.values())
    assert workflow.jobs(*targets) == {}


def test_the_fetched_compendium_is_imported(server: Loopback, default: Workflow, tmp_path: Path) -> None:
    name = PUBLISHED["datasets.compendium"]
    compendium = {"origin": server.address(name), "sha256": sha256(server.files[name]), "scale": "log2"}
    workflow = Workflow(tmp_path, default.tree)
    workflow.write_config(config_of({"main": compendium}, "main"))
    workflow.snakemake("--", "results/tiny/data/main/expression.parquet")
    found = read_frame(workflow.results / "data" / "main" / "expression.parquet").set_index("sample_id")
    expected, _ = simulate()
    assert [*found.index] == [*expected.index] and [*found.columns] == [*expected.columns]
    np.testing.assert_array_equal(found.to_numpy(), expected.to_numpy(np.float32))


@dataclass(frozen=True)
class Attempt:
    """What one run with a server out of order left: its output, its logs by key, its requests."""

    workflow: Workflow
    printed: str
    logs: dict[str, str]
    asked: list[str]

    def folder(self, name: str) -> Path:
        return self.workflow.results / "sources" / f"datasets.{key_of(name)}"


def key_of(fault: str) -> str:
    return fault.replace(" ", "_")


def file_of(fault: str) -> str:
    return f"{key_of(fault)}.txt.gz"


def target_of(fault: str) -> str:
    return in_sources(f"datasets.{key_of(fault)}", file_of(fault))


def faulty_config(server: Loopback, wrong: str | None) -> Config:
    """Return a config with a dataset a fault; the sum of `wrong` is that of another file."""
    datasets = {
        key_of(fault): {
            "origin": server.address(file_of(fault)),
            "sha256": "0" * 64 if fault == wrong else sha256(server.files[file_of(fault)]),
        }
        for fault in (*FAULTS, *DELAYS)
    }
    return config_of(datasets, "slow")


@pytest.fixture(scope="module")
def attempt(server: Loopback, default: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    """Return what is left when every fault met a run that goes on after each."""
    folder = tmp_path_factory.mktemp("faults")
    workflow = Workflow(folder, default.tree)
    content = server.files["GSE0_series_matrix.txt.gz"]
    server.files |= {file_of(fault): content + fault.encode() for fault in (*FAULTS, *DELAYS)}
    server.faults |= {file_of(fault): fault for fault in (*FAULTS, *DELAYS)}
    server.asked.clear()
    workflow.write_config(faulty_config(server, "other"))
    done = workflow.snakemake("--keep-going", "--", *map(target_of, (*FAULTS, *DELAYS)), check=False)
    server.faults.clear()
    assert done.returncode != 0
    logs = {log.parent.name: log.read_text(encoding="utf-8") for log in (workflow.results / "logs").rglob("*.log")}
    return Attempt(workflow, done.stdout, logs, list(server.asked))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_and_leaves_nothing(fault: str, attempt: Attempt, server: Loopback) -> None:
    content = server.files[file_of(fault)]
    half = len(content) // 2
    flipped = content[:half] + bytes([content[half] ^ 0xFF]) + content[half + 1 :]
    found = {
        "truncated": f"IncompleteRead({half} bytes read, {len(content) - half} more expected)",
        "corrupted": f"Expected the SHA-256 {sha256(content)} of {server.address(file_of(fault))}, "
        f"found {sha256(flipped)} of {len(content):,} bytes",
        "absent": "404 Client Error: Not Found",
        "other": f"found {sha256(content)} of {len(content):,} bytes",
    }
    message, _, hint = attempt.logs[f"datasets.{key_of(fault)}"].partition("\nHint: ")
    assert server.address(file_of(fault)) in message
    assert found[fault] in message
    assert hint.rstrip().endswith(f"place the file by hand at downloads/datasets.{fault}/{file_of(fault)}.")
    assert "Traceback" not in message + hint
    assert message in attempt.printed
    assert not [path for path in attempt.folder(fault).glob("*") if path.is_file()]
    assert attempt.asked.count(file_of(fault)) == TRIES


@pytest.mark.parametrize("delay", DELAYS)
def test_a_delay_is_waited_out(delay: str, attempt: Attempt, server: Loopback) -> None:
    path = attempt.folder(delay) / file_of(delay)
    assert path.read_bytes() == server.files[file_of(delay)]
    assert read_sidecar(path) == sha256(server.files[file_of(delay)])
    asked = {"failing once": [file_of(delay)] * 2, "slow": [file_of(delay)]}
    asked["moved"] = [file_of(delay), f"moved/{file_of(delay)}"]
    assert [name for name in attempt.asked if Path(name).name == file_of(delay)] == asked[delay]


def test_what_failed_is_fetched_once_the_server_is_mended(attempt: Attempt, server: Loopback) -> None:
    workflow = attempt.workflow
    workflow.write_config(faulty_config(server, wrong=None))
    server.asked.clear()
    workflow.snakemake("--", *map(target_of, (*FAULTS, *DELAYS)))
    for fault in FAULTS:
        path = attempt.folder(fault) / file_of(fault)
        assert path.read_bytes() == server.files[file_of(fault)]
        assert read_sidecar(path) == sha256(server.files[file_of(fault)])
    assert sorted(server.asked) == sorted(map(file_of, FAULTS))


def test_files_placed_by_hand_need_no_server(default: Workflow, tmp_path: Path) -> None:
    files = make_files()
    named = {"datasets.series": "GSE0_series_matrix.txt.gz", "datasets.compendium": "generated_n60x80.gctx"}
    with serving() as gone:
        address = gone.address(named["datasets.series"])
    datasets = {
        "series": {"origin": address, "sha256": sha256(files[named["datasets.series"]])},
        "compendium": {"origin": f"by-hand:{named['datasets.compendium']}", "sha256": "unknown"},
    }
    workflow = Workflow(tmp_path, default.tree)
    workflow.write_config(config_of(datasets, "compendium", crossplatform=["series"]))
    jobs = workflow.jobs()
    assert jobs["fetch"] == jobs["import_expression"] == 2 and jobs["write_report"] == 1

    target, log = in_sources("datasets.compendium", named["datasets.compendium"]), "datasets.compendium"
    done = workflow.snakemake("--", "results/tiny/data/compendium/expression.parquet", check=False)
    place = f"downloads/{log}/{named[log]}"
    assert done.returncode != 0
    assert f"Expected the file {named[log]} at {place}, found none." in done.stdout
    assert f"place the file by hand at {place}." in done.stdout
    assert not [path for path in (tmp_path / target).parent.glob("*") if path.is_file()]

    for key, name in named.items():
        path = tmp_path / "downloads" / key / name
        path.parent.mkdir(parents=True)
        path.write_bytes(files[name])
        os.utime(path, (0, 0))  # older than everything a rule could depend on
    targets = [in_sources(key, name) for key, name in named.items()]
    done = workflow.snakemake("--", *targets)
    for key, name in named.items():
        path = tmp_path / in_sources(key, name)
        assert path.read_bytes() == files[name]
        assert read_sidecar(path) == sha256(files[name])
    assert f"No SHA-256 of {place} is known" in done.stdout and sha256(files[named[log]]) in done.stdout
    # What was placed may go: it is no input, and the source is not outdated.
    for key, name in named.items():
        (tmp_path / "downloads" / key / name).unlink()
    assert workflow.jobs(*targets) == {}


NAME = "map_lm.txt"
PLACE = Path("downloads/datasets.a") / NAME


def refuse(server: Loopback, folder: Path) -> str:
    """Return the error of a download, which leaves nothing."""
    with pytest.raises(LandmarksError) as caught:
        fetch(parse_origin(server.address(NAME)), folder / NAME, sha256(server.files[NAME]), PLACE)
    assert not list(folder.iterdir())
    message, _, hint = str(caught.value).partition("\nHint: ")
    assert server.address(NAME) in message
    assert hint.endswith(f"place the file by hand at {PLACE}.")
    return message


def test_a_server_that_fails_once_is_asked_again(quiet: Loopback, tmp_path: Path) -> None:
    quiet.faults[NAME] = "failing once"
    assert fetch(parse_origin(quiet.address(NAME)), tmp_path / NAME, "unknown") == sha256(quiet.files[NAME])
    assert quiet.asked == [NAME, NAME]


def test_a_server_that_stalls_is_given_up(quiet: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TIMEOUTS_S", (1.0, 0.3))
    quiet.faults[NAME] = "stalled"
    assert "Read timed out" in refuse(quiet, tmp_path)
    quiet.faults[NAME] = "slow"  # its pauses are shorter
    assert fetch(parse_origin(quiet.address(NAME)), tmp_path / NAME, "unknown") == sha256(quiet.files[NAME])


def test_a_redirect_to_an_address_without_encryption_is_not_followed(quiet: Loopback, tmp_path: Path) -> None:
    quiet.faults[NAME] = "moved away"
    assert f"it leads to {ELSEWHERE}, which is not https" in refuse(quiet, tmp_path)


def test_a_server_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib3.Retry, "get_backoff_time", lambda _: 0)
    with serving() as gone:
        gone.files |= make_files()
    assert "Connection refused" in refuse(gone, tmp_path)
