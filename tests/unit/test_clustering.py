"""Clustering: hand-computed trees and scores, SciPy's own path as the oracle, leak-free representations."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.cluster import hierarchy
from sklearn.metrics.pairwise import euclidean_distances

from landmarks.clustering import assess, cluster, label_samples, represent, score, standardise
from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.steps import cluster_samples as step
from landmarks.writing import write_expression

Floats = np.ndarray


def make_groups(generator: np.random.Generator, sizes: tuple[int, ...], dimensions: int = 6) -> Floats:
    """Return well separated groups, one after the other."""
    centres = np.repeat(np.arange(len(sizes)), sizes)[:, None] * 20.0
    return (centres + generator.normal(size=(sum(sizes), dimensions))).astype(np.float32)


def test_hand_computed_tree() -> None:
    # Points 0, 1, 5 on a line: 0 and 1 merge at 1; Ward's height of {0, 1} and {5} is √(2·2·1/3)·|0.5 - 5|.
    result = cluster(euclidean_distances(np.array([[0.0], [1.0], [5.0]])), ["a", "a", "b"])
    np.testing.assert_allclose(result.linkage, [[0, 1, 1, 2], [2, 3, np.sqrt(4 / 3) * 4.5, 3]])
    assert result.assignments[0] == result.assignments[1] != result.assignments[2]
    assert result.leaves.tolist() == [1, 2, 0]


def test_linkage_equals_scipys_from_the_values() -> None:
    values = np.random.default_rng(0).normal(size=(40, 7))
    labels = np.arange(40) % 5
    result = cluster(euclidean_distances(values), labels)
    expected = hierarchy.linkage(values, "ward")
    np.testing.assert_allclose(result.linkage, expected, rtol=1e-6)
    assert result.assignments.tolist() == hierarchy.fcluster(expected, 5, "maxclust").tolist()
    assert values[result.leaves.argsort()].tolist() == values[hierarchy.leaves_list(expected)].tolist()


def test_ties_still_give_as_many_clusters_as_labels() -> None:
    # Two pairs with merges of equal height: a cut by height cannot give three clusters.
    distances = euclidean_distances(np.array([[0.0], [1.0], [10.0], [11.0]]))
    result = cluster(distances, ["a", "b", "c", "c"])
    assert len(set(result.assignments)) == 3
    assert len(set(hierarchy.fcluster(result.linkage, 3, "maxclust"))) == 2


def test_hand_computed_scores() -> None:
    distances = euclidean_distances(np.array([[0.0], [1.0], [10.0], [11.0]]))
    ari, nmi, silhouette = score([1, 1, 2, 2], ["a", "a", "b", "b"], distances)
    # Outer points: 1 - 1/10.5; inner points: 1 - 1/9.5.
    assert (ari, nmi) == (1, 1)
    assert silhouette == pytest.approx(1 - (1 / 10.5 + 1 / 9.5) / 2)
    # Labels across the clusters: pairs agree less than by chance: (0 - 2·2/6) / ((2 + 2)/2 - 2·2/6).
    ari, nmi, silhouette = score([1, 1, 2, 2], ["a", "b", "a", "b"], distances)
    assert (ari, nmi) == (pytest.approx(-0.5), pytest.approx(0))
    # 0 is 10 from its own label and on average 6 from the other: (6 - 10)/10; 1 is 10 and 5: -5/10.
    assert silhouette == pytest.approx(-0.45)


@pytest.mark.parametrize("labels", [["a", "a", "a"], ["a", "b", "c"]])
def test_labels_that_say_nothing_have_no_score(labels: list[str]) -> None:
    assert np.isnan(score([1, 2, 3], labels, euclidean_distances(np.eye(3)))).all()


def test_separated_labels_are_found_in_every_subsample() -> None:
    values = make_groups(np.random.default_rng(1), (8, 9, 10))
    result, row = assess(values, np.repeat(["a", "b", "c"], (8, 9, 10)), seed=0, subsamples=20)
    assert [row[f"ari{end}"] for end in ("", "_low", "_high")] == [1, 1, 1]
    assert row["nmi_low"] == pytest.approx(1)
    assert 0.8 < row["silhouette_low"] <= row["silhouette_high"] < 1
    assert (row["n_dimensions"], row["n_samples"], row["n_labels"]) == (6, 27, 3)
    assert result.linkage.shape == (26, 4)


def test_shuffled_labels_score_nothing_and_the_seed_decides() -> None:
    generator = np.random.default_rng(2)
    values, labels = generator.normal(size=(60, 5)), generator.permutation(np.arange(60) % 3)
    first, again, other = (assess(values, labels, seed=s, subsamples=40)[1] for s in (1, 1, 2))
    assert abs(first["ari"]) < 0.1 and first["ari_low"] < 0.05
    assert first["ari_low"] < first["ari_high"]
    assert first == again
    assert first["ari"] == other["ari"] and first["ari_low"] != other["ari_low"]


def test_a_label_lost_from_a_subsample_leaves_it_unscored() -> None:
    values = make_groups(np.random.default_rng(3), (9, 1))
    row = assess(values, ["a"] * 9 + ["b"], seed=0, subsamples=50)[1]
    assert row["ari_low"] == row["ari_high"] == 1


def test_z_scores_use_the_training_samples_only() -> None:
    train = np.array([[1, 5, 0.1], [3, 5, 0.1]], np.float32)
    first, second = standardise(train, np.array([[4, 9, 7]], np.float32), kind="genes")
    # Mean 2 and standard deviation 1; the other columns are constant in training, whatever they do later.
    np.testing.assert_allclose(first, [[-1], [1]])
    np.testing.assert_allclose(second, [[2]])


def test_constant_columns_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "landmarks"):
        standardise(np.array([[0.0, 1], [0, 2]]), np.zeros((1, 2)), kind="bottleneck units")
    assert "1 of 2 bottleneck units are constant, dropped" in caplog.text
    with pytest.raises(LandmarksError, match="found 2 constant ones"):
        standardise(np.ones((3, 2)), np.ones((1, 2)), kind="genes")


def test_a_constant_whose_mean_is_rounded_is_constant() -> None:
    column = np.full((1001, 1), 0.1)
    assert column.std() > 0
    first, _ = standardise(np.hstack([column, np.arange(1001.0)[:, None]]), np.zeros((1, 2)), kind="genes")
    assert first.shape == (1001, 1)


@pytest.mark.parametrize("held", [0, 1])
def test_missing_values_are_errors(held: int) -> None:
    arrays = [np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])]
    arrays[held][0, 0] = np.nan
    with pytest.raises(LandmarksError, match=f"in {('training', 'held-out')[held]} samples"):
        standardise(arrays[0], arrays[1], kind="genes")


def test_representations_have_one_width_and_ignore_other_held_out_samples() -> None:
    generator = np.random.default_rng(4)
    codes, genes = generator.normal(size=(30, 4)), generator.normal(size=(30, 50))
    codes[:, 3] = 0.5
    whole = represent((codes[:20], codes[20:]), (genes[:20], genes[20:]), seed=0)
    widths = {name: values.shape[1] for name, values in whole.items()}
    assert widths == {"bottleneck": 3, "pca": 3, "genes": 50, "random_projection": 3}
    part = represent((codes[:20], codes[20:25]), (genes[:20], genes[20:25]), seed=0)
    for name, values in whole.items():
        np.testing.assert_allclose(values[:5], part[name], atol=1e-5)
    other = represent((codes[:20], codes[20:]), (genes[:20], genes[20:]), seed=1)
    changed = {name for name in whole if not np.allclose(np.abs(whole[name]), np.abs(other[name]), atol=1e-4)}
    assert changed == {"random_projection"}


def test_components_are_capped_by_the_training_samples() -> None:
    generator = np.random.default_rng(5)
    codes, genes = generator.normal(size=(10, 8)), generator.normal(size=(10, 50))
    found = represent((codes[:4], codes[4:]), (genes[:4], genes[4:]), seed=0)
    assert found["pca"].shape == (6, 3)
    assert found["random_projection"].shape == (6, 8)


SPLIT = pd.DataFrame({"sample_id": list("abcdef"), "part": ["train", *["test"] * 5]})


def test_samples_without_a_label_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    samples = pd.DataFrame({"sample_id": list("fedcb"), "label": ["x", " ", None, "x", "y"]})
    with caplog.at_level("INFO", "landmarks"):
        held = label_samples(SPLIT, samples, "test")
    assert held.to_numpy().tolist() == [["b", "y"], ["c", "x"], ["f", "x"]]
    assert "3 of 5 test samples have a label, 2 labels" in caplog.text
    assert "labels of a single sample: y" in caplog.text


@pytest.mark.parametrize(
    ("labels", "found"),
    [("xxxxx", "found 1 labels on 5"), ("vwxyz", "found 5 labels on 5"), ("     ", "found 0 labels on 0")],
)
def test_too_few_labels_are_errors(labels: str, found: str) -> None:
    samples = pd.DataFrame({"sample_id": list("bcdef"), "label": list(labels)})
    with pytest.raises(LandmarksError, match=found):
        label_samples(SPLIT, samples, "test")


def test_unknown_parts_and_repeated_samples_are_errors() -> None:
    samples = pd.DataFrame({"sample_id": list("bb"), "label": list("xy")})
    with pytest.raises(LandmarksError, match="found test, train"):
        label_samples(SPLIT, samples.iloc[:1], "validation")
    with pytest.raises(LandmarksError, match="several for b"):
        label_samples(SPLIT, samples, "test")


def test_step_writes_scores_tree_and_order(tmp_path: Path) -> None:
    generator = np.random.default_rng(6)
    genes = make_groups(generator, (10, 10), dimensions=30)
    ids = np.array([f"s{number:02}" for number in range(20)], object)
    label = np.repeat(["x", "y"], 10)
    names = ("codes", "expression", "split", "samples", "scores", "linkage", "order")
    files = {name: tmp_path / f"{name}.parquet" for name in names}
    write_expression(files["codes"], Expression(ids, np.array(["u0", "u1"], object), genes[:, :2]))
    # The files may list their samples in different orders.
    back = Expression(ids[::-1], np.array([f"g{n}" for n in range(30)], object), genes[::-1])
    write_expression(files["expression"], back)
    part = np.where(np.arange(20) % 2 == 0, "train", "test")
    pd.DataFrame({"sample_id": ids, "group": "g", "part": part}).to_parquet(files["split"])
    pd.DataFrame({"sample_id": ids, "label": label}).to_parquet(files["samples"])
    step.main(
        codes=[files["codes"]],
        expression=[files["expression"]],
        split=files["split"],
        samples=[files["samples"]],
        seed=1,
        subsamples=5,
        out=files["scores"],
        out_linkage=files["linkage"],
        out_order=files["order"],
    )
    scores = pd.read_parquet(files["scores"]).set_index("representation")
    assert scores.index.tolist() == ["bottleneck", "pca", "genes", "random_projection"]
    assert scores["n_dimensions"].tolist() == [2, 2, 30, 2]
    assert scores.loc[["bottleneck", "pca", "genes"], "ari"].eq(1).all()
    linkage, order = pd.read_parquet(files["linkage"]), pd.read_parquet(files["order"])
    assert linkage.columns.tolist() == ["left", "right", "height", "size"]
    assert len(linkage) == 9 and linkage["size"].iloc[-1] == 10
    assert order.columns.tolist() == ["sample_id", "label", "cluster", "leaf"]
    assert order["sample_id"].tolist() == ids[1::2].tolist()
    assert sorted(order["leaf"]) == list(range(10))
    assert order.groupby("label")["cluster"].nunique().tolist() == [1, 1]


def test_step_clusters_other_datasets(tmp_path: Path) -> None:
    """The compendium's samples are learnt from; those of two other datasets, one without a gene, are clustered."""
    generator = np.random.default_rng(8)
    genes = make_groups(generator, (10, 10), dimensions=30)
    names = np.array([f"g{number}" for number in range(30)], object)
    label = np.repeat(["x", "y"], 10)
    options: dict[str, list[Path]] = {"codes": [], "expression": [], "samples": []}
    for dataset, rows, kept in (("c", slice(None), 30), ("a", slice(0, 12), 29), ("b", slice(12, 20), 30)):
        ids = np.array([f"{dataset}{number}" for number in range(20)], object)[rows]
        matrices = {
            "codes": Expression(ids, np.array(["u0", "u1"], object), genes[rows, :2]),
            "expression": Expression(ids, names[:kept][::-1], genes[rows, :kept][:, ::-1]),
        }
        for kind, matrix in matrices.items():
            options[kind].append(tmp_path / f"{kind}_{dataset}.parquet")
            write_expression(options[kind][-1], matrix)
        options["samples"].append(tmp_path / f"samples_{dataset}.parquet")
        pd.DataFrame({"sample_id": ids, "label": label[rows]}).to_parquet(options["samples"][-1])
    split = pd.DataFrame({"sample_id": [f"c{number}" for number in range(20)], "part": "train"})
    split.to_parquet(tmp_path / "split.parquet")
    out = {name: tmp_path / f"{name}.parquet" for name in ("scores", "linkage", "order")}
    step.main(
        **options,
        split=tmp_path / "split.parquet",
        seed=1,
        subsamples=5,
        out=out["scores"],
        out_linkage=out["linkage"],
        out_order=out["order"],
    )
    scores = pd.read_parquet(out["scores"]).set_index("representation")
    assert scores["n_samples"].tolist() == [20] * 4
    assert scores["n_dimensions"].tolist() == [2, 2, 29, 2]
    assert scores.loc[["bottleneck", "pca", "genes"], "ari"].eq(1).all()
    order = pd.read_parquet(out["order"])
    assert order["sample_id"].tolist() == [f"a{n}" for n in range(12)] + [f"b{n}" for n in range(12, 20)]
