"""What intervals cover of new samples, over several splits of the default run's compendium.

One split gives one number, which moves with the samples that happen to be held out: of n calibration samples alone the
share that an interval covers has a standard deviation of √(0.9 · 0.1 / n). Each split has a panel and models of its
own; the panel is drawn at random, since a selected one has seen samples that another split holds out. Run the
workflow first: `make`.
"""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import pandas as pd
import typer
import yaml
from common import write_results

from landmarks.exporting import measure_intervals
from landmarks.expression import read_gene_ids
from landmarks.files import read_frame
from landmarks.inference import fit_model
from landmarks.inference.problem import prepare
from landmarks.matrices import Room
from landmarks.split import split_samples

SETTINGS = {
    "ridge": ["penalties"],
    "dgex": ["hidden", "keep", "epochs", "batch_size", "learning_rate"],
}


def main(
    config: Annotated[Path, typer.Option()] = Path("config/config.yaml"),
    results: Annotated[Path, typer.Option()] = Path("results/brca"),
    k: Annotated[int, typer.Option(help="landmarks")] = 250,
    splits: Annotated[int, typer.Option()] = 10,
    level: Annotated[float, typer.Option()] = 0.9,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    wanted = yaml.safe_load(config.read_text(encoding="utf-8"))
    compendium, method = wanted["compendium"], wanted["split"]["method"]
    expression = results / "prepared" / f"{compendium}.parquet"
    groups = read_frame(results / "data" / compendium / "samples.parquet", ["sample_id", "group"])
    samples = read_frame(expression, ["sample_id"]).merge(groups, on="sample_id", how="left", validate="1:1")
    genes = np.asarray(read_gene_ids(expression), object)
    rows = []
    for seed in range(splits):
        shares = {name: wanted["split"][name] for name in ("validation", "test")}
        split = split_samples(samples, method=method, seed=seed, **shares)
        panel = np.random.default_rng(seed).choice(genes, k, replace=False)
        with TemporaryDirectory() as folder, ExitStack() as closing:
            room = Room(Path(folder), 2_000, closing)
            problem = prepare(expression, split, panel, room)
            for model, names in SETTINGS.items():
                settings = {name: wanted["inference"][model][name] for name in names}
                parameters = problem.scaling | fit_model(model, problem, settings, seed=seed)
                intervals = measure_intervals(
                    expression, split, parameters, panel, problem.targets, method=method, level=level, room=room
                )
                row = {"model": model, "split": seed, "calibrated": intervals.validation + intervals.left_out}
                rows.append(row | {"coverage": float(intervals.coverage.mean())})
                print(rows[-1], flush=True)
    frame = pd.DataFrame(rows)
    by_model = frame.groupby("model", sort=False)
    table = by_model["coverage"].agg(["mean", "std", "min", "max"]).reset_index()
    table.insert(1, "calibrated", by_model["calibrated"].median().to_numpy())
    write_results("coverage", table, out_dir)


if __name__ == "__main__":
    typer.run(main)
