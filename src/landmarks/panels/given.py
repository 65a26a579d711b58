"""A panel from a list, such as the L1000 landmarks or a clinical signature."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from landmarks.errors import LandmarksError, name_some
from landmarks.panels import Evidence, tabulate

logger = logging.getLogger("landmarks")

ID_COLUMNS = ("gene_id", "symbol", "entrez", "ensembl")


def rank(evidence: Evidence) -> pd.DataFrame:
    """Return the listed genes that the compendium measures, in the list's order.

    A name is looked up among gene ids, then symbols, Entrez and Ensembl ids. Names that are not measured are
    reported in the log, those that may not be chosen are left out. A symbol carried by several rows (probes) takes the
    first of them.

    Raises
    ------
    LandmarksError
        If no list was given, or none of its names is measured.
    """
    if evidence.listed is None:
        raise LandmarksError(
            "The selector `given` needs a list of genes, none was given.",
            hint="name a file, one gene a line, as panels.given.file.",
        )
    positions: dict[str, int] = {}
    for column in ID_COLUMNS:
        if column in evidence.genes:
            for position, name in enumerate(evidence.genes[column]):
                if name:
                    positions.setdefault(name, position)
    found = list(dict.fromkeys(positions[name] for name in evidence.listed if name in positions))
    missing = [name for name in evidence.listed if name not in positions]
    if missing:
        logger.warning("%d listed genes are not measured: %s", len(missing), name_some(missing, 20))
    if not found:
        raise LandmarksError(
            f"None of the {len(evidence.listed)} listed genes is measured: {name_some(evidence.listed)}.",
            hint="the list must name genes by the compendium's gene ids, symbols, Entrez or Ensembl ids.",
        )
    worth = np.zeros(len(evidence.genes))
    worth[found] = np.arange(len(found), 0, -1)
    # The list's order is its own; costs do not change it.
    order = replace(evidence.choice, costs=np.ones(len(worth))).order(worth)
    order = order[(worth[order] > 0) | np.isin(order, evidence.choice.included)]
    return tabulate(evidence, order, worth[order], "on the given list")
