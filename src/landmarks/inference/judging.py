"""Models of many panels fitted on the same samples, judged without storing them.

What ridge or nearest neighbours infer of a target is a weighted sum of its values in the training samples, and the
weights, the same for all targets, follow from the landmarks alone: Ŷ = H Y. So with few samples a panel costs its
weights and a product with Y. For ridge H = L_new (LᵀL + λ)⁻¹ Lᵀ = L_new Lᵀ (LLᵀ + λ)⁻¹; of LLᵀ and LᵀL the smaller is
factorised once a penalty. For n nearest neighbours H is 1/n at each.

With many samples H grows with their square. Ridge then takes LᵀL and LᵀY first, a panel's products with all genes, for
which the samples are read once a panel; or, with more training samples than genes, once for all panels, whose products
are in the Gram matrix of the genes. Neighbours are then read one by one.

They are the models of `landmarks.inference.ridge` and `landmarks.inference.knn` with the same penalty or number chosen.
All products are PyTorch's: those of NumPy and SciPy have threads of their own, and two sets of threads that take turns
every few milliseconds wait for each other.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from landmarks.inference.gram import gram, iterate_samples, panel_products
from landmarks.inference.knn import average, feasible, nearest
from landmarks.inference.problem import CHOOSING, Scores, read_choosing

Candidate = TypeVar("Candidate", int, float)
"""A penalty or a number of neighbours."""

ROWS = 512
"""Samples inferred at a time, of one panel or several."""


def smoothers(landmarks: Tensor, new: Tensor, penalties: list[float]) -> Iterator[Tensor]:
    """Yield, for each penalty, the weights with which training samples make up the inferences for new ones.

    Parameters
    ----------
    landmarks, new
        z-scores of the landmarks in training samples and in others, shapes (samples, k) and (new samples, k).
    penalties
        On the scale of the Gram matrix.

    Yields
    ------
    Tensor
        float32, shape (new samples, samples).
    """
    x, others = landmarks.double(), new.double()
    wide = x.shape[1] > len(x)
    gram = x @ x.T if wide else x.T @ x
    cross = others @ x.T if wide else others
    diagonal = gram.diagonal()
    plain = diagonal.clone()
    for penalty in penalties:
        torch.add(plain, penalty, out=diagonal)
        solved = torch.cholesky_solve(cross.T, torch.linalg.cholesky(gram)).T
        yield (solved if wide else solved @ x.T).float()


def indicators(landmarks: Tensor, new: Tensor, neighbours: list[int]) -> Iterator[Tensor]:
    """Yield, for each number n of neighbours, 1/n where a training sample is among a new one's n nearest, 0 elsewhere.

    Parameters
    ----------
    landmarks, new
        As for `smoothers`.
    neighbours
        None of them over the number of training samples.

    Yields
    ------
    Tensor
        float32, shape (new samples, samples).
    """
    order = torch.from_numpy(nearest(landmarks.numpy(), new.numpy(), max(neighbours)))
    for count in neighbours:
        yield torch.zeros(len(new), len(landmarks)).scatter_(1, order[:, :count], 1 / count)


def infer_ridge(
    scores: Scores, panels: Iterable[npt.NDArray[np.int64]], penalties: list[float]
) -> Iterator[tuple[npt.NDArray[np.float32], float]]:
    """Infer all genes of the test samples from each panel, with the penalty that is best on the validation samples.

    Parameters
    ----------
    scores
        z-scores of all genes.
    panels
        Positions of the landmarks of each, shape (k,).
    penalties
        Candidates. The best has the smallest MAE over the genes that are no landmarks, on the validation samples or
        `CHOOSING` of them.

    Yields
    ------
    inferred, penalty
        float32 z-scores, shape (test samples, genes), the landmarks' columns included, valid until the next
        panel is asked for; the penalty taken.
    """
    samples, genes = scores.training.shape
    if samples > genes:
        products = gram(scores.training, genes)
        return _solve(scores, panels, penalties, lambda panel: products[panel])
    chosen = list(panels)
    if _solving_pays(scores, list(map(len, chosen)), len(penalties)):
        return _solve(scores, chosen, penalties, partial(panel_products, scores.training))
    return _infer(scores, chosen, penalties, smoothers)


def _solving_pays(scores: Scores, sizes: list[int], penalties: int) -> bool:
    """Tell whether products of genes cost less than weights of samples; in multiplications for each gene."""
    samples, judged = scores.training.shape[0], len(scores.test)
    if penalties > 1:
        judged += penalties * min(CHOOSING, scores.validation.shape[0])
    # Turning a panel's products along its eigenvectors is done in float64, which takes twice as long.
    return sum(k * (samples + judged + 2 * k) for k in sizes) < len(sizes) * samples * judged


def infer_knn(
    scores: Scores, panels: Iterable[npt.NDArray[np.int64]], neighbours: list[int]
) -> Iterator[tuple[npt.NDArray[np.float32], int]]:
    """Infer all genes of the test samples as `infer_ridge` does, from the nearest training samples.

    Parameters
    ----------
    scores, panels
        As for `infer_ridge`.
    neighbours
        Candidates, chosen from as penalties are. Those over the number of training samples are passed over.

    Yields
    ------
    inferred, neighbours
        As for `infer_ridge`; the number of neighbours taken.

    Raises
    ------
    LandmarksError
        If there are fewer training samples than every candidate asks for.
    """
    samples, genes = scores.training.shape
    possible = feasible(neighbours, samples)
    return _infer(scores, panels, possible, indicators) if samples <= genes else _average(scores, panels, possible)


def _infer(
    scores: Scores,
    panels: Iterable[npt.NDArray[np.int64]],
    candidates: list[Candidate],
    weights: Callable[[Tensor, Tensor, list[Candidate]], Iterator[Tensor]],
) -> Iterator[tuple[npt.NDArray[np.float32], Candidate]]:
    """Infer from each panel with the candidate that is best on the validation samples, all samples in memory.

    `weights` takes the landmarks of training and of new samples, and yields what `smoothers` does for each candidate.
    """
    training = torch.from_numpy(scores.training.read(0, scores.training.shape[0]))
    validation, test = torch.from_numpy(read_choosing(scores.validation)), torch.from_numpy(scores.test)
    # Genes first: a landmark's values lie side by side, or picking a panel out would take as long as factorising it.
    by_gene = [part.T.contiguous() for part in (training, validation, test)]

    def choose(panel: npt.NDArray[np.int64]) -> Candidate:
        errors = []
        for inferred in _multiply(weights(by_gene[0][panel].T, by_gene[1][panel].T, candidates), training):
            error = inferred.sub_(validation).abs_().sum(dim=0)
            error[panel] = 0
            errors.append(float(error.sum()))
        return candidates[int(np.argmin(errors))]

    taken: list[Candidate] = []

    def weigh() -> Iterator[Tensor]:
        for panel in panels:
            taken.append(choose(panel) if len(candidates) > 1 else candidates[0])
            yield from weights(by_gene[0][panel].T, by_gene[2][panel].T, taken[-1:])

    for index, inferred in enumerate(_multiply(weigh(), training)):
        yield inferred.numpy(), taken[index]


def _solve(
    scores: Scores,
    panels: Iterable[npt.NDArray[np.int64]],
    penalties: list[float],
    products: Callable[[npt.NDArray[np.int64]], Tensor],
) -> Iterator[tuple[npt.NDArray[np.float32], float]]:
    """Infer from each panel by its `products` with all genes, float64, shape (k, genes)."""
    validation, test = torch.from_numpy(read_choosing(scores.validation)), torch.from_numpy(scores.test)
    buffer = torch.empty(max(ROWS, len(test)), test.shape[1])
    for panel in panels:
        rows = products(panel)
        values, vectors = torch.linalg.eigh(rows[:, panel])
        values.clamp_(min=0)
        # Along eigenvectors all is of the inferences' own size: in float32 they lose little.
        rotated = (vectors.T @ rows).float()
        del rows
        errors = np.zeros(len(penalties))
        if len(penalties) > 1:
            projected = validation[:, panel].double() @ vectors
            for index, penalty in enumerate(penalties):
                factors = (projected / (values + penalty)).float()
                for part, truth in zip(factors.split(ROWS), validation.split(ROWS), strict=True):
                    error = torch.mm(part, rotated, out=buffer[: len(part)]).sub_(truth).abs_()
                    error[:, panel] = 0
                    errors[index] += float(error.sum(dtype=torch.float64))
        taken = penalties[int(np.argmin(errors))]
        factors = (test[:, panel].double() @ vectors / (values + taken)).float()
        yield torch.mm(factors, rotated, out=buffer[: len(test)]).numpy(), taken


def _average(
    scores: Scores, panels: Iterable[npt.NDArray[np.int64]], neighbours: list[int]
) -> Iterator[tuple[npt.NDArray[np.float32], int]]:
    """Infer from each panel by reading each sample's neighbours."""
    validation, buffer = read_choosing(scores.validation), np.empty_like(scores.test)
    for panel in panels:
        known = np.concatenate([block.numpy()[:, panel] for block in iterate_samples(scores.training)])
        errors = np.zeros(len(neighbours))
        if len(neighbours) > 1:
            order = nearest(known, validation[:, panel], max(neighbours))
            for index, count in enumerate(neighbours):
                error = np.abs(average(scores.training, order[:, :count]) - validation)
                error[:, panel] = 0
                errors[index] = error.sum(dtype=np.float64)
        taken = neighbours[int(np.argmin(errors))]
        yield average(scores.training, nearest(known, scores.test[:, panel], taken), buffer), taken


def _multiply(weights: Iterable[Tensor], training: Tensor) -> Iterator[Tensor]:
    """Yield each of `weights` @ `training`; several are multiplied at once, which is faster for few rows each."""
    buffer = torch.empty(0, training.shape[1])
    for block in _blocks(weights):
        rows = sum(map(len, block))
        if len(buffer) < rows:
            buffer = torch.empty(rows, training.shape[1])
        # One buffer for all blocks: fresh memory costs as much as a third of the product.
        yield from torch.mm(torch.cat(block), training, out=buffer[:rows]).split([len(one) for one in block])


def _blocks(weights: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Yield neighbours that together have up to `ROWS` rows."""
    block: list[Tensor] = []
    for entry in weights:
        if block and sum(map(len, block)) + len(entry) > ROWS:
            yield block
            block = []
        block.append(entry)
    if block:
        yield block
