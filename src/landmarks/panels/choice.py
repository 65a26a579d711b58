"""Which genes may be chosen, which must be, and what each costs: the constraints of a panel's designer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError, name_some


@dataclass(frozen=True)
class Choice:
    """What a selector may take.

    Attributes
    ----------
    gene_ids
        Of the compendium, shape (genes,).
    allowed
        bool, shape (genes,): genes that may be chosen; those of `included` are.
    included
        Positions of the genes that head every panel, in this order.
    labels
        int64, shape (genes,): rows with the same label measure the same gene, and one of them is enough.
        Where several may be chosen, all labels differ.
    costs
        float64, shape (genes,), above 0: what measuring a gene costs, 1 where nothing is known. Selectors
        weigh what a gene brings against it.
    """

    gene_ids: npt.NDArray[np.object_]
    allowed: npt.NDArray[np.bool_]
    included: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    costs: npt.NDArray[np.float64]

    def start(self) -> npt.NDArray[np.bool_]:
        """Return the genes that are open before any is chosen, as a new mask of shape (genes,)."""
        return self.allowed.copy()

    def take(self, open_genes: npt.NDArray[np.bool_], position: int) -> None:
        """Close, in place, the gene at `position` and all that measure the same."""
        open_genes[self.labels == self.labels[position]] = False

    def give_back(self, open_genes: npt.NDArray[np.bool_], position: int) -> None:
        """Open, in place, the gene at `position` and all that measure the same, as far as they are allowed."""
        alike = self.labels == self.labels[position]
        open_genes[alike] = self.allowed[alike]

    def order(self, worth: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return the positions of all genes that one panel can hold, best first.

        Parameters
        ----------
        worth
            Shape (genes,): what a gene brings, whatever the others are; higher is better. It is divided by the
            gene's cost, so it must not be negative where costs differ.

        Returns
        -------
        numpy.ndarray
            int64: the included genes, then the allowed ones by worth for their cost, the first row of each label
            only. Ties keep the compendium's order.
        """
        ranked = np.argsort(-np.asarray(worth, np.float64) / self.costs, kind="stable")
        sequence = np.concatenate([self.included, ranked[self.allowed[ranked]]])
        _, first = np.unique(self.labels[sequence], return_index=True)
        return sequence[np.sort(first)].astype(np.int64)


def unconstrained(gene_ids: npt.NDArray[np.object_]) -> Choice:
    """Return the choice among all genes, at equal cost."""
    size = len(gene_ids)
    return Choice(
        gene_ids,
        allowed=np.ones(size, bool),
        included=np.empty(0, np.int64),
        labels=np.arange(size),
        costs=np.ones(size),
    )


def capacity(choice: Choice) -> int:
    """Return how many genes a panel can hold at most."""
    return len(np.unique(choice.labels[choice.allowed]))


def positions_of(choice: Choice, gene_ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return where `gene_ids` stand in the compendium.

    Raises
    ------
    LandmarksError
        If one is not measured: it is named.
    """
    known = {gene: position for position, gene in enumerate(choice.gene_ids)}
    strangers = [gene for gene in gene_ids if gene not in known]
    if strangers:
        raise LandmarksError(
            f"{len(strangers):,} genes are not in the compendium: {name_some(strangers)}.",
            hint="name genes by the compendium's gene ids.",
        )
    return np.asarray([known[gene] for gene in gene_ids], np.int64)


def to_frame(choice: Choice) -> pd.DataFrame:
    """Return ``gene_id``, ``allowed``, ``included`` (its place among them from 1, else 0), ``label`` and ``cost``."""
    places = np.zeros(len(choice.gene_ids), np.int64)
    places[choice.included] = np.arange(1, len(choice.included) + 1)
    columns = {"allowed": choice.allowed, "included": places, "label": choice.labels, "cost": choice.costs}
    return pd.DataFrame({"gene_id": choice.gene_ids, **columns})


def from_frame(frame: pd.DataFrame) -> Choice:
    """Return the choice that `to_frame` stored."""
    places = frame["included"].to_numpy(np.int64)
    return Choice(
        gene_ids=frame["gene_id"].to_numpy(object),
        allowed=frame["allowed"].to_numpy(bool),
        included=np.argsort(places, kind="stable")[len(places) - np.count_nonzero(places) :],
        labels=frame["label"].to_numpy(np.int64),
        costs=frame["cost"].to_numpy(np.float64),
    )
