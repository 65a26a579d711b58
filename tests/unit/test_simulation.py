"""Simulated compendia: the same for a seed, within bounds, with known drivers and duplicates, and importable."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from simulation_data import GENES, SAMPLES, SEED, Simulated, simulate

from landmarks.simulation.compendium import write_compendium
from landmarks.simulation.genes import FEWEST_GENES, design_genes
from landmarks.simulation.programmes import Programmes, design_programmes
from landmarks.simulation.studies import draw_copies, plan_studies
from landmarks.simulation.values import CEILING, FLOOR, bend, iterate_studies, regroup, simulate_study


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(tmp_path_factory.mktemp("simulated"))


def read_blocks(samples: int, block: int, genes: int = 120) -> npt.NDArray[np.float32]:
    designed = design_genes(genes, SEED)
    plans = plan_studies(samples, designed.programmes.factors, SEED)
    blocks = regroup(iterate_studies(plans, designed, SEED), samples, block)
    return np.concatenate([values.copy() for values in blocks])


def correlate(values: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return Pearson correlations of columns with columns."""
    scaled = [(array - array.mean(axis=0)) / array.std(axis=0) for array in (values, other)]
    return (scaled[0].T @ scaled[1] / len(values)).astype(np.float64)


def measure_gaps(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return Euclidean distances of all pairs of samples, infinite of a sample to itself."""
    gaps = cdist(values, values)
    np.fill_diagonal(gaps, np.inf)
    return gaps


@pytest.mark.parametrize("suffix", ["gctx", "parquet"])
def test_the_same_seed_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    for folder, seed in (("a", 3), ("b", 3), ("other", 4)):
        write_compendium(tmp_path / folder / f"c.{suffix}", 50, 90, seed, rnaseq=5, labelled=7)
    names = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert names == sorted(
        [f"c.{suffix}", f"c.rnaseq.{suffix}", f"c.labelled.{suffix}"]
        + [f"c.{kind}.parquet" for kind in ("genes", "samples", "labelled.samples")]
    )
    for name in names:
        first, second, other = ((tmp_path / folder / name).read_bytes() for folder in ("a", "b", "other"))
        assert first == second, name
        assert first != other, name


def test_values_do_not_depend_on_the_size_of_blocks_nor_on_later_samples() -> None:
    whole = read_blocks(200, 1_000)
    assert whole.shape == (200, 120)
    for block in (1, 7, 200):
        np.testing.assert_array_equal(read_blocks(200, block), whole)
    np.testing.assert_array_equal(read_blocks(90, 64), whole[:90])


def test_values_are_within_the_bounds_of_an_array(simulated: Simulated) -> None:
    values = simulated.expression.values
    assert values.shape == (SAMPLES, GENES)
    assert FLOOR <= values.min() < 4.1
    assert 12 < values.max() <= CEILING
    # Many genes are hardly expressed, as on real arrays.
    assert 0.15 < (values < 4.5).mean() < 0.45


def test_values_bend_at_floor_and_ceiling() -> None:
    values = np.array([-1e6, 0, 4, 9, 15, 1e6], np.float32)
    bend(values)
    # By hand: (x + √(x² + 0.5²)) / 2 from the floor gives 4, 4.01556, 4.25, 9.01247, 15.00567, 1e6; the same from
    # the ceiling downwards takes 0.00568, 0.00569, 0.00581, 0.01042, 0.25284 and the rest away.
    np.testing.assert_allclose(values, [4, 4.00987, 4.24419, 9.00205, 14.75283, 15], atol=1e-4)
    assert (np.diff(values) >= 0).all()


def test_duplicates_are_nearer_than_1_and_all_other_pairs_far(simulated: Simulated) -> None:
    samples, values = simulated.samples, simulated.expression.values
    expected = samples[samples["duplicate_of"] != ""]
    assert 0.07 < len(expected) / SAMPLES < 0.17
    gaps = measure_gaps(values)
    # The nearest earlier sample of a duplicate is what it copies, or another copy of that.
    near = np.flatnonzero((np.tril(gaps < 1, -1)).any(axis=1))
    assert simulated.expression.sample_ids[near].tolist() == expected["sample_id"].tolist()
    originals = samples.set_index("sample_id").index.get_indexer(pd.Index(expected["duplicate_of"]))
    assert (originals < near).all()
    assert (gaps[near, originals] < 0.61).all()
    group = dict(zip(samples["sample_id"], samples["group"], strict=True))
    assert (expected["duplicate_of"].map(group) == expected["group"]).all()
    others = (samples["duplicate_of"] == "").to_numpy(bool)
    assert gaps[np.ix_(others, others)].min() > 4


def test_duplicates_of_as_many_genes_as_an_array_has() -> None:
    designed = design_genes(22_268, 0)
    plan = next(plan for plan in plan_studies(500, designed.programmes.factors, 0, 0.3) if len(plan.copied) > 10)
    values = simulate_study(plan, designed, 0)
    rows = np.flatnonzero(plan.copied >= 0)
    gaps = np.linalg.norm(values[rows].astype(np.float64) - values[plan.copied[rows]], axis=1)
    assert ((gaps > 0.02) & (gaps < 0.61)).all()
    own = values[plan.copied < 0].astype(np.float64)
    assert np.linalg.norm(own[1:] - own[:-1], axis=1).min() > 30


def test_the_smallest_compendium_has_no_accidental_duplicates() -> None:
    designed = design_genes(FEWEST_GENES, 0)
    plans = list(plan_studies(300, designed.programmes.factors, 0))
    values = np.concatenate(list(iterate_studies(plans, designed, 0)))
    ids = np.concatenate([plan.samples["sample_id"] for plan in plans])
    copies = np.concatenate([plan.samples["duplicate_of"] for plan in plans])
    gaps = measure_gaps(values)
    assert ids[np.tril(gaps < 1, -1).any(axis=1)].tolist() == ids[copies != ""].tolist()
    assert gaps[np.ix_(copies == "", copies == "")].min() > 1.5


def test_copies_are_of_earlier_originals() -> None:
    copied = draw_copies(2_000, 0.14, np.random.default_rng(0))
    rows = np.flatnonzero(copied >= 0)
    assert 0.11 < len(rows) / 2_000 < 0.17
    assert (copied[rows] < rows).all()
    assert (copied[copied[rows]] == -1).all()
    assert (draw_copies(50, 0, np.random.default_rng(0)) == -1).all()


def test_drivers_correlate_best_with_the_programme_of_their_module(simulated: Simulated) -> None:
    correlations = np.abs(correlate(simulated.activity, simulated.expression.values))
    drivers = simulated.genes[simulated.genes["driver"]]
    assert sorted(drivers["module"]) == list(range(len(simulated.designed.programmes)))
    for position, module in zip(drivers.index.to_numpy(int), drivers["module"].to_numpy(int), strict=True):
        assert correlations[module].argmax() == position
        assert correlations[module, position] > 0.9


def test_modules_are_of_very_different_sizes_and_genes_load_on_few() -> None:
    designed = design_genes(22_268, 1)
    sizes = designed.table["module"].value_counts().drop(-1)
    assert len(sizes) == len(designed.programmes) == 120
    assert sizes.max() > 4 * sizes.median()
    assert sizes.min() >= 4
    loads = (designed.loadings != 0).sum(axis=0)
    shares = np.bincount(loads, minlength=3) / len(loads)
    np.testing.assert_allclose(shares, [0.15, 0.68, 0.17], atol=0.03)
    assert (loads[designed.table["driver"]] == 1).all()
    main_module = np.abs(designed.loadings).argmax(axis=0)
    on_one = loads > 0
    assert (main_module[on_one] == designed.table["module"][on_one]).all()


def test_programmes_respond_in_three_ways() -> None:
    programmes = Programmes(
        first=np.array([0, 0, 0]),
        second=np.array([1, 1, 1]),
        midpoint=np.array([0.5, 0.5, 0.5], np.float32),
        centre=np.array([0, 0, 1], np.float32),
        scale=np.array([1, 1, 2], np.float32),
    )
    response = programmes.respond(np.array([[0.5, 3], [1.5, -2], [-4, 1]], np.float32))
    # 1 / (1 + exp(−2 (f − ½))); max(f − ½, 0); (f · second − 1) / 2.
    expected = [[0.5, 0, 0.25], [0.880797, 1, -2], [0.000123395, 0, -2.5]]
    np.testing.assert_allclose(response, expected, rtol=1e-5)
    drawn = design_programmes(1_000, np.random.default_rng(0))
    assert len(drawn) == 30
    assert np.bincount(drawn.first).tolist() == [3] * 10
    assert (drawn.first != drawn.second).all()
    many = drawn.respond(np.random.default_rng(1).standard_normal((20_000, 10)).astype(np.float32))
    np.testing.assert_allclose(many.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(many.std(axis=0), 1, atol=0.1)


def test_batches_and_tissues_tell_samples_apart(simulated: Simulated) -> None:
    samples = simulated.samples
    values = simulated.expression.values
    assert samples.groupby("group")["label"].nunique().max() <= 3
    assert samples.groupby("label")["group"].nunique().max() > 1  # tissues are shared between studies
    rest = values - pd.DataFrame(values).groupby(samples["group"]).transform("mean").to_numpy(np.float32)
    share = np.median(1 - rest.var(axis=0) / values.var(axis=0))
    assert 0.3 < share < 0.7


def test_sizes_of_studies_are_heavy_tailed() -> None:
    sizes = np.array([len(plan.copied) for plan in plan_studies(20_000, 2, 0)])
    assert 34 < sizes.mean() < 47
    assert np.median(sizes) < 0.65 * sizes.mean()
    assert sizes.max() > 8 * sizes.mean()
