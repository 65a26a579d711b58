"""Programmes of genes: non-linear responses to latent factors, in three kinds that are equally frequent."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESPONSES = ("saturating", "thresholded", "interacting")
"""Kinds of response, in the order in which the programmes of a factor stand."""

FEWEST_FACTORS, MOST_FACTORS = 2, 40
GENES_PER_FACTOR = 100
STEEPNESS = 2.0
REFERENCE_SAMPLES = 4_096
"""Standard normal samples by which programmes are centred and scaled."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Programmes:
    """How programmes answer to factors. Programme m is of kind m % 3.

    Attributes
    ----------
    first
        The factor of each programme, shape (programmes,).
    second
        The other factor, which only interacting programmes use, shape (programmes,).
    midpoint
        Where a saturating programme is halfway, and below which a thresholded one is silent, shape (programmes,).
    centre, scale
        Mean and standard deviation of the bare response to standard normal factors, shape (programmes,).
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    midpoint: Floats
    centre: Floats
    scale: Floats

    def __len__(self) -> int:
        """Return the number of programmes."""
        return len(self.first)

    @property
    def factors(self) -> int:
        """Number of latent factors."""
        return int(self.first.max()) + 1

    def respond(self, factors: Floats) -> Floats:
        """Return the activity of the programmes.

        Parameters
        ----------
        factors
            float32, shape (samples, factors), each about standard normal over a large compendium.

        Returns
        -------
        numpy.ndarray
            float32, shape (samples, programmes), of mean 0 and variance 1 where the factors are standard normal.
        """
        return (respond_bare(factors, self.first, self.second, self.midpoint) - self.centre) / self.scale


def respond_bare(
    factors: Floats, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], midpoint: Floats
) -> Floats:
    """Return responses before they are centred and scaled; see `Programmes`.

    Saturating: 1 / (1 + exp(−2 (f − midpoint))). Thresholded: max(f − midpoint, 0). Interacting: f times the second
    factor.
    """
    response = factors[:, first] - midpoint
    saturating, thresholded, interacting = (slice(kind, None, len(RESPONSES)) for kind in range(len(RESPONSES)))
    response[:, saturating] = 1 / (1 + np.exp(-np.float32(STEEPNESS) * response[:, saturating]))
    response[:, thresholded] = np.maximum(response[:, thresholded], 0)
    response[:, interacting] = factors[:, first[interacting]] * factors[:, second[interacting]]
    return response


def design_programmes(genes: int, random: np.random.Generator) -> Programmes:
    """Draw three programmes a factor, one of each kind, so that the programmes of a factor predict one another.

    Parameters
    ----------
    genes
        Of the compendium: there is a factor for every 100, from 2 to 40.
    random
        The source of all draws.
    """
    factors = int(np.clip(genes // GENES_PER_FACTOR, FEWEST_FACTORS, MOST_FACTORS))
    first = np.repeat(np.arange(factors), len(RESPONSES))
    second = (first + random.integers(1, factors, len(first))) % factors  # never the first itself
    midpoint = random.normal(0, 0.5, len(first)).astype(np.float32)
    reference = random.standard_normal((REFERENCE_SAMPLES, factors), dtype=np.float32)
    bare = respond_bare(reference, first, second, midpoint)
    return Programmes(first, second, midpoint, bare.mean(axis=0), bare.std(axis=0))
