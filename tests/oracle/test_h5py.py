"""GCTX, GCT and AnnData files against what h5py and pandas read from the same bytes."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from reader_data import read_table
from scipy import sparse

DATA = Path(__file__).parents[3] / "shared/data/gctx"
GCTX = ["mini_gctoo_for_testing", "mini_gctoo_for_testing_nometa", "mini_gctx_with_metadata_n2x3", "modzs_n272x978"]
GCTX += ["test_n5x10"]
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real files of CMap are not in {DATA}")

VALUES = np.random.default_rng(0).normal(0, 900, (7, 5))
SAMPLES, GENES = [f"s{number}" for number in range(7)], [f"{number}_at" for number in range(5)]


def texts(values: npt.NDArray[Any]) -> list[str]:
    """Return fixed-length bytes as strings."""
    return [value.decode() for value in values]


@needs_data
@pytest.mark.parametrize("memory_mb", [1e-4, 100])
@pytest.mark.parametrize("name", GCTX)
def test_real_gctx(name: str, memory_mb: float) -> None:
    path = DATA / f"{name}.gctx"
    read = read_table(path, memory_mb=memory_mb)
    swapped = read_table(path, memory_mb=memory_mb, orientation="samples")
    with h5py.File(path) as file:
        values = file["0/DATA/0/matrix"][()].astype(np.float32)
        columns, rows = (texts(file[f"0/META/{kind}/id"][()]) for kind in ("COL", "ROW"))
        metadata = {kind: set(file[f"0/META/{kind}"]) - {"id"} for kind in ("COL", "ROW")}
    np.testing.assert_array_equal(read.expression.values, values)
    np.testing.assert_array_equal(swapped.expression.values, values.T)
    assert read.expression.sample_ids.tolist() == swapped.expression.gene_ids.tolist() == columns
    assert read.expression.gene_ids.tolist() == swapped.expression.sample_ids.tolist() == rows
    assert set(read.samples) == {"sample_id"} | metadata["COL"]
    assert set(read.genes) == {"gene_id"} | metadata["ROW"]


@needs_data
def test_real_metadata() -> None:
    read = read_table(DATA / "modzs_n272x978.gctx")
    assert read.samples.loc[0, "pert_idose"] == "10 µM"  # Latin-1 in the file
    assert read.samples.loc[0, "distil_cc_q75"] == "0.18"  # float32
    assert read.genes[["pr_gene_symbol", "pr_gene_id", "is_lm"]].iloc[0].tolist() == ["PSME1", "5720", "1"]
    small = read_table(DATA / "test_n5x10.gctx")
    assert (small.samples["pert_desc"] == "").sum() == 4  # -666
    assert set(small.genes["pr_model_id"]) == {""}  # -666.0
    assert small.genes.loc[0, "pr_gene_id"] == "5720"  # 5720.0 in the file


@needs_data
def test_gct_and_gctx_of_the_same_content() -> None:
    text, binary = (read_table(DATA / f"mini_gctoo_for_testing.{suffix}") for suffix in ("gct", "gctx"))
    np.testing.assert_array_equal(text.expression.values, binary.expression.values)
    for name in ("sample_ids", "gene_ids"):
        np.testing.assert_array_equal(getattr(text.expression, name), getattr(binary.expression, name))
    columns = ["sample_id", "count_cv", "distil_nsample", "mfc_plate_id", "zmad_ref"]
    pd.testing.assert_frame_equal(text.samples[columns], binary.samples[columns])
    pd.testing.assert_frame_equal(text.genes.iloc[:, 1:3], binary.genes[text.genes.columns[1:3]])
    frame = pd.read_csv(DATA / "mini_gctoo_for_testing.gct", sep="\t", skiprows=[0, 1, *range(3, 8)], index_col=0)
    np.testing.assert_array_equal(text.expression.values, frame.iloc[:, 5:].to_numpy(np.float32).T)


def write_gctx(
    path: Path, values: npt.NDArray[Any], ids: dict[str, Any], version: object = "GCTX1.0", **how: Any
) -> Path:
    with h5py.File(path, "w") as file:
        if version is not None:
            file.attrs["version"] = version
        file.create_dataset("0/DATA/0/matrix", data=values, **how)
        for kind, names in ids.items():
            file[f"0/META/{kind}/id"] = names
    return path


@pytest.mark.parametrize("memory_mb", [1e-4, 100])
@pytest.mark.parametrize("how", [{}, {"chunks": (3, 2)}, {"chunks": (2, 4), "compression": "gzip"}], ids=str)
@pytest.mark.parametrize("kind", ["f4", "f8", "i4", "u2"])
@pytest.mark.parametrize("standard", [True, False])
def test_storage(tmp_path: Path, standard: bool, kind: str, how: dict[str, Any], memory_mb: float) -> None:
    values = np.abs(VALUES).astype(kind)
    ids = {"ROW": np.array(GENES, "S9"), "COL": np.array(SAMPLES, "S9")}
    read = read_table(
        write_gctx(tmp_path / "a.gctx", values if standard else values.T, ids, **how), memory_mb=memory_mb
    )
    np.testing.assert_array_equal(read.expression.values, values.astype(np.float32))
    assert (read.expression.sample_ids.tolist(), read.expression.gene_ids.tolist()) == (SAMPLES, GENES)


@pytest.mark.parametrize("version", [b"GCTX1.0", np.array([b"GCTX1.0"]), None], ids=["scalar", "array", "absent"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (np.arange(101, 106), ["101", "102", "103", "104", "105"]),
        (np.array([b"a ", b"b", b"c", b"\xb5", b"e"]), ["a", "b", "c", "µ", "e"]),
        (["a", "b", "ü", "d", "e"], ["a", "b", "ü", "d", "e"]),
    ],
    ids=["integers", "padded bytes", "variable length"],
)
def test_ids(tmp_path: Path, written: Any, expected: list[str], version: object) -> None:
    read = read_table(write_gctx(tmp_path / "a.gctx", VALUES, {"ROW": written, "COL": SAMPLES}, version))
    assert read.expression.gene_ids.tolist() == expected
    assert list(read.samples) == ["sample_id"] and list(read.genes) == ["gene_id"]


def test_a_square_matrix_is_read_the_way_the_format_says(tmp_path: Path) -> None:
    path = write_gctx(tmp_path / "a.gctx", VALUES[:5], {"ROW": GENES, "COL": SAMPLES[:5]})
    np.testing.assert_array_equal(read_table(path).expression.values, VALUES[:5].astype(np.float32))
    read = read_table(path, orientation="samples")
    np.testing.assert_array_equal(read.expression.values, VALUES[:5].astype(np.float32).T)
    assert read.expression.sample_ids.tolist() == GENES


def write_frame(file: Any, name: str, index: list[str]) -> Any:
    """Write obs or var as published: an index and columns, each with its encoding."""
    frame = file.create_group(name)
    frame.attrs["_index"] = "names"
    frame["names"] = index
    frame.attrs["encoding-type"] = "dataframe"
    return frame


def write_h5ad(path: Path, x: Any, kind: str) -> Path:
    with h5py.File(path, "w") as file:
        if kind == "dense":
            file["X"] = x.toarray()
        else:
            group = file.create_group("X")
            group.attrs["encoding-type"], group.attrs["shape"] = f"{kind}_matrix", x.shape
            for part in ("data", "indices", "indptr"):
                group[part] = getattr(x.asformat(kind), part)
        obs, var = write_frame(file, "obs", SAMPLES), write_frame(file, "var", GENES)
        obs.attrs["column-order"] = ["study", "age", "fine", "dose", "old"]
        study = obs.create_group("study")
        study["categories"], study["codes"] = ["x", "y"], np.array([0, 1, -1, 0, 1, 1, 0], np.int8)
        obs["age"], obs["fine"] = np.array([50, 51.5, np.nan, 4, 5, 6, 7]), np.arange(7) % 2 == 0
        dose = obs.create_group("dose")
        dose["values"], dose["mask"] = np.arange(7), np.arange(7) == 1
        old = obs.create_dataset("old", data=np.array([1, 0, 0, 0, 0, 0, -1], np.int8))
        obs["__categories/old"] = ["p", "q"]
        old.attrs["categories"] = obs["__categories/old"].ref
        var.attrs["column-order"] = ["gene_id"]
        var["gene_id"] = [f"ENSG0000000000{number}" for number in range(5)]
    return path


@pytest.mark.parametrize("memory_mb", [1e-4, 100])
@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_h5ad(tmp_path: Path, kind: str, memory_mb: float) -> None:
    x = sparse.random_array((7, 5), density=0.4, rng=np.random.default_rng(1), dtype=np.float64).tocsr()
    read = read_table(write_h5ad(tmp_path / "a.h5ad", x, kind), memory_mb=memory_mb)
    np.testing.assert_array_equal(read.expression.values, x.toarray().astype(np.float32))
    assert read.samples.to_dict("list") == {
        "sample_id": SAMPLES,
        "study": ["x", "y", "", "x", "y", "y", "x"],
        "age": ["50.0", "51.5", "", "4.0", "5.0", "6.0", "7.0"],
        "fine": ["True", "False"] * 3 + ["True"],
        "dose": ["0", "", "2", "3", "4", "5", "6"],
        "old": ["q", "p", "p", "p", "p", "p", ""],
    }
    assert read.genes["gene_id"].tolist() == GENES
    assert read.genes.loc[4, "gene_id_in_file"] == "ENSG00000000004"


def test_h5ad_of_anndata_before_0_7(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file["X"] = VALUES
        kinds = [("index", "S4"), ("kind", "i1"), ("age", "f8")]
        rows = [(name.encode(), number % 2, number) for number, name in enumerate(SAMPLES)]
        file["obs"] = np.array(rows, kinds)
        file["var"] = np.array([(name.encode(),) for name in GENES], [("index", "S4")])
        file["uns/kind_categories"] = ["x", "y"]
    read = read_table(tmp_path / "a.h5ad")
    assert read.samples.iloc[1].tolist() == ["s1", "y", "1"]
    np.testing.assert_array_equal(read.expression.values, VALUES.astype(np.float32))
