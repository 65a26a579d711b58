"""The autoencoder's training at the paper's size, beside a plain PyTorch loop and Keras on the same network.

The floor is the flops of the matrix products, 6 a weight and sample and 4 for the first layer, at rate F. All are
measured in turns in one run, in samples a second over whole passes of the same z-scores, in random order. The plain
loop is what most would write: a shuffled DataLoader over a TensorDataset, autograd, Adam, and the penalty as it is
published, a term of the loss (as in Keras). A quicker one leaves the penalty to Adam, as coupled weight decay.
Keras runs in a process of its own, since two numerical libraries in one process wait for each other's threads;
--keras names the Python that has TensorFlow.
"""

import subprocess
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from common import gemm_gflops, in_turns, seconds, spread, tabulate_ratios, write_results
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from landmarks.autoencoder import Autoencoder
from landmarks.matrices import InMemory
from landmarks.training import Settings, Training

HIDDEN = [500, 100]
RATE, PENALTY, DROPOUT = 1e-3, 1e-6, 0.1

KERAS = """
import sys, time
import numpy as np
import tensorflow as tf
from tensorflow import keras
z, batch = np.load(sys.argv[1]), int(sys.argv[2])
l2 = keras.regularizers.L2(PENALTY)
layers = [keras.layers.Input((z.shape[1],))]
for width in HIDDEN + HIDDEN[-2::-1]:
    layers += [keras.layers.Dense(width, "sigmoid", kernel_regularizer=l2), keras.layers.Dropout(DROPOUT)]
model = keras.Sequential([*layers, keras.layers.Dense(z.shape[1], kernel_regularizer=l2)])
model.compile(keras.optimizers.Adam(RATE), "mean_absolute_error")
data = tf.data.Dataset.from_tensor_slices((z, z)).shuffle(len(z)).batch(batch).prefetch(1)
model.fit(data, epochs=1, verbose=0)
start = time.perf_counter()
model.fit(data, epochs=1, verbose=0)
print("seconds", time.perf_counter() - start)
"""


def plain_loop(z: torch.Tensor, batch_size: int, *, decay: bool) -> Callable[[], float]:
    """Return a measurement of one pass of the plain loop, its penalty a term of the loss or Adam's weight `decay`."""
    model = Autoencoder(z.shape[1], HIDDEN, DROPOUT).train()
    weights = [parameter for parameter in model.parameters() if parameter.ndim == 2]
    biases = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    weight_decay = 2 * PENALTY if decay else 0.0
    groups: list[dict[str, object]] = [{"params": weights, "weight_decay": weight_decay}, {"params": biases}]
    optimiser = torch.optim.Adam(groups, lr=RATE)
    loader = DataLoader(TensorDataset(z), batch_size=batch_size, shuffle=True)

    def run() -> None:
        for (batch,) in loader:
            optimiser.zero_grad()
            loss = nn.functional.l1_loss(model(batch), batch)
            if not decay:
                loss = loss + PENALTY * sum((weight**2).sum() for weight in weights)
            loss.backward()
            optimiser.step()

    return lambda: len(z) / seconds(run)


def blocks_of_genes(z: torch.Tensor, batch_size: int, precision: str) -> Callable[[], float]:
    """Return a measurement of one pass of this package's training."""
    rows = InMemory(z.numpy())
    settings = Settings(1, batch_size, RATE, PENALTY, precision)
    model = Autoencoder(z.shape[1], HIDDEN, DROPOUT)
    training = Training(model, rows, rows, settings, seed=0, device=torch.device("cpu"))
    generator = np.random.default_rng(0)

    def run() -> None:
        training.model.train()
        for batch in training._batches(rows, generator.permutation(len(z))):
            training._step(batch)

    return lambda: len(z) / seconds(run)


def keras_loop(python: Path, z: torch.Tensor, batch_size: int, folder: Path) -> Callable[[], float]:
    """Return a measurement of one pass of Keras, after one to warm up."""
    np.save(folder / "z.npy", z.numpy())
    names = {"HIDDEN": HIDDEN, "RATE": RATE, "PENALTY": PENALTY, "DROPOUT": DROPOUT}
    program = "".join(f"{name} = {value}\n" for name, value in names.items()) + KERAS
    command = [str(python), "-c", program, str(folder / "z.npy"), str(batch_size)]

    def run() -> float:
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return len(z) / float(printed.split("seconds")[1])

    return run


def main(
    genes: Annotated[int, typer.Option()] = 22_268,
    samples: Annotated[int, typer.Option()] = 4_096,
    batch_size: Annotated[int, typer.Option()] = 512,
    rounds: Annotated[int, typer.Option()] = 3,
    keras: Annotated[Path | None, typer.Option(help="a Python with TensorFlow")] = None,
    bfloat16: Annotated[bool, typer.Option(help="measure it as well")] = False,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    torch.manual_seed(0)
    z = torch.randn(samples, genes)
    candidates: dict[str, Callable[[], float]] = {
        "F": gemm_gflops,
        "blocks of genes": blocks_of_genes(z, batch_size, "float32"),
        "plain loop": plain_loop(z, batch_size, decay=False),
        "plain loop, weight decay": plain_loop(z, batch_size, decay=True),
    }
    if bfloat16:
        candidates["blocks of genes, bfloat16"] = blocks_of_genes(z, batch_size, "bfloat16")
    with tempfile.TemporaryDirectory() as folder:
        if keras:
            candidates["Keras"] = keras_loop(keras, z, batch_size, Path(folder))
        in_turns({name: measure for name, measure in candidates.items() if name != "Keras"}, 1)  # warm-up
        measured = in_turns(candidates, rounds)
    widths = [genes, *HIDDEN, *HIDDEN[-2::-1], genes]
    products = [one * other for one, other in pairwise(widths)]
    flops = 6 * sum(products) - 2 * products[0]
    rate = measured.pop("F")
    floor = [gflops * 1e9 / flops for gflops in rate]
    measured = {"floor: the products alone": floor, **measured}
    frame = tabulate_ratios(measured, "blocks of genes", unit="samples_s", ratio="blocks_times_this", speeds=True)
    frame["gflops_F"] = spread(rate)["median"]
    write_results("training", frame, out_dir)


if __name__ == "__main__":
    typer.run(main)
