"""D-GEX (Chen et al. 2016): tanh networks from landmarks to targets, trained as its published code does."""

import logging
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

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
MONITORED = 2_000
"""Training samples on which the decay rule watches the MAE."""


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


def fit_part(
    landmarks: Tensor,
    targets: Tensor,
    validation_landmarks: Tensor,
    validation_targets: Tensor,
    *,
    hidden: list[int],
    keep: float,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> nn.Sequential:
    """Train one network and return it as it was in the epoch with the best validation MAE.

    Parameters
    ----------
    landmarks, targets
        float32 z-scores of training samples, shapes (samples, landmarks) and (samples, targets).
    validation_landmarks, validation_targets
        The same of validation samples.
    hidden
        Widths of the hidden layers; published: 1 to 3 layers of 3,000, 6,000 or 9,000.
    keep, epochs, batch_size, learning_rate
        Published: 0.75, 200, 200, and 5e-4 for one hidden layer, 3e-4 for more. The rate is multiplied by 0.9
        whenever the MAE on a fixed subset of the training samples rises, down to 1e-5.
    """
    network = build_network([landmarks.shape[1], *hidden, targets.shape[1]], keep)
    optimiser = torch.optim.SGD(rate_groups(network, learning_rate), momentum=MOMENTUM)
    rate, previous, best = learning_rate, float("inf"), float("inf")
    kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    for epoch in track(range(1, epochs + 1), "training", epochs):
        network.train()
        for chosen in torch.randperm(len(landmarks)).split(batch_size):
            optimiser.zero_grad()
            summed_squares(network(landmarks[chosen]), targets[chosen]).backward()
            optimiser.step()
        monitored = absolute_error(network, landmarks[:MONITORED], targets[:MONITORED])
        validated = absolute_error(network, validation_landmarks, validation_targets)
        logger.info(
            "epoch %d/%d: MAE %.4f training, %.4f validation, rate %.3g", epoch, epochs, monitored, validated, rate
        )
        if validated < best:
            best = validated
            kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        if monitored > previous:
            rate = max(rate * DECAY, SMALLEST_RATE)
            optimiser.param_groups[0]["lr"], optimiser.param_groups[1]["lr"] = rate, LATER_RATE * rate
        previous = monitored
    network.load_state_dict(kept)
    return network.eval()


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
) -> Parameters:
    """Train one network for each half of the targets, as published, and return their tensors by name."""
    torch.manual_seed(seed)
    inputs, validation_inputs = torch.from_numpy(landmarks), torch.from_numpy(validation_landmarks)
    parameters: Parameters = {}
    for part, members in enumerate(np.array_split(np.arange(targets.shape[1]), 2)):
        network = fit_part(
            inputs,
            torch.from_numpy(targets[:, members]),
            validation_inputs,
            torch.from_numpy(validation_targets[:, members]),
            hidden=hidden,
            keep=keep,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
        )
        layers = [module for module in network if isinstance(module, nn.Linear)]
        for index, layer in enumerate(layers):
            parameters[f"part.{part}.layer.{index}.weight"] = layer.weight.detach().numpy()
            parameters[f"part.{part}.layer.{index}.bias"] = layer.bias.detach().numpy()
    return parameters
