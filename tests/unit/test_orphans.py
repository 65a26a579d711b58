"""Which runs were started in a folder, and what is refused; that jobs are cancelled is tested on a cluster."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from landmarks.errors import LandmarksError
from landmarks.orphans import LOGS, find_runs, list_jobs, refuse_running


def write_log(folder: Path, name: str, text: str, changed: int) -> None:
    (folder / LOGS).mkdir(parents=True, exist_ok=True)
    (folder / LOGS / name).write_text(text, encoding="utf-8")
    os.utime(folder / LOGS / name, (changed, changed))


def test_runs_are_found_in_the_logs_oldest_first(tmp_path: Path) -> None:
    write_log(tmp_path, "b.snakemake.log", "host\nSLURM run ID: 1111-aa\nmore\n", 1)
    write_log(tmp_path, "a.snakemake.log", "SLURM run ID: 2222-bb\n", 2)
    write_log(tmp_path, "c.snakemake.log", "run on this machine\n", 3)
    assert find_runs(tmp_path) == ["1111-aa", "2222-bb"]


def test_folder_without_logs_has_no_runs(tmp_path: Path) -> None:
    assert find_runs(tmp_path) == []


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return a folder in which a program called snakemake runs, with the arguments of the fixture's parameter."""
    program = tmp_path / "snakemake"
    program.write_text("print('up', flush=True)\nimport time\ntime.sleep(60)\n", encoding="utf-8")
    arguments = getattr(request, "param", [])
    with subprocess.Popen([sys.executable, program, *arguments], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        yield tmp_path
        process.kill()


def test_jobs_of_a_running_snakemake_are_no_orphans(running: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(LandmarksError, match=r"Snakemake is running in .*\(process \d+\)"):
        refuse_running(running)
    refuse_running(tmp_path_factory.mktemp("elsewhere"))


@pytest.mark.parametrize("running", [["--mode", "remote"], ["--mode", "subprocess"], ["--unlock"]], indirect=True)
def test_jobs_themselves_do_not_count(running: Path) -> None:
    refuse_running(running)


def test_without_slurm_the_missing_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list_jobs([]) == []
    with pytest.raises(LandmarksError, match=r"no command `squeue`"):
        list_jobs(["1111-aa"])
