"""One loop of `training.py`, in a process of its own: one pass to warm up, one that is measured.

Numerical libraries in one process wait for each other's threads, and what PyTorch reads when it is loaded holds for
all of a process. Prints ``measured`` and GFLOP/s for ``F``, else the seconds of a pass.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

HIDDEN = [500, 100]
RATE, PENALTY, DROPOUT = 1e-3, 1e-6, 0.1


def plain_loop(z: npt.NDArray[np.float32], batch_size: int, *, decay: bool) -> Callable[[], object]:
    """Return a pass of the plain loop, its penalty a term of the loss or Adam's weight `decay`."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    from landmarks.autoencoder import Autoencoder

    model = Autoencoder(z.shape[1], HIDDEN, DROPOUT).train()
    weights = [parameter for parameter in model.parameters() if parameter.ndim == 2]
    biases = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    weight_decay = 2 * PENALTY if decay else 0.0
    groups: list[dict[str, object]] = [{"params": weights, "weight_decay": weight_decay}, {"params": biases}]
    optimiser = torch.optim.Adam(groups, lr=RATE)
    loader = DataLoader(TensorDataset(torch.from_numpy(z)), batch_size=batch_size, shuffle=True)

    def run() -> None:
        for (batch,) in loader:
            optimiser.zero_grad()
            loss = nn.functional.l1_loss(model(batch), batch)
            if not decay:
                loss = loss + PENALTY * sum((weight**2).sum() for weight in weights)
            loss.backward()
            optimiser.step()

    return run


def blocks_of_genes(z: npt.NDArray[np.float32], batch_size: int, *, precision: str) -> Callable[[], object]:
    """Return a pass of this package's training."""
    import torch

    from landmarks.autoencoder import Autoencoder
    from landmarks.matrices import InMemory
    from landmarks.training import Settings, Training

    rows = InMemory(z)
    settings = Settings(1, batch_size, RATE, PENALTY, precision)
    model = Autoencoder(z.shape[1], HIDDEN, DROPOUT)
    training = Training(model, rows, rows, settings, seed=0, device=torch.device("cpu"))
    generator = np.random.default_rng(0)

    def run() -> None:
        training.model.train()
        with training.workers:
            for batch in training._batches(rows, generator.permutation(len(z))):
                training._step(batch)

    return run


def keras_loop(z: npt.NDArray[np.float32], batch_size: int) -> Callable[[], object]:
    """Return a pass of Keras."""
    import tensorflow as tf
    from tensorflow import keras

    l2 = keras.regularizers.L2(PENALTY)
    layers = [keras.layers.Input((z.shape[1],))]
    for width in HIDDEN + HIDDEN[-2::-1]:
        layers += [keras.layers.Dense(width, "sigmoid", kernel_regularizer=l2), keras.layers.Dropout(DROPOUT)]
    model = keras.Sequential([*layers, keras.layers.Dense(z.shape[1], kernel_regularizer=l2)])
    model.compile(keras.optimizers.Adam(RATE), "mean_absolute_error")
    data = tf.data.Dataset.from_tensor_slices((z, z)).shuffle(len(z)).batch(batch_size).prefetch(1)
    return lambda: model.fit(data, epochs=1, verbose=0)


LOOPS: dict[str, Callable[[npt.NDArray[np.float32], int], Callable[[], object]]] = {
    "blocks of genes": lambda z, size: blocks_of_genes(z, size, precision="float32"),
    "blocks of genes, bfloat16": lambda z, size: blocks_of_genes(z, size, precision="bfloat16"),
    "plain loop": lambda z, size: plain_loop(z, size, decay=False),
    "plain loop, weight decay": lambda z, size: plain_loop(z, size, decay=True),
    "Keras": keras_loop,
}


def main(name: str, path: str, batch_size: int) -> None:
    """Measure and print."""
    if name == "F":
        from common import gemm_gflops

        print("measured", gemm_gflops())
        return
    run = LOOPS[name](np.load(path), batch_size)
    run()
    start = time.perf_counter()
    run()
    print("measured", time.perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
