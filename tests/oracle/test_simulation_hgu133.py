"""A simulated compendium beside the real arrays of 16 studies: their moments, and how much they correlate."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from landmarks.matrices import Room, iterate_blocks
from landmarks.normalise import map_to_quantiles, mean_quantiles
from landmarks.readers import open_tables
from landmarks.readers.base import ReadOptions
from landmarks.readers.joined import select_genes
from landmarks.simulation.genes import design_genes
from landmarks.simulation.studies import plan_studies
from landmarks.simulation.values import iterate_studies, regroup

DATA = Path(__file__).parents[3] / "shared" / "data" / "hgu133"
SAMPLES, GENES = 491, 22_268

pytestmark = pytest.mark.skipif(
    not (DATA / "samples.tsv").is_file(), reason=f"needs the real expression data in {DATA}"
)


@dataclass(frozen=True)
class Profile:
    """Means and standard deviations of genes, and the cumulated shares of principal components."""

    mean: npt.NDArray[np.float32]
    deviation: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float64]


def profile(values: npt.NDArray[np.float32]) -> Profile:
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    z = (values - mean) / deviation
    variances = np.linalg.eigvalsh((z @ z.T).astype(np.float64))[::-1]
    return Profile(mean, deviation, np.cumsum(variances) / variances.sum())


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    with ExitStack() as closing:
        room = Room(tmp_path_factory.mktemp("room"), 1_000, closing)
        options = ReadOptions(orientation="genes")
        table = open_tables(sorted(DATA.glob("*.parquet")), "auto", options, "auto", room)
        probes = pd.read_csv(DATA / "probes_22268.tsv", sep="\t", dtype=str)["probe"]
        chosen = select_genes(table, table.gene_ids[np.isin(table.gene_ids, probes.to_numpy(object))])
        values = np.concatenate([block for _, block in iterate_blocks(chosen.matrix, room.block_mb)])
    assert values.shape == (SAMPLES, GENES)
    return profile(map_to_quantiles(values, mean_quantiles(values)))


@pytest.fixture(scope="module", params=[0, 1])
def simulated(request: pytest.FixtureRequest) -> Profile:
    genes = design_genes(GENES, request.param)
    plans = plan_studies(SAMPLES, genes.programmes.factors, request.param)
    (values,) = regroup(iterate_studies(plans, genes, request.param), SAMPLES, SAMPLES)
    return profile(map_to_quantiles(values, mean_quantiles(values)))


def test_means_of_genes(real: Profile, simulated: Profile) -> None:
    # Lower ones are bent up to the floor of the array; some real studies have no such floor.
    quantiles = [0.25, 0.5, 0.75, 0.95, 0.99]
    np.testing.assert_allclose(np.quantile(simulated.mean, quantiles), np.quantile(real.mean, quantiles), atol=0.7)


def test_standard_deviations_of_genes(real: Profile, simulated: Profile) -> None:
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    expected = np.quantile(real.deviation, quantiles)
    np.testing.assert_allclose(np.quantile(simulated.deviation, quantiles), expected, atol=0.7)


@pytest.mark.parametrize("components", [1, 10, 50])
def test_shares_of_principal_components(components: int, real: Profile, simulated: Profile) -> None:
    ratio = simulated.shares[components - 1] / real.shares[components - 1]
    assert 1 / 1.6 < ratio < 1.6
