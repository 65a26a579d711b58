"""Files that are normalised in a stream: the same bytes as in memory, for any bound of the memory."""

import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from landmarks import normalise as normalisation
from landmarks import writing as module
from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame, write_frame
from landmarks.gene_tables import average_by
from landmarks.normalise import map_jointly, map_to_quantiles, mean_quantiles
from landmarks.steps import average_probes, match_platform, normalise, prepare_fold
from landmarks.writing import write_expression

Values = npt.NDArray[np.float32]

SAMPLES, GENES = 60, 12
MEMORY = [1, 100]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Expression:
    """Write a compendium in several row groups, with ties; it is mapped in several batches."""
    values = np.random.default_rng(0).normal(8, 2, (SAMPLES, GENES)).round(1).astype(np.float32)
    ids, genes = (
        np.array([f"{kind}{n}" for n in range(size)], object) for kind, size in (("s", SAMPLES), ("g", GENES))
    )
    monkeypatch.setattr(module, "ROW_GROUP", 13)
    for step in (normalise, prepare_fold, average_probes, match_platform):
        monkeypatch.setattr(step, "BATCH", 7)
    compendium = Expression(ids, genes, values)
    write_expression(tmp_path / "x.parquet", compendium)
    return compendium


@pytest.fixture
def train(data: Expression, tmp_path: Path) -> npt.NDArray[np.int64]:
    """Write a split that leaves out some samples, and return the training samples."""
    kept = np.arange(SAMPLES) % 11 != 3
    part = np.array(["train", "validation", "train", "test", "train"], object)[np.arange(SAMPLES) % 5]
    write_frame(pd.DataFrame({"sample_id": data.sample_ids[kept], "part": part[kept]}), tmp_path / "split.parquet")
    return np.flatnonzero(kept & (part == "train"))


def check(path: Path, samples: npt.NDArray[np.object_], genes: npt.NDArray[np.object_], values: Values) -> None:
    read = read_expression(path)
    assert read.sample_ids.tolist() == samples.tolist()
    assert read.gene_ids.tolist() == genes.tolist()
    assert read.values.tobytes() == values.tobytes()


@pytest.mark.parametrize("memory_mb", MEMORY)
@pytest.mark.parametrize("method", ["quantile", "none"])
def test_normalise(tmp_path: Path, data: Expression, method: str, memory_mb: float) -> None:
    normalise.main(expression=tmp_path / "x.parquet", method=method, out=tmp_path / "out.parquet", memory_mb=memory_mb)
    expected = map_to_quantiles(data.values, mean_quantiles(data.values)) if method == "quantile" else data.values
    check(tmp_path / "out.parquet", data.sample_ids, data.gene_ids, expected)


@pytest.mark.parametrize("memory_mb", MEMORY)
def test_prepare_fold(tmp_path: Path, data: Expression, train: npt.NDArray[np.int64], memory_mb: float) -> None:
    prepare_fold.main(
        expression=tmp_path / "x.parquet",
        split=tmp_path / "split.parquet",
        out=tmp_path / "out.parquet",
        memory_mb=memory_mb,
    )
    kept = np.flatnonzero(np.arange(SAMPLES) % 11 != 3)
    expected = map_to_quantiles(data.values[kept], mean_quantiles(data.values[train]))
    check(tmp_path / "out.parquet", data.sample_ids[kept], data.gene_ids, expected)


@pytest.mark.parametrize("memory_mb", MEMORY)
@pytest.mark.parametrize("method", ["quantile", "none"])
def test_average_probes(
    tmp_path: Path, data: Expression, train: npt.NDArray[np.int64], method: str, memory_mb: float
) -> None:
    genes = pd.DataFrame({"gene_id": data.gene_ids, "symbol": [*"ABACBBDDEFG", ""], "entrez": "", "ensembl": ""})
    write_frame(genes, tmp_path / "genes.parquet")
    average_probes.main(
        expression=tmp_path / "x.parquet",
        genes=tmp_path / "genes.parquet",
        split=tmp_path / "split.parquet",
        by="symbol",
        normalise=method,
        out=tmp_path / "out.parquet",
        out_genes=tmp_path / "averaged.parquet",
        memory_mb=memory_mb,
    )
    means = np.asarray(data.values @ average_by(genes, "symbol")[1], np.float32)
    expected = map_to_quantiles(means, mean_quantiles(means[train])) if method == "quantile" else means
    check(tmp_path / "out.parquet", data.sample_ids, np.array(list("ABCDEFG"), object), expected)
    assert read_frame(tmp_path / "averaged.parquet")["gene_id"].tolist() == list("ABCDEFG")


@pytest.mark.parametrize("memory_mb", MEMORY)
def test_match_platform(tmp_path: Path, data: Expression, train: npt.NDArray[np.int64], memory_mb: float) -> None:
    measured = np.array([7, 2, 3, 11, 0])
    values = np.random.default_rng(1).integers(0, 4, (6, 5)).astype(np.float32)
    other = Expression(np.array(list("uvwxyz"), object), data.gene_ids[measured], values)
    write_expression(tmp_path / "other.parquet", other)
    write_frame(pd.DataFrame({"gene_id": other.gene_ids}), tmp_path / "genes.parquet")
    write_frame(pd.DataFrame({"gene_id": data.gene_ids}), tmp_path / "compendium_genes.parquet")
    match_platform.main(
        expression=tmp_path / "other.parquet",
        genes=tmp_path / "genes.parquet",
        compendium_genes=tmp_path / "compendium_genes.parquet",
        compendium=tmp_path / "x.parquet",
        split=tmp_path / "split.parquet",
        out=tmp_path / "out.parquet",
        memory_mb=memory_mb,
    )
    order = np.argsort(measured)
    quantiles = mean_quantiles(data.values[train][:, measured[order]])
    check(tmp_path / "out.parquet", other.sample_ids, other.gene_ids[order], map_jointly(values[:, order], quantiles))


def test_a_part_of_the_samples_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 500)
    values = np.random.default_rng(0).normal(8, 2, (8_000, 500)).astype(np.float32)
    ids, genes = (np.array([f"{kind}{n}" for n in range(size)], object) for kind, size in (("s", 8_000), ("g", 500)))
    write_expression(tmp_path / "x.parquet", Expression(ids, genes, values))
    tracemalloc.start()
    try:
        normalise.main(expression=tmp_path / "x.parquet", method="quantile", out=tmp_path / "out.parquet", memory_mb=5)
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < 0.75 * values.nbytes
    # As it is by default: what becomes of a sample does not depend on the batch it is in.
    assert normalisation.BATCH <= 256
    check(tmp_path / "out.parquet", ids, genes, map_to_quantiles(values, mean_quantiles(values)))
