"""Bad expression files: writers of each, and what the import says of it."""

import gzip
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TABLE = "id,G1,G2,G3\ns1,1,2,3\ns2,4,5,6\ns3,7,8,9.5\n"
SERIES = '!Series_title\t"x"\n!series_matrix_table_begin\n"ID_REF"\t"a"\t"b"\n"p"\t1\t2\n"q"\t3\t4\n'
GCT = "#1.2\n2\t2\nNAME\tDescription\ta\tb\np\tx\t1\t2\nq\ty\t3\t4\n"

Write = Callable[[Path], list[str]]
"""Writes bad input to a folder, and returns the arguments of a step that reads it."""


class Hostile:
    """Makes a file when it is unpickled by ordinary means."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch run-by-a-pickle",)


def table(content: str | bytes, *options: str, name: str = "x.csv") -> Write:
    """Return a writer of a file that is imported."""

    def write(folder: Path) -> list[str]:
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        return ["import-expression", str(folder / name), *options]

    return write


def beside(content: str, *options: str, name: str) -> Write:
    """Return a writer of a good matrix with a bad file beside it; `options` name it as {}."""

    def write(folder: Path) -> list[str]:
        (folder / name).write_text(content)
        return [*table(TABLE)(folder), *(option.format(folder / name) for option in options)]

    return write


def cut(name: str, share: float = 0.6) -> Write:
    """Return a writer of a good file of a binary format that is cut short."""

    def write(folder: Path) -> list[str]:
        frame = pd.DataFrame(np.random.default_rng(0).random((50, 40)), columns=[f"G{i}" for i in range(40)])
        frame.insert(0, "id", [f"s{i}" for i in range(50)])
        path = folder / name
        if name.endswith(".parquet"):
            frame.to_parquet(path, index=False)
        elif name.endswith(".gz"):
            path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
        else:
            write_gctx(path, frame.iloc[:, 1:].to_numpy())
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        return ["import-expression", str(path)]

    return write


def no_text(folder: Path) -> list[str]:
    """Write a Parquet file whose ids are called text and are not, as a damaged disk leaves it."""
    ids = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(np.arange(4, dtype=np.int32)), pa.py_buffer(b"\xff\xfe\xfd")]
    )
    pq.write_table(pa.table({"id": ids, "G1": [1.0, 2.0, 3.0], "G2": [4.0, 5.0, 6.5]}), folder / "x.parquet")
    return ["import-expression", str(folder / "x.parquet")]


def write_gctx(path: Path, values: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file["0/DATA/0/matrix"] = values
        file["0/META/COL/id"], file["0/META/ROW/id"] = (
            [f"{kind}{i}" for i in range(size)] for kind, size in zip("sg", values.shape, strict=True)
        )


def hdf5(change: Callable[[Any], None], name: str = "x.gctx") -> Write:
    """Return a writer of an HDF5 file, good but for a change."""

    def write(folder: Path) -> list[str]:
        write_gctx(folder / name, np.arange(12.0).reshape(4, 3))
        with h5py.File(folder / name, "a") as file:
            change(file)
        return ["import-expression", str(folder / name)]

    return write


def claim(name: str, shape: tuple[int, ...], chunks: tuple[int, ...] | None = None) -> Callable[[Any], None]:
    """Return a change: a dataset that claims a shape and holds nothing."""

    def change(file: Any) -> None:
        if name in file:
            del file[name]
        kind = "S8" if "id" in name else "f4"
        file.create_dataset(name, shape=shape, chunks=chunks or tuple(min(size, 1_000) for size in shape), dtype=kind)

    return change


def a_type(name: str) -> Callable[[Any], None]:
    """Return a change: a named type where a dataset was."""

    def change(file: Any) -> None:
        del file[name]
        file[name] = np.dtype("f4")

    return change


def sparse(indices: list[int], ends: list[int]) -> Callable[[Any], None]:
    """Return a change: AnnData of 2 × 3 with compressed rows."""

    def change(file: Any) -> None:
        del file["0"]
        x = file.create_group("X")
        x.attrs["encoding-type"], x.attrs["shape"] = "csr_matrix", (2, 3)
        x["data"], x["indices"], x["indptr"] = np.ones(len(indices)), indices, ends
        for kind, ids in (("obs", ["a", "b"]), ("var", ["p", "q", "r"])):
            file.create_group(kind).attrs["_index"] = "id"
            file[f"{kind}/id"] = ids

    return change


def pickled(value: object, *, digest: str | None = "own") -> Write:
    """Return a writer of a pickle, with its own sum, another one, or none."""

    def write(folder: Path) -> list[str]:
        content = pickle.dumps(value)
        (folder / "x.pickle").write_bytes(content)
        sums = {"own": hashlib.sha256(content).hexdigest(), "other": "0" * 64}
        given = ["--sha256", sums[digest]] if digest else []
        return ["import-expression", str(folder / "x.pickle"), *given]

    return write


def studies(*contents: str) -> Write:
    """Return a writer of several files that are to be joined."""

    def write(folder: Path) -> list[str]:
        files = [folder / f"study{number}.csv" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_text(content)
        return ["import-expression", *map(str, files)]

    return write


def bomb(content: bytes, times: int) -> Write:
    """Return a writer of a small file that unfolds to a large one."""

    def write(folder: Path) -> list[str]:
        with gzip.open(folder / "x.csv.gz", "wb", compresslevel=9) as stream:
            stream.write(b"id,G1,G2\n" if b"\n" in content else b"")
            for _ in range(times):
                stream.write(content)
        return ["import-expression", str(folder / "x.csv.gz")]

    return write


def blocked(folder: Path) -> list[str]:
    (folder / "x.csv").write_text(TABLE)
    (folder / "file").write_text("in the way")
    return ["import-expression", str(folder / "x.csv"), "--out-dir", str(folder / "file" / "data")]


def read_only(folder: Path) -> list[str]:
    # Nobody may write there, whoever runs the tests.
    return [*table(TABLE)(folder), "--out-dir", "/proc/landmarks/data"]


def a_folder(folder: Path) -> list[str]:
    (folder / "x.csv").mkdir()
    return ["import-expression", str(folder / "x.csv")]


LABELS = ("--labels", "{}", "--label-id-column", "id", "--label-column", "kind")

IMPORTS: dict[str, tuple[Write, str]] = {
    "missing file": (lambda folder: ["import-expression", str(folder / "no.csv")], "Expected an expression file"),
    "folder": (a_folder, "Expected an expression file"),
    "empty file": (table(""), "found an empty file"),
    "empty gzip": (table(gzip.compress(b""), name="x.csv.gz"), "found an empty file"),
    "headings only": (table("id,G1,G2\n"), "at least two"),
    "truncated gzip": (cut("x.csv.gz"), "not readable as text"),
    "truncated Parquet": (cut("x.parquet"), "not readable as Parquet"),
    "ids that are no UTF-8": (no_text, "not readable as Parquet"),
    "HDF5 type for a matrix": (hdf5(a_type("0/DATA/0/matrix")), "matrix is a type without values"),
    "HDF5 type for ids": (hdf5(a_type("0/META/ROW/id")), "id is a type without values"),
    "truncated HDF5": (cut("x.gctx"), "not readable as HDF5"),
    "text called Parquet": (table(TABLE, name="x.parquet"), "not readable as Parquet"),
    "binary called CSV": (table(bytes(range(256)) * 9), "not readable as"),
    "UTF-16": (table(TABLE.encode("utf-16")), "not readable as text"),
    "semicolons": (table(TABLE.replace(",", ";")), "at least two|Expected numbers"),
    "tabs in CSV": (table(TABLE.replace(",", "\t")), "at least two|Expected numbers"),
    "commas in TSV": (table(TABLE, name="x.tsv"), "at least two|Expected numbers"),
    "decimal commas": (table(TABLE.replace(",", "\t").replace(".", ","), name="x.tsv"), "found the value '9,5'"),
    "no ids": (table("a,b,c\n0.5,1.5,2\n0.25,2,3\n0.5,2,1\n"), "ids .* in column 'a' .*found numbers: 0.5"),
    "no heading": (table("s1,1.5,2,3\ns2,4,5,6\ns3,7,8,9\n"), "found numbers: 1.5, 2, 3"),
    "short row": (table(TABLE + "s4,1,2\n"), "not readable as a table"),
    "long row": (table(TABLE + "s4,1,2,3,4\n"), "not readable as a table"),
    "word among numbers": (table(TABLE.replace("5", "five")), "found the value 'five'"),
    "missing values": (table(TABLE.replace("5,", "NA,")), "found 1 missing or infinite values: 1 genes \\(G2\\)"),
    "infinite value": (table(TABLE.replace("5,", "inf,")), "found 1 missing or infinite"),
    "repeated samples": (table(TABLE + "s1,1,2,3\n", "--orientation", "samples"), "every sample id once.*: s1"),
    "repeated genes": (table(TABLE.replace("G3", "G1")), "every gene id once.*: G1"),
    "sample without id": (table(TABLE + ",1,2,3\n", "--orientation", "samples"), "none for sample number 4"),
    "gene without id": (table(TABLE.replace("G2", "")), "none for gene number 2"),
    "one sample": (table("sample,G1,G2\ns1,1,2\n"), "at least two samples .*found 1"),
    "one gene": (table("sample,G1\ns1,1\ns2,2\n"), "at least two genes .*found 1"),
    "wrong orientation": (table("sample,G1\ns1,1\ns2,2\ns3,3\n", "--orientation", "samples"), "at least two genes"),
    "contradicting orientation": (table(TABLE, "--orientation", "genes", "--gene-prefix", "G"), "contradicts"),
    "negative linear values": (table(TABLE.replace("5,", "-5,"), "--scale", "linear"), "linear values of 0 or more"),
    "negative counts": (table(TABLE.replace("5,", "-5,"), "--scale", "counts"), "counts of 0 or more"),
    "sample without counts": (
        table(TABLE + "s4,0,0,0\n", "--scale", "counts", "--orientation", "samples"),
        "none in 1: s4",
    ),
    "unknown suffix": (table(TABLE, name="x.data"), "Expected a file that ends with"),
    "unknown format": (table(TABLE, "--format", "xls"), "Expected a format among"),
    "no such prefix": (table(TABLE, "--gene-prefix", "P"), "columns that start with 'P'"),
    "no such id column": (table(TABLE, "--sample-column", "name"), "Expected a column 'name'"),
    "wrong pattern of genes": (table(TABLE, "--gene-pattern", "(?P<symbol>"), "regular expression in --gene-pattern"),
    "pattern without names": (table(TABLE, "--gene-pattern", "G"), "groups named symbol"),
    "pattern that fits no gene": (table(TABLE, "--gene-pattern", "^(?P<symbol>X.)$"), "3 do not: G1"),
    "wrong pattern of groups": (table(TABLE, "--group-pattern", "("), "regular expression in --group-pattern"),
    "no such group column": (table(TABLE, "--group-column", "study"), "study"),
    "genes of another table": (
        beside("id,symbol\nX1,A\n", "--gene-table", "{}", name="genes.csv"),
        "Expected genes like",
    ),
    "genes without names": (
        beside("id,length\nG1,9\n", "--gene-table", "{}", name="genes.csv"),
        "columns named symbol",
    ),
    "labels without ids": (beside("name,kind\ns1,a\n", *LABELS, name="labels.csv"), "id"),
    "labels without labels": (beside("id,type\ns1,a\n", *LABELS, name="labels.csv"), "kind"),
    "labels of one sample twice": (beside("id,kind\ns1,a\ns1,b\n", *LABELS, name="labels.csv"), "s1"),
    "labels of others": (beside("id,kind\nt1,a\nt2,b\n", *LABELS, name="labels.csv"), "label"),
    "another shape than expected": (table(TABLE, "--expected", '{"samples": 99}'), "99"),
    "another range than expected": (table(TABLE, "--expected", '{"highest": 5}'), "5"),
    "expectation that is no JSON": (table(TABLE, "--expected", "{"), "Expected a JSON object"),
    "files without shared genes": (studies(TABLE, TABLE.replace("G", "H")), "genes that all of 2 files measure"),
    "files with the same samples": (studies(TABLE, TABLE), "every sample id once"),
    "GCT of another version": (table(GCT.replace("#1.2", "#9.9"), name="x.gct"), "1.2"),
    "GCT of another shape": (table(GCT.replace("2\t2\n", "5\t2\n", 1), name="x.gct"), "5"),
    "series without table": (table('!Series_title\t"x"\n', name="x_series_matrix.txt"), "series_matrix_table"),
    "series that is cut": (table(SERIES, name="x_series_matrix.txt"), "series_matrix_table_end|whole"),
    "HDF5 without matrix": (hdf5(lambda file: file.__delitem__("0/DATA")), "Expected 0/DATA/0/matrix"),
    "matrix of a hostile shape": (hdf5(claim("0/DATA/0/matrix", (10**9, 10**9))), "Expected a matrix of"),
    "ids of a hostile shape": (hdf5(claim("0/META/ROW/id", (10**12,))), "claims 1,000,000,000,000 entries"),
    "matrix of no dimension": (hdf5(claim("0/DATA/0/matrix", (10**9,))), "Expected a matrix of"),
    "sparse positions outside": (hdf5(sparse([0, 7], [0, 1, 2]), "x.h5ad"), "positions below 3"),
    "sparse rows that end early": (hdf5(sparse([0, 1], [0, 1]), "x.h5ad"), "ascending positions"),
    "sparse rows that run backwards": (hdf5(sparse([0, 1], [0, 2, 1]), "x.h5ad"), "ascending positions"),
    "pickle that runs a command": (pickled(Hostile()), "asks for posix.system"),
    "pickle without a sum": (pickled(pd.DataFrame({"a": [1.0]}), digest=None), "SHA-256"),
    "pickle with another sum": (pickled(pd.DataFrame({"a": [1.0]}), digest="other"), "Expected the SHA-256 0000"),
    "pickle that is no frame": (pickled([1, 2]), "Expected a DataFrame"),
    "gzip that unfolds to rows": (bomb(b"s,0,0\n" * 100_000, 150), "unfolds to more than 400 times"),
    "gzip that unfolds to a line": (bomb(b"0," * 1_000_000, 150), "a line of 268,435,456 bytes"),
    "file where a folder must be": (blocked, "Not a directory|File exists"),
    "folder that cannot be written": (read_only, "No such file or directory|Permission denied"),
}
