"""Concrete autoencoder: selector units learn, by gradient, which gene each should read (Balin, Abid and Zou 2019).

A layer of k units, each a softmax over genes with Gumbel noise whose temperature falls exponentially from 10 to
0.1, then a linear decoder to all genes. As published, but that no gene is chosen twice: units take their
most probable gene in order of probability, and a unit whose gene is gone takes the next best.
"""

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from landmarks.panels import Evidence, tabulate, training_scores

HOTTEST, COLDEST = 10.0, 0.1
"""Temperatures at the first and the last step, as published."""

NEXT_BEST = 64
"""Genes a unit may fall back on."""


def rank(evidence: Evidence, *, epochs: int = 100, batch_size: int = 64, learning_rate: float = 0.01) -> pd.DataFrame:
    """Train the network with one unit a landmark, and return ``gene_id``, ``score`` (probability), ``reason``.

    Parameters
    ----------
    evidence
        Its seed starts weights, noise and batches.
    epochs, batch_size, learning_rate
        Of Adam.
    """
    torch.manual_seed(evidence.seed)
    z = torch.from_numpy(training_scores(evidence))
    open_genes = evidence.choice.start()
    chosen = [int(gene) for gene in evidence.choice.included[: evidence.k]]
    scores = [1.0] * len(chosen)
    for gene in chosen:
        evidence.choice.take(open_genes, gene)
    candidates = np.flatnonzero(open_genes)
    units = min(evidence.k - len(chosen), len(candidates))
    if units:
        probabilities = train(z, torch.from_numpy(candidates), chosen, units, epochs, batch_size, learning_rate)
        worth = probabilities / torch.from_numpy(evidence.choice.costs[candidates]).float()
        best = worth.topk(min(NEXT_BEST, len(candidates)), dim=1)
        unit_of = np.repeat(np.arange(units), best.values.shape[1])
        order = torch.argsort(best.values.flatten(), descending=True, stable=True).numpy()
        placed: set[int] = set()
        for entry in order:
            gene = int(candidates[best.indices.flatten()[entry]])
            if open_genes[gene] and unit_of[entry] not in placed:
                placed.add(int(unit_of[entry]))
                chosen.append(gene)
                scores.append(float(probabilities[unit_of[entry], best.indices.flatten()[entry]]))
                evidence.choice.take(open_genes, gene)
        # Units whose every gene is gone: what any unit found most probable among the rest.
        for gene in candidates[torch.argsort(worth.max(dim=0).values, descending=True, stable=True).numpy()]:
            if len(chosen) < evidence.k and open_genes[gene]:
                chosen.append(int(gene))
                scores.append(0.0)
                evidence.choice.take(open_genes, int(gene))
    return tabulate(evidence, np.asarray(chosen, np.int64), np.asarray(scores), "read by a unit of the concrete layer")


def train(
    z: Tensor, candidates: Tensor, included: list[int], units: int, epochs: int, batch_size: int, learning_rate: float
) -> Tensor:
    """Return each unit's probabilities over the candidates, shape (units, candidates).

    Parameters
    ----------
    z
        z-scores, shape (samples, genes).
    candidates
        Positions of the genes that units may read, shape (candidates,).
    included
        Positions of genes that the decoder always reads.
    units, epochs, batch_size, learning_rate
        Of the layer and of Adam.
    """
    logits = nn.Parameter(nn.init.xavier_normal_(torch.empty(units, len(candidates))))
    decoder = nn.Linear(units + len(included), z.shape[1])
    optimiser = torch.optim.Adam([logits, *decoder.parameters()], lr=learning_rate)
    steps = epochs * -(-len(z) // batch_size)
    step = 0
    for _ in range(epochs):
        for rows in torch.randperm(len(z)).split(batch_size):
            temperature = HOTTEST * (COLDEST / HOTTEST) ** (step / max(steps - 1, 1))
            noise = -torch.empty_like(logits).exponential_().log()
            reading = torch.softmax((logits + noise) / temperature, dim=1)
            inputs = torch.cat([z[rows][:, included], z[rows][:, candidates] @ reading.T], dim=1)
            optimiser.zero_grad()
            nn.functional.mse_loss(decoder(inputs), z[rows]).backward()
            optimiser.step()
            step += 1
    return torch.softmax(logits.detach(), dim=1)
