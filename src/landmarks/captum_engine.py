"""DeepLIFT (Rescale rule; Shrikumar et al. 2017) through Captum: the oracle of `landmarks.deeplift`."""

from collections.abc import Iterator

import torch
from captum.attr import DeepLift
from torch import Tensor, nn

from landmarks.attribution import Attributed
from landmarks.deeplift import EPSILON, attribute_samples
from landmarks.networks import Encoder, read_encoder, select_units
from landmarks.progress import track


def contributions(network: nn.Sequential, z: Tensor, reference: Tensor) -> Iterator[Tensor]:
    """Attribute each output unit's difference from the reference to the input genes.

    Parameters
    ----------
    network
        One that `landmarks.networks.read_encoder` accepts: others Captum may get wrong without a word.
    z
        Shape (samples, genes), of the network's dtype and device.
    reference
        Shape (genes,), likewise.

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


def attribute_with_captum(network: nn.Sequential, z: Tensor, reference: Tensor, *, aggregation: str) -> Attributed:
    """Return each sample's importances, as `landmarks.deeplift.attribute_samples` does."""
    with torch.no_grad():
        wanted = (network(z) - network(reference[None, :])).double()
    importances = torch.zeros_like(z)
    gap = torch.zeros((), dtype=torch.float64, device=z.device)
    for unit, shares in enumerate(track(contributions(network, z, reference), "attributing", wanted.shape[1])):
        gap = torch.maximum(gap, (shares.sum(dim=1, dtype=torch.float64) - wanted[:, unit]).abs().amax())
        importances += shares.abs() if aggregation == "mean_abs" else shares
    if aggregation == "abs_sum_units":
        importances.abs_()
    else:
        importances /= wanted.shape[1]
    return Attributed(importances, gap.item(), wanted.abs().amax().item())


def largest_difference(encoder: Encoder, units: list[int], z: Tensor, reference: Tensor, *, aggregation: str) -> float:
    """Return how far the closed form is from Captum, relative to Captum's largest importance.

    Parameters
    ----------
    encoder
        The network attributed, in the dtype of the run.
    units
        The output units to compare.
    z
        Shape (samples, genes): a few samples.
    reference
        Shape (genes,).
    aggregation
        As in the run.

    Notes
    -----
    Captum computes in float64, so that the difference is the run's error and not Captum's own: a small difference
    of a unit's inputs leaves it few correct digits in float32.
    """
    network = select_units(encoder, units)
    found = attribute_samples(read_encoder(network), z, reference, aggregation=aggregation)
    wanted = attribute_with_captum(network.double(), z.double(), reference.double(), aggregation=aggregation)
    largest = wanted.importances.abs().amax().item()
    difference = (found.importances.double() - wanted.importances).abs().amax().item()
    return difference / largest if largest else difference
