"""A compendium with all that goes with it, in files beside one another."""

import logging
from pathlib import Path

import pandas as pd

from landmarks.errors import LandmarksError
from landmarks.files import write_frame
from landmarks.progress import track
from landmarks.simulation.genes import Genes, check_genes, design_genes
from landmarks.simulation.sequencing import count_reads, design_sequencing
from landmarks.simulation.studies import DUPLICATES, plan_labelled, plan_rnaseq, plan_studies
from landmarks.simulation.values import iterate_studies, regroup, simulate_study
from landmarks.simulation.writing import Writer, find_writer

logger = logging.getLogger("landmarks")

BLOCK = 1_000
"""Samples written at a time: 89 MB of 22,268 genes."""

DESCRIBED = ["sample_id", "group", "label"]


def write_compendium(
    out: Path,
    samples: int,
    genes: int,
    seed: int,
    *,
    rnaseq: int = 60,
    labelled: int = 100,
    duplicates: float = DUPLICATES,
    block: int = BLOCK,
) -> None:
    """Simulate a compendium and its companions, and write them.

    Memory does not grow with the number of samples, but for their descriptions. The first samples of a larger
    compendium of the same seed and genes are those of a smaller one.

    The constants of this package are such that 491 samples × 22,268 genes resemble the 491 real arrays of 16 studies on
    HG-U133A (config/hgu133.yaml), both quantile-normalised. Compared were the genes' means at the quantiles 0.25, 0.5,
    0.75, 0.95 and 0.99, their standard deviations at 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99, and the shares of the first
    1, 10 and 50 principal components in the variance of z-scores. Lower quantiles of the means are not like the
    real ones: some of those studies have values below 4, which are kept out here.

    Parameters
    ----------
    out
        The compendium, ``.gctx`` or ``.parquet``, on the log2 scale from 4 to 15. It is written last. Beside it come
        ``<stem>.genes.parquet``, ``<stem>.samples.parquet``, ``<stem>.rnaseq`` and ``<stem>.labelled`` with the
        suffix of `out`, and ``<stem>.labelled.samples.parquet``.
    samples, genes
        How many.
    seed
        The same one gives the same bytes.
    rnaseq, labelled
        Samples of the companions: counts under Ensembl ids, and arrays of a new study with two or three subtypes. None
        is written of 0. The labelled study is held in memory as a whole.
    duplicates
        Share of samples that are nearly copies of an earlier one of their study.
    block
        Samples written at a time; the values do not depend on it.

    Raises
    ------
    LandmarksError
        If the suffix is another one, or a number is out of range.
    """
    write = find_writer(out)
    check_genes(genes)
    if samples < 1 or rnaseq < 0 or labelled < 0:
        raise LandmarksError(
            f"Expected 1 sample or more, and 0 or more of the companions, found {samples}, {rnaseq} and {labelled}.",
            hint="mend --samples, --rnaseq or --labelled.",
        )
    if not 0 <= duplicates < 1:
        raise LandmarksError(
            f"Expected a share of duplicates from 0 to less than 1, found {duplicates}.", hint="mend --duplicates."
        )
    designed = design_genes(genes, seed)
    write_frame(designed.table, out.with_name(f"{out.stem}.genes.parquet"))
    if rnaseq:
        _write_rnaseq(out.with_name(f"{out.stem}.rnaseq{out.suffix}"), write, designed, rnaseq, seed)
    if labelled:
        _write_labelled(out.with_name(f"{out.stem}.labelled{out.suffix}"), write, designed, labelled, seed)
    plans = list(plan_studies(samples, designed.programmes.factors, seed, duplicates))
    described = pd.concat([plan.samples for plan in plans], ignore_index=True)[:samples]
    write_frame(described, out.with_name(f"{out.stem}.samples.parquet"))
    studies = iterate_studies(track(plans, "studies"), designed, seed)
    write(out, described[DESCRIBED], _annotation(designed), regroup(studies, samples, block))
    logger.info(
        "Simulated %s samples of %s studies × %s genes in %d modules, %d of them drivers; %s samples are duplicates.",
        f"{samples:,}",
        f"{described['group'].nunique():,}",
        f"{genes:,}",
        len(designed.programmes),
        designed.table["driver"].sum(),
        f"{(described['duplicate_of'] != '').sum():,}",
    )


def _annotation(genes: Genes) -> pd.DataFrame:
    """Return what an expression file says of genes; modules and drivers are for the judge alone."""
    return genes.table[["gene_id", "symbol", "ensembl"]]


def _write_rnaseq(path: Path, write: Writer, genes: Genes, samples: int, seed: int) -> None:
    plan = plan_rnaseq(samples, genes.programmes.factors, seed)
    sequenced = design_sequencing(genes, seed)
    write(path, plan.samples[DESCRIBED], sequenced.table, count_reads(plan, genes, sequenced, seed))


def _write_labelled(path: Path, write: Writer, genes: Genes, samples: int, seed: int) -> None:
    plan = plan_labelled(samples, genes.programmes.factors, seed)
    write(path, plan.samples[DESCRIBED], _annotation(genes), [simulate_study(plan, genes, seed)])
    write_frame(plan.samples[DESCRIBED], path.with_name(f"{path.stem}.samples.parquet"))
