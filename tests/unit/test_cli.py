"""The command line: statuses, messages, and the log file."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from landmarks import __version__
from landmarks.cli import ENVIRONMENT, find_steps, main
from landmarks.files import read_frame, write_frame
from landmarks.steps import save_config, split_samples


@pytest.fixture(autouse=True)
def fresh_logging() -> Iterator[None]:
    """Take back what `start_log` does to the process."""
    loggers = [logging.getLogger(name) for name in ("landmarks", "py.warnings")]
    before = [(list(logger.handlers), logger.level) for logger in loggers]
    yield
    logging.captureWarnings(False)
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.handlers[:] = handlers
        logger.setLevel(level)


def status(*arguments: str) -> int | str | None:
    """Run the command line and return its exit status."""
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    return exit_.value.code


@pytest.mark.parametrize("name", list(ENVIRONMENT))
@pytest.mark.parametrize("given", [None, "0"])
def test_what_pytorch_reads_is_set_unless_the_user_did(name: str, given: str | None) -> None:
    # Asked of a process of its own: it is read once.
    printed = "import os, sys; from landmarks.cli import main; sys.argv[1:] = ['fetch', '--help']\n"
    printed += f"try: main()\nexcept SystemExit: print(os.environ['{name}'])"
    environment = {one: value for one, value in os.environ.items() if one != name}
    environment |= {} if given is None else {name: given}
    done = subprocess.run([sys.executable, "-c", printed], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.splitlines()[-1] == (given or ENVIRONMENT[name])


def split_options(folder: Path) -> list[str]:
    return [
        *("--expression", str(folder / "e.parquet"), "--samples", str(folder / "s.parquet")),
        *("--method", "random", "--validation", "0.1", "--test", "0.2", "--seed", "0"),
        *("--out", str(folder / "split.parquet")),
    ]


def test_every_step_has_a_subcommand_and_a_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    known = find_steps()
    assert {"fetch", "import-expression", "train-autoencoder", "attribute-deeplift", "select-panels"} <= set(known)
    assert list(known) == sorted(known)
    for arguments in ([], ["--help"], ["-h"]):
        main(arguments)
        shown = capsys.readouterr().out
        assert "Usage: landmarks [--log FILE] STEP [OPTIONS]" in shown
        for name in known:
            assert name in shown
    assert "Split the compendium's samples" in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--version"])
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize("arguments", [["split_samples"], ["nonsense"], ["--log"], ["--log", "x.log", "nonsense"]])
def test_an_unknown_step(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status(*arguments) == 2
    shown = capsys.readouterr().err
    assert f"Error: {arguments[-1]!r} is no step of landmarks.\nHint: `landmarks --help`" in shown
    assert not list(tmp_path.iterdir())


def test_a_step_runs_and_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "config.yaml"
    assert status("save-config", "--text", '{"run": "brca", "k": [47]}', "--out", str(out)) == 0
    assert out.read_text() == "run: brca\nk:\n- 47\n"


def write_inputs(tmp_path: Path) -> None:
    """Write what `split_options` name."""
    ids = [f"s{index}" for index in range(20)]
    write_frame(pd.DataFrame({"sample_id": ids}), tmp_path / "e.parquet")
    write_frame(pd.DataFrame({"sample_id": ids, "group": ids}), tmp_path / "s.parquet")


def test_with_a_log_messages_go_there_and_not_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_inputs(tmp_path)
    log = tmp_path / "logs" / "split.log"
    log.parent.mkdir()
    log.write_text("of an earlier run")
    assert status("--log", str(log), "split-samples", *split_options(tmp_path)) == 0
    assert not capsys.readouterr().err
    assert "train: 14 samples of 14 groups" in log.read_text()
    assert "earlier" not in log.read_text()
    assert len(read_frame(tmp_path / "split.parquet")) == 20


def test_without_a_log_messages_go_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_inputs(tmp_path)
    assert status("split-samples", *split_options(tmp_path)) == 0
    assert "train: 14 samples of 14 groups" in capsys.readouterr().err


def test_a_mistake_of_the_users_has_status_1_a_hint_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "new" / "split.log"
    assert status("--log", str(log), "split-samples", *split_options(tmp_path)) == 1
    shown = capsys.readouterr().err
    assert log.read_text() == shown
    assert f"Error: Expected a Parquet file at {tmp_path / 'e.parquet'}, found none.\nHint: " in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "split.parquet").exists()


def test_a_mistake_in_an_option_has_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = split_options(tmp_path)
    assert status("split-samples", *options[:-2]) == 2
    assert "--out" in capsys.readouterr().err
    assert status("split-samples", *options, "--wrong", "1") == 2
    assert "--wrong" in capsys.readouterr().err
    options[options.index("--seed") + 1] = "zero"
    assert status("split-samples", *options) == 2
    shown = capsys.readouterr().err
    assert "--seed" in shown
    assert "Traceback" not in shown


def test_the_help_of_a_step_names_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("split-samples", "--help") == 0
    shown = capsys.readouterr().out
    assert str(split_samples.__doc__) in shown
    assert "--validation" in shown


def test_a_defect_has_status_70_and_its_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(save_config, "main", fail)
    assert status("--log", str(tmp_path / "a.log"), "save-config") == 70
    assert "Traceback" in (tmp_path / "a.log").read_text()
    assert "ZeroDivisionError: a defect" in (tmp_path / "a.log").read_text()


def test_the_installed_module_ends_with_the_same_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "landmarks", "split-samples", *split_options(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "\nHint: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not ended.stdout


def test_torch_is_not_imported_for_steps_without_it(tmp_path: Path) -> None:
    code = (
        "import sys; from landmarks.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: print('torch' in sys.modules)"
    )
    arguments = ["save-config", "--text", "{}", "--out", str(tmp_path / "c.yaml")]
    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


def test_the_log_ends_with_time_and_memory(tmp_path: Path) -> None:
    log = tmp_path / "simulate.log"
    words = ["--samples", "40", "--genes", "400", "--seed", "0", "--out", str(tmp_path / "c.parquet")]
    assert status("--log", str(log), "simulate-compendium", *words) == 0
    took, held = re.search(r"took ([\d.]+) s, held (\d+) MB at most\n$", log.read_text()).groups()  # type: ignore[union-attr]
    assert 0 < float(took) < 60 and 50 < int(held) < 20_000
