"""DeepLIFT (Rescale rule; Shrikumar et al. 2017) of an encoder's units, through Captum."""

from collections.abc import Iterator

import torch
from captum.attr import DeepLift
from torch import Tensor, nn

from landmarks.autoencoder import Autoencoder

EPSILON = 1e-6
"""Input differences under this use the derivative. Captum's own 1e-10 loses float32's precision."""


def attributed_network(model: Autoencoder, output: str) -> nn.Sequential:
    """Return the encoder without dropout, up to the bottleneck ``after`` or ``before`` its sigmoid.

    Dropout would silently change the result in training mode; without it there is no mode to get wrong.
    """
    modules = [module for module in model.encoder if not isinstance(module, nn.Dropout)]
    return nn.Sequential(*(modules if output == "after" else modules[:-1])).eval()


def contributions(network: nn.Sequential, z: Tensor, reference: Tensor) -> Iterator[Tensor]:
    """Attribute each output unit's difference from the reference to the input genes.

    Parameters
    ----------
    network
        From `attributed_network`: every activation a module of its own, as Captum needs.
    z
        float32, shape (samples, genes).
    reference
        float32, shape (genes,).

    Yields
    ------
    Tensor
        For one output unit after the other, its contributions, shape (samples, genes).
    """
    engine = DeepLift(network, multiply_by_inputs=True, eps=EPSILON)
    baseline = reference[None, :]
    units = [module for module in network if isinstance(module, nn.Linear)][-1].out_features
    for unit in range(units):
        yield engine.attribute(z, baseline, target=unit).detach()


@torch.no_grad()
def output_differences(network: nn.Sequential, z: Tensor, reference: Tensor) -> Tensor:
    """Return each unit's output minus its output at the reference, shape (samples, units)."""
    difference: Tensor = network(z) - network(reference[None, :])
    return difference
