"""The commands of docs/tutorial.md on a file of the tests, then README's and docs/howto.md's; the options of all."""

import os
import re
import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import REPO, copy_tree, simulate

from landmarks.cli import find_steps
from landmarks.expression import read_expression
from landmarks.files import read_frame

OWN = {
    "path/to/": "",
    "results/<run>": "results/matrix",
    "results/mine": "results/matrix",
    "config/mine.yaml": "mine/config.yaml",
    "k100": "k8",
    "new.csv": "measured.csv",
    "landmarks doctor": "landmarks doctor --configfile config/simulated.yaml || true",
}
"""What stands in commands, and what this test has instead."""
PAGES = [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]


def commands(page: Path) -> list[str]:
    """Return the lines of a page's shell blocks, lines that are continued joined, comments cut off."""
    fenced = re.findall(r"^[ ]*```(\w*)\n(.*?)^[ ]*```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    blocks = [block for language, block in fenced if language in ("", "sh", "bash")]
    lines = [
        re.sub(r"\s+#.*", "", line).strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()
    ]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.slow
def test_tutorial(tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "clone")
    frame, labels = simulate()
    frame.to_csv(tree / "matrix.csv")
    pd.DataFrame({"sample": frame.index, "kind": labels}).to_csv(tree / "labels.csv", index=False)
    # New samples, of which only some genes were measured.
    new = frame.iloc[:5].rename(index=lambda name: f"new-{name}").rename_axis("sample")
    new.to_csv(tree / "measured.csv")
    environment = os.environ | {"PYTHONPATH": str(tree / "src")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    given = commands(REPO / "docs/tutorial.md")
    ran = [line for line in given if " arena " not in line]
    assert [line.split()[1] for line in ran if line.startswith("landmarks")] == ["doctor", "init", "design", "infer"]
    # Of the other pages, what asks for something of that run.
    others = [line for page in ("README.md", "docs/howto.md") for line in commands(REPO / page)]
    others = [line for line in others if "results/" in line or line.startswith("landmarks design")]
    assert len(others) == 5
    for line in [*ran, *others]:
        own = line
        for written, here in OWN.items():
            own = own.replace(written, here)
        done = subprocess.run(
            ["bash", "-euc", own], cwd=tree, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{own}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    config = yaml.safe_load((tree / "mine/config.yaml").read_text())
    assert config["datasets"]["matrix"]["group_pattern"] and config["panels"]["crossfit"]["sizes"] == [8]
    for name in ("summary.html", "report.html", "design/ridge/crossfit/k8/seed0/sheet.html"):
        assert (tree / "results/matrix" / name).is_file()
    assert {file.name for file in (tree / "order").iterdir()} == {"panel.tsv", "targets.tsv", "sheet.html"}
    assert len(pd.read_csv(tree / "order/panel.tsv", sep="\t")) == 8
    inferred = read_expression(tree / "inferred.parquet")
    assert inferred.values.shape == (5, 72) and inferred.sample_ids[0] == "new-D00-0"
    # Samples it has seen or not, it must come closer to them than each gene's mean.
    truth = new[inferred.gene_ids.tolist()].to_numpy()
    mean = frame[inferred.gene_ids.tolist()].to_numpy().mean(axis=0)
    assert abs(inferred.values - truth).mean() < 0.6 * abs(mean - truth).mean()
    assert len(read_frame(tree / "inferred.genes.parquet")) == 72


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_of_commands_exist(page: Path) -> None:
    known = find_steps()
    for line in commands(page):
        words = line.split()
        if words[0] == "landmarks" and words[1] in known:
            taken = signature(import_module(f"landmarks.steps.{known[words[1]].stem}").main).parameters
            options = {word.removeprefix("--").replace("-", "_") for word in words if word.startswith("--")}
            assert options <= set(taken), line
        elif words[0] == "landmarks":
            assert words[1].startswith(("-", "<", "STEP")), line
        for file in re.findall(r"--configfile (config/\S+)", line):
            assert (REPO / file).is_file() or "mine" in file, line
        for folder in re.findall(r"--(?:workflow-)?profile (\S+)", line):
            assert (REPO / folder / "config.yaml").is_file(), line
