"""One network from landmarks to all targets that starts as ridge regression and learns what ridge leaves.

As D-GEX (Chen et al. 2016): all targets are inferred together, from and as z-scores, and the epoch with the best
validation MAE is kept. What is newer: a linear map beside the hidden layers, started at the ridge solution, while the
last hidden layer's weights start at 0 (as residual branches do, Zhang et al. 2019); GELU (Hendrycks and Gimpel 2016);
AdamW (Loshchilov and Hutter 2019); a rate that rises and falls once (Smith and Topin 2018); the absolute error as loss,
for it is what the model is judged by.
"""

import logging
import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from landmarks.inference import ridge
from landmarks.parameters import Parameters
from landmarks.progress import track

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
        f"{name}.{kind}": getattr(layer, kind).detach().numpy().copy()
        for name, layer in named.items()
        for kind in ("weight", "bias")
    }


@torch.no_grad()
def absolute_error(network: SkipNetwork, landmarks: Tensor, targets: Tensor) -> float:
    """Return the MAE over samples and targets, without dropout."""
    network.eval()
    return (network(landmarks) - targets).abs().mean().item()


def fit(
    landmarks: npt.NDArray[np.float32],
    targets: npt.NDArray[np.float32],
    validation_landmarks: npt.NDArray[np.float32],
    validation_targets: npt.NDArray[np.float32],
    *,
    penalties: list[float],
    hidden: list[int],
    dropout: float,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    seed: int,
) -> Parameters:
    """Train a network from the ridge solution on, and return it as it was after the best epoch.

    Parameters
    ----------
    landmarks, targets
        float32 z-scores of the training samples, shapes (samples, landmarks) and (samples, targets).
    validation_landmarks, validation_targets
        The same of the validation samples: the epoch with their smallest MAE is taken. Ridge itself is epoch 0, so
        the network is never worse than ridge on them.
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

    Returns
    -------
    dict
        ``skip.weight``, ``skip.bias`` and, for each hidden layer l and the linear one after them,
        ``mlp.layer.<l>.weight`` and ``mlp.layer.<l>.bias``.
    """
    torch.manual_seed(seed)
    start = ridge.fit(landmarks, targets, validation_landmarks, validation_targets, penalties)
    x, y, x_validation, y_validation = map(
        torch.from_numpy, (landmarks, targets, validation_landmarks, validation_targets)
    )
    weight, bias = map(torch.from_numpy, start.values())
    network = SkipNetwork(weight, bias, hidden, dropout)
    optimiser, schedule = prepare_training(
        network, steps=epochs * -(-len(x) // batch_size), rate=learning_rate, decay=weight_decay
    )
    best = absolute_error(network, x_validation, y_validation)
    kept, kept_epoch = to_parameters(network), 0
    logger.info("ridge: MAE %.4f on validation samples", best)
    for epoch in track(range(1, epochs + 1), "training", epochs):
        network.train()
        for chosen in torch.randperm(len(x)).split(batch_size):
            optimiser.zero_grad()
            nn.functional.l1_loss(network(x[chosen]), y[chosen]).backward()
            optimiser.step()
            schedule.step()
        validated = absolute_error(network, x_validation, y_validation)
        logger.info("epoch %d/%d: MAE %.4f on validation samples", epoch, epochs, validated)
        if validated < best:
            best, kept, kept_epoch = validated, to_parameters(network), epoch
    logger.info("epoch %d is kept: MAE %.4f on validation samples", kept_epoch, best)
    return kept


def prepare_training(
    network: SkipNetwork, *, steps: int, rate: float, decay: float
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    """Return AdamW and the cycle of its rate, which rises over three tenths of the steps and falls to 0 after them."""
    weights, biases = ([p for p in network.mlp.parameters() if p.ndim == dimensions] for dimensions in (2, 1))
    groups = [
        {"params": weights, "lr": rate, "weight_decay": decay},
        {"params": biases, "lr": rate},
        {"params": list(network.skip.parameters()), "lr": SKIP_RATE * rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)
    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: cycle((step + 1) / (steps + 1)))


def cycle(progress: float) -> float:
    """Return the share of the highest rate at `progress`, from 0 to 1: half a cosine up, then half a cosine down."""
    part = progress / RISE if progress < RISE else (1 - progress) / (1 - RISE)
    return 0.5 - 0.5 * math.cos(math.pi * part)
