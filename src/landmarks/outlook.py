"""What a configured run will need and take, estimated before it is begun: memory, disk, and hours."""

import gzip
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import h5py
import pyarrow.parquet as pq

from landmarks.config import Config, list_evaluations, list_panels
from landmarks.config_checks import files_of, is_local
from landmarks.needs import NEEDS, Case, megabytes

STORED = 0.85
"""Bytes of an expression file in Parquet, of those of its values as float32."""
COPIES = 3
"""Expression files of the compendium that a run holds at once: imported, prepared, and one normalised or staged."""
SHARE = 0.5
"""Of the rate of matrix products, what all steps together reach."""
JOB_S = 5.0
"""Seconds a job takes beside its products: to start, to read and to write."""


@dataclass(frozen=True)
class Outlook:
    """What a run needs.

    Attributes
    ----------
    samples, genes
        Shape of the compendium, before duplicates are removed.
    memory_mb
        The most that one job asks for, and its rule.
    rule
        That rule.
    disk_gb
        Of the run's folder.
    flops
        Of all products of matrices.
    """

    samples: int
    genes: int
    memory_mb: int
    rule: str
    disk_gb: float
    flops: float

    def hours(self, gflops: float, jobs: int, cores: int) -> float:
        """Return a rough estimate of the time on a machine of this rate, one with so many cores, for so many jobs."""
        return (self.flops / (SHARE * gflops * 1e9) + jobs * JOB_S / max(1, cores)) / 3_600


def find_shape(config: Config) -> tuple[int, int] | None:
    """Return samples and genes of the compendium: as imported, or as its file says; None where it is not here yet."""
    name = config["compendium"]
    dataset = config["datasets"][name]
    imported = Path("results") / config["run"] / "data" / name / "expression.parquet"
    if imported.is_file():
        metadata = pq.read_metadata(imported)
        return metadata.num_rows, metadata.num_columns - 1
    files = [Path(file) for file in files_of(dataset["origin"])] if is_local(dataset["origin"]) else []
    if not files or not all(file.is_file() for file in files):
        return None
    shapes = [_turn(*_measure(file), dataset["orientation"]) for file in files]
    return sum(samples for samples, _ in shapes), max(genes for _, genes in shapes)


def _turn(rows: int, columns: int, orientation: str) -> tuple[int, int]:
    """Return samples and genes of a file; the longer side is taken for genes where nothing is said."""
    turned = orientation == "genes" or (orientation == "auto" and rows > columns)
    return (columns, rows) if turned else (rows, columns)


def _measure(path: Path) -> tuple[int, int]:
    """Return rows and columns of a file, ids aside; of HDF5 samples and genes as they are mostly stored."""
    if path.suffix == ".parquet":
        metadata = pq.read_metadata(path)
        return metadata.num_rows, metadata.num_columns - 1
    if path.suffix in (".gctx", ".h5ad"):
        with h5py.File(path, "r") as file:
            found = file["0/DATA/0/matrix"] if "0" in file else file["X"]
            shape = found.shape if hasattr(found, "shape") else found.attrs["shape"]
            return int(shape[0]), int(shape[1])
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        heading = stream.readline()
        rows = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 24), b""))
    return rows, max(heading.count(b","), heading.count(b"\t"))


def foresee(config: Config, samples: int, genes: int) -> Outlook:
    """Estimate what a run of a config needs.

    Parameters
    ----------
    config
        Checked, defaults filled in.
    samples, genes
        Shape of the compendium.
    """
    tested = config["split"]["test"]
    share = tested if tested < 1 else tested / samples
    hidden = config["autoencoder"]["hidden"]
    network = [genes, *hidden, *hidden[-2::-1], genes]
    widest: list[int] = max(
        (settings.get("hidden", []) for settings in config["inference"].values()), key=sum, default=[]
    )
    largest = max(k for _, k, _ in list_panels(config))

    def layers(step: str) -> list[int]:
        learnt = ("train_autoencoder", "evaluate_autoencoder", "encode_samples", "attribute_deeplift")
        return network if step in learnt else [largest, *widest, genes]

    def ask(step: str) -> int:
        held, evidence = config["memory_mb"], config["evidence_samples"]
        return megabytes(step, Case(samples, genes, share, held, evidence, layers(step)))

    rule = max(NEEDS, key=ask)
    return Outlook(
        samples,
        genes,
        ask(rule),
        rule,
        COPIES * STORED * 4e-9 * samples * genes,
        count_flops(config, samples * (1 - share), samples * share, genes),
    )


def count_flops(config: Config, training: float, test: float, genes: int) -> float:
    """Count the flops of learning, attribution, and of fitting and judging models; 6 a weight and sample learnt."""
    hidden = config["autoencoder"]["hidden"]
    weights = 2 * sum(one * other for one, other in pairwise([genes, *hidden]))
    flops = (
        len(config["autoencoder"]["seeds"])
        * training
        * (6 * weights * config["autoencoder"]["epochs"] + 2 * genes * hidden[0] * hidden[-1])
    )
    flops += training * genes**2
    for model, _, k, _ in list_evaluations(config):
        settings = config["inference"][model]
        if "hidden" in settings:
            sizes = sum(one * other for one, other in pairwise([k, *settings["hidden"], genes]))
            flops += 6 * sizes * training * settings["epochs"] + 2 * genes**2 * test
        else:
            flops += 2 * k * genes * (test + 2_000 * len(settings.get("penalties", [1])))
    return flops
