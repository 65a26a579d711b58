"""The dendrogram and the terms: the numbers they show, and inputs with little in them."""

import numpy as np
import pandas as pd
import pytest
from figure_data import CONTROLS, ODD_IDS, check_whole, clusters, term_frame, texts
from scipy.cluster.hierarchy import leaves_list

from landmarks.errors import LandmarksError
from landmarks.figures import dendrogram, style, terms


def test_dendrogram_has_the_order_of_scipy_and_odd_names() -> None:
    merges, samples, scores = clusters()
    numbers = dendrogram.dendrogram_numbers(merges, samples, scores)
    leaves = numbers[numbers["kind"] == "leaf"].sort_values("leaf")
    order = leaves_list(merges.to_numpy())
    assert leaves["sample_id"].tolist() == [ODD_IDS[i] for i in order]
    tree = dendrogram.build_tree(merges, samples)
    assert [int(node.name) for node in tree.get_terminals()] == order.tolist()
    # Ward's tree is ultrametric: every leaf is as far from the root as the last merge is high.
    depths = tree.depths()
    np.testing.assert_allclose([depths[leaf] for leaf in tree.get_terminals()], merges["height"].iloc[-1])
    figure = dendrogram.draw_dendrogram(numbers)
    said = texts(figure)
    assert "7 labelled" in said and "tumour (4)" in said and "normal (3)" in said
    assert "\N{MINUS SIGN}0.500" in said and "0.250" in said and "0.125" in said
    check_whole(figure)


def test_dendrogram_colours_pure_branches_only() -> None:
    merges = pd.DataFrame({"left": [0, 2, 4], "right": [1, 3, 5]})
    found = dendrogram._pure_branches(merges, pd.Series(["a", "a", "a", "b"]))
    assert sorted(found) == [("2", "a"), ("3", "b"), ("4", "a")]


def test_dendrogram_of_a_chain_is_not_too_deep() -> None:
    count = 400
    merges = pd.DataFrame(
        {
            "left": [0, *range(count, 2 * count - 2)],
            "right": range(1, count),
            "height": np.arange(1.0, count),
            "size": range(2, count + 1),
        }
    )
    samples = pd.DataFrame({"sample_id": range(count), "label": "a", "cluster": 1, "leaf": range(count)})
    scores = pd.DataFrame(columns=["representation", "ari", "nmi", "silhouette"])
    dendrogram.draw_dendrogram(dendrogram.dendrogram_numbers(merges, samples, scores))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_dendrogram_of_few_samples(count: int) -> None:
    merges, samples, scores = clusters()
    merges = pd.DataFrame([[0, 1, 0.0, 2]], columns=merges.columns).head(max(count - 1, 0))
    few = samples.head(count).assign(leaf=range(count), label=None)
    figure = dendrogram.draw_dendrogram(dendrogram.dendrogram_numbers(merges, few, scores))
    assert ("fewer than two" in texts(figure)) == (count < 2)
    check_whole(figure)


def test_labels_beyond_the_palette_are_grey() -> None:
    colours = dendrogram.label_colours(pd.Series([f"label{i:02}" for i in range(20)] + ["label19"]))
    assert colours["label19"] == style.OKABE_ITO[0]  # the commonest comes first
    grey = {name for name, colour in colours.items() if colour == dendrogram.OTHER}
    assert grey == {f"label{i:02}" for i in range(12, 19)} | {dendrogram.UNLABELLED}


def test_dendrogram_refuses_files_of_two_runs() -> None:
    merges, samples, scores = clusters()
    with pytest.raises(LandmarksError, match=r"Expected 6 merges for 7 samples, found 5[\s\S]*Hint"):
        dendrogram.dendrogram_numbers(merges.iloc[:-1], samples, scores)
    with pytest.raises(LandmarksError, match="another order"):
        dendrogram.dendrogram_numbers(merges, samples.assign(leaf=samples["leaf"].to_numpy()[::-1]), scores)


def test_terms_show_q_and_the_controls() -> None:
    numbers = terms.term_numbers(term_frame([0.04, 0.001, 0.5]), CONTROLS)
    shown = numbers[numbers["kind"] == "term"]
    assert shown["term_id"].tolist() == ["GO:1", "GO:0", "GO:2"]
    np.testing.assert_allclose(shown["x"], [3.0, 1.39794, 0.30103], rtol=1e-5)
    figure = terms.draw_terms(numbers)
    # Of 20 random panels 18 have none, so 19 of them, which is 95%, have at most 2.
    assert "2 of 3 terms at q < 0.05; 20 random panels: median 0, 95% ≤ 2" in texts(figure)
    assert "q = 0.05" in texts(figure)
    axes = next(axes for axes in figure.axes if axes.collections)
    np.testing.assert_array_equal(np.asarray(axes.collections[0].get_offsets())[:, 0], shown["x"].to_numpy()[::-1])
    check_whole(figure)


def test_terms_say_that_none_passes() -> None:
    numbers = terms.term_numbers(term_frame([0.5, 0.06]), CONTROLS.head(0))
    assert set(numbers.loc[numbers["kind"] == "term", "quantity"]) == {"p"}
    np.testing.assert_allclose(numbers.loc[numbers["kind"] == "term", "x"], -np.log10([0.006, 0.05]))
    said = texts(terms.draw_terms(numbers))
    assert "None of 2 terms passes q < 0.05: uncorrected p are shown; no random panels" in said
    assert "log₁₀ p" in said and "q = 0.05" not in said


@pytest.mark.parametrize("q", [[], [0.0], [np.nan], [1e-4] * 30])
def test_terms_of_few_and_many(q: list[float]) -> None:
    numbers = terms.term_numbers(term_frame(q), CONTROLS)
    assert (numbers["kind"] == "term").sum() == min(np.isfinite(q).sum(), 20)
    assert np.isfinite(numbers.loc[numbers["kind"] == "term", "x"].astype(float)).all()
    figure = terms.draw_terms(numbers)
    assert ("no terms to test" in texts(figure)) == (not np.isfinite(q).any())
    check_whole(figure)


def test_names_that_are_their_own_ids_are_written_once() -> None:
    frame = term_frame([0.01, 0.02])
    frame["term_id"] = frame["term_name"] = ["GO_POLY_PURINE_TRACT_BINDING", "GO_MRNA_BINDING"]
    said = texts(terms.draw_terms(terms.term_numbers(frame, CONTROLS)))
    assert "GO POLY PURINE TRACT BINDING" in said
    assert "(GO" not in said
