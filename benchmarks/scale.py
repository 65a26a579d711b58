"""How time, memory and files of every rule grow with the number of samples, up to the paper's 129,158 × 22,268.

The whole workflow, config/simulated.yaml, is run on simulated compendia. Of every job the step's own log tells what it
took and held, Snakemake's benchmark file what its rule asked for (`mem_mb`). A rule's jobs are added up, its largest is
taken for memory. Rules that hold samples run one at a time. Growth is the exponent of a power of the number of samples,
fitted to all sizes, where the start of a process (seconds, some 300 MB) flattens small ones, and to the last two.

The floor of a rule is the flops of its matrix products, counted (`scale_counts.py`), at the machine's rate F for single
precision. The autoencoder needs some hundred steps to learn anything, without which it is refused: at small sizes it is
trained for more epochs, and its time is that of an epoch.

Sizes that are done are not run again: Snakemake sees to it. All 129,158 samples need 60 GB of disk.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import training
import typer
import yaml
from common import gemm_gflops, write_results
from scale_counts import Counts

from landmarks.files import write_frame

SAMPLES, GENES = 129_158, 22_268
CONFIG = Path("config/simulated.yaml")
CASES = ("import_expression", "normalise", "remove_duplicates", "select_panels", "fit_inference", "fit_part")
"""Rules whose jobs differ much by dataset, selector or model."""

LIMIT_MB = 14_000
"""What all jobs together may ask for."""

USED = re.compile(r"took ([\d.]+) s, held (\d+) MB at most")
BIN = Path(sys.executable).parent


def simulate(samples: int, genes: int, folder: Path) -> tuple[float, float]:
    """Simulate a compendium, if it is not there yet; return what it took and held."""
    out, log = folder / "simulated.gctx", folder / "simulate.log"
    if not out.exists():
        words = ["--samples", str(samples), "--genes", str(genes), "--seed", "0", "--out", str(out)]
        subprocess.run([BIN / "landmarks", "--log", log, "simulate-compendium", *words], check=True)
    return read_usage(log)


def configure(samples: int, folder: Path, epochs: int) -> Path:
    """Write the config of a size, and return where."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["run"] = f"scale{samples}"
    config["autoencoder"]["epochs"] = epochs
    for dataset in config["datasets"].values():
        dataset["origin"] = str(folder / Path(dataset["origin"]).name)
    out = folder / "config.yaml"
    out.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return out


def run_workflow(config: Path, memory_mb: int, cores: int) -> None:
    """Run the workflow; `held_mb` is asked for by every rule that holds samples."""
    limits = ["--resources", f"held_mb={memory_mb}", f"mem_mb={LIMIT_MB}"]
    command = ["--cores", str(cores), "--configfile", str(config), "--benchmark-extended", "--quiet", "all", *limits]
    subprocess.run([BIN / "snakemake", *command], check=True)


def read_usage(log: Path) -> tuple[float, float]:
    """Return seconds and MB off a step's log."""
    found = USED.search(log.read_text(encoding="utf-8"))
    return (float(found[1]), float(found[2])) if found else (float("nan"), float("nan"))


def read_jobs(results: Path) -> pd.DataFrame:
    """Return a row a job: ``job`` (its log's path), ``rule``, ``case``, ``seconds``, ``held_mb``, ``mem_mb``."""
    rows: list[dict[str, Any]] = []
    for log in sorted((results / "logs").rglob("*.log")):
        path = log.relative_to(results / "logs")
        seconds, held = read_usage(log)
        benchmark = (results / "benchmarks" / path).with_suffix(".tsv")
        asked = float("nan")
        if benchmark.exists():
            table = pd.read_csv(benchmark, sep="\t")
            if "resources" in table:
                asked = float(ast.literal_eval(table["resources"].iloc[0])["mem_mb"])
        rule = path.parts[0].removesuffix(".log")
        case = path.parts[1].removesuffix(".log") if rule in CASES else ""
        row = {"job": str(path), "rule": rule, "case": case}
        rows.append(row | {"seconds": seconds, "held_mb": held, "mem_mb": asked})
    return pd.DataFrame(rows).dropna(subset="seconds")


def count(results: Path, genes: int) -> Counts:
    """Count the samples of a run's split."""
    parts = pd.read_parquet(results / "split.parquet", columns=["part"])["part"].value_counts()
    return Counts(int(parts["train"]), int(parts["validation"]), int(parts["test"]), genes)


def summarise(jobs: pd.DataFrame, simulated: tuple[float, float], counts: Counts, rate: float) -> pd.DataFrame:
    """Return a row a rule: jobs, seconds, memory held and asked for, and the floor of its products at `rate`."""
    names = (jobs["rule"] + " " + jobs["case"]).str.strip().rename("rule")
    frame = (
        jobs.groupby(names, sort=False)
        .agg(jobs=("seconds", "size"), seconds=("seconds", "sum"), held_mb=("held_mb", "max"), mem_mb=("mem_mb", "max"))
        .reset_index()
    )
    first = {"rule": "simulate_compendium", "jobs": 1, "seconds": simulated[0], "held_mb": simulated[1]}
    frame = pd.concat([pd.DataFrame([first]), frame], ignore_index=True)
    frame["floor_s"] = frame["rule"].map(counts.by_rule()) / rate / 1e9
    frame["share_of_floor"] = frame["floor_s"] / frame["seconds"]
    return frame


def read_pace(results: Path) -> float:
    """Return the samples a second of the autoencoder's training, start and staging left out."""
    log = next((results / "logs/train_autoencoder").glob("*.log")).read_text(encoding="utf-8")
    return float(re.findall(r"([\d,]+) samples/s", log)[-1].replace(",", ""))


def weigh(folder: Path) -> pd.DataFrame:
    """Return the MB of a run's files by folder."""
    sizes = [(file.relative_to(folder).parts[0], file.stat().st_size) for file in folder.rglob("*") if file.is_file()]
    return (
        pd.DataFrame(sizes, columns=["folder", "mb"])
        .groupby("folder", as_index=False)["mb"]
        .sum()
        .assign(mb=lambda frame: frame["mb"] / 1e6)
    )


def exponent(samples: list[int], values: list[float]) -> float:
    """Return the exponent of growth: the slope of the least-squares line through the logarithms."""
    if len(set(samples)) < 2 or not all(value > 0 for value in values):
        return float("nan")
    return float(np.polyfit(np.log(samples), np.log(values), 1)[0])


def tabulate_growth(frame: pd.DataFrame, key: str, columns: list[str]) -> pd.DataFrame:
    """Return a row for each `key`: exponents of each column over all its sizes, and between the last two."""
    rows = []
    for name, group in frame.groupby(key, sort=False):
        ordered = group.sort_values("samples")
        row: dict[str, Any] = {key: name, "sizes": len(ordered)}
        for column in columns:
            for which, part in (("all", ordered), ("last_two", ordered.tail(2))):
                row[f"{column}_{which}"] = exponent(part["samples"].tolist(), part[column].tolist())
        rows.append(row)
    return pd.DataFrame(rows)


def main(
    sizes: Annotated[str, typer.Option(help="divisors of the 129,158 samples")] = "64,16,4,1",
    genes: Annotated[int, typer.Option()] = GENES,
    epochs: Annotated[int, typer.Option(help="of the autoencoder at full size; at 1/d of it d times as many")] = 2,
    most_epochs: Annotated[int, typer.Option(help="at any size")] = 100,
    cores: Annotated[int, typer.Option()] = 2,
    keras: Annotated[Path | None, typer.Option(help="a Python with TensorFlow, for benchmarks/training.py")] = None,
    folder: Annotated[Path, typer.Option(help="simulated compendia")] = Path("downloads/scale"),
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    rate = gemm_gflops()
    if keras:
        training.main(genes=genes, keras=keras, out_dir=out_dir)
    held_mb = yaml.safe_load(CONFIG.read_text(encoding="utf-8")).get("memory_mb", 2_000)
    frames, all_jobs, weights, paces = [], [], [], []
    for divisor in sorted({int(number) for number in sizes.split(",")}, reverse=True):
        samples, trained = SAMPLES // divisor, min(epochs * divisor, most_epochs)
        place, results = folder / f"samples{samples}", Path(f"results/scale{samples}")
        place.mkdir(parents=True, exist_ok=True)
        simulated = simulate(samples, genes, place)
        run_workflow(configure(samples, place.resolve(), trained), held_mb, cores)
        jobs, counts = read_jobs(results), count(results, genes)
        # Of the training an epoch, its share of the start included.
        jobs.loc[jobs["rule"] == "train_autoencoder", "seconds"] /= trained
        all_jobs.append(jobs.assign(samples=samples))
        frames.append(summarise(jobs, simulated, counts, rate).assign(samples=samples))
        weights.append(weigh(results).assign(samples=samples))
        pace = read_pace(results)
        row = {"samples": samples, "trained_on": counts.training, "samples_s": pace, "gflops_F": rate}
        row["share_of_floor"] = pace * counts.learnt / rate / 1e9
        paces.append(row | {"hours_of_100_epochs_EXTRAPOLATED": 100 * counts.training / pace / 3_600})
        table = pd.concat(frames, ignore_index=True)
        write_results("scale", table, out_dir)
        write_frame(pd.concat(all_jobs, ignore_index=True), out_dir / "scale_jobs.parquet")
        write_results("scale_growth", tabulate_growth(table, "rule", ["seconds", "held_mb"]), out_dir)
        write_results("scale_files", tabulate_growth(pd.concat(weights), "folder", ["mb"]), out_dir)
        write_results("scale_training", pd.DataFrame(paces), out_dir)


if __name__ == "__main__":
    typer.run(main)
