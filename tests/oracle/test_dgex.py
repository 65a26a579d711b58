"""D-GEX against its published update, in plain float64 NumPy.

Squared error summed over targets and averaged over the batch; velocity ← 0.5 · velocity − rate · gradient;
parameter ← parameter + velocity; three times the rate for weights after the first layer.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from landmarks.checkpoints import seed_of
from landmarks.inference import infer
from landmarks.inference.dgex import MOMENTUM, build_network, fit, rate_groups, summed_squares
from landmarks.matrices import InMemory

Array = npt.NDArray[np.float64]
RATE = 0.02
LAYERS = [[6, 5], [6, 9, 5], [6, 9, 8, 5], [6, 9, 8, 7, 5]]


class Published:
    """The published network and its update, written out."""

    def __init__(self, weights: list[Array], biases: list[Array]) -> None:
        self.weights = [weight.copy() for weight in weights]
        self.biases = [bias.copy() for bias in biases]
        self.weight_velocity = [np.zeros_like(weight) for weight in weights]
        self.bias_velocity = [np.zeros_like(bias) for bias in biases]

    def activities(self, x: Array) -> list[Array]:
        """Return the input, each tanh layer's output, and the linear output."""
        result = [x]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            linear = result[-1] @ weight.T + bias
            result.append(linear if layer == len(self.weights) - 1 else np.tanh(linear))
        return result

    def step(self, x: Array, y: Array, rate: float) -> None:
        """Take one step of gradient descent with momentum."""
        activities = self.activities(x)
        upstream = 2 * (activities[-1] - y) / len(x)
        for layer in reversed(range(len(self.weights))):
            weight_gradient, bias_gradient = upstream.T @ activities[layer], upstream.sum(axis=0)
            upstream = (upstream @ self.weights[layer]) * (1 - activities[layer] ** 2)
            factor = 3.0 if layer else 1.0
            self.weight_velocity[layer] = 0.5 * self.weight_velocity[layer] - factor * rate * weight_gradient
            self.bias_velocity[layer] = 0.5 * self.bias_velocity[layer] - rate * bias_gradient
            self.weights[layer] += self.weight_velocity[layer]
            self.biases[layer] += self.bias_velocity[layer]


def linear_layers(network: nn.Sequential) -> list[nn.Linear]:
    return [module for module in network if isinstance(module, nn.Linear)]


def copy_of(network: nn.Sequential) -> Published:
    layers = linear_layers(network)
    return Published(
        [layer.weight.detach().double().numpy() for layer in layers],
        [layer.bias.detach().double().numpy() for layer in layers],
    )


def draw(samples: int, sizes: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    return (
        torch.randn(samples, sizes[0], generator=generator, dtype=torch.float64),
        torch.randn(samples, sizes[-1], generator=generator, dtype=torch.float64),
    )


@pytest.mark.parametrize("steps", [1, 8])
@pytest.mark.parametrize("sizes", LAYERS, ids=["no hidden", "one hidden", "two hidden", "three hidden"])
def test_published_steps(sizes: list[int], steps: int) -> None:
    torch.manual_seed(0)
    network = build_network(sizes, keep=1.0).double()
    # Larger output weights than the published ±1e-4, so that the first steps reach every layer.
    linear_layers(network)[-1].weight.data.mul_(3e3)
    published, start = copy_of(network), copy_of(network)
    optimiser = torch.optim.SGD(rate_groups(network, RATE), momentum=MOMENTUM)
    x, y = draw(40, sizes)
    for step in range(steps):
        batch = slice(5 * step, 5 * step + 5)
        optimiser.zero_grad()
        summed_squares(network(x[batch]), y[batch]).backward()
        optimiser.step()
        published.step(x[batch].numpy(), y[batch].numpy(), RATE)
    for layer, linear in enumerate(linear_layers(network)):
        assert np.abs(published.weights[layer] - start.weights[layer]).max() > 1e-3
        np.testing.assert_allclose(linear.weight.detach(), published.weights[layer], rtol=0, atol=1e-8)
        np.testing.assert_allclose(linear.bias.detach(), published.biases[layer], rtol=0, atol=1e-8)


def test_summed_squares() -> None:
    inferred, truth = draw(9, [6, 6])
    expected = ((inferred - truth).numpy() ** 2).sum(axis=1).mean()
    assert summed_squares(inferred, truth).item() == pytest.approx(expected, rel=1e-12)


def test_dropout_keeps_the_mean_and_spares_the_input() -> None:
    network = build_network([3, 20_000, 1], keep=0.75).train()
    hidden = network[2](torch.ones(1, 20_000))
    np.testing.assert_allclose(hidden.unique(), [0, 1 / 0.75])
    assert (hidden > 0).float().mean().item() == pytest.approx(0.75, abs=0.02)
    assert isinstance(network[0], nn.Linear)


def test_fitting_both_halves_takes_the_published_steps() -> None:
    """Three epochs of small batches, in float32: the batches' order is drawn as `fit` draws it."""
    landmarks, targets, epochs, batch = 6, 5, 3, 16
    x, y = (values.float() for values in draw(64, [landmarks, targets]))
    z = torch.cat([x, y], dim=1).numpy()
    fitted = fit(
        InMemory(z[:48]),
        InMemory(z[48:]),
        landmarks,
        hidden=[9],
        keep=1.0,
        epochs=epochs,
        batch_size=batch,
        learning_rate=0.003,
        seed=4,
    )
    inferred = []
    for part, members in enumerate((slice(0, 3), slice(3, 5))):
        torch.manual_seed(seed_of(seed_of(4, part), 0))
        torch.randperm(48)  # the samples the decay rule watches
        published = copy_of(build_network([landmarks, 9, len(range(5)[members])], keep=1.0))
        monitored, validated, kept = [], [], []
        for epoch in range(1, epochs + 1):
            torch.manual_seed(seed_of(seed_of(4, part), epoch))
            for chosen in torch.randperm(48).split(batch):
                published.step(x[chosen].double().numpy(), y[chosen][:, members].double().numpy(), 0.003)
            output = published.activities(x.double().numpy())[-1]
            error = np.abs(output - y[:, members].numpy())
            monitored.append(error[:48].mean())
            validated.append(error[48:].mean())
            kept.append(output)
        # The rate stayed as it was, so that the steps above are the ones `fit` took.
        assert all(before >= after for before, after in pairwise(monitored))
        inferred.append(kept[int(np.argmin(validated))])
    np.testing.assert_allclose(infer(fitted, x.numpy()), np.concatenate(inferred, axis=1), atol=2e-6)
