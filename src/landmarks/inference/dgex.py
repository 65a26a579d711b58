"""D-GEX (Chen et al. 2016): tanh networks from landmarks to targets, trained as its published code does."""

import logging
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from landmarks.batches import absolute_error, batches, identify_training, restore, seed_device, state_of
from landmarks.checkpoints import Checkpoint, State, seed_of
from landmarks.devices import choose_device
from landmarks.matrices import Rows
from landmarks.parameters import Parameters
from landmarks.progress import Pace

logger = logging.getLogger("landmarks")

MOMENTUM = 0.5
LATER_RATE = 3.0
"""Learning-rate multiplier of all weights after the first layer."""
DECAY = 0.9
SMALLEST_RATE = 1e-5
OUTPUT_RANGE = 1e-4
"""Output weights start uniform within ± this; hidden weights within ±√(6/(in+out))."""
MONITORED = 5_000
"""Training samples on which the decay rule watches the MAE, drawn once at random."""


def build_network(sizes: list[int], keep: float) -> nn.Sequential:
    """Return tanh layers with dropout after each, and a linear output.

    Parameters
    ----------
    sizes
        Landmarks, hidden widths, targets.
    keep
        Probability of keeping a hidden unit in training.
    """
    modules: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        last = index == len(sizes) - 2
        layer = nn.Linear(inputs, outputs)
        limit = OUTPUT_RANGE if last else (6 / (inputs + outputs)) ** 0.5
        nn.init.uniform_(layer.weight, -limit, limit)
        nn.init.zeros_(layer.bias)
        modules += [layer] if last else [layer, nn.Tanh(), nn.Dropout(1 - keep)]
    return nn.Sequential(*modules)


def rate_groups(network: nn.Sequential, rate: float) -> list[dict[str, object]]:
    """Return the optimiser's groups: `rate`, three times that for weights after the first layer."""
    layers = [module for module in network if isinstance(module, nn.Linear)]
    later = [layer.weight for layer in layers[1:]]
    others = [layers[0].weight, *(layer.bias for layer in layers)]
    return [{"params": others, "lr": rate}, {"params": later, "lr": LATER_RATE * rate}]


def summed_squares(inferred: Tensor, truth: Tensor) -> Tensor:
    """Return the squared error summed over targets and averaged over the batch."""
    return ((inferred - truth) ** 2).sum(dim=1).mean()


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes
    ----------
    hidden
        Widths of the hidden layers; published: 1 to 3 layers of 3,000, 6,000 or 9,000.
    keep, epochs, batch_size, learning_rate
        Published: 0.75, 200, 200, and 5e-4 for one hidden layer, 3e-4 for more. The rate is multiplied by 0.9
        whenever the MAE on a fixed subset of the training samples rises, down to 1e-5.
    """

    hidden: list[int]
    keep: float
    epochs: int
    batch_size: int
    learning_rate: float


class Training:
    """One network for some of the targets, from its first batch to its last.

    Parameters
    ----------
    training, validation
        float32 z-scores, shape (samples, genes), the landmarks first.
    landmarks
        How many there are.
    targets
        Columns of those the network infers.
    settings
        How it is trained.
    seed
        Whatever is drawn depends on `seed`, epoch and batch alone.
    device
        Where the arithmetic is done.
    """

    def __init__(
        self,
        training: Rows,
        validation: Rows,
        landmarks: int,
        targets: slice,
        settings: Settings,
        *,
        seed: int,
        device: torch.device,
    ) -> None:
        self.training, self.validation, self.landmarks, self.targets = training, validation, landmarks, targets
        self.settings, self.seed, self.device = settings, seed, device
        torch.manual_seed(seed_of(seed, 0))
        # In the order of the samples, so that reading goes one way through a file.
        self.monitored = np.sort(torch.randperm(training.shape[0])[:MONITORED].numpy())
        sizes = [landmarks, *settings.hidden, targets.stop - targets.start]
        self.network = build_network(sizes, settings.keep).to(device)
        groups = rate_groups(self.network, settings.learning_rate)
        self.optimiser = torch.optim.SGD(groups, momentum=MOMENTUM, fused=True)
        self.epoch, self.batch = 1, 0
        self.rate, self.previous, self.best = settings.learning_rate, float("inf"), float("inf")
        self.kept = [parameter.detach().clone() for parameter in self.network.parameters()]

    def run_epoch(self, checkpoint: Checkpoint | None, pace: Pace, done: Parameters) -> None:
        """Pass over the training samples once, or over what is left of them, keep the best network, adapt the rate.

        `done` are the layers of the parts before, for the checkpoint.
        """
        torch.manual_seed(seed_of(self.seed, self.epoch))
        order = torch.randperm(self.training.shape[0]).numpy()[self.batch * self.settings.batch_size :]
        self.network.train()
        for z in batches(self.training, order, self.settings.batch_size, self.device):
            self.batch += 1
            seed_device(seed_of(self.seed, self.epoch, self.batch), self.device)
            self.optimiser.zero_grad()
            summed_squares(self.network(z[:, : self.landmarks]), z[:, self.targets]).backward()
            self.optimiser.step()
            pace.add(len(z), f"epoch {self.epoch}/{self.settings.epochs}")
            if checkpoint is not None and checkpoint.due:
                checkpoint.save(done | self.state())
        monitored = self._error(self.training, self.monitored)
        validated = self._error(self.validation, np.arange(self.validation.shape[0]))
        line = "epoch %d/%d: MAE %.4f on training, %.4f on validation samples, rate %.3g, %s"
        logger.info(line, self.epoch, self.settings.epochs, monitored, validated, self.rate, pace)
        if validated < self.best:
            self.best = validated
            self.kept = [parameter.detach().clone() for parameter in self.network.parameters()]
        if monitored > self.previous:
            self.rate = max(self.rate * DECAY, SMALLEST_RATE)
            self._set_rate()
        self.previous = monitored
        self.epoch, self.batch = self.epoch + 1, 0

    def _error(self, rows: Rows, numbers: npt.NDArray[np.int64]) -> float:
        return absolute_error(self.network, rows, numbers, self.landmarks, self.targets)

    def _set_rate(self) -> None:
        self.optimiser.param_groups[0]["lr"], self.optimiser.param_groups[1]["lr"] = self.rate, LATER_RATE * self.rate

    def state(self) -> State:
        """Return all that the next batch depends on."""
        numbers: State = {
            "place": np.asarray([self.epoch, self.batch]),
            "numbers": np.asarray([self.rate, self.previous, self.best], np.float64),
        }
        kept = {f"kept.{index}": tensor.cpu().numpy() for index, tensor in enumerate(self.kept)}
        return numbers | kept | state_of(self.network, self.optimiser)

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self.epoch, self.batch = (int(number) for number in state["place"])
        self.rate, self.previous, self.best = (float(number) for number in state["numbers"])
        self._set_rate()
        restore(state, self.network, self.optimiser)
        for index, tensor in enumerate(self.kept):
            tensor.copy_(torch.from_numpy(state[f"kept.{index}"]))

    def layers(self) -> Parameters:
        """Return the layers of the epoch with the best validation MAE, as ``layer.<l>.weight`` and ``….bias``."""
        names = [f"layer.{layer}.{kind}" for layer in range(len(self.kept) // 2) for kind in ("weight", "bias")]
        return {name: tensor.cpu().numpy() for name, tensor in zip(names, self.kept, strict=True)}


def fit(
    training: Rows,
    validation: Rows,
    landmarks: int,
    *,
    hidden: list[int],
    keep: float,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    part: int | None = None,
    checkpoint: Checkpoint | None = None,
    device: str = "auto",
) -> Parameters:
    """Train one network for each half of the targets, as published, and return their tensors by name.

    Parameters
    ----------
    training
        float32 z-scores, shape (samples, landmarks + targets), the landmarks first.
    validation
        The same of validation samples; the epoch with their best MAE is kept.
    landmarks
        How many there are.
    hidden, keep, epochs, batch_size, learning_rate
        See `Settings`.
    seed
        Of weights, batches and dropout.
    part
        Train only the network of this half, 0 or 1: to the same tensors, since nothing is shared.
    checkpoint
        Where the state is kept; a training that was killed goes on from there, to the same tensors.
    device
        Where it is trained, see `landmarks.devices`.
    """
    place, settings = choose_device(device), Settings(hidden, keep, epochs, batch_size, learning_rate)
    state: State | None = None
    if checkpoint is not None:
        identity = identify_training((settings, seed, landmarks, part), training, validation)
        checkpoint = replace(checkpoint, identity=identity)
        state = checkpoint.load()
    parameters: Parameters = {name: array for name, array in (state or {}).items() if name.startswith("part.")}
    samples, genes = training.shape
    middle = landmarks + (genes - landmarks + 1) // 2
    halves = (slice(landmarks, middle), slice(middle, genes))
    for half in (0, 1) if part is None else (part,):
        if f"part.{half}.layer.0.weight" in parameters:
            continue
        run = Training(training, validation, landmarks, halves[half], settings, seed=seed_of(seed, half), device=place)
        if state is not None:
            run.restore(state)
            logger.info("part %d goes on at epoch %d, batch %d", half, run.epoch, run.batch)
            state = None
        left = (epochs + 1 - run.epoch) * samples - run.batch * batch_size
        with Pace("training", left, "samples") as pace:
            while run.epoch <= epochs:
                run.run_epoch(checkpoint, pace, parameters)
        parameters |= {f"part.{half}.{name}": tensor for name, tensor in run.layers().items()}
    return parameters
