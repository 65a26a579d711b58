"""The real compendium of 16 studies through the whole workflow, in less time than config/hgu133.yaml takes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import REPO, Workflow

from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame
from landmarks.normalise import map_to_quantiles, mean_quantiles

DATA = REPO.parent / "shared" / "data"
K = 943

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (DATA / "hgu133" / "samples.tsv").is_file(), reason=f"needs the real expression data in {DATA}"
    ),
]


def read_configs() -> dict[str, dict[str, object]]:
    """Return config/hgu133.yaml with samples held out at random, in small, its paths made absolute."""
    config: dict[str, dict[str, object]] = {}
    for name in ("hgu133.yaml", "hgu133_as_published.yaml"):
        text = (REPO / "config" / name).read_text(encoding="utf-8").replace("../shared/data", str(DATA))
        config |= yaml.safe_load(text)
    config["run"] = "tiny"  # type: ignore[assignment]
    config["autoencoder"]["epochs"] = 20
    config["panels"] = {
        "deeplift": {"sizes": [K]},
        "l1000": config["panels"]["l1000"],
        "random": {"sizes": [K], "seeds": 2},
    }
    small = {"sizes": [K], "random_seeds": 1, "hidden": [50], "keep": 0.9, "epochs": 2, "batch_size": 40}
    config["inference"] = {"ridge": {"penalties": [3000]}, "dgex": small | {"learning_rate": 5.0e-4}}
    config["comparison"] = {"resamples": 100, "tested_controls": 1}
    config["enrichment"] = {"controls": 20}
    del config["arena"]
    config["figures"] |= {"selectors": ["deeplift", "l1000", "random"], "panel": "deeplift"}
    return config


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hgu133")
    workflow = Workflow(folder, REPO)
    workflow.write_config(read_configs())
    workflow.snakemake()
    return workflow.results


@pytest.fixture(scope="module")
def imported(results: Path) -> Expression:
    return read_expression(results / "data/hgu133/expression.parquet")


def test_sixteen_studies_on_one_scale(results: Path, imported: Expression) -> None:
    described = pd.read_csv(DATA / "hgu133/samples.tsv", sep="\t", index_col="sample")
    samples = read_frame(results / "data/hgu133/samples.parquet")
    assert imported.values.shape == (491, 22_268)
    assert samples["group"].tolist() == described.loc[samples["sample_id"], "study"].tolist()
    assert samples["label"].tolist() == described.loc[samples["sample_id"], "label"].fillna("").tolist()
    for study, scale in (("nakayama", "linear"), ("GSE781", "log2")):
        raw = pq.read_table(DATA / f"hgu133/{study}.parquet").to_pandas().set_index("probe")
        values = raw.loc[imported.gene_ids, imported.sample_ids[samples["group"] == study]].to_numpy(np.float64).T
        expected = np.log2(values + 1) if scale == "linear" else values
        np.testing.assert_allclose(imported.rows(samples.loc[samples["group"] == study, "sample_id"]), expected, 1e-5)
    assert imported.values.max() < 20


def test_probes_have_their_names(results: Path) -> None:
    genes = read_frame(results / "data/hgu133/genes.parquet").set_index("gene_id")
    landmarks = pd.read_csv(DATA / "dgex/map_lm.txt", sep="\t", header=None)
    assert genes.loc[landmarks[2], "ensembl"].tolist() == landmarks[1].tolist()
    assert (genes["ensembl"] != "").sum() > 12_000
    assert (genes["symbol"] != "").sum() > 20_000


def test_quantiles(results: Path, imported: Expression) -> None:
    prepared = read_expression(results / "prepared/hgu133.parquet")
    expected = Expression(
        imported.sample_ids, imported.gene_ids, map_to_quantiles(imported.values, mean_quantiles(imported.values))
    )
    np.testing.assert_array_equal(prepared.values, expected.rows(prepared.sample_ids))


def test_the_autoencoder_learns(results: Path) -> None:
    genes = read_frame(results / "autoencoder/seed0/genes.parquet")
    assert len(genes) == 22_268
    assert genes["mae"].mean() < 0.8 * genes["mae_null"].mean()


def test_panels_meet_on_common_targets(results: Path) -> None:
    panel = read_frame(results / f"panels/deeplift/k{K}/seed0.parquet")
    importance = read_frame(results / "importance/seed0.parquet").sort_values("rank")
    assert panel["gene_id"].tolist() == importance["gene_id"].head(K).tolist()
    listed = read_frame(results / f"panels/l1000/k{K}/seed0.parquet")
    landmarks = pd.read_csv(DATA / "dgex/map_lm.txt", sep="\t", header=None)
    assert listed["gene_id"].tolist() == landmarks[2].tolist()
    compared = read_frame(results / "comparison.parquet")
    pair = compared[(compared["selector_a"] == "deeplift") & (compared["selector_b"] == "l1000")]
    assert set(pair["model"]) == {"dgex", "ridge"}
    # Random panels take away the few targets that all of them hold.
    shared = 22_268 - len(set(panel["gene_id"]) | set(listed["gene_id"]))
    assert (pair["targets"] <= shared).all() and (pair["targets"] > shared - K).all()
    assert pair[["mean_a", "mean_b", "p_t", "p_wilcoxon"]].notna().all(axis=None)


def test_rna_seq_of_cell_lines(results: Path) -> None:
    counts = pq.read_table(DATA / "rnaseq/montgomery_counts.parquet").to_pandas().set_index("ensembl")
    imported = read_expression(results / "data/montgomery/expression.parquet")
    expected = np.log2(1e6 * counts["NA06985"] / counts["NA06985"].sum() + 1)
    np.testing.assert_allclose(imported.rows(["NA06985"])[0], expected[imported.gene_ids], rtol=1e-5, atol=1e-6)
    matched = read_expression(results / "crossplatform/montgomery/matched.parquet")
    genes = read_frame(results / "data/hgu133/genes.parquet")
    varies = (counts.max(axis=1) > counts.min(axis=1)).reindex(genes["ensembl"]).fillna(False)
    assert len(matched.gene_ids) == varies.sum() > 8_000
    prepared = read_expression(results / "prepared/hgu133.parquet", matched.gene_ids.tolist())
    assert matched.values.max() <= prepared.values.max()
    judged = read_frame(results / "crossplatform/montgomery/selectors.parquet")
    assert set(judged["scaling"]) == {"own", "calibrated", "training"}
    assert judged[["mae", "pcc"]].notna().all(axis=None)


def test_clusters_gene_sets_and_figures(results: Path) -> None:
    scores = read_frame(results / "clustering/hgu133/seed0/scores.parquet")
    assert scores["n_samples"].min() > 50
    terms = read_frame(results / f"enrichment/deeplift/k{K}/seed0/terms.parquet")
    assert terms["term_id"].nunique() > 500
    for name in ("2a", "2b", "3a", "3b", "3c", "3d", "4a", "4b", "5a"):
        assert (results / f"figures/figure_{name}.png").stat().st_size > 10_000
    assert (results / "report.html").is_file()
