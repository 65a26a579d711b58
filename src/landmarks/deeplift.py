"""DeepLIFT (Rescale rule; Shrikumar et al. 2017) of multilayer perceptrons, in closed form.

The contribution of gene g to output unit k for sample i is C[i,k,g] = M[i,k,g] · (x[i,g] − reference[g]). The
multipliers M are the product of the weight matrices with, between them, each activation's quotient
r = Δoutput/Δinput as a diagonal matrix. Two layers give M = diag(r_2) · W_2 · diag(r_1) · W_1: a matrix
product of units × hidden × genes a sample, which is all the work there is.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from landmarks.attribution import Attributed
from landmarks.errors import LandmarksError
from landmarks.networks import Encoder
from landmarks.workers import Workers, multiply

EPSILON = 1e-6
"""Where |Δinput| is under this, r is the activation's derivative. Captum's own 1e-10 loses float32's precision."""

BATCH = 16
"""Samples multiplied at a time, at most: with `TILE` genes they fill a matrix product and stay in the cache."""

TILE = 512
"""Genes multiplied at a time."""


@torch.no_grad()
def rescale(encoder: Encoder, z: Tensor, reference: Tensor) -> tuple[list[Tensor], Tensor]:
    """Return each layer's quotient Δoutput/Δinput, and the last layer's Δoutput.

    Parameters
    ----------
    encoder
        Any depth.
    z
        Shape (samples, genes).
    reference
        Shape (genes,).

    Returns
    -------
    quotients
        float64, a tensor a layer, shape (samples, units).
    difference
        float64, shape (samples, units of the last layer).

    Notes
    -----
    The difference of inputs is propagated itself, not taken between two large numbers, and from the first layer on
    in float64: a quotient of small differences would otherwise lose most of float32's digits.
    """
    first, bias = encoder.weights[0], encoder.biases[0]
    change = nn.functional.linear(z - reference, first).double()
    base = nn.functional.linear(reference, first, bias).double()
    base_output, difference = base, change
    quotients = []
    for layer, activation in enumerate(encoder.activations):
        if layer:
            weight = encoder.weights[layer].double()
            change = nn.functional.linear(difference, weight)
            base = nn.functional.linear(base_output, weight, encoder.biases[layer].double())
        inputs = (base + change).requires_grad_()
        with torch.enable_grad():
            outputs = activation(inputs)
            (slope,) = torch.autograd.grad(outputs.sum(), inputs)
        base_output = activation(base)
        # Without an activation nothing is rounded: a linear encoder gives exactly its weights times the change.
        difference = change if isinstance(activation, nn.Identity) else outputs.detach() - base_output
        close = change.abs() < EPSILON
        quotients.append(torch.where(close, slope, difference / change.masked_fill(close, 1.0)))
    return quotients, difference


def first_multipliers(encoder: Encoder, quotients: list[Tensor]) -> Tensor:
    """Return the multipliers of the first layer's units, shape (samples, units, units of the first layer)."""
    dtype = encoder.weights[0].dtype
    multipliers = torch.diag_embed(quotients[-1]).to(dtype)
    for weight, quotient in zip(encoder.weights[:0:-1], quotients[-2::-1], strict=True):
        multipliers = (multipliers @ weight).mul_(quotient.to(dtype)[:, None, :])
    return multipliers


@torch.no_grad()
def contributions(encoder: Encoder, z: Tensor, reference: Tensor) -> Tensor:
    """Return all contributions, shape (samples, units, genes), in the encoder's dtype: for a few samples only."""
    quotients, _ = rescale(encoder, z, reference)
    change: Tensor = (z - reference)[:, None, :]
    return (first_multipliers(encoder, quotients) @ encoder.weights[0]).mul_(change)


@torch.no_grad()
def attribute_samples(
    encoder: Encoder, z: Tensor, reference: Tensor, *, aggregation: str, memory_mb: float = 256.0
) -> Attributed:
    """Return each sample's importances, without ever holding samples × units × genes contributions.

    Parameters
    ----------
    encoder
        Any depth; its dtype and device are those of the matrix products.
    z
        Shape (samples, genes), of the encoder's dtype and device.
    reference
        Shape (genes,), likewise.
    aggregation
        One of `landmarks.attribution.AGGREGATIONS`.
    memory_mb
        Bounds the matrix products' working memory.

    Raises
    ------
    LandmarksError
        If one sample a thread needs more memory than that.
    """
    workers = Workers.on(z.device)
    batch = batch_size(encoder, memory_mb, workers.number)
    quotients, differences = rescale(encoder, z, reference)
    importances = torch.empty_like(z)

    @torch.no_grad()
    def attribute(number: int) -> Tensor:
        """Fill in the importances of a batch, and return its largest gap."""
        rows = slice(number * batch, (number + 1) * batch)
        multipliers = first_multipliers(encoder, [quotient[rows] for quotient in quotients])
        wanted = differences[rows]
        if aggregation != "mean_abs":
            # Signs are kept within a sample: the sum over units comes before the large product, not after it.
            multipliers, wanted = multipliers.sum(dim=1, keepdim=True), wanted.sum(dim=1, keepdim=True)
        change = z[rows] - reference
        reached = torch.zeros_like(wanted)
        for genes, products in _tiles(multipliers, encoder.weights[0]):
            reached += torch.bmm(products, change[:, genes, None])[:, :, 0]
            importances[rows, genes] = (products.abs_() if aggregation == "mean_abs" else products).sum(dim=1)
        importances[rows] *= change.abs() if aggregation == "mean_abs" else change
        return (reached - wanted).abs().amax()

    with workers:
        gaps = workers.run(attribute, -(-len(z) // batch))
    if aggregation == "abs_sum_units":
        importances.abs_()
    else:
        importances /= len(encoder.weights[-1])
    return Attributed(importances, torch.stack(gaps).amax().item(), differences.abs().amax().item())


def batch_size(encoder: Encoder, memory_mb: float, threads: int = 1) -> int:
    """Return how many samples a thread multiplies at a time: a power of two up to `BATCH`.

    Raises
    ------
    LandmarksError
        If not even one for each thread fits into `memory_mb`.
    """
    first = encoder.weights[0]
    units, genes = len(encoder.weights[-1]), first.shape[1]
    widest = max([units, *(weight.shape[1] for weight in encoder.weights[1:])])
    needed = threads * (first.element_size() * units * (2 * widest + min(TILE, genes)) + 4 * 8 * genes)
    batch = BATCH
    while batch > 1 and batch * needed > memory_mb * 1e6:
        batch //= 2
    if needed > memory_mb * 1e6:
        raise LandmarksError(
            f"DeepLIFT of one sample a thread needs {needed / 1e6:.3g} MB; memory_mb allows {memory_mb:g}.",
            hint="raise memory_mb, or take fewer threads.",
        )
    return batch


def _tiles(multipliers: Tensor, weight: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Yield slices of genes with their multipliers, shape (samples, units, genes), in one reused buffer."""
    samples, units, hidden = multipliers.shape
    flat = multipliers.reshape(samples * units, hidden)
    buffer = flat.new_empty(samples * units * min(TILE, weight.shape[1]))
    for start in range(0, weight.shape[1], TILE):
        tile = weight[:, start : start + TILE]
        products = buffer[: len(flat) * tile.shape[1]].view(len(flat), tile.shape[1])
        multiply(flat, tile, out=products)
        yield slice(start, start + TILE), products.view(samples, units, -1)
