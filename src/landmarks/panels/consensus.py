"""The genes that most panels of another selector hold: what its draws agree on."""

import numpy as np
import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.panels import Evidence, tabulate
from landmarks.panels.choice import positions_of


def rank(evidence: Evidence) -> pd.DataFrame:
    """Order genes by how many of the panels `evidence.followed` hold them among their first k genes.

    Parameters
    ----------
    evidence
        Its `followed` are panels of one selector with several seeds: gene ids, best first.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``score`` (the share of the panels), ``reason``. Ties go to the lower mean rank in the panels that
        name the gene, then to the order of the compendium. Genes that no panel names are not ranked. Costs play no
        part: the panels have weighed them.

    Raises
    ------
    LandmarksError
        If there are no panels, or one names a gene that is not measured.
    """
    if not evidence.followed:
        raise LandmarksError(
            "The selector `consensus` needs the panels of another selector, none were given.",
            hint="name a selector with several seeds as panels.consensus.of.",
        )
    size = len(evidence.choice.gene_ids)
    votes, named, places = np.zeros(size), np.zeros(size), np.zeros(size)
    for followed in evidence.followed:
        panel = positions_of(evidence.choice, followed)
        votes[panel[: evidence.k]] += 1
        named[panel] += 1
        places[panel] += np.arange(len(panel))
    mean_rank = np.divide(places, named, out=np.full(size, np.inf), where=named > 0)
    chosen: list[int] = []
    open_genes = evidence.choice.start() & (named > 0)
    for gene in [*evidence.choice.included, *np.lexsort([mean_rank, -votes])]:
        # Included genes stand first, whether a panel names them or not.
        if len(chosen) < len(evidence.choice.included) or open_genes[gene]:
            evidence.choice.take(open_genes, gene)
            chosen.append(int(gene))
    positions = np.asarray(chosen, np.int64)
    count = len(evidence.followed)
    return tabulate(evidence, positions, votes[positions] / count, f"chosen by vote of {count} panels")
