"""Genes inferred instead of probes, on the tiny run: with one probe a gene nothing but the names changes."""

import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import K, Workflow

from landmarks.expression import read_expression
from landmarks.files import read_frame

pytestmark = pytest.mark.slow

JUDGED = f"inference/ridge/deeplift/k{K}/seed0/genes.parquet"
ELSEWHERE = f"crossplatform/other/ridge/deeplift/k{K}/seed0/genes.parquet"


@pytest.fixture(scope="module")
def averaged(finished: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    folder = tmp_path_factory.mktemp("averaged") / "copy"
    shutil.copytree(finished.folder, folder)
    workflow = Workflow(folder, folder)
    workflow.write_config(workflow.config() | {"average_by": "symbol"})
    # The whole workflow with genes is that of tests/workflow/test_paper_run.py.
    workflow.snakemake("--", *(f"results/tiny/{file}" for file in (JUDGED, ELSEWHERE)))
    return workflow


def test_panels_hold_genes(averaged: Workflow) -> None:
    probes = read_frame(averaged.results / f"panels/deeplift/k{K}/seed0.parquet")
    genes = read_frame(averaged.results / f"gene_panels/deeplift/k{K}/seed0.parquet")
    assert genes["gene_id"].tolist() == [name.split("_")[0] for name in probes["gene_id"]]
    expression = read_expression(averaged.results / "averaged/expression.parquet")
    assert set(genes["gene_id"]) < set(expression.gene_ids)


def test_errors_are_those_of_the_probes(averaged: Workflow, finished: Workflow) -> None:
    before, after = (read_frame(run.results / JUDGED) for run in (finished, averaged))
    before["gene_id"] = [gene.split("_")[0] for gene in before["gene_id"]]
    both = before.merge(after, on="gene_id", validate="1:1")
    assert len(both) == len(before) == len(after)
    np.testing.assert_allclose(both["mae_x"], both["mae_y"], rtol=1e-4)
    np.testing.assert_allclose(both["pcc_x"], both["pcc_y"], rtol=1e-3, atol=1e-4)


def test_another_platform_is_matched_to_the_genes(averaged: Workflow) -> None:
    matched = read_expression(averaged.results / "crossplatform/other/matched.parquet")
    assert all("_" not in gene for gene in matched.gene_ids)
    judged = pd.read_parquet(averaged.results / ELSEWHERE)
    assert len(judged) and judged["mae"].notna().all() and not judged["gene_id"].str.contains("_").any()
