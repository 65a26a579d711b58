"""The target `arena` on the tiny run: folds of donors, every panel judged on donors that nothing has seen."""

import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import SAMPLES_EACH, K, Workflow
from sklearn.linear_model import Ridge

from landmarks.expression import read_expression
from landmarks.files import read_frame

FOLDS = 2


@pytest.fixture(scope="module")
def arena(finished: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """Return a copy of the finished run, the arena added: other tests compare that run's files."""
    folder = tmp_path_factory.mktemp("arena") / "copy"
    shutil.copytree(finished.folder, folder)
    workflow = Workflow(folder, folder)
    workflow.snakemake("arena")
    return workflow


def test_every_donor_is_held_out_once_and_whole(arena: Workflow) -> None:
    splits = [read_frame(arena.results / f"arena/fold{fold}/split.parquet") for fold in range(FOLDS)]
    tested = pd.concat([split[split["part"] == "test"] for split in splits])
    assert sorted(tested["sample_id"]) == sorted(splits[0]["sample_id"])
    for split in splits:
        assert (split.groupby("group")["part"].nunique() == 1).all()
    groups = pd.concat([read_frame(arena.results / f"arena/fold{fold}/groups.parquet") for fold in range(FOLDS)])
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
        for selector in ("deeplift", "variance", "given")
    }
    targets = ~np.isin(data.gene_ids, [gene for panel in panels.values() for gene in panel])
    landmarks = data.positions(panels["variance"])

    def errors(penalty: float, which: str, genes: np.ndarray) -> np.ndarray:
        fitted = Ridge(alpha=penalty, fit_intercept=False).fit(z[part == "train"][:, landmarks], z[part == "train"])
        return np.abs(fitted.predict(z[part == which][:, landmarks]) - z[part == which])[:, genes]

    others = np.setdiff1d(np.arange(len(data.gene_ids)), landmarks)
    penalty = min((0.1, 1.0, 10.0), key=lambda value: errors(value, "validation", others).mean())
    groups = read_frame(folder / "groups.parquet")
    row = groups.query("view == 'clean' and model == 'ridge' and selector == 'variance'")
    assert row["targets"].unique().tolist() == [targets.sum()]
    np.testing.assert_allclose(
        np.average(row["mae"], weights=row["samples"]), errors(penalty, "test", targets).mean(), rtol=1e-4
    )


def test_tables_hold_every_selector_beside_chance(arena: Workflow) -> None:
    selectors = read_frame(arena.results / "arena/selectors.parquet")
    assert set(selectors["selector"]) == {"deeplift", "variance", "random", "given"}
    assert set(selectors["model"]) == {"ridge", "dgex"} and set(selectors["view"]) == {"as_published", "clean"}
    assert (selectors["mae_low"] <= selectors["mae"]).all() and (selectors["mae"] <= selectors["mae_high"]).all()
    assert selectors.loc[selectors["selector"] == "random", "gain"].abs().max() == pytest.approx(0, abs=1e-9)
    pairs = read_frame(arena.results / "arena/comparison.parquet")
    assert len(pairs) == 2 * 2 * 2 * 6  # views, models, metrics, pairs of four
    assert pairs.groupby("metric")["unit"].unique().map(list).to_dict() == {"mae": ["group"], "pcc": ["gene"]}
    assert (arena.results / "tables/arena.html").is_file()
    assert (arena.results / "figures/size_curve.png").is_file()


def test_nothing_runs_twice(arena: Workflow) -> None:
    assert arena.jobs("arena") == {} and arena.jobs() == {}
