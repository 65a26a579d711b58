"""What the steps' products of matrices cost at the least, in floating-point operations, counted."""

from dataclasses import dataclass
from itertools import pairwise

HIDDEN = [500, 100]
WIDE = 1_000
"""Width of D-GEX's one hidden layer."""

PENALTIES = [100, 300, 1_000, 3_000, 10_000, 30_000]

MONITORED = 5_000
"""Samples of a part, at most, on which trainings watch the error."""

EVIDENCE = 3_000
"""Training samples that selectors look at, at most."""

CHOOSING = 2_000
"""Validation samples by which penalties are chosen, at the least."""

PANELS, TESTED, DRAWN = 2, 1, 10
"""Panels that are chosen; random ones that are put to the permutation test, and all that are drawn."""

FITTED = 3
"""Panels that models are fitted on: those that are chosen, and a random one."""


@dataclass(frozen=True)
class Counts:
    """How many samples of each part are left without duplicates, and how many genes, landmarks and targets."""

    training: int
    validation: int
    test: int
    genes: int
    k: int = 943

    @property
    def targets(self) -> int:
        """Genes that are inferred."""
        return self.genes - self.k

    @property
    def watched(self) -> int:
        """Samples on which a training watches the error after an epoch."""
        return min(MONITORED, self.training) + min(MONITORED, self.validation)

    @property
    def weights(self) -> list[int]:
        """Weights of the autoencoder's layers."""
        return [one * other for one, other in pairwise([self.genes, *HIDDEN, *HIDDEN[-2::-1], self.genes])]

    @property
    def learnt(self) -> int:
        """Flops of learning from a sample: 6 a weight, and 4 in the first layer, whose input needs no gradient."""
        return 6 * sum(self.weights) - 2 * self.weights[0]

    @property
    def permuted(self) -> int:
        """Flops of the permutation test of a panel's targets."""
        return 2 * self.targets**2 * self.test

    def train_autoencoder(self) -> int:
        """Count an epoch, and the looks at the error after it."""
        return self.training * self.learnt + self.watched * 2 * sum(self.weights)

    def evaluate_autoencoder(self) -> int:
        """Count reconstructions, and the permutation test of all genes."""
        return (self.validation + self.test) * 2 * sum(self.weights) + 2 * self.genes**2 * self.test

    def attribute_deeplift(self) -> int:
        """Count one product of units × hidden × genes a sample."""
        return self.training * 2 * HIDDEN[0] * HIDDEN[1] * self.genes

    def select_crossfit(self) -> int:
        """Count one Gram matrix of the samples that selectors look at: of genes, or of samples, of which are fewer."""
        samples = min(EVIDENCE, self.training)
        return 2 * samples * self.genes * min(samples, self.genes)

    def choose_penalty(self) -> int:
        """Count inferences of validation samples with each penalty."""
        return 2 * self.k * len(PENALTIES) * min(CHOOSING, self.validation) * self.targets

    def fit_ridge(self) -> int:
        """Count the normal equations, and the choice of a penalty."""
        return 2 * self.k * self.training * self.genes + self.choose_penalty()

    def fit_dgex(self) -> int:
        """Count an epoch of the networks of both halves of the targets, and looks at the error."""
        inner, outer = 2 * self.k * WIDE, WIDE * self.targets
        looks = min(MONITORED, self.training) + self.validation
        return self.training * (4 * inner + 6 * outer) + looks * 2 * (inner + outer)

    def evaluate_dgex(self) -> int:
        """Count inferences, and the permutation test."""
        return self.test * 2 * (2 * self.k * WIDE + WIDE * self.targets) + self.permuted

    def judge_ridge(self) -> int:
        """Count the products of half of all pairs of genes, and of each of the largest panels what it is judged by."""
        inferences = 2 * self.test * self.k * self.targets
        tested = PANELS + TESTED
        equations = self.training * self.genes**2
        return equations + (PANELS + DRAWN) * (self.choose_penalty() + inferences) + tested * self.permuted

    def by_rule(self) -> dict[str, int]:
        """Return the flops of the rules that multiply much; of fits and evaluations, those of three panels."""
        return {
            "train_autoencoder": self.train_autoencoder(),
            "evaluate_autoencoder": self.evaluate_autoencoder(),
            "attribute_deeplift": self.attribute_deeplift(),
            "select_panels crossfit": self.select_crossfit(),
            "fit_inference ridge": FITTED * self.fit_ridge(),
            "fit_part dgex": FITTED * self.fit_dgex(),
            "evaluate_inference": FITTED * self.evaluate_dgex(),
            "judge_ridge": self.judge_ridge(),
        }
