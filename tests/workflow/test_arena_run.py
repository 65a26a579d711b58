"""The target `arena` on the tiny run: folds of donors, every panel judged on donors that nothing has seen."""

import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import SAMPLES_EACH, K, Workflow
from sklearn.linear_model import Ridge
from test_file_columns import NOT_MADE, list_faults, list_not_made

from landmarks.expression import read_expression
from landmarks.files import read_frame

pytestmark = pytest.mark.slow

FOLDS = 2


@pytest.fixture(scope="module")
def arena(finished: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a copy of the finished run, the arena added: other tests compare that run's files."""
    folder = tmp_path_factory.mktemp("arena") / "copy"
    shutil.copytree(finished.folder, folder)
    workflow = Workflow(folder, folder)
    config = workflow.config()
    config["panels"] |= {
        "crossfit": {"sizes": [K], "seeds": 2},
        "consensus": {"sizes": [K], "of": "crossfit"},
        "leverage": {"sizes": [K]},
        "random_matched": {"sizes": [K], "seeds": 2, "like": "crossfit"},
    }
    fitted = {"sizes": [], "random_seeds": 1, "seeds": 1}
    config["inference"] |= {
        "knn": {"sizes": [], "random_seeds": 1, "neighbours": [3, 5]},
        "mlp": fitted | {"penalties": [1], "hidden": [8], "epochs": 3, "batch_size": 8},
    }
    everything = {"ridge": {}, "knn": {}, "dgex": {"sizes": [K]}, "mlp": {"sizes": [20]}}
    config["arena"] = {"folds": FOLDS, "sizes": [5, K], "curve": [20], "models": everything}
    workflow.write_config(config)
    workflow.snakemake("arena")
    return workflow


def read_judged(arena: Workflow, fold: int) -> pd.DataFrame:
    return read_frame(arena.results / f"arena/fold{fold}/judged/ridge/groups.parquet")


def test_every_donor_is_held_out_once_and_whole(arena: Workflow) -> None:
    splits = [read_frame(arena.results / f"arena/fold{fold}/split.parquet") for fold in range(FOLDS)]
    tested = pd.concat([split[split["part"] == "test"] for split in splits])
    assert sorted(tested["sample_id"]) == sorted(splits[0]["sample_id"])
    for split in splits:
        assert (split.groupby("group")["part"].nunique() == 1).all()
    groups = pd.concat([read_judged(arena, fold) for fold in range(FOLDS)])
    assert set(groups["samples"]) == {SAMPLES_EACH}
    assert set(groups["group"]) == set(tested["group"])


def test_errors_are_those_of_a_plain_ridge(arena: Workflow) -> None:
    folder = arena.results / "arena/fold1"
    data = read_expression(arena.results / "prepared/main.parquet")
    split = read_frame(folder / "split.parquet").set_index("sample_id")
    part = split.loc[data.sample_ids.tolist(), "part"].to_numpy()
    train = data.values[part == "train"].astype(float)
    z = (data.values - train.mean(axis=0)) / (train.std(axis=0) + 1e-3)
    panels = {
        selector: read_frame(folder / f"panels/{selector}/k{K}/seed0.parquet")["gene_id"].tolist()
        for selector in ("deeplift", "variance", "given", "crossfit", "consensus", "leverage")
    }
    second = read_frame(folder / f"panels/crossfit/k{K}/seed1.parquet")["gene_id"].tolist()
    panels["crossfit"] += [gene for gene in second if gene not in panels["crossfit"]]
    targets = ~np.isin(data.gene_ids, [gene for panel in panels.values() for gene in panel])
    landmarks = data.positions(panels["variance"])

    def errors(penalty: float, which: str, genes: np.ndarray) -> np.ndarray:
        fitted = Ridge(alpha=penalty, fit_intercept=False).fit(z[part == "train"][:, landmarks], z[part == "train"])
        return np.abs(fitted.predict(z[part == which][:, landmarks]) - z[part == which])[:, genes]

    others = np.setdiff1d(np.arange(len(data.gene_ids)), landmarks)
    penalty = min((0.1, 1.0, 10.0), key=lambda value: errors(value, "validation", others).mean())
    row = read_judged(arena, 1).query(f"view == 'clean' and selector == 'variance' and k == {K}")
    assert row["targets"].unique().tolist() == [targets.sum()]
    np.testing.assert_allclose(
        np.average(row["mae"], weights=row["samples"]), errors(penalty, "test", targets).mean(), rtol=1e-4
    )


SELECTORS = {"deeplift", "variance", "random", "given", "crossfit", "consensus", "leverage", "random_matched"}


def test_standings_hold_every_selector_beside_chance(arena: Workflow) -> None:
    selectors = read_frame(arena.results / "arena/standings/selectors.parquet")
    assert set(selectors["selector"]) == SELECTORS
    assert set(selectors["model"]) == {"ridge", "knn", "dgex", "mlp"}
    assert set(selectors["view"]) == {"as_published", "grouped", "clean"}
    judged = selectors.query("view == 'clean' and model == 'ridge'").groupby("k")["selector"].agg(set)
    assert judged[5] == judged[K] == SELECTORS
    assert judged[20] == {"deeplift", "variance", "random", "crossfit"}  # nested, and chance
    assert (selectors["mae_low"] <= selectors["mae"]).all() and (selectors["mae"] <= selectors["mae_high"]).all()
    assert selectors.loc[selectors["selector"] == "random", "gain"].abs().max() == pytest.approx(0, abs=1e-9)
    one = selectors[selectors["selector"] == "crossfit"].groupby("model")["seeds"].max()
    assert one.to_dict() == {"ridge": 2, "knn": 2, "dgex": 2, "mlp": 1}


def test_pairs_are_in_the_comparison_with_intervals(arena: Workflow) -> None:
    pairs = read_frame(arena.results / "arena/standings/comparison.parquet")
    clean = pairs.query(f"view == 'clean' and k == {K}")
    assert (clean.groupby(["model", "metric"]).size() == 28).all()  # pairs of eight
    assert pairs.groupby("metric")["unit"].unique().map(list).to_dict() == {"mae": ["group"], "pcc": ["gene"]}
    assert (pairs["difference_low"] <= pairs["difference_high"]).all()


def test_published_samples_are_held_out_at_random(arena: Workflow) -> None:
    split = read_frame(arena.results / "arena/random/split.parquet")
    assert (split.groupby("group")["part"].nunique() > 1).any()
    assert set(read_frame(arena.results / "arena/random/judged/ridge/groups.parquet")["view"]) == {"as_published"}


def test_panels_agree_less_than_fully_between_folds_and_consensus_is_of_the_seeds(arena: Workflow) -> None:
    overlap = read_frame(arena.results / "arena/stability/overlap.parquet")
    assert set(overlap["between"]) == {"seeds", "folds"}
    assert overlap["kappa"].max() <= 1 and not set(overlap["selector"]) & {"random", "random_matched"}
    seeds = [read_frame(arena.results / f"arena/fold0/panels/crossfit/k{K}/seed{seed}.parquet") for seed in (0, 1)]
    both = set(seeds[0]["gene_id"]) & set(seeds[1]["gene_id"])
    consensus = read_frame(arena.results / f"arena/fold0/panels/consensus/k{K}/seed0.parquet")
    assert both <= set(consensus["gene_id"]) <= set(seeds[0]["gene_id"]) | set(seeds[1]["gene_id"])


def test_report_figures_and_tables(arena: Workflow) -> None:
    report = (arena.results / "arena_report.html").read_text(encoding="utf-8")
    for figure in ("size_curve", "forest", "stability"):
        assert f"arena/figures/{figure}.png" in report
    overview = pd.read_csv(arena.results / "tables/arena-overview.tsv", sep="\t")
    assert set(overview["selector"]) == SELECTORS and "k = 5" in overview


def test_files_hold_what_the_list_says(arena: Workflow) -> None:
    assert list_faults(arena.results) == []
    # The compendium is not normalised, and without `average_by`: the folds take it as it is.
    named = ("prepared", "averaged/expression", "averaged/genes", "gene_panels/<selector>/k<k>/seed<seed>")
    assert list_not_made(arena.results) == NOT_MADE | {f"arena/<fold>/{name}.parquet" for name in named}


def test_nothing_runs_twice(arena: Workflow) -> None:
    assert arena.jobs("arena") == {}
