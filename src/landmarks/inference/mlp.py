"""One network from landmarks to all targets that starts as ridge regression and learns what ridge leaves.

As D-GEX (Chen et al. 2016): all targets are inferred together, from and as z-scores, and the epoch with the best
validation MAE is kept. What is newer: a linear map beside the hidden layers, started at the ridge solution, while the
last hidden layer's weights start at 0 (as residual branches do, Zhang et al. 2019); GELU (Hendrycks and Gimpel 2016);
AdamW (Loshchilov and Hutter 2019); a rate that rises and falls once (Smith and Topin 2018); the absolute error as loss,
for it is what the model is judged by.
"""

import logging
import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from landmarks.batches import absolute_error, batches, identify_training, restore, seed_device, state_of
from landmarks.checkpoints import Checkpoint, State, seed_of
from landmarks.devices import choose_device
from landmarks.inference import ridge
from landmarks.matrices import Rows
from landmarks.parameters import Parameters
from landmarks.progress import Pace

logger = logging.getLogger("landmarks")

SKIP_RATE = 0.1
"""Learning-rate multiplier of the linear map, which starts near its best."""

RISE = 0.3
"""Share of the steps over which the rate rises."""


class SkipNetwork(nn.Module):
    """Landmarks → targets: a linear map plus hidden GELU layers that infer 0 at first.

    Parameters
    ----------
    weight, bias
        Of the linear map to begin with, shapes (targets, landmarks) and (targets,).
    hidden
        Widths of the hidden layers.
    dropout
        Probability of dropping a hidden unit in training.
    """

    def __init__(self, weight: Tensor, bias: Tensor, hidden: list[int], dropout: float) -> None:
        super().__init__()
        targets, landmarks = weight.shape
        # Without memory of its own: drawing initial weights for millions takes time, and they are not used.
        self.skip = nn.Linear(landmarks, targets, device="meta")
        self.skip.weight, self.skip.bias = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())
        sizes = [landmarks, *hidden]
        modules: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            modules += [nn.Linear(inputs, outputs), nn.GELU(), nn.Dropout(dropout)]
        last = nn.Linear(sizes[-1], targets, device="meta")
        last.weight, last.bias = nn.Parameter(torch.zeros(targets, sizes[-1])), nn.Parameter(torch.zeros(targets))
        self.mlp = nn.Sequential(*modules, last)

    def forward(self, z: Tensor) -> Tensor:
        """Infer z-scores: (batch, landmarks) → (batch, targets)."""
        inferred: Tensor = self.skip(z) + self.mlp(z)
        return inferred


def to_parameters(network: SkipNetwork) -> Parameters:
    """Return copies of the network's tensors, named as `landmarks.inference.infer` reads them."""
    layers = [module for module in network.mlp if isinstance(module, nn.Linear)]
    named = {"skip": network.skip} | {f"mlp.layer.{index}": layer for index, layer in enumerate(layers)}
    return {
        f"{name}.{kind}": getattr(layer, kind).detach().cpu().numpy().copy()
        for name, layer in named.items()
        for kind in ("weight", "bias")
    }


@dataclass(frozen=True)
class Settings:
    """How the network is trained: see `fit`."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float


class Training:
    """The network's training, from its first batch to its last.

    Parameters
    ----------
    network
        Trained where it is.
    training, validation
        float32 z-scores, shape (samples, landmarks + targets).
    settings
        How it is trained.
    seed
        Whatever is drawn depends on `seed`, epoch and batch alone.
    """

    def __init__(
        self, network: SkipNetwork, training: Rows, validation: Rows, settings: Settings, *, seed: int
    ) -> None:
        self.network, self.training, self.validation = network, training, validation
        self.settings, self.seed, self.landmarks = settings, seed, network.skip.in_features
        self.optimiser = prepare_optimiser(network, rate=settings.learning_rate, decay=settings.weight_decay)
        self.epoch, self.batch = 1, 0
        self.kept, self.kept_epoch, self.best = to_parameters(network), 0, float("inf")

    def keep_best(self, epoch: int) -> float:
        """Keep the network as `epoch` left it if it is the best yet, and return its MAE on the validation samples."""
        everyone, targets = np.arange(self.validation.shape[0]), slice(self.landmarks, None)
        validated = absolute_error(self.network, self.validation, everyone, self.landmarks, targets)
        if validated < self.best:
            self.best, self.kept, self.kept_epoch = validated, to_parameters(self.network), epoch
        return validated

    def run_epoch(self, checkpoint: Checkpoint | None, pace: Pace) -> None:
        """Pass over the training samples once, or over what is left of them, and keep the network if it is best."""
        size, samples = self.settings.batch_size, self.training.shape[0]
        torch.manual_seed(seed_of(self.seed, self.epoch))
        order = torch.randperm(samples).numpy()[self.batch * size :]
        steps, device = -(-samples // size), self.network.skip.weight.device
        self.network.train()
        for z in batches(self.training, order, size, device):
            self.batch += 1
            seed_device(seed_of(self.seed, self.epoch, self.batch), device)
            taken = (self.epoch - 1) * steps + self.batch
            set_rates(self.optimiser, taken / (self.settings.epochs * steps + 1))
            self.optimiser.zero_grad()
            inferred = self.network(z[:, : self.landmarks])
            nn.functional.l1_loss(inferred, z[:, self.landmarks :]).backward()
            self.optimiser.step()
            pace.add(len(z), f"epoch {self.epoch}/{self.settings.epochs}")
            if checkpoint is not None and checkpoint.due:
                checkpoint.save(self.state())
        line = "epoch %d/%d: MAE %.4f on validation samples, %s"
        logger.info(line, self.epoch, self.settings.epochs, self.keep_best(self.epoch), pace)
        self.epoch, self.batch = self.epoch + 1, 0

    def state(self) -> State:
        """Return all that the next batch depends on."""
        state: State = {
            "place": np.asarray([self.epoch, self.batch, self.kept_epoch]),
            "best": np.asarray(self.best),
        }
        kept = {f"kept.{name}": tensor for name, tensor in self.kept.items()}
        return state | kept | state_of(self.network, self.optimiser)

    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
        self.epoch, self.batch, self.kept_epoch = (int(number) for number in state["place"])
        self.best = float(state["best"])
        self.kept = {name.removeprefix("kept."): state[name] for name in state if name.startswith("kept.")}
        restore(state, self.network, self.optimiser)


def prepare_optimiser(network: SkipNetwork, *, rate: float, decay: float) -> torch.optim.AdamW:
    """Return AdamW; ``highest`` of its groups is the highest rate of their cycle."""
    weights, biases = ([p for p in network.mlp.parameters() if p.ndim == dimensions] for dimensions in (2, 1))
    groups = [
        {"params": weights, "highest": rate, "weight_decay": decay},
        {"params": biases, "highest": rate},
        {"params": list(network.skip.parameters()), "highest": SKIP_RATE * rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.0, fused=True)


def set_rates(optimiser: torch.optim.AdamW, progress: float) -> None:
    """Set the rates of all groups, which rise over three tenths of the steps and fall to 0 after them."""
    for group in optimiser.param_groups:
        group["lr"] = group["highest"] * cycle(progress)


def cycle(progress: float) -> float:
    """Return the share of the highest rate at `progress`, from 0 to 1: half a cosine up, then half a cosine down."""
    part = progress / RISE if progress < RISE else (1 - progress) / (1 - RISE)
    return 0.5 - 0.5 * math.cos(math.pi * part)


def fit(
    training: Rows,
    validation: Rows,
    landmarks: int,
    *,
    penalties: list[float],
    hidden: list[int],
    dropout: float,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    seed: int,
    checkpoint: Checkpoint | None = None,
    device: str = "auto",
) -> Parameters:
    """Train a network from the ridge solution on, and return it as it was after the best epoch.

    Parameters
    ----------
    training
        float32 z-scores, shape (samples, landmarks + targets), the landmarks first.
    validation
        The same of the validation samples: the epoch with their smallest MAE is taken. Ridge itself is epoch 0, so
        the network is never worse than ridge on them.
    landmarks
        How many there are.
    penalties
        Candidates of the ridge regression, as in `landmarks.inference.ridge.fit`.
    hidden
        Widths of the hidden layers.
    dropout
        Probability of dropping a hidden unit in training.
    epochs, batch_size
        Of the training samples.
    learning_rate
        The highest of the cycle, reached after three tenths of the steps; a tenth of it for the linear map.
    weight_decay
        Of AdamW, for the hidden layers' weights. The linear map has none: its ridge penalty was chosen already.
    seed
        Of initial weights, batches and dropout. The same seed, threads and machine give the same bytes.
    checkpoint
        Where the state is kept; a training that was killed goes on from there, to the same tensors.
    device
        Where it is trained, see `landmarks.devices`.

    Returns
    -------
    dict
        ``skip.weight``, ``skip.bias`` and, for each hidden layer l and the linear one after them,
        ``mlp.layer.<l>.weight`` and ``mlp.layer.<l>.bias``.
    """
    place, settings = choose_device(device), Settings(epochs, batch_size, learning_rate, weight_decay)
    state: State | None = None
    if checkpoint is not None:
        identity = identify_training((settings, penalties, hidden, dropout, seed, landmarks), training, validation)
        checkpoint = replace(checkpoint, identity=identity)
        state = checkpoint.load()
    if state is None:
        fitted = ridge.fit(training, validation, landmarks, penalties)
        weight, bias = fitted["part.0.layer.0.weight"], fitted["part.0.layer.0.bias"]
    else:
        weight, bias = state["weight.0"], state["weight.1"]
    torch.manual_seed(seed)
    network = SkipNetwork(torch.from_numpy(weight), torch.from_numpy(bias), hidden, dropout).to(place)
    run = Training(network, training, validation, settings, seed=seed)
    if state is None:
        run.keep_best(0)
        logger.info("ridge: MAE %.4f on validation samples", run.best)
    else:
        run.restore(state)
        logger.info("training goes on at epoch %d, batch %d", run.epoch, run.batch)
    left = (epochs + 1 - run.epoch) * training.shape[0] - run.batch * batch_size
    with Pace("training", left, "samples") as pace:
        while run.epoch <= epochs:
            run.run_epoch(checkpoint, pace)
    logger.info("epoch %d is kept: MAE %.4f on validation samples", run.kept_epoch, run.best)
    return run.kept
