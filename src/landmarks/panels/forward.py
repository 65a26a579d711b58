"""Forward selection of genes: at each step the gene that is worth most beside those chosen before it.

What the chosen genes S say of a gene is its ridge regression on them. With X the (samples, genes) z-scores, λ the
penalty and K = (I + X_S X_Sᵀ/λ)⁻¹, shape (samples, samples), all that the next choice needs is, for every gene g,

- the residual length       d_g = x_gᵀ K x_g,
- the squared covariance of its residual with all genes' residuals, summed     q_g = Σ_t (x_tᵀ K x_g)²,

since adding g lowers the penalised squared error, summed over all genes t, by q_g / (d_g + λ) (Farahat et al. 2013,
"Efficient greedy feature selection", with λ = 0). K, d and q change by rank-one updates: a step costs a few
products of X with a vector, and neither a Gram matrix nor residuals are stored.

With samples held out, E = X_h − H X are their residuals, H = X_h,S (X_Sᵀ X_S + λ)⁻¹ X_Sᵀ, and two more sums,

- c_g = Σ_t (e_tᵀ e_g)(x_tᵀ K x_g)   and   e_g = ‖e_g‖²,

tell by how much adding g would lower the squared error of samples that took no part in the regressions:
2 c_g/(d_g + λ) − e_g q_g/(d_g + λ)².

Taking g out again is the same update with d_g − λ in the place of d_g + λ.
"""

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import suppress
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from landmarks.panels.choice import Choice
from landmarks.progress import track

REFRESH = 64
"""Steps after which everything is computed anew, so that rounding does not add up."""

Update = Generator[Tensor, Tensor, None]
"""A change of regressions: yields vectors, shape (rows, samples), and is sent their products with the profiles."""


class Regressions:
    """Ridge regressions of all genes on the chosen ones, as far as the next choice needs them.

    Parameters
    ----------
    profiles
        z-scores, shape (samples, genes).
    fitted, held_out
        Rows the regressions are fitted on, and rows left out of them, possibly none.
    penalty
        λ, above 0, on the scale of the Gram matrix: a z-scored gene has a squared length of `fitted` samples.

    Attributes
    ----------
    targets
        bool, shape (genes,): the genes t of the module's sums; here all.
    length, covariance, crossed, error
        d, q, c and e of the module's description, shape (genes,).
    """

    def __init__(self, profiles: Tensor, fitted: Tensor, held_out: Tensor, penalty: float) -> None:
        self.profiles = profiles
        self.fitted, self.held_out = fitted, held_out
        self.penalty = penalty
        self.targets = torch.ones(profiles.shape[1], dtype=torch.bool)
        self.refresh([])

    def refresh(self, chosen: list[int]) -> None:
        """Compute everything anew for the genes at the positions `chosen`."""
        x, left = self.profiles[self.fitted], self.profiles[self.held_out]
        landmarks = x[:, chosen]
        # The inverse in double precision: it is where rounding would be amplified.
        inner = torch.eye(len(x), dtype=torch.float64) + (landmarks @ landmarks.T).double() / self.penalty
        self.kernel = torch.linalg.inv(inner).to(x.dtype)
        explained = x if self.targets.all() else x[:, self.targets]
        self.products = explained @ explained.T
        residuals = self.kernel @ x
        self.length = (x * residuals).sum(dim=0)
        self.covariance = ((self.products @ residuals) * residuals).sum(dim=0)
        self.hat = left[:, chosen] @ (landmarks.T @ self.kernel) / self.penalty
        errors = left - self.hat @ x
        self.moments = (errors if self.targets.all() else errors[:, self.targets]) @ explained.T
        self.crossed = ((self.moments @ residuals) * errors).sum(dim=0)
        self.error = (errors * errors).sum(dim=0)

    def gain(self) -> Tensor:
        """Return by how much each gene would lower the penalised squared error of the fitted samples."""
        return self.covariance / (self.length + self.penalty)

    def held_out_gain(self) -> Tensor:
        """Return by how much each gene would lower the squared error of the samples left out."""
        divisor = self.length + self.penalty
        return 2 * self.crossed / divisor - self.error * self.covariance / divisor**2

    def choose(self, gene: int) -> Update:
        """Add a gene to the chosen ones."""
        return self._change(gene, self.penalty)

    def _change(self, gene: int, shift: float) -> Update:
        """Add a gene, or take it out if `shift` is −λ."""
        x = self.profiles[self.fitted, gene]
        residual = self.kernel @ x
        divisor = float(residual @ x) + shift
        spread = self.products @ residual / divisor
        wanted = torch.zeros(5 if len(self.held_out) else 2, len(self.profiles), dtype=x.dtype)
        wanted[0, self.fitted] = residual
        wanted[1, self.fitted] = self.kernel @ spread
        if len(self.held_out):
            error = self.profiles[self.held_out, gene] - self.hat @ x
            moment = self.moments @ residual
            for row, vector in ((2, error), (3, moment)):
                wanted[row, self.held_out] = vector
                wanted[row, self.fitted] = -self.hat.T @ vector
            wanted[4, self.fitted] = self.kernel @ (self.moments.T @ error)
        products = yield wanted
        shared, spreads, weight = products[0] / divisor, products[1], residual / divisor
        spent = float(spread @ residual)
        if len(self.held_out):
            common, moments, back = products[2:]
            length, own = float(error @ error), float(error @ moment)
            self.crossed += -common * spreads - shared * (moments + back) + shared * common * spent
            self.crossed += shared * length * spreads + shared**2 * (own - length * spent)
            self.error += -2 * shared * common + shared**2 * length
            self.hat.addr_(error, weight)
            self.moments.addr_(error, spread, alpha=-1)
        self.covariance += -2 * products[0] * spreads + products[0] ** 2 * spent / divisor
        self.length -= products[0] * shared
        self.kernel.addr_(residual, weight, alpha=-1)


class Unmeasured(Regressions):
    """Regressions whose targets are the genes that are not chosen, so that no gene is credited with itself.

    A landmark is measured: what it says of itself helps nobody. Only held-out gains are computed so.
    """

    def refresh(self, chosen: list[int]) -> None:
        """Compute everything anew for the genes at the positions `chosen`, which are no targets."""
        self.targets[:] = True
        self.targets[chosen] = False
        super().refresh(chosen)

    def held_out_gain(self) -> Tensor:
        """Return by how much each gene not chosen would lower the error of the others in the samples left out."""
        divisor = self.length + self.penalty
        crossed = self.crossed - self.error * self.length
        covariance = self.covariance - self.length**2
        return 2 * crossed / divisor - self.error * covariance / divisor**2

    def choose(self, gene: int) -> Update:
        """Add a gene to the chosen ones; it is a target no more."""
        self._count(gene, -1)
        change = self._change(gene, self.penalty)
        products = yield next(change)
        self.covariance -= products[0] ** 2
        self.crossed -= products[2] * products[0]
        with suppress(StopIteration):
            change.send(products)

    def drop(self, gene: int) -> Update:
        """Take a chosen gene out; it is a target again."""
        yield from self._change(gene, -self.penalty)
        residual, error = self._count(gene, 1)
        wanted = torch.zeros(2, len(self.profiles), dtype=residual.dtype)
        wanted[0, self.fitted] = residual
        wanted[1, self.held_out], wanted[1, self.fitted] = error, -self.hat.T @ error
        products = yield wanted
        self.covariance += products[0] ** 2
        self.crossed += products[1] * products[0]

    def _count(self, gene: int, sign: int) -> tuple[Tensor, Tensor]:
        """Count a gene among the targets, or no more if `sign` is −1; return what the chosen genes leave of it."""
        x = self.profiles[self.fitted, gene]
        error = self.profiles[self.held_out, gene] - self.hat @ x
        self.products.addr_(x, x, alpha=sign)
        self.moments.addr_(error, x, alpha=sign)
        return self.kernel @ x, error


Part = TypeVar("Part", bound=Regressions)


def advance(updates: Sequence[Update], profiles: Tensor) -> None:
    """Carry out one change of several regressions: their products are one, so that the profiles are read once."""
    wanted = [next(update) for update in updates]
    while wanted:
        products = (torch.cat(wanted) @ profiles).split([len(rows) for rows in wanted])
        wanted = []
        for update, rows in zip(updates, products, strict=True):
            with suppress(StopIteration):
                wanted.append(update.send(rows))


def select_forward(
    parts: Sequence[Part],
    choice: Choice,
    k: int,
    worth: Callable[[Sequence[Part]], Tensor],
    *,
    penalty_of: Callable[[int], float] | None = None,
    drop: Callable[[Part, int], Update] | None = None,
    exchange_at: Collection[int] = (),
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Choose genes one by one, each the one worth most beside those before it.

    Parameters
    ----------
    parts
        Regressions on no gene yet, of the same profiles.
    choice
        Included genes come first; a gene's worth is divided by its cost.
    k
        Genes wanted.
    worth
        From the regressions, what each gene is worth as the next one, shape (genes,).
    penalty_of
        λ by the number of genes chosen, looked at every `REFRESH` steps; as it is by default.
    drop
        Takes a gene out of regressions, for exchanges.
    exchange_at
        Sizes at which each gene chosen since the last of them is taken out in turn, and the gene worth most is put in
        its place. The genes of smaller sizes stay, so that a small panel remains the head of a larger one.

    Returns
    -------
    chosen, worths
        int64 positions and float64 worths when chosen, shape (k,), or fewer if no more may be chosen.
    """
    profiles = parts[0].profiles
    costs = torch.tensor(choice.costs)
    open_genes = choice.start()
    chosen: list[int] = []
    worths: dict[int, float] = {}

    def refresh() -> None:
        for part in parts:
            if penalty_of:
                part.penalty = penalty_of(len(chosen))
            part.refresh(chosen)

    def put(position: int) -> None:
        values = worth(parts).double()
        if position < len(choice.included):
            gene = int(choice.included[position])
        else:
            # A cost makes a gain smaller and a loss larger.
            values_for_cost = torch.where(values > 0, values / costs, values * costs)
            values_for_cost[torch.from_numpy(~open_genes)] = -torch.inf
            gene = int(values_for_cost.argmax())
        choice.take(open_genes, gene)
        chosen.append(gene)
        worths[gene] = float(values[gene])
        advance([part.choose(gene) for part in parts], profiles)

    settled = len(choice.included)
    for step in track(range(k), "choosing genes", k):
        if step and step % REFRESH == 0:
            refresh()
        if step >= len(choice.included) and not open_genes.any():
            break
        put(step)
        if drop and step + 1 in exchange_at:
            for count, gene in enumerate(chosen[settled:], 1):
                advance([drop(part, gene) for part in parts], profiles)
                chosen.remove(gene)
                choice.give_back(open_genes, gene)
                put(step)
                if count % REFRESH == 0:
                    refresh()
            refresh()
            settled = max(settled, step + 1)
    return np.asarray(chosen, np.int64), np.asarray([worths[gene] for gene in chosen])


def all_samples(profiles: npt.NDArray[np.floating], penalty: float) -> list[Regressions]:
    """Return the one set of regressions in which every sample is fitted and none held out."""
    x = torch.from_numpy(np.ascontiguousarray(profiles))
    return [Regressions(x, torch.arange(len(x)), torch.empty(0, dtype=torch.int64), penalty)]
