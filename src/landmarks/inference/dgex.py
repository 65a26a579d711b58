"""D-GEX (Chen et al. 2016): tanh networks from landmarks to targets, trained as its published code does."""

import logging
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from landmarks.checkpoints import Checkpoint, State, identify, seed_of
from landmarks.parameters import Parameters
from landmarks.progress import track

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


@torch.no_grad()
def absolute_error(network: nn.Sequential, landmarks: Tensor, targets: Tensor) -> float:
    """Return the MAE over samples and targets, without dropout."""
    network.eval()
    return (network(landmarks) - targets).abs().mean().item()


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
    """One network for some of the targets, from its first epoch to its last.

    Parameters
    ----------
    training, validation
        Pairs of float32 z-scores: (samples, landmarks) and (samples, targets).
    settings
        How it is trained.
    seed
        Whatever is drawn in an epoch depends on `seed` and the epoch alone.
    """

    def __init__(
        self, training: tuple[Tensor, Tensor], validation: tuple[Tensor, Tensor], settings: Settings, seed: int
    ) -> None:
        self.training, self.validation, self.settings, self.seed = training, validation, settings, seed
        torch.manual_seed(seed_of(seed, 0))
        landmarks, targets = training
        self.monitored = torch.randperm(len(landmarks))[:MONITORED]
        self.network = build_network([landmarks.shape[1], *settings.hidden, targets.shape[1]], settings.keep)
        groups = rate_groups(self.network, settings.learning_rate)
        self.optimiser = torch.optim.SGD(groups, momentum=MOMENTUM, fused=True)
        self.epoch, self.rate, self.previous, self.best = 0, settings.learning_rate, float("inf"), float("inf")
        self.kept = [parameter.detach().clone() for parameter in self.network.parameters()]

    def run_epoch(self) -> None:
        """Pass once over the training samples, keep the network if it is the best yet, and adapt the rate."""
        self.epoch += 1
        torch.manual_seed(seed_of(self.seed, self.epoch))
        landmarks, targets = self.training
        self.network.train()
        for chosen in torch.randperm(len(landmarks)).split(self.settings.batch_size):
            self.optimiser.zero_grad()
            summed_squares(self.network(landmarks[chosen]), targets[chosen]).backward()
            self.optimiser.step()
        monitored = absolute_error(self.network, landmarks[self.monitored], targets[self.monitored])
        validated = absolute_error(self.network, *self.validation)
        logger.info(
            "epoch %d/%d: MAE %.4f training, %.4f validation, rate %.3g",
            self.epoch,
            self.settings.epochs,
            monitored,
            validated,
            self.rate,
        )
        if validated < self.best:
            self.best = validated
            self.kept = [parameter.detach().clone() for parameter in self.network.parameters()]
        if monitored > self.previous:
            self.rate = max(self.rate * DECAY, SMALLEST_RATE)
            self._set_rate()
        self.previous = monitored

    def _set_rate(self) -> None:
        self.optimiser.param_groups[0]["lr"], self.optimiser.param_groups[1]["lr"] = self.rate, LATER_RATE * self.rate

    def state(self) -> State:
        """Return all that the next epoch depends on."""
        state: State = {
            "epoch": np.asarray(self.epoch),
            "numbers": np.asarray([self.rate, self.previous, self.best], np.float64),
        }
        for index, parameter in enumerate(self.network.parameters()):
            state[f"weight.{index}"] = parameter.detach().numpy()
            state[f"velocity.{index}"] = self.optimiser.state[parameter]["momentum_buffer"].numpy()
            state[f"kept.{index}"] = self.kept[index].numpy()
        return state

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self.epoch = int(state["epoch"])
        self.rate, self.previous, self.best = (float(number) for number in state["numbers"])
        self._set_rate()
        for index, parameter in enumerate(self.network.parameters()):
            parameter.data.copy_(torch.from_numpy(state[f"weight.{index}"]))
            self.optimiser.state[parameter]["momentum_buffer"] = torch.from_numpy(state[f"velocity.{index}"])
            self.kept[index] = torch.from_numpy(state[f"kept.{index}"])

    def layers(self) -> Parameters:
        """Return the layers of the epoch with the best validation MAE, as ``layer.<l>.weight`` and ``….bias``."""
        names = [f"layer.{layer}.{kind}" for layer in range(len(self.kept) // 2) for kind in ("weight", "bias")]
        return {name: tensor.numpy() for name, tensor in zip(names, self.kept, strict=True)}


def fit(
    landmarks: npt.NDArray[np.float32],
    targets: npt.NDArray[np.float32],
    validation_landmarks: npt.NDArray[np.float32],
    validation_targets: npt.NDArray[np.float32],
    *,
    hidden: list[int],
    keep: float,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> Parameters:
    """Train one network for each half of the targets, as published, and return their tensors by name.

    Parameters
    ----------
    landmarks, targets
        float32 z-scores of training samples, shapes (samples, landmarks) and (samples, targets).
    validation_landmarks, validation_targets
        The same of validation samples; the epoch with their best MAE is kept.
    hidden, keep, epochs, batch_size, learning_rate
        See `Settings`.
    seed
        Of weights, batches and dropout.
    checkpoint
        Where the state is kept; a training that was killed goes on from there, to the same tensors.
    """
    settings = Settings(hidden, keep, epochs, batch_size, learning_rate)
    state: State | None = None
    if checkpoint is not None:
        numbers = (landmarks, targets, validation_landmarks, validation_targets)
        checkpoint = replace(checkpoint, identity=identify((settings, seed), *numbers))
        state = checkpoint.load()
    parameters: Parameters = {name: array for name, array in (state or {}).items() if name.startswith("part.")}
    inputs, validation_inputs = torch.from_numpy(landmarks), torch.from_numpy(validation_landmarks)
    for part, members in enumerate(np.array_split(np.arange(targets.shape[1]), 2)):
        if f"part.{part}.layer.0.weight" in parameters:
            continue
        training = Training(
            (inputs, torch.from_numpy(targets[:, members])),
            (validation_inputs, torch.from_numpy(validation_targets[:, members])),
            settings,
            seed_of(seed, part),
        )
        if state is not None:
            training.restore(state)
            logger.info("part %d goes on after epoch %d", part, training.epoch)
            state = None
        for _ in track(range(training.epoch, epochs), "training"):
            training.run_epoch()
            if checkpoint is not None:
                checkpoint.save(parameters | training.state())
        parameters |= {f"part.{part}.{name}": tensor for name, tensor in training.layers().items()}
    if checkpoint is not None:
        checkpoint.discard()
    return parameters
