"""Files of simulated compendia: both formats alike, importable, and whole or not there."""

import logging
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from simulation_data import GENES, Simulated, run, simulate

from landmarks.errors import LandmarksError
from landmarks.expression import read_expression
from landmarks.files import read_frame
from landmarks.simulation.compendium import write_compendium
from landmarks.simulation.studies import plan_labelled
from landmarks.simulation.values import CEILING, FLOOR
from landmarks.simulation.writing import find_writer


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(tmp_path_factory.mktemp("simulated"))


def test_gctx_and_parquet_hold_the_same(simulated: Simulated) -> None:
    with h5py.File(simulated.folder / "c.gctx") as file:
        assert file.attrs["version"] == b"GCTX1.0"
        matrix = file["0/DATA/0/matrix"]
        assert matrix.chunks is None
        assert matrix.dtype == np.float32
        np.testing.assert_array_equal(matrix[:], simulated.expression.values)
        for name, known in (
            ("ROW/id", simulated.expression.gene_ids),
            ("ROW/symbol", simulated.genes["symbol"]),
            ("ROW/ensembl", simulated.genes["ensembl"]),
            ("COL/id", simulated.expression.sample_ids),
            ("COL/group", simulated.samples["group"]),
            ("COL/label", simulated.samples["label"]),
        ):
            assert file[f"0/META/{name}"].asstr()[:].tolist() == list(known)


@pytest.mark.parametrize(
    ("name", "options"),
    [("c.gctx", ["--group-column=group", "--label-column=label"]), ("c.parquet", [r"--group-pattern=^(.+)-\d+$"])],
)
def test_the_import_reads_both_with_groups(name: str, options: list[str], simulated: Simulated, tmp_path: Path) -> None:
    run("import-expression", str(simulated.folder / name), f"--out-dir={tmp_path}", *options)
    imported = read_expression(tmp_path / "expression.parquet")
    np.testing.assert_array_equal(imported.values, simulated.expression.values)
    samples, genes = read_frame(tmp_path / "samples.parquet"), read_frame(tmp_path / "genes.parquet")
    columns = ["sample_id", "group", "label"][: 1 + len(options)]
    assert samples[columns].equals(simulated.samples[columns])
    if name == "c.gctx":
        assert genes[["gene_id", "symbol", "ensembl"]].equals(simulated.genes[["gene_id", "symbol", "ensembl"]])


@pytest.mark.parametrize("suffix", ["gctx", "parquet"])
def test_the_companion_by_sequencing_is_taken_as_linear(
    suffix: str, simulated: Simulated, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "landmarks"):
        logging.getLogger("landmarks").propagate = True
        run("import-expression", str(simulated.folder / f"c.rnaseq.{suffix}"), f"--out-dir={tmp_path}")
    assert "taken as linear" in caplog.text
    values = read_expression(tmp_path / "expression.parquet").values
    assert values.shape == (60, GENES)
    counts = np.exp2(values.astype(np.float64)) - 1
    np.testing.assert_allclose(counts, np.round(counts), atol=0.01, rtol=1e-5)
    assert 0.1 < (values == 0).mean() < 0.6
    genes = read_frame(tmp_path / "genes.parquet")
    known = simulated.genes.set_index("ensembl")
    shared = genes["ensembl"].isin(known.index).to_numpy(bool)
    assert (genes["ensembl"] != "").all()
    assert shared.mean() == pytest.approx(0.95, abs=1e-3)
    # A gene that is high on the array is high in RNA as well.
    level = simulated.expression.columns(known.loc[genes["ensembl"][shared], "gene_id"]).mean(axis=0)
    assert np.corrcoef(level, values.mean(axis=0)[shared])[0, 1] > 0.8


def test_the_labelled_companion_is_a_new_study_with_equal_subtypes(simulated: Simulated) -> None:
    samples = read_frame(simulated.folder / "c.labelled.samples.parquet")
    expression = read_expression(simulated.folder / "c.labelled.parquet")
    assert list(samples) == ["sample_id", "group", "label"]
    assert samples["sample_id"].tolist() == expression.sample_ids.tolist()
    assert expression.gene_ids.tolist() == simulated.expression.gene_ids.tolist()
    assert FLOOR <= expression.values.min() < expression.values.max() <= CEILING
    assert not set(samples["group"]) & set(simulated.samples["group"])
    counts = samples["label"].value_counts()
    assert counts.sum() == 100
    assert len(counts) in (2, 3)
    assert counts.max() - counts.min() <= 1
    assert {plan_labelled(9, 2, seed).samples["label"].nunique() for seed in range(8)} == {2, 3}
    # Samples lie nearer to the mean of their own subtype than to the others', not counted in it themselves.
    half = np.arange(100) % 2 == 0
    means = pd.DataFrame(expression.values[half]).groupby(samples["label"][half].to_numpy()).mean()
    gaps = np.linalg.norm(expression.values[~half, None] - means.to_numpy(np.float32), axis=2)
    assert (means.index.to_numpy()[gaps.argmin(axis=1)] == samples["label"][~half]).mean() > 0.8


@pytest.mark.parametrize("name", ["c.gctx", "c.parquet"])
def test_a_write_that_ends_early_leaves_no_file(name: str, tmp_path: Path) -> None:
    def blocks() -> Iterator[npt.NDArray[np.float32]]:
        yield np.zeros((2, 3), np.float32)
        raise KeyboardInterrupt

    samples = pd.DataFrame({"sample_id": ["a", "b", "c", "d"]}, dtype=object)
    genes = pd.DataFrame({"gene_id": ["x", "y", "z"]}, dtype=object)
    with pytest.raises(KeyboardInterrupt):
        find_writer(tmp_path / name)(tmp_path / name, samples, genes, blocks())
    assert list(tmp_path.iterdir()) == []


def test_companions_of_no_samples_are_not_written(tmp_path: Path) -> None:
    write_compendium(tmp_path / "c.gctx", 10, 60, 0, rnaseq=0, labelled=0, duplicates=0)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c.gctx", "c.genes.parquet", "c.samples.parquet"]
    assert (read_frame(tmp_path / "c.samples.parquet")["duplicate_of"] == "").all()


@pytest.mark.parametrize(
    ("name", "samples", "genes", "seed", "duplicates", "message"),
    [
        ("c.csv", 10, 100, 0, 0.1, "ends in .gctx or .parquet"),
        ("c.gctx", 10, 59, 0, 0.1, "at least 60 genes, 10 for each of 6 modules, found 59"),
        ("c.gctx", 0, 100, 0, 0.1, "1 sample or more"),
        ("c.gctx", 10, 100, -1, 0.1, "seed of 0 or more"),
        ("c.gctx", 10, 100, 0, 1.0, "share of duplicates"),
    ],
)
def test_wrong_requests_are_refused(
    name: str, samples: int, genes: int, seed: int, duplicates: float, message: str, tmp_path: Path
) -> None:
    with pytest.raises(LandmarksError, match=message) as error:
        write_compendium(tmp_path / name, samples, genes, seed, duplicates=duplicates)
    assert "Hint: " in str(error.value)
    assert list(tmp_path.iterdir()) == []
