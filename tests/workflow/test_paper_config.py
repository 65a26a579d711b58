"""The publication's own config: valid, whole, and its DAG is known before anything is downloaded."""

import shutil
from pathlib import Path

import pytest
import yaml
from conftest import REPO, Workflow

PAPER = REPO / "config" / "paper.yaml"


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    folder = tmp_path_factory.mktemp("paper")
    shutil.copyfile(PAPER, folder / "config.yaml")
    return Workflow(folder, REPO).jobs()


def test_the_whole_dag_is_listed(jobs: dict[str, int]) -> None:
    # The compendium, GTEx, two lung cancer studies, annotation, two lists (one also as a panel), gene sets.
    assert jobs["fetch"] == 9
    assert jobs["import_expression"] == jobs["normalise"] == jobs["remove_duplicates"] == 4
    assert jobs["train_autoencoder"] == jobs["average_probes"] == jobs["translate_panels"] == 1
    assert jobs["attribute_deeplift"] == 16
    assert jobs["cluster_samples"] == jobs["match_platform"] == jobs["compare_published"] == 1
    assert jobs["match_encoded"] == 2
    # D-GEX and ridge of crossfit, DeepLIFT, L1000 and random panels.
    assert jobs["fit_inference"] >= 4 and jobs["fit_part"] == 2 * jobs["join_parts"] >= 8


def test_published_numbers() -> None:
    config = yaml.safe_load(PAPER.read_text(encoding="utf-8"))
    samples = {name: dataset["expected"]["samples"] for name, dataset in config["datasets"].items()}
    assert samples == {"geo": 129_158, "gtex": 2_921, "gse4573": 130, "gse10072": 58 + 49}
    assert config["datasets"]["geo"]["expected"]["genes"] == 22_268
    assert config["split"]["test"] == 11_100
    assert config["split"]["test"] + 88_808 + config["split"]["validation"] == 111_009


def test_a_missing_download_names_the_place_for_the_file(tmp_path: Path) -> None:
    """Nothing is downloaded here: the address is of this machine, and nobody answers."""
    config = yaml.safe_load(PAPER.read_text(encoding="utf-8"))
    config["datasets"]["geo"]["origin"] = "http://127.0.0.1:9/bgedv2_QNORM.gctx"
    workflow = Workflow(tmp_path, REPO)
    workflow.write_config(config)
    target = "results/paper/sources/datasets.geo/bgedv2_QNORM.gctx"
    printed = workflow.snakemake(target, "--retries", "0", check=False).stdout
    assert "place the file by hand at downloads/datasets.geo/bgedv2_QNORM.gctx" in printed
    assert not (tmp_path / target).exists()
