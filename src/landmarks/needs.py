"""What memory a step needs, counted from the shapes of what it holds: ``mem_mb`` of its rule.

Counted are the arrays alive at the worst moment. docs/scale.md has them beside the peaks measured at full size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

PROGRAM = 900
"""MB of Python, NumPy, PyArrow and PyTorch, and of what readers and writers hold beside `Case.held`."""

MEDIANS = 400
"""MB of the genes of which medians are taken at a time; see `landmarks.medians`."""


@dataclass(frozen=True)
class Case:
    """What memory depends on.

    Attributes
    ----------
    samples, genes
        Shape of the expression file that is read.
    tested
        Share of the samples that are test samples.
    held
        The setting ``memory_mb``.
    evidence
        The most samples that selectors look at.
    layers
        Widths of the layers of the network that is learnt or applied, inputs first; none for other models.
    """

    samples: int
    genes: int
    tested: float
    held: float
    evidence: int
    layers: Sequence[int] = ()

    def matrix(self, samples: float) -> float:
        """Return the MB of so many samples of all genes, float32; of all samples at most."""
        return 4e-6 * min(samples, self.samples) * self.genes

    @property
    def rows(self) -> float:
        """MB of the samples that are held in memory; all others are read when they are wanted."""
        return min(self.held, self.matrix(self.samples))

    @property
    def streamed(self) -> float:
        """MB of the samples that are on their way: read, changed, and collected to be written."""
        return min(self.held, 3 * self.matrix(self.samples))

    @property
    def test(self) -> float:
        """MB of the test samples."""
        return self.matrix(self.tested * self.samples)

    @property
    def learnt(self) -> float:
        """MB of the weights of a network, float32."""
        return 4e-6 * sum(one * other for one, other in pairwise(self.layers))

    @property
    def gram(self) -> float:
        """MB of the products between all genes, float64, which are made where samples exceed genes, or of samples."""
        return 8e-6 * self.genes**2 if self.samples > self.genes else 3 * self.matrix(self.samples)


NEEDS: dict[str, Callable[[Case], float]] = {
    # Ids alone, but of a file whose description is large.
    "split_samples": lambda case: 0,
    "normalise": lambda case: case.streamed,
    "prepare_fold": lambda case: case.streamed,
    "average_probes": lambda case: case.streamed,
    "match_platform": lambda case: case.streamed,
    "constrain_candidates": lambda case: case.streamed,
    # Of every sample 16 numbers in double precision, twice, and the tree of them.
    "remove_duplicates": lambda case: case.streamed + 500e-6 * case.samples,
    # Weights, two moments, a state that is being written; batches, and samples on which the error is watched.
    "train_autoencoder": lambda case: case.rows + 5 * case.learnt + 2 * case.matrix(5_000),
    "evaluate_autoencoder": lambda case: case.streamed + 3 * case.test + MEDIANS + case.learnt,
    "encode_samples": lambda case: case.streamed + 2 * case.learnt,
    "attribute_deeplift": lambda case: case.streamed + 4 * case.learnt,
    "select_panels": lambda case: 10 * case.matrix(case.evidence),
    "draw_controls": lambda case: 4 * case.matrix(case.evidence),
    # In double precision: z-scores, residuals, and their products.
    "find_substitutes": lambda case: 13 * case.matrix(case.evidence),
    "cluster_samples": lambda case: 6 * case.matrix(case.evidence),
    "fit_inference": lambda case: case.rows + 6 * case.learnt + 2 * case.matrix(5_000),
    # First the samples it is fitted on, then truth and inferences of those it is judged on.
    "judge_model": lambda case: max(
        case.rows + 6 * case.learnt + 2 * case.matrix(5_000), case.streamed + 2 * case.learnt + 2.5 * case.test
    ),
    "judge_ridge": lambda case: case.rows + case.gram + 5 * case.test + case.matrix(2_000) + MEDIANS,
    "judge_panels": lambda case: case.rows + case.gram + 2.5 * case.test + case.matrix(2_000),
    # Errors of validation samples; a hundred landmarks of all samples.
    "export_model": lambda case: case.streamed + 6 * case.matrix(2_000) + 3 * case.learnt + 400e-6 * case.samples,
    "evaluate_inference": lambda case: 4 * case.test + 2 * case.learnt + MEDIANS,
}


def megabytes(step: str, case: Case) -> int:
    """Return the MB that a step needs."""
    return int(PROGRAM + NEEDS[step](case))
