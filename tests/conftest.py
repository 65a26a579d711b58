"""A tiny simulated dataset, the workflow run once on it, and a way to call Snakemake."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

REPO = Path(__file__).parents[1]
PARTS = ("Snakefile", "workflow", "src", "config", "envs", "profiles")

DONORS, SAMPLES_EACH, GENES, SHARED, K = 30, 2, 80, 60, 10
LABELS = ("A", "B", "C")

Config = dict[str, Any]


@dataclass(frozen=True)
class Workflow:
    """A folder in which Snakemake runs, and the tree whose Snakefile and modules it uses.

    The modules are those of the tree, not the installed ones, so that a test can edit a copy.
    """

    folder: Path
    tree: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "tiny"

    def config(self) -> Config:
        config: Config = yaml.safe_load((self.folder / "config.yaml").read_text(encoding="utf-8"))
        return config

    def write_config(self, config: Config) -> None:
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Snakemake, its two outputs in one; with `check`, a failure fails the test and shows them."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(self.tree / "Snakefile")]
        if (self.folder / "config.yaml").is_file():
            command += ["--configfile", "config.yaml"]
        command += ["--cores", "2"]  # last: an option with one value ends the list of config files
        environment = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_PROFILE"}
        # Python's own folder is left out of PATH: the workflow must find `landmarks` and `snakemake` by itself.
        own = Path(sys.executable).parent
        environment["PATH"] = os.pathsep.join(
            name for name in environment["PATH"].split(os.pathsep) if Path(name) != own
        )
        environment["PYTHONPATH"] = str(self.tree / "src")
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if check and done.returncode:
            pytest.fail(f"{' '.join([*command, *arguments])}\n{done.stdout[-8000:]}")
        return done

    def jobs(self, *arguments: str) -> dict[str, int]:
        """Return how many jobs of each rule a dry run would run."""
        printed = self.snakemake("--dry-run", *arguments, "--quiet", "rules").stdout
        return read_jobs(printed)


def read_jobs(printed: str) -> dict[str, int]:
    """Read the table of jobs that Snakemake prints; empty where it has nothing to do."""
    words = [line.split() for line in printed.splitlines()]
    counted = {row[0]: int(row[1]) for row in words if len(row) == 2 and row[1].isdigit()}
    total = counted.pop("total", 0)
    assert sum(counted.values()) == total, printed
    return counted


def simulate() -> tuple[pd.DataFrame, list[str]]:
    """Return log2 expression (samples × genes) of three groups of donors, and each sample's group.

    Three programmes drive all genes, so that a bottleneck of four units can beat the median.
    """
    generator = np.random.default_rng(7)
    group_of_donor = np.arange(DONORS) % len(LABELS)
    group = np.repeat(group_of_donor, SAMPLES_EACH)
    programmes = np.eye(len(LABELS))[group] * 2 + generator.normal(0, 0.7, (len(group), len(LABELS)))
    noise = generator.normal(0, 0.3, (len(group), GENES))
    values = generator.uniform(4, 10, GENES) + programmes @ generator.normal(0, 1, (len(LABELS), GENES)) + noise
    samples = [f"D{donor:02d}-{part}" for donor in range(DONORS) for part in range(SAMPLES_EACH)]
    genes = [f"GENE{number}_{1000 + number}" for number in range(GENES)]
    frame = pd.DataFrame(values.round(4), index=pd.Index(samples, name="sample"), columns=genes)
    return frame, [LABELS[code] for code in group]


def write_inputs(folder: Path) -> None:
    """Write matrix, labels, another platform's matrix, a list of genes, gene sets and the config to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    expression, labels = simulate()
    # One sample too many: remove_duplicates must find it.
    extra = (expression.loc[["D00-0"]] + 0.001).rename(index={"D00-0": "D00-copy"})
    pd.concat([expression, extra]).to_csv(folder / "expression.csv")
    pd.DataFrame({"sample": expression.index, "group": labels}).to_csv(folder / "labels.csv", index=False)

    symbols = [gene.split("_")[0] for gene in expression.columns]
    generator = np.random.default_rng(8)
    # Another platform: every second sample, 60 shared genes, another baseline, genes in rows.
    other = expression.iloc[::2, :SHARED] * 0.8 + generator.normal(2, 1, SHARED)
    other = other.rename(index=lambda name: f"other-{name}", columns=lambda gene: gene.split("_")[0])
    other["ELSEWHERE"] = generator.normal(5, 1, len(other))
    other.T.rename_axis("symbol").to_csv(folder / "other.csv")

    (folder / "given.txt").write_text("# twelve genes, ten of them wanted\n" + "\n".join(symbols[5:17]) + "\n")
    sets = [["set" + str(start), f"Function {start}", *symbols[start : start + 8]] for start in range(0, GENES, 8)]
    (folder / "sets.gmt").write_text("".join("\t".join(row) + "\n" for row in sets))

    sha256 = hashlib.sha256((folder / "labels.csv").read_bytes()).hexdigest()
    (folder / "config.yaml").write_text(yaml.safe_dump(tiny_config(sha256), sort_keys=False), encoding="utf-8")


def tiny_config(sha256: str) -> Config:
    """Return a config with every part of the default one, in small."""
    return {
        "version": 1,
        "run": "tiny",
        "compendium": "main",
        "crossplatform": ["other"],
        "datasets": {
            "main": {
                "origin": "expression.csv",
                "format": "csv",
                "orientation": "samples",
                "scale": "log2",
                "normalise": "none",
                "gene_pattern": r"^(?P<symbol>.+)_(?P<entrez>\d+)$",
                "group_pattern": r"^(D\d+)-",
                "labels": {
                    "origin": "labels.csv",
                    "sha256": sha256,
                    "id_column": "sample",
                    "label_column": "group",
                    "names": {"A": "kind 1", "B": "kind 2", "C": "kind 3"},
                },
            },
            "other": {
                "origin": "other.csv",
                "format": "csv",
                "orientation": "genes",
                "scale": "log2",
                "normalise": "quantile",
            },
        },
        "duplicates": {"distance": 0.5, "clusters": 1},
        "split": {"method": "grouped", "validation": 0.15, "test": 0.3, "seed": 0},
        "autoencoder": {
            "hidden": [16, 4],
            "dropout": 0.0,
            "penalty": 1.0e-6,
            "epochs": 150,
            "batch_size": 8,
            "learning_rate": 1.0e-2,
            "seeds": [0],
        },
        "attribution": {"reference": "mean", "output": "after", "aggregation": "mean_abs", "completeness": 1.0e-4},
        "panels": {
            "deeplift": {"sizes": [K]},
            "variance": {"sizes": [K]},
            "random": {"sizes": [K], "seeds": 3},
            "given": {"sizes": [K], "file": "given.txt"},
        },
        "inference": {
            "ridge": {"penalties": [0.1, 1, 10]},
            "dgex": {
                "sizes": [K],
                "random_seeds": 1,
                "hidden": [8],
                "keep": 0.9,
                "epochs": 20,
                "batch_size": 8,
                "learning_rate": 5.0e-4,
            },
        },
        "comparison": {"resamples": 200, "seed": 0},
        "arena": {"folds": 2},
        "gene_sets": {"gmt": "sets.gmt", "minimum": 5, "maximum": 50},
        "enrichment": {"controls": 20, "seed": 0},
        "figures": {"model": "ridge", "k": K, "pair": ["deeplift", "random"]},
    }


def copy_tree(folder: Path) -> Path:
    """Copy what a run needs of the repository to `folder`."""
    for part in PARTS:
        if (REPO / part).is_dir():
            shutil.copytree(REPO / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPO / part, folder / part)
    return folder


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a copy of the repository as a user finds it, with the default config and nothing run."""
    folder = copy_tree(tmp_path_factory.mktemp("default") / "tree")
    return Workflow(folder, folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a finished run, inside a copy of the repository as a user has one.

    Tests that run side by side in several processes wait for one run, and each process has a copy of its own.
    """
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    shared = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    run = shared / "finished run"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not run.exists():
            folder = copy_tree(tmp_path_factory.mktemp("running") / "copy of the tree")
            write_inputs(folder)
            Workflow(folder, folder).snakemake()
            folder.parent.rename(run)
    own = tmp_path_factory.mktemp("finished")
    shutil.copytree(run, own, dirs_exist_ok=True, symlinks=True)
    return Workflow(own / "copy of the tree", own / "copy of the tree")


@pytest.fixture(scope="session")
def again(finished: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a second run with the same inputs and seeds in a folder of its own, its Snakefile elsewhere."""
    folder = tmp_path_factory.mktemp("again")
    write_inputs(folder)
    workflow = Workflow(folder, finished.tree)
    workflow.snakemake()
    return workflow


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return the tiny config; its files are in the current folder."""
    write_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    config: Config = yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8"))
    return config
