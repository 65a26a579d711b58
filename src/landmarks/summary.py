"""What a run found, in words: the answer, how sure it is, and what to distrust. Every word follows from a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

FEW_GROUPS = 10
"""Fewer groups held out give rough intervals."""
FEWEST = 6
"""Of fewer pairs no two-sided Wilcoxon test gives p < 0.05."""
UNSETTLED = 0.9
"""Jaccard index of the top genes of two halves of the samples, under which their order is not settled."""
CHANCE = "random"

FIGURES = {
    "size_curve": "How much less error than random panels, by panel size. Above 0 is better than chance.",
    "forest": "The same by selector, with 95% intervals over the groups held out. Right of the dashed line is better "
    "than chance.",
    "figure_3a": "Error of every target that all panels have to infer (mean absolute error, z-scores). Left is better; "
    "the dashed grey curve is chance.",
    "figure_3b": "Correlation of inferred and measured values of the same targets. Right is better.",
    "figure_3c": "Two selectors, target by target: error.",
    "figure_3d": "Two selectors, target by target: correlation.",
    "figure_4a": "The same models on another platform: error.",
    "figure_4b": "The same models on another platform: correlation.",
    "figure_2a": "What the autoencoder reconstructs, gene by gene, beside the training median.",
    "figure_2b": "Samples clustered by the autoencoder's codes, coloured by label.",
    "figure_5a": "Gene sets enriched in the panel, beside random panels.",
    "stability": "How far panels of several seeds or folds agree: 0 is chance, 1 the same genes.",
}
"""Figures in the order of the page, those that a run has, and what each shows."""


@dataclass(frozen=True)
class Verdict:
    """How one selector's panels of one size do beside random ones.

    Attributes
    ----------
    selector
        Its name.
    gain, low, high
        Percent of the random panels' mean error that it saves, and the 95% interval over groups.
    p
        Of the paired Wilcoxon test over groups against random panels, corrected by Holm.
    word
        better or worse, where the interval excludes 0; else alike.
    """

    selector: str
    gain: float
    low: float
    high: float
    p: float
    word: Literal["better", "worse", "alike"]


def describe_run(samples: int, genes: int, tested: int, selectors: int) -> str:
    """Return what was run, in two sentences."""
    return (
        f"{samples:,} samples × {genes:,} genes; {tested:,} samples were held out for every number here. Panels of "
        f"{selectors:,} selectors were judged by how well their landmarks infer all other genes."
    )


def judge(selectors: pd.DataFrame, model: str, k: int) -> list[Verdict]:
    """Return a verdict on every selector but chance, best first.

    Parameters
    ----------
    selectors
        ``standings/selectors.parquet``; of its views ``clean``, if there is one: without targets that share a
        landmark's gene.
    model, k
        Which models and panels.
    """
    rows = selectors[(selectors["model"] == model) & (selectors["k"] == k) & (selectors["selector"] != CHANCE)]
    view = "clean" if "clean" in set(rows["view"]) else rows["view"].min()
    rows = rows[(rows["view"] == view) & rows["gain"].notna()].sort_values("gain", ascending=False)
    verdicts = []
    for row in rows.to_dict("records"):
        low, high = row["gain_low"], row["gain_high"]
        word: Literal["better", "worse", "alike"] = "better" if low > 0 else "worse" if high < 0 else "alike"
        verdicts.append(Verdict(row["selector"], row["gain"], low, high, row["p_holm"], word))
    return verdicts


def say_answer(verdicts: list[Verdict], model: str, k: int) -> str:
    """Return the answer in a sentence or two."""
    if not verdicts:
        return f"No panel of {k:,} genes was compared with random ones: whether any beats chance is not known."
    best = verdicts[0]
    span = f"{abs(best.gain):.1f}% (95% interval {best.low:.1f} to {best.high:.1f})"
    if best.word == "better":
        answer = (
            f"Of panels of {k:,} genes, {best.selector}'s infer the others best: by {model} with {span} less error "
        )
        answer += "than genes drawn at random."
    elif best.word == "alike":
        answer = (
            f"No selector's {k:,} genes are better than genes drawn at random; the best, {best.selector}, differs by "
        )
        answer += f"{best.gain:.1f}% (95% interval {best.low:.1f} to {best.high:.1f})."
    else:
        answer = f"Every selector's {k:,} genes infer the others worse than genes drawn at random."
    losers = [one.selector for one in verdicts if one.word == "worse" and one is not best]
    if losers and best.word != "worse":
        answer += f" Worse than chance: {', '.join(losers)}."
    return answer


def list_doubts(
    *,
    method: str,
    groups: int,
    autoencoder: Mapping[str, float],
    agreement: float | None,
    card: Mapping[str, Any] | None,
    platforms: Mapping[str, tuple[float, float]],
) -> list[str]:
    """Return what to distrust, each in a sentence.

    Parameters
    ----------
    method
        Of the split: grouped or random.
    groups
        Studies or donors held out.
    autoencoder
        ``mae`` and ``mae_null`` over genes, of test samples.
    agreement
        Of DeepLIFT's top genes in two halves of the samples; None if it was not measured.
    card
        Of the exported model, if there is one.
    platforms
        Mean MAE and mean PCC of the shown panel by platform it was carried to.
    """
    doubts = []
    if method == "random":
        doubts.append(
            "Samples were held out at random: those of one study are on both sides, which flatters every panel. A new "
            "study will be inferred worse."
        )
    elif groups < FEW_GROUPS:
        doubts.append(f"Only {groups:,} groups of samples were held out: intervals over so few are rough.")
    doubts.append("One split says little about new data: the target arena holds out every group once.")
    if autoencoder["mae"] >= autoencoder["mae_null"]:
        doubts.append(
            f"On the samples held out the autoencoder is no better than each gene's median (MAE "
            f"{autoencoder['mae']:.3f} against {autoencoder['mae_null']:.3f}): DeepLIFT explains a network that learnt "
            "little of use to them."
        )
    if agreement is not None and agreement < UNSETTLED:
        doubts.append(
            f"DeepLIFT's order of genes is not settled: the top genes of two halves of the samples share a Jaccard "
            f"index of {agreement:.2f}."
        )
    for name, (mae, pcc) in platforms.items():
        doubts.append(
            f"On {name}, another platform, the model reaches an MAE of {mae:.2f} z-scores and a PCC of {pcc:.2f}."
        )
    if card is not None:
        level, coverage = card["interval"]["level"], card["interval"]["coverage"]
        if abs(coverage - level) > 0.02:
            doubts.append(f"Intervals of {level:.0%} cover {coverage:.1%} of the values held out.")
        lost = card["targets"] - card["inferable"]
        if lost:
            doubts.append(f"{lost:,} of {card['targets']:,} genes cannot be inferred: the table of genes names them.")
    return doubts
