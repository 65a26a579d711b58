"""Layers that face the genes: nearly all weights of an autoencoder, updated a block of genes at a time."""

from itertools import pairwise

import torch
from torch import Tensor
from torch.optim.adam import adam as step_of_adam

BETAS, EPSILON = (0.9, 0.999), 1e-8
"""Adam's defaults."""

SHARES = 4
"""One, two or four threads then have the same number of blocks each."""


def split_genes(genes: int, most: int) -> list[slice]:
    """Return alike blocks of at most `most` genes, whose number is a multiple of `SHARES` unless genes are few.

    Then, a block has about a share of `most` genes: smaller ones would cost more than a second thread wins.
    """
    number = min(genes, -(-genes * SHARES // most), SHARES * -(-genes // (SHARES * most)))
    edges = [genes * edge // number for edge in range(number + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


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
    groups: list[dict[str, object]] = [{"params": weights, "weight_decay": 2 * penalty}, {"params": biases}]
    return torch.optim.Adam(groups, lr=learning_rate, betas=BETAS, eps=EPSILON, fused=True)


class GeneLayer:
    """The weights of a layer that faces the genes, shape (genes, units), and Adam for blocks of genes.

    An optimiser object for each block would cost as much time as a tenth of the block's products: here its step is
    called as a function.

    Parameters
    ----------
    weight
        Changed in place. Its rows are genes: a block of them lies in one stretch of memory.
    slices
        The blocks.
    learning_rate, penalty
        As for `adam`.
    """

    def __init__(self, weight: Tensor, slices: list[slice], *, learning_rate: float, penalty: float) -> None:
        self.weight, self.slices = weight, slices
        self.learning_rate, self.penalty = learning_rate, penalty
        self.moments = torch.zeros_like(weight), torch.zeros_like(weight)
        self.blocks = [weight[genes] for genes in self.slices]
        self.steps = [torch.zeros((), device=weight.device) for _ in self.slices]

    def update(self, number: int, gradient: Tensor) -> None:
        """Take Adam's step for a block."""
        first, second = (moment[self.slices[number]] for moment in self.moments)
        step_of_adam(
            [self.blocks[number]],
            [gradient],
            [first],
            [second],
            [],
            [self.steps[number]],
            fused=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=self.learning_rate,
            weight_decay=2 * self.penalty,
            eps=EPSILON,
            maximize=False,
        )
