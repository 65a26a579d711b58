"""The circular dendrogram of labelled samples: figure 2b."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from Bio.Phylo.BaseTree import Clade, Tree
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from pycirclize import Circos

from landmarks.errors import LandmarksError
from landmarks.figures.style import GREY, OKABE_ITO, lighten, name_of, say, styled

UNLABELLED = "no label"
OTHER = "#DDDDDD"
BRANCH = "#A0A0A0"
CLUSTERS = ("#B8B8B8", "#E4E4E4")


def dendrogram_numbers(linkage: pd.DataFrame, assignments: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return all that figure 2b shows.

    Parameters
    ----------
    linkage
        A row a merge, as SciPy's: ``left``, ``right`` (samples from 0 in the order of `assignments`, then
        merges), ``height`` (distance), ``size`` (samples).
    assignments
        A row a sample: ``sample_id``, ``label``, ``cluster``, ``leaf`` (its place round the circle, from 0).
    scores
        A row a representation: ``representation``, ``ari``, ``nmi``, ``silhouette``.

    Returns
    -------
    pd.DataFrame
        These columns with ``kind``: `leaf` (a sample), `merge`, `score`.

    Raises
    ------
    LandmarksError
        If `linkage` has not one merge fewer than `assignments` has samples, or ``leaf`` is not the order
        of the tree.
    """
    samples = len(assignments)
    if len(linkage) != max(samples - 1, 0):
        raise LandmarksError(
            f"Expected {max(samples - 1, 0):,} merges for {samples:,} samples, found {len(linkage):,}.",
            hint="linkage and assignments must come from the same run of cluster_samples.",
        )
    leaves = assignments[["sample_id", "label", "cluster", "leaf"]]
    leaves = leaves.assign(kind="leaf", label=leaves["label"].fillna(UNLABELLED).astype(str))
    parts = [leaves, linkage.assign(kind="merge"), scores.assign(kind="score")]
    order = ["kind", "sample_id", "label", "cluster", "leaf", "left", "right", "height", "size"]
    numbers = pd.concat([part for part in parts if len(part)], ignore_index=True)
    numbers = numbers.reindex(columns=[*order, "representation", "ari", "nmi", "silhouette"])
    if samples and [int(leaf) for leaf in leaves["leaf"]] != _places(linkage, leaves):
        raise LandmarksError(
            "Expected `leaf` of the assignments to be the order of the tree's leaves, found another order.",
            hint="linkage and assignments must come from the same run of cluster_samples.",
        )
    return numbers


def build_tree(linkage: pd.DataFrame, leaves: pd.DataFrame) -> Tree:
    """Return a linkage as Biopython's tree, its nodes named by number, as SciPy numbers them.

    No Newick is written, so a sample id may hold any character; and nothing here is recursive.

    Parameters
    ----------
    linkage
        ``left``, ``right``, ``height``, a row a merge, in SciPy's order.
    leaves
        ``leaf``, a row a sample: of two branches, the one with the smaller `leaf` comes first.
    """
    nodes = [Clade(name=str(index)) for index in range(len(leaves))]
    first = [int(leaf) for leaf in leaves["leaf"]]
    heights = [0.0] * len(leaves)
    for left, right, height in zip(linkage["left"], linkage["right"], linkage["height"], strict=True):
        pair = sorted((int(left), int(right)), key=first.__getitem__)
        for child in pair:
            # Centroid linkage may merge below a branch; a tree has no negative lengths.
            nodes[child].branch_length = max(float(height) - heights[child], 0.0)
        nodes.append(Clade(name=str(len(nodes)), clades=[nodes[child] for child in pair]))
        first.append(first[pair[0]])
        heights.append(float(height))
    return Tree(root=nodes[-1], rooted=True)


def label_colours(labels: pd.Series) -> dict[str, Any]:
    """Return a colour a label, the commonest first: the palette, its tints, and one grey for any label more.

    The palette's last colour is yellow, whose tint would not be seen.
    """
    counts = labels.value_counts()
    names = sorted((name for name in counts.index if name != UNLABELLED), key=lambda name: (-counts[name], name))
    palette = [*OKABE_ITO, *(lighten(colour, 0.55) for colour in OKABE_ITO[:-1])]
    colours = dict(zip(names, [*palette, *[OTHER] * len(names)], strict=False))
    return colours | {UNLABELLED: OTHER}


@styled
def draw_dendrogram(numbers: pd.DataFrame) -> Figure:
    """Draw figure 2b from `dendrogram_numbers`: the tree, a ring of clusters and a ring of labels."""
    leaves = numbers[numbers["kind"] == "leaf"].reset_index(drop=True)
    merges = numbers[numbers["kind"] == "merge"]
    figure = Figure(figsize=(9.0, 6.4))
    grid = figure.add_gridspec(1, 2, width_ratios=[2.5, 1])
    side = figure.add_subplot(grid[1])
    side.set_axis_off()
    figure.suptitle(f"Hierarchical clustering of {len(leaves):,} labelled held-out samples")
    if len(leaves) < 2:
        say(
            figure.add_subplot(grid[0], frame_on=False, xticks=[], yticks=[]),
            "fewer than two labelled samples",
        )
        return figure
    colours = label_colours(leaves["label"])
    with _deep_recursion(len(leaves)):
        circos, tree = Circos.initialize_from_tree(
            build_tree(merges, leaves),
            start=1,
            end=359,
            r_lim=(6, 84),
            leaf_label_size=0,
            line_kws={"color": BRANCH, "lw": 0.8},
            align_leaf_label=False,
        )
        for node, label in _pure_branches(merges, leaves["label"]):
            if colours[label] != OTHER:
                tree.set_node_line_props(node, color=colours[label], lw=1.1)
        ordered = leaves.sort_values("leaf")
        _draw_rings(circos, ordered, colours)
        circos.plotfig(ax=figure.add_subplot(grid[0], projection="polar"))
    _draw_key(side, numbers, leaves["label"], colours, float(merges["height"].max()))
    return figure


def _places(linkage: pd.DataFrame, leaves: pd.DataFrame) -> list[int]:
    """Return the place of each sample among the leaves of the tree."""
    with _deep_recursion(len(leaves)):
        order = [int(clade.name) for clade in build_tree(linkage, leaves).get_terminals()]
    return np.argsort(order).tolist()


@contextmanager
def _deep_recursion(leaves: int) -> Iterator[None]:
    """Allow for a tree as deep as it has leaves: Biopython walks and pycirclize copies it recursively."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 1_000 + 12 * leaves))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _pure_branches(merges: pd.DataFrame, labels: pd.Series) -> list[tuple[str, str]]:
    """Return the largest branches whose samples all have one label, with that label."""
    only: list[str | None] = list(labels)
    children = list(zip(merges["left"].astype(int), merges["right"].astype(int), strict=True))
    for left, right in children:
        only.append(only[left] if only[left] == only[right] else None)
    found = [(len(only) - 1, only[-1])]
    for index, pair in enumerate(children):
        if only[len(labels) + index] is None:
            found += [(child, only[child]) for child in pair]
    return [(str(node), label) for node, label in found if label is not None]


def _draw_rings(circos: Circos, ordered: pd.DataFrame, colours: dict[str, Any]) -> None:
    """Draw the clusters, in two greys with their numbers, and round them the labels."""
    inner, outer = (circos.sectors[0].add_track(limits) for limits in ((86, 90), (91, 100)))
    for turn, (cluster, start, end) in enumerate(_runs(ordered["cluster"])):
        inner.rect(start, end, fc=CLUSTERS[turn % 2], lw=0)
        if end - start >= 0.025 * len(ordered):
            inner.text(f"{cluster:.0f}", (start + end) / 2, size=6, color="#222222")
    for label, start, end in _runs(ordered["label"]):
        outer.rect(start, end, fc=colours[label], lw=0)


def _runs(values: pd.Series) -> list[tuple[Any, int, int]]:
    """Return each run of equal values with its start and its end."""
    runs, start = [], 0
    for value, members in groupby(values):
        end = start + len(list(members))
        runs.append((value, start, end))
        start = end
    return runs


def _draw_key(axes: Axes, numbers: pd.DataFrame, labels: pd.Series, colours: dict[str, Any], height: float) -> None:
    """Write the labels' colours and counts, and the scores of each representation."""
    counts = labels.value_counts()
    named = [name for name in colours if counts.get(name, 0) and colours[name] != OTHER]
    handles = [Patch(color=colours[name], label=f"{name} ({counts[name]:,})") for name in named]
    rest = counts[[name for name in counts.index if name not in named]]
    if len(rest):
        title = rest.index[0] if len(rest) == 1 else f"{len(rest):,} more labels"
        handles.append(Patch(color=OTHER, label=f"{title} ({rest.sum():,})"))
    axes.legend(
        handles=handles, title="Label (samples), outer ring", loc="upper left", bbox_to_anchor=(0, 1),
        alignment="left", borderaxespad=0, title_fontsize=8,
    )  # fmt: skip
    lines = [
        "Inner ring: clusters, numbered.",
        "Radius: distance at which branches",
        f"merge, 0 at the rim, {height:.3g} at the root.",
        "Coloured branches: one label only.",
    ]
    axes.text(0, 0, "\n".join(lines), transform=axes.transAxes, fontsize=7.5, color=GREY, va="bottom")
    table = [f"{'':17}    ARI    NMI silhouette"]
    for row in numbers[numbers["kind"] == "score"].itertuples():
        line = f"{name_of(str(row.representation)):17} {row.ari:6.3f} {row.nmi:6.3f} {row.silhouette:10.3f}"
        table.append(line.replace("-0.", "\N{MINUS SIGN}0."))
    axes.text(
        0,
        0.16,
        "\n".join(table),
        transform=axes.transAxes,
        fontsize=7,
        va="bottom",
        family="DejaVu Sans Mono",
    )
