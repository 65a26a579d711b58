"""The genes of a simulated compendium: their levels, modules and drivers, and what noise and batches do to them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.simulation.programmes import (
    FEWEST_FACTORS,
    GENES_PER_FACTOR,
    MOST_FACTORS,
    RESPONSES,
    Floats,
    Programmes,
    design_programmes,
)
from landmarks.simulation.seeds import Stream, open_stream

MODULE_GENES = 10
"""Genes that the smallest compendium has for each module, on average."""

FEWEST_GENES = MODULE_GENES * FEWEST_FACTORS * len(RESPONSES)
CERTAIN_MEMBERS = 3
"""Genes that every module has besides its driver."""

NO_MODULE, SECOND_MODULE = 0.15, 0.2
"""Share of genes on no module, and of those on one that are on a second as well."""

MODULE_SPREAD = 1.0
"""Standard deviation of the logarithm of the modules' sizes."""

BATCH_AXES = 10

LEVELS = {"lowest": 1.1, "shape": 5.2, "scale": 0.85}
"""Of a gene's level before the floor, log2: lowest + a gamma variate."""

SPREAD = {"median": 1.35, "spread": 0.31}
"""Of a gene's standard deviation over a large compendium, log2 units: log-normal."""

BATCH_SHARE = 0.46
"""Mean share of a gene's variance that differs between studies for technical reasons."""

LOW_RANK = 0.7
"""Share of it that follows a few axes common to all genes."""

PROGRAMME_SHARE = 0.75
"""Mean share of the rest that is due to programmes, for genes on a module."""

DRIVER = {"level": 8.0, "spread": 1.3, "batch": 0.02, "noise": 0.02}
"""Of drivers: level and standard deviation in log2 units, shares of batches and of noise in the variance."""

NEGATIVE = 0.3
"""Share of members that fall when their programme rises."""


@dataclass(frozen=True)
class Genes:
    """Everything about the genes that is common to all samples.

    Attributes
    ----------
    table
        A row a gene: ``gene_id``, ``symbol``, ``ensembl``, ``module`` (the number of the programme it loads on most,
        −1 for none), ``driver``.
    programmes
        What the modules follow; module m follows programme m.
    level
        Before the floor, log2, shape (genes,).
    loadings
        log2 units for each standard deviation of a programme, shape (programmes, genes).
    batch_axes
        log2 units for each standard deviation of a batch's place on an axis, shape (axes, genes).
    batch_sd, noise_sd
        log2 units, of the shifts of a gene by study and by sample, shape (genes,).
    """

    table: pd.DataFrame
    programmes: Programmes
    level: Floats
    loadings: Floats
    batch_axes: Floats
    batch_sd: Floats
    noise_sd: Floats


def check_genes(genes: int) -> None:
    """Refuse numbers of genes that are too few for the modules.

    Raises
    ------
    LandmarksError
        If there are fewer than `FEWEST_GENES`.
    """
    if genes < FEWEST_GENES:
        raise LandmarksError(
            f"Expected at least {FEWEST_GENES} genes, {MODULE_GENES} for each of "
            f"{FEWEST_FACTORS * len(RESPONSES)} modules, found {genes}.",
            hint=f"ask for --genes {FEWEST_GENES} or more; {GENES_PER_FACTOR * MOST_FACTORS:,} or more give all "
            f"{MOST_FACTORS * len(RESPONSES)} modules.",
        )


def design_genes(genes: int, seed: int) -> Genes:
    """Draw the genes of a compendium.

    Parameters
    ----------
    genes
        How many.
    seed
        The compendium's.

    Raises
    ------
    LandmarksError
        If there are too few genes for the modules.
    """
    check_genes(genes)
    random = open_stream(seed, Stream.GENES)
    programmes = design_programmes(genes, random)
    module, second, driver = assign_modules(genes, len(programmes), random)

    level = LEVELS["lowest"] + random.gamma(LEVELS["shape"], LEVELS["scale"], genes)
    level[driver] = random.normal(DRIVER["level"], 0.5, int(driver.sum()))
    variance = (SPREAD["median"] * np.exp(random.normal(0, SPREAD["spread"], genes))) ** 2
    variance[driver] = DRIVER["spread"] ** 2
    batch = variance * random.beta(4, 4 / BATCH_SHARE - 4, genes)
    batch[driver] = variance[driver] * DRIVER["batch"]
    share = np.where(module >= 0, random.beta(4, 4 / PROGRAMME_SHARE - 4, genes), 0)
    share[driver] = 1 - DRIVER["noise"]
    explained, noise = (variance - batch) * share, (variance - batch) * (1 - share)

    axes = random.standard_normal((BATCH_AXES, genes))
    # The first axes weigh most, as the principal components of real studies do.
    axes *= 1 / np.sqrt(np.arange(1, BATCH_AXES + 1))[:, None]
    axes *= np.sqrt(LOW_RANK * batch / (axes**2).sum(axis=0))
    return Genes(
        name_genes(module, driver, random),
        programmes,
        level.astype(np.float32),
        load_genes(module, second, driver, explained, len(programmes), random),
        axes.astype(np.float32),
        np.sqrt((1 - LOW_RANK) * batch).astype(np.float32),
        np.sqrt(noise).astype(np.float32),
    )


def assign_modules(
    genes: int, modules: int, random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the main and the second module of each gene, −1 for none, and whether it is its module's driver.

    Sizes of modules are log-normal. Each has exactly one driver, which is on no second module.
    """
    weights = np.exp(random.normal(0, MODULE_SPREAD, modules))
    weights /= weights.sum()
    module = random.choice(modules, genes, p=weights)
    module[random.random(genes) < NO_MODULE] = -1
    order = random.permutation(genes)
    # The first of them are the drivers, the next make sure that no module is empty.
    certain = order[: modules * (1 + CERTAIN_MEMBERS)]
    module[certain] = np.arange(len(certain)) % modules
    driver = np.zeros(genes, bool)
    driver[order[:modules]] = True
    second = random.choice(modules, genes, p=weights)
    second[(module < 0) | (second == module) | driver | (random.random(genes) >= SECOND_MODULE)] = -1
    return module, second, driver


def load_genes(
    module: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    driver: npt.NDArray[np.bool_],
    explained: npt.NDArray[np.float64],
    modules: int,
    random: np.random.Generator,
) -> Floats:
    """Return the loadings, float32, shape (modules, genes).

    `explained` is the variance by programmes, shape (genes,). A second module takes a quarter of it. Drivers rise with
    their programme.
    """
    sign = np.where(random.random((2, len(module))) < NEGATIVE, -1.0, 1.0)
    sign[0, driver] = 1
    loadings = np.zeros((modules, len(module)), np.float32)
    two = second >= 0
    one = np.flatnonzero(module >= 0)
    loadings[module[one], one] = (sign[0] * np.sqrt(explained * np.where(two, 0.75, 1)))[one]
    loadings[second[two], np.flatnonzero(two)] = (sign[1] * np.sqrt(explained / 4))[two]
    return loadings


def name_genes(
    module: npt.NDArray[np.int64], driver: npt.NDArray[np.bool_], random: np.random.Generator
) -> pd.DataFrame:
    """Return the table of genes. Ensembl ids are in a range that Ensembl has not given out, in another order."""
    numbers = range(1, len(module) + 1)
    return pd.DataFrame(
        {
            "gene_id": [f"sim{number:05d}_at" for number in numbers],
            "symbol": [f"SIM{number:05d}" for number in numbers],
            "ensembl": [f"ENSG9{number:010d}" for number in random.permutation(len(module)) + 1],
            "module": module,
            "driver": driver,
        }
    )
