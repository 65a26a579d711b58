"""Damaged files of every format are read or refused: a short run of the fuzzer, always the same files."""

import subprocess
import sys
from pathlib import Path


def test_damaged_files_break_no_reader(tmp_path: Path) -> None:
    program = Path(__file__).with_name("fuzz_readers.py")
    command = [sys.executable, str(program), "--files", "1500", "--minutes", "5", "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    assert "1,500 files" in done.stdout
