"""A whole tiny run: its files keep their contract, and the numbers in them agree with each other."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import DONORS, GENES, SAMPLES_EACH, SHARED, K, Workflow

pytestmark = pytest.mark.slow

SAMPLES = DONORS * SAMPLES_EACH
FIGURES = [f"figure_{name}" for name in ("2a", "2b", "3a", "3b", "3c", "3d", "4a", "4b", "5a")]


def read(workflow: Workflow, path: str) -> pd.DataFrame:
    return pd.read_parquet(workflow.results / path)


@pytest.mark.parametrize(
    ("path", "rows", "columns"),
    [
        ("data/main/expression.parquet", SAMPLES + 1, GENES),
        ("prepared/main.parquet", SAMPLES, GENES),
        ("data/other/expression.parquet", SAMPLES // 2, SHARED + 1),
        ("prepared/other.parquet", SAMPLES // 2, SHARED + 1),
        ("codes/main/seed0.parquet", SAMPLES, 4),
    ],
)
def test_matrix_has_ids_and_float32(finished: Workflow, path: str, rows: int, columns: int) -> None:
    schema = pq.read_schema(finished.results / path)
    assert schema.names[0] == "sample_id"
    assert [str(field.type).replace("large_", "") for field in schema] == ["string"] + ["float"] * columns
    assert pq.read_metadata(finished.results / path).num_rows == rows


def test_matrix_is_what_the_file_held(finished: Workflow) -> None:
    given = pd.read_csv(finished.folder / "expression.csv", index_col="sample")
    imported = read(finished, "data/main/expression.parquet").set_index("sample_id")
    np.testing.assert_allclose(imported.to_numpy(), given.to_numpy(), rtol=1e-6)
    assert imported.index.tolist() == given.index.tolist()
    assert imported.columns.tolist() == given.columns.tolist()


def test_genes_and_samples_are_described_as_configured(finished: Workflow) -> None:
    genes = read(finished, "data/main/genes.parquet")
    assert genes.iloc[3].tolist() == ["GENE3_1003", "GENE3", "1003", ""]
    samples = read(finished, "data/main/samples.parquet").set_index("sample_id")
    assert (samples["group"]["D04-1"], samples["label"]["D04-1"]) == ("D04", "kind 2")
    assert samples["label"]["D00-copy"] == ""


def test_the_copied_sample_is_found_and_dropped(finished: Workflow) -> None:
    found = read(finished, "duplicates/main.parquet")
    assert found[["sample_id", "duplicate_of"]].to_numpy().tolist() == [["D00-copy", "D00-0"]]
    assert "D00-copy" not in set(read(finished, "prepared/main.parquet")["sample_id"])


def test_split_keeps_donors_whole_and_leaves_no_sample_out(finished: Workflow) -> None:
    split = read(finished, "split.parquet")
    assert sorted(split["sample_id"]) == sorted(read(finished, "prepared/main.parquet")["sample_id"])
    assert (split.groupby("group")["part"].nunique() == 1).all()
    counts = split["part"].value_counts()
    assert set(counts.index) == {"train", "validation", "test"}
    assert counts["test"] == pytest.approx(0.3 * SAMPLES, abs=SAMPLES_EACH)
    assert counts["validation"] == pytest.approx(0.15 * SAMPLES, abs=SAMPLES_EACH)


def test_autoencoder_learns_and_holds_every_tensor(finished: Workflow) -> None:
    genes = read(finished, "autoencoder/seed0/genes.parquet")
    assert genes["mae"].mean() < 0.7 * genes["mae_null"].mean()
    tensors = read(finished, "autoencoder/seed0/parameters.parquet")
    shapes = {name: list(shape) for name, shape in zip(tensors["name"], tensors["shape"], strict=True)}
    layers = {"encoder.0": [16, GENES], "encoder.1": [4, 16], "decoder.0": [16, 4], "decoder.1": [GENES, 16]}
    wanted = {"input.mean": [GENES], "input.scale": [GENES]}
    wanted |= {f"{name}.weight": shape for name, shape in layers.items()}
    wanted |= {f"{name}.bias": shape[:1] for name, shape in layers.items()}
    assert shapes == wanted


def test_scaling_is_that_of_the_training_samples(finished: Workflow) -> None:
    split = read(finished, "split.parquet")
    training = split.loc[split["part"] == "train", "sample_id"]
    values = read(finished, "prepared/main.parquet").set_index("sample_id").loc[training].to_numpy(np.float64)
    tensors = read(finished, "autoencoder/seed0/parameters.parquet").set_index("name")["values"]
    np.testing.assert_allclose(tensors["input.mean"], values.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(tensors["input.scale"], values.std(axis=0), rtol=1e-4)


def test_deeplift_panel_is_the_top_of_the_importance(finished: Workflow) -> None:
    importance = read(finished, "importance/seed0.parquet")
    assert importance["rank"].tolist() == list(range(1, GENES + 1))
    assert importance["importance"].is_monotonic_decreasing
    assert set(importance["gene_id"]) == set(read(finished, "data/main/genes.parquet")["gene_id"])
    panel = read(finished, f"panels/deeplift/k{K}/seed0.parquet")
    assert panel["gene_id"].tolist() == importance.nlargest(K, "importance")["gene_id"].tolist()
    assert panel["score"].tolist() == importance["importance"].head(K).tolist()


def test_variance_panel_is_that_of_the_training_samples(finished: Workflow) -> None:
    split = read(finished, "split.parquet")
    training = split.loc[split["part"] == "train", "sample_id"]
    spread = read(finished, "prepared/main.parquet").set_index("sample_id").loc[training].astype(np.float64).var()
    panel = read(finished, f"panels/variance/k{K}/seed0.parquet")
    assert panel["gene_id"].tolist() == spread.nlargest(K).index.tolist()


def test_other_panels_are_a_draw_and_the_list(finished: Workflow) -> None:
    drawn = [set(read(finished, f"panels/random/k{K}/seed{seed}.parquet")["gene_id"]) for seed in range(3)]
    assert [len(panel) for panel in drawn] == [K] * 3
    assert drawn[0] != drawn[1] != drawn[2]
    given = read(finished, f"panels/given/k{K}/seed0.parquet")
    assert given["gene_id"].tolist() == [f"GENE{number}_{1000 + number}" for number in range(5, 5 + K)]


def list_fitted(workflow: Workflow) -> Iterator[Path]:
    yield from sorted((workflow.results / "inference").glob("*/*/*/*/genes.parquet"))


def test_targets_are_all_genes_but_the_landmarks(finished: Workflow) -> None:
    fitted = list(list_fitted(finished))
    assert len(fitted) == 10
    everything = set(read(finished, "data/main/genes.parquet")["gene_id"])
    for path in fitted:
        _, selector, size, seed = path.parent.parts[-4:]
        panel = set(read(finished, f"panels/{selector}/{size}/{seed}.parquet")["gene_id"])
        genes = pd.read_parquet(path)
        assert set(genes["gene_id"]) == everything - panel
        assert genes["p_permutation"].between(0, 1).all()
        assert (genes["significant"] == (genes["p_permutation"] < 0.01)).all()


def test_ridge_infers_better_than_the_median(finished: Workflow) -> None:
    for selector in ("deeplift", "variance", "random", "given"):
        genes = read(finished, f"inference/ridge/{selector}/k{K}/seed0/genes.parquet")
        assert genes["mae"].mean() < 0.7 * genes["mae_null"].mean(), selector


def test_comparison_holds_every_pair_and_metric_on_common_targets(finished: Workflow) -> None:
    comparison = read(finished, "comparison.parquet")
    keys = ["model", "k", "metric", "selector_a", "selector_b"]
    pairs = list(combinations(sorted(["deeplift", "given", "random", "variance"]), 2))
    wanted = [(model, K, metric, *pair) for model in ("dgex", "ridge") for metric in ("mae", "pcc") for pair in pairs]
    assert sorted(comparison[keys].itertuples(index=False, name=None)) == sorted(wanted)
    panels = [
        pd.read_parquet(path) for path in list_fitted(finished) if "ridge" in path.parts and "random" not in path.parts
    ]
    # Random panels do not thin out the common targets.
    common = set.intersection(*(set(panel["gene_id"]) for panel in panels))
    ridge = comparison[comparison["model"] == "ridge"]
    assert set(ridge["targets"]) == {len(common)}
    assert ((ridge["wins_a"] + ridge["wins_b"]) <= len(common)).all()
    deeplift = read(finished, f"inference/ridge/deeplift/k{K}/seed0/genes.parquet").set_index("gene_id")
    row = ridge[(ridge["metric"] == "mae") & (ridge["selector_a"] == "deeplift")].iloc[0]
    assert row["mean_a"] == pytest.approx(deeplift.loc[sorted(common), "mae"].mean())


def test_crossplatform_judges_measured_targets_alone(finished: Workflow) -> None:
    genes = read(finished, f"crossplatform/other/ridge/given/k{K}/seed0/genes.parquet")
    measured = {f"GENE{number}_{1000 + number}" for number in range(SHARED)}
    landmarks = set(read(finished, f"panels/given/k{K}/seed0.parquet")["gene_id"])
    assert set(genes["gene_id"]) == measured - landmarks
    assert set(genes["scaling"]) == {"own", "calibrated"}
    assert set(genes["landmarks_measured"]) == {K}


def test_the_papers_numbers_stand_beside_the_runs(finished: Workflow) -> None:
    numbers = read(finished, "published.parquet").set_index(["stage", "quantity"])["run"]
    genes = read(finished, "autoencoder/seed0/genes.parquet")
    assert numbers["compendium", "profiles"] == SAMPLES + 1
    assert numbers["autoencoder", "mean MAE"] == pytest.approx(genes["mae"].mean())
    other = read(finished, f"crossplatform/other/ridge/deeplift/k{K}/seed0/genes.parquet")
    carried = other.loc[other["scaling"] == "own", "mae"].mean()
    assert numbers["crossplatform", "mean MAE"] == pytest.approx(carried)
    table = (finished.results / "tables" / "published.tsv").read_text(encoding="utf-8").splitlines()
    assert table[0].split("\t") == ["Quantity", "Paper", "This run", "Compares"]
    assert f"no L1000 list of {K} genes in this run" in "".join(table)
    assert "tables/published.html" in (finished.results / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_is_drawn_and_in_the_report(finished: Workflow, figure: str) -> None:
    folder = finished.results / "figures"
    assert (folder / f"{figure}.pdf").read_bytes()[:5] == b"%PDF-"
    assert (folder / f"{figure}.png").read_bytes()[:4] == b"\x89PNG"
    assert pq.read_metadata(folder / f"{figure}.parquet").num_rows > 0
    assert f"figures/{figure}.png" in (finished.results / "report.html").read_text(encoding="utf-8")


def test_every_job_leaves_a_log_and_a_benchmark(finished: Workflow) -> None:
    logged, timed = finished.results / "logs", finished.results / "benchmarks"
    logs = {file.relative_to(logged).with_suffix("") for file in logged.rglob("*.log")}
    benchmarks = {file.relative_to(timed).with_suffix("") for file in timed.rglob("*.tsv")}
    assert logs == benchmarks
    assert {name.parts[0] for name in logs} >= {"fetch", "train_autoencoder", "fit_inference", "write_report"}
    assert all(file.read_text().startswith("s\th:m:s\tmax_rss") for file in timed.rglob("*.tsv"))


def test_nothing_is_left_behind(finished: Workflow) -> None:
    assert not list(finished.results.rglob("*.part*"))
    assert not list(finished.results.glob("normalised/*"))
    parts = {"results", ".snakemake", "src", "Snakefile", "workflow", "config", "envs", "profiles"}
    inputs = {"config.yaml", "expression.csv", "labels.csv", "other.csv", "given.txt", "sets.gmt"}
    assert {file.name for file in finished.folder.iterdir()} == parts | inputs
