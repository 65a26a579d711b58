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
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from landmarks.panels.choice import Choice
from landmarks.progress import track

REFRESH = 64
"""Steps after which everything is computed anew, so that rounding does not add up."""


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
    length, covariance, crossed, error
        d, q, c and e of the module's description, shape (genes,).
    """

    def __init__(self, profiles: Tensor, fitted: Tensor, held_out: Tensor, penalty: float) -> None:
        self.profiles = profiles
        self.fitted, self.held_out = fitted, held_out
        self.penalty = penalty
        self.products = profiles[fitted] @ profiles[fitted].T
        self.refresh([])

    def refresh(self, chosen: list[int]) -> None:
        """Compute everything anew for the genes at the positions `chosen`."""
        x, left = self.profiles[self.fitted], self.profiles[self.held_out]
        landmarks = x[:, chosen]
        # The inverse in double precision: it is where rounding would be amplified.
        inner = torch.eye(len(x), dtype=torch.float64) + (landmarks @ landmarks.T).double() / self.penalty
        self.kernel = torch.linalg.inv(inner).to(x.dtype)
        residuals = self.kernel @ x
        self.length = (x * residuals).sum(dim=0)
        self.covariance = ((self.products @ residuals) * residuals).sum(dim=0)
        self.hat = left[:, chosen] @ (landmarks.T @ self.kernel) / self.penalty
        errors = left - self.hat @ x
        self.moments = errors @ x.T
        self.crossed = ((self.moments @ residuals) * errors).sum(dim=0)
        self.error = (errors * errors).sum(dim=0)

    def gain(self) -> Tensor:
        """Return by how much each gene would lower the penalised squared error of the fitted samples."""
        return self.covariance / (self.length + self.penalty)

    def held_out_gain(self) -> Tensor:
        """Return by how much each gene would lower the squared error of the samples left out."""
        divisor = self.length + self.penalty
        return 2 * self.crossed / divisor - self.error * self.covariance / divisor**2

    def vectors(self, gene: int) -> Tensor:
        """Return the sample vectors whose products with the profiles `add` needs, shape (2 or 5, samples)."""
        x = self.profiles[self.fitted, gene]
        self._residual = self.kernel @ x
        self._divisor = float(self._residual @ x) + self.penalty
        self._spread = self.products @ self._residual / self._divisor
        self._error = self.profiles[self.held_out, gene] - self.hat @ x
        self._moment = self.moments @ self._residual
        wanted = torch.zeros(5 if len(self.held_out) else 2, len(self.profiles), dtype=x.dtype)
        wanted[0, self.fitted] = self._residual
        wanted[1, self.fitted] = self.kernel @ self._spread
        if len(self.held_out):
            for row, vector in ((2, self._error), (3, self._moment)):
                wanted[row, self.held_out] = vector
                wanted[row, self.fitted] = -self.hat.T @ vector
            wanted[4, self.fitted] = self.kernel @ (self.moments.T @ self._error)
        return wanted

    def add(self, products: Tensor) -> None:
        """Add the gene given to `vectors`, whose products with the profiles are `products`, shape (2 or 5, genes)."""
        shared, spread = products[0] / self._divisor, products[1]
        weight = self._residual / self._divisor
        if len(self.held_out):
            common, moment, back = products[2:]
            length, own = float(self._error @ self._error), float(self._error @ self._moment)
            spent = float(self._spread @ self._residual)
            self.crossed += -common * spread - shared * (moment + back) + shared * common * spent
            self.crossed += shared * length * spread + shared**2 * (own - length * spent)
            self.error += -2 * shared * common + shared**2 * length
            self.hat += torch.outer(self._error, weight)
            self.moments -= torch.outer(self._error, self._spread)
        self.covariance += -2 * products[0] * spread + products[0] ** 2 * float(weight @ self._spread)
        self.length -= products[0] * shared
        self.kernel -= torch.outer(self._residual, weight)


Worth = Callable[[list[Regressions]], Tensor]
"""What each gene is worth as the next one, shape (genes,)."""


def select_forward(
    profiles: npt.NDArray[np.floating],
    parts: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]],
    penalties: list[float],
    choice: Choice,
    k: int,
    worth: Worth,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Choose genes one by one, each the one worth most beside those before it.

    Parameters
    ----------
    profiles
        z-scores, shape (samples, genes); calculated in their own precision.
    parts
        Rows fitted and rows held out, of every set of regressions.
    penalties
        Each part is fitted with each of them.
    choice
        Included genes come first; a gene's worth is divided by its cost.
    k
        Genes wanted.
    worth
        From the regressions (of each part, with each penalty), what each gene is worth.

    Returns
    -------
    chosen, worths
        int64 positions and float64 worths when chosen, shape (k,), or fewer if no more may be chosen.
    """
    x = torch.from_numpy(np.ascontiguousarray(profiles))
    rows = [(torch.from_numpy(fitted), torch.from_numpy(held_out)) for fitted, held_out in parts]
    regressions = [Regressions(x, *part, penalty) for part in rows for penalty in penalties]
    costs = torch.from_numpy(choice.costs)
    open_genes = choice.start()
    chosen: list[int] = []
    worths: list[float] = []
    for step in track(range(k), "choosing genes", k):
        if step and step % REFRESH == 0:
            for regression in regressions:
                regression.refresh(chosen)
        values = worth(regressions).double()
        if step < len(choice.included):
            gene = int(choice.included[step])
        elif open_genes.any():
            # A cost makes a gain smaller and a loss larger.
            values_for_cost = torch.where(values > 0, values / costs, values * costs)
            values_for_cost[torch.from_numpy(~open_genes)] = -torch.inf
            gene = int(values_for_cost.argmax())
        else:
            break
        choice.take(open_genes, gene)
        chosen.append(gene)
        worths.append(float(values[gene]))
        wanted = [regression.vectors(gene) for regression in regressions]
        # One product for all regressions: the profiles are read once a step.
        products = torch.cat(wanted) @ x
        for regression, part in zip(regressions, products.split([len(part) for part in wanted]), strict=True):
            regression.add(part)
    return np.asarray(chosen, np.int64), np.asarray(worths)


def all_samples(count: int) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Return the one part in which every sample is fitted and none held out."""
    return [(np.arange(count), np.empty(0, np.int64))]
