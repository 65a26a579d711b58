"""Feed damaged files to all readers: each must be read, or refused by name; nothing else may be raised.

    python tests/fuzz/fuzz_readers.py --minutes 10

Good files of every format are cut, overwritten, lengthened, shuffled or joined with pieces of others, by a seeded
generator; what breaks a reader is kept in the current folder, with the seed that made it.
"""

import faulthandler
import gzip
import logging
import resource
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import h5py
import numpy as np
import pandas as pd
import typer

from landmarks.errors import LandmarksError
from landmarks.matrices import Room, iterate_blocks
from landmarks.readers import open_tables
from landmarks.readers.base import ReadOptions

MEMORY_GB = 4
PATIENCE_S = 60
"""A file that takes longer than that has broken a reader as well: the program ends, with its stack."""
WORDS = [
    b",",
    b"\t",
    b"\n",
    b'"',
    b"\r",
    b"-",
    b"e999",
    b"NaN",
    b"inf",
    b"\0",
    b"1e39",
    b"\xff\xfe",
    b"#1.2\n",
    b"9" * 40,
]
WORDS += [b"!series_matrix_table_begin\n", b"!series_matrix_table_end\n", b"\xc3\xa4", b"0x1p3", b",,,,,,", b"\n\n\n"]


def good_files(folder: Path) -> list[Path]:
    """Write a small good file of every format."""
    generator = np.random.default_rng(0)
    values = generator.random((6, 5)).astype(np.float32)
    frame = pd.DataFrame(values, columns=list("ABCDE"), index=pd.Index([f"s{i}" for i in range(6)], name="sample"))
    frame.to_csv(folder / "a.csv")
    frame.T.rename_axis("gene").to_csv(folder / "b.tsv", sep="\t")
    (folder / "c.csv.gz").write_bytes(gzip.compress((folder / "a.csv").read_bytes(), mtime=0))
    frame.reset_index().to_parquet(folder / "d.parquet", index=False)
    frame.to_parquet(folder / "e.parquet")
    rows = ["\t".join(map(str, [gene, "text", *column])) for gene, column in frame.items()]
    (folder / "f.gct").write_text(
        "\n".join(["#1.2", "5\t6", "\t".join(["NAME", "Description", *frame.index]), *rows]) + "\n"
    )
    table = frame.T.rename_axis("ID_REF").to_csv(sep="\t")
    series = f'!Series_title\t"x"\n!Sample_title\t{chr(9).join(frame.index)}\n!series_matrix_table_begin\n{table}'
    (folder / "g_series_matrix.txt").write_text(f"{series}!series_matrix_table_end\n")
    with h5py.File(folder / "h.gctx", "w") as file:
        file.create_dataset("0/DATA/0/matrix", data=values, chunks=(2, 3), compression="gzip")
        file["0/META/COL/id"], file["0/META/ROW/id"] = list(frame.index), list(frame.columns)
    with h5py.File(folder / "i.h5ad", "w") as file:
        x = file.create_group("X")
        x.attrs["encoding-type"], x.attrs["shape"] = "csr_matrix", (6, 5)
        x["data"], x["indices"], x["indptr"] = values.ravel(), np.tile(np.arange(5), 6), np.arange(0, 31, 5)
        for kind, ids in (("obs", frame.index), ("var", frame.columns)):
            file.create_group(kind).attrs["_index"] = "id"
            file[f"{kind}/id"] = list(ids)
    return sorted(file for file in folder.iterdir() if file.is_file())


def damage(content: bytes, others: list[bytes], generator: np.random.Generator) -> bytes:
    """Return what is left of a good file after one to four accidents."""
    data = bytearray(content)
    for _ in range(generator.integers(1, 5)):
        size = max(1, len(data))
        start, stop = sorted(generator.integers(0, size + 1, 2).tolist())
        kind = generator.integers(8)
        if kind == 0:
            del data[start:]
        elif kind == 1:
            del data[start : min(stop, start + 40)]
        elif kind == 2 and data:
            for place in generator.integers(0, len(data), generator.integers(1, 6)):
                data[place] = generator.integers(256)
        elif kind == 3:
            data[start:start] = WORDS[generator.integers(len(WORDS))]
        elif kind == 4:
            data[start:start] = data[start : min(stop, start + 200)]
        elif kind == 5:
            other = others[generator.integers(len(others))]
            data[start:stop] = other[start:stop]
        elif kind == 6 and len(data) > 8:
            # A number of a binary format: small, huge or negative.
            place = int(generator.integers(0, len(data) - 8))
            data[place : place + 8] = int(generator.choice([0, 1, -1, 2**31, 2**62, 2**40])).to_bytes(
                8, "little", signed=True
            )
        else:
            lines = bytes(data).split(b"\n")
            order = generator.permutation(len(lines)) if len(lines) < 1_000 else range(len(lines))
            data = bytearray(b"\n".join(lines[line] for line in order))
    return bytes(data)


def read(path: Path) -> None:
    """Read all of a file, as the import does."""
    with ExitStack() as closing:
        table = open_tables([path], "auto", ReadOptions(), "auto", Room(path.parent, 50, closing))
        for _ in iterate_blocks(table.matrix, 10):
            pass


def main(
    minutes: Annotated[float, typer.Option(min=0.01)] = 10,
    files: Annotated[int, typer.Option(min=1, help="at most")] = sys.maxsize,
    seed: Annotated[int, typer.Option(help="of the first file; each has the next one")] = 0,
    keep: Annotated[Path, typer.Option(help="folder for what breaks a reader")] = Path(),
) -> None:
    """Damage and read until the time is up; status 1 if a reader broke."""
    logging.getLogger("landmarks").setLevel(logging.ERROR)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_GB << 30, MEMORY_GB << 30))
    end, last = time.monotonic() + 60 * minutes, seed + files
    counts, broken = {"read": 0, "refused": 0}, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "good").mkdir()
        good = good_files(folder / "good")
        for path in good:
            read(path)
        contents = [path.read_bytes() for path in good]
        while time.monotonic() < end and seed < last:
            generator = np.random.default_rng(seed)
            number = int(generator.integers(len(good)))
            path = folder / good[number].name
            path.write_bytes(damage(contents[number], contents, generator))
            faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
            try:
                read(path)
                counts["read"] += 1
            except (LandmarksError, MemoryError):
                counts["refused"] += 1
            except Exception:
                broken += 1
                kept = keep / f"broken-{seed}-{path.name}"
                kept.write_bytes(path.read_bytes())
                print(f"seed {seed}, {kept}:\n{traceback.format_exc()}", file=sys.stderr)
            faulthandler.cancel_dump_traceback_later()
            path.unlink()
            seed += 1
    total = sum(counts.values()) + broken
    print(f"{total:,} files: {counts['read']:,} read, {counts['refused']:,} refused, {broken:,} broke")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    typer.run(main)
