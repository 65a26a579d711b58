"""How the autoencoder is trained (Kong et al. 2021): Adam on MAE + penalty · Σ‖W‖², one batch after the other.

Nearly all weights are of the first and the last layer, which face the genes. A training step spends its time in their
matrix products, but a plain one loses half as much again in passes over memory: the output, its error and gradients,
and Adam's moments. Here a step takes the last layer in blocks of genes. Of each block the output, its error, the
gradient and the update are done while they are in the processor's cache, so that neither output nor gradients are ever
stored whole; so are the first layer's gradient and update. Blocks are shared among threads, and multiplied by NumPy,
whose BLAS is faster than PyTorch's on many a processor. The small layers between are PyTorch's.

It is the same arithmetic: tests hold it against autograd with Adam on the written loss.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor, nn

from landmarks.autoencoder import Autoencoder, linear_layers
from landmarks.batches import batches
from landmarks.checkpoints import Checkpoint, State, seed_of
from landmarks.gene_layers import GeneLayer, adam, split_genes
from landmarks.matrices import Rows
from landmarks.progress import Pace
from landmarks.workers import Workers, multiply

logger = logging.getLogger("landmarks")

GENES = 2_048
"""Genes a block on a processor, at most: with the batch's outputs, a block's weights and gradient fit its cache. A GPU
takes all genes at once."""

MONITORED = 5_000
"""Samples, drawn once, on which the MAE is watched after each epoch; more would take a fifth of the time."""

STATE = 3
"""Raised whenever `Training.state` holds other things or a step rounds otherwise: older states are not taken up."""


@dataclass(frozen=True)
class Settings:
    """How the autoencoder is trained.

    Attributes
    ----------
    epochs, batch_size, learning_rate
        The paper has 100 epochs.
    penalty
        Of the squared weights, biases excepted. Its gradient, 2 · `penalty` · W, is Adam's coupled weight decay.
    precision
        ``float32``, or ``bfloat16`` for the gene-facing products; weights and updates are float32 all the same.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    penalty: float
    precision: str = "float32"


class Training:
    """An autoencoder's training, from its first batch to its last.

    Parameters
    ----------
    model
        Trained in place; its gene-facing weights are up to date after `finish`.
    training, validation
        float32 z-scores, (samples, genes). Validation samples are only looked at.
    settings
        How it is trained.
    seed
        Whatever is drawn depends on `seed`, epoch and batch alone.
    device
        Where the arithmetic is done.
    """

    def __init__(
        self,
        model: Autoencoder,
        training: Rows,
        validation: Rows,
        settings: Settings,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self.model, self.training, self.validation = model.to(device), training, validation
        self.settings, self.seed, self.device = settings, seed, device
        first, *inner = linear_layers(model.encoder) + linear_layers(model.decoder)
        last = inner.pop()
        genes = training.shape[1]
        self.workers = Workers.on(device)
        self.slices = split_genes(genes, GENES) if device.type == "cpu" else [slice(0, genes)]
        rates = {"learning_rate": settings.learning_rate, "penalty": settings.penalty}
        self.first = GeneLayer(first.weight.detach().T.contiguous(), self.slices, **rates)
        self.last = GeneLayer(last.weight.detach(), self.slices, **rates)
        self.between = nn.Sequential(*list(model.encoder)[1:], *list(model.decoder)[:-1])
        self.bias, self.last_bias = first.bias, last.bias
        self.small = [*(layer.weight for layer in inner), *(layer.bias for layer in (first, *inner, last))]
        self.optimiser = adam(self.small[: len(inner)], self.small[len(inner) :], **rates)
        for parameter in self.small:
            self.optimiser.state[parameter] = {
                "step": torch.zeros((), device=device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
        self.epoch, self.batch, self.total = 1, 0, torch.zeros((), dtype=torch.float64, device=device)
        self.history: list[list[float]] = []
        generator = np.random.default_rng(seed_of(seed, 0))
        self.watched = [
            np.sort(generator.permutation(rows.shape[0])[:MONITORED]).astype(np.int64)
            for rows in (training, validation)
        ]

    def run_epoch(self, checkpoint: Checkpoint | None, pace: Pace) -> None:
        """Pass over the training samples once, or over what is left of them, and note the errors."""
        order = np.random.default_rng(seed_of(self.seed, self.epoch)).permutation(self.training.shape[0])
        self.model.train()
        for z in self._batches(self.training, order[self.batch * self.settings.batch_size :]):
            torch.manual_seed(seed_of(self.seed, self.epoch, self.batch))
            self._step(z)
            self.batch += 1
            pace.add(len(z), f"epoch {self.epoch}/{self.settings.epochs}")
            if checkpoint is not None and checkpoint.due:
                checkpoint.save(self.state())
        errors = [
            self._error(rows, watched)
            for rows, watched in zip((self.training, self.validation), self.watched, strict=True)
        ]
        self.history.append([self.epoch, float(self.total) / len(order), *errors])
        line = "epoch %d/%d: MAE %.4f on training, %.4f on validation samples, %s"
        logger.info(line, self.epoch, self.settings.epochs, *errors, pace)
        self.epoch, self.batch = self.epoch + 1, 0
        self.total.zero_()

    def _batches(self, rows: Rows, numbers: npt.NDArray[np.int64]) -> Iterator[Tensor]:
        """Yield the samples with these numbers batch by batch, each valid until the next is asked for."""
        return batches(rows, numbers, self.settings.batch_size, self.device)

    def _multiply(self, left: Tensor, right: Tensor) -> Tensor:
        """Return the product of two matrices, in the precision asked for."""
        if self.settings.precision == "bfloat16":
            return (left.bfloat16() @ right.bfloat16()).float()
        return multiply(left, right)

    @torch.no_grad()
    def _enter(self, z: Tensor) -> Tensor:
        """Return what enters the first layer's units, shape (samples, units)."""

        def sum_of(number: int) -> Tensor:
            return self._multiply(z[:, self.slices[number]], self.first.blocks[number])

        return reduce(torch.add, self.workers.run(sum_of, len(self.slices))) + self.bias

    def _error_of(self, number: int, hidden: Tensor, z: Tensor) -> Tensor:
        """Return output minus input for a block of genes, shape (samples, genes)."""
        genes = self.slices[number]
        return self._multiply(hidden, self.last.blocks[number].T).sub_(z[:, genes]).add_(self.last_bias[genes])

    @torch.no_grad()
    def _leave(self, hidden: Tensor, z: Tensor) -> Tensor:
        """Update the last layer but for its bias, which gets its gradient; return that of `hidden`."""
        # What the mean over samples and genes divides by is taken here, where there are fewer numbers.
        scaled, share = hidden / z.numel(), 1 / z.numel()

        def update(number: int) -> tuple[Tensor, Tensor, Tensor]:
            with torch.no_grad():
                error = self._error_of(number, hidden, z)
                total = error.abs().sum()
                sign = error.sign_()
                backward = self._multiply(sign, self.last.blocks[number])
                self.last.update(number, self._multiply(sign.T, scaled))
                return total, sign.sum(dim=0), backward

        totals, signs, backward = zip(*self.workers.run(update, len(self.slices)), strict=True)
        for total in totals:
            self.total += total / z.shape[1]
        self.last_bias.grad = torch.cat(signs) * share
        return reduce(torch.add, backward) * share

    @torch.no_grad()
    def _update_first(self, z: Tensor, outgoing: Tensor) -> None:
        """Update the first layer, but for its bias, which gets its gradient."""

        def update(number: int) -> None:
            with torch.no_grad():
                self.first.update(number, self._multiply(z[:, self.slices[number]].T, outgoing))

        self.workers.run(update, len(self.slices))
        self.bias.grad = outgoing.sum(dim=0)

    def _step(self, z: Tensor) -> None:
        """Take one step of Adam."""
        entering = self._enter(z).requires_grad_()
        hidden: Tensor = self.between(entering)
        hidden.backward(self._leave(hidden.detach(), z))
        assert entering.grad is not None
        self._update_first(z, entering.grad)
        self.optimiser.step()
        self.optimiser.zero_grad()

    @torch.no_grad()
    def _error(self, rows: Rows, numbers: npt.NDArray[np.int64]) -> float:
        """Return the MAE over some samples, in z-scores, without dropout."""
        self.model.eval()
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        for z in self._batches(rows, numbers):
            hidden = self.between(self._enter(z))

            def error_of(number: int, hidden: Tensor = hidden, z: Tensor = z) -> Tensor:
                with torch.no_grad():
                    return self._error_of(number, hidden, z).abs_().sum()

            for error in self.workers.run(error_of, len(self.slices)):
                total += error
        return float(total) / (len(numbers) * rows.shape[1])

    def _tensors(self) -> dict[str, Tensor]:
        """Return every tensor that a step changes, by name."""
        tensors = {"total": self.total}
        for name, layer in (("first", self.first), ("last", self.last)):
            tensors |= {name: layer.weight, f"{name}.m": layer.moments[0], f"{name}.v": layer.moments[1]}
        for index, parameter in enumerate(self.small):
            moments = self.optimiser.state[parameter]
            tensors |= {f"small.{index}": parameter.detach()}
            tensors |= {f"small.{index}.m": moments["exp_avg"], f"small.{index}.v": moments["exp_avg_sq"]}
        return tensors

    def state(self) -> State:
        """Return all that the next batch depends on."""
        numbers = {"place": np.asarray([self.epoch, self.batch]), "history": np.asarray(self.history).reshape(-1, 4)}
        return numbers | {name: tensor.cpu().numpy() for name, tensor in self._tensors().items()}

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self.epoch, self.batch = (int(number) for number in state["place"])
        self.history = state["history"].tolist()
        for name, tensor in self._tensors().items():
            tensor.copy_(torch.from_numpy(state[name]))
        steps = (self.epoch - 1) * -(-self.training.shape[0] // self.settings.batch_size) + self.batch
        inner = (moments["step"] for moments in self.optimiser.state.values())
        for counted in (*inner, *self.first.steps, *self.last.steps):
            counted.fill_(steps)

    def finish(self) -> pd.DataFrame:
        """Put the weights into the model, in evaluation mode, and return the history."""
        first = self.model.encoder[0]
        first.weight.data = self.first.weight.T.contiguous()
        self.model.eval()
        frame = pd.DataFrame(self.history, columns=["epoch", "mae_batches", "mae_train", "mae_validation"])
        return frame.astype({"epoch": np.int64})


def train(
    model: Autoencoder,
    training: Rows,
    validation: Rows,
    settings: Settings,
    *,
    seed: int,
    device: torch.device | None = None,
    checkpoint: Checkpoint | None = None,
) -> pd.DataFrame:
    """Train an autoencoder, and leave it in evaluation mode at the parameters of the last epoch.

    Parameters
    ----------
    model, training, validation, settings, seed
        See `Training`.
    device
        The processor by default.
    checkpoint
        Where the state is kept; a training that was killed goes on from there, to the same parameters, bit for bit.

    Returns
    -------
    pandas.DataFrame
        ``epoch``, ``mae_batches`` (running, with dropout), ``mae_train``, ``mae_validation`` (without, on up to
        `MONITORED` samples each).
    """
    run = Training(model, training, validation, settings, seed=seed, device=device or torch.device("cpu"))
    state = None if checkpoint is None else checkpoint.load()
    if state is not None:
        run.restore(state)
        logger.info("training goes on at epoch %d, batch %d", run.epoch, run.batch)
    left = (settings.epochs + 1 - run.epoch) * training.shape[0] - run.batch * settings.batch_size
    with run.workers, Pace("training", left, "samples") as pace:
        while run.epoch <= settings.epochs:
            run.run_epoch(checkpoint, pace)
    return run.finish()
