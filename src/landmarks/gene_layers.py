"""Layers that face the genes: nearly all weights of an autoencoder, updated a block of genes at a time."""

import torch
from torch import Tensor


def adam(weights: list[Tensor], biases: list[Tensor], *, learning_rate: float, penalty: float) -> torch.optim.Adam:
    """Return Adam that passes over memory once a tensor (PyTorch's fused form).

    Parameters
    ----------
    weights, biases
        Tensors to be changed in place.
    learning_rate
        Of both.
    penalty
        Of the squared `weights` alone: its gradient, 2 · `penalty` · W, is Adam's coupled weight decay.
    """
    groups: list[dict[str, object]] = [{"params": weights, "weight_decay": 2 * penalty}]
    groups += [{"params": biases}] if biases else []
    return torch.optim.Adam(groups, lr=learning_rate, fused=True)


class GeneLayer:
    """The weights of a layer that faces the genes, shape (genes, units), and Adam for blocks of genes.

    Parameters
    ----------
    weight
        Changed in place. Its rows are genes: a block of them lies in one stretch of memory.
    bias
        Shape (genes,), of an output layer.
    learning_rate, penalty
        As for `adam`.
    block
        Genes a block.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, learning_rate: float, penalty: float, block: int
    ) -> None:
        self.tensors = [weight] if bias is None else [weight, bias]
        self.moments = [(torch.zeros_like(tensor), torch.zeros_like(tensor)) for tensor in self.tensors]
        self.slices = [slice(start, min(start + block, len(weight))) for start in range(0, len(weight), block)]
        self.parts = [[tensor[genes] for tensor in self.tensors] for genes in self.slices]
        self.optimisers = []
        for genes, part in zip(self.slices, self.parts, strict=True):
            optimiser = adam(part[:1], part[1:], learning_rate=learning_rate, penalty=penalty)
            for tensor, (first, second) in zip(part, self.moments, strict=True):
                optimiser.state[tensor] = {
                    "step": torch.zeros((), device=tensor.device),
                    "exp_avg": first[genes],
                    "exp_avg_sq": second[genes],
                }
            self.optimisers.append(optimiser)

    def update(self, number: int, *gradients: Tensor) -> None:
        """Take Adam's step for a block."""
        for tensor, gradient in zip(self.parts[number], gradients, strict=True):
            tensor.grad = gradient
        self.optimisers[number].step()
