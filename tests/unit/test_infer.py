"""A model exported and applied to new samples: the same numbers as in the run, and refusals with their reasons."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from inference_data import simulate, split_of
from sklearn.linear_model import Ridge

from landmarks.errors import LandmarksError
from landmarks.expression import Expression, read_expression
from landmarks.files import read_frame, write_frame
from landmarks.inference import infer as infer_z
from landmarks.inference.applying import linear_map, make_inferrer
from landmarks.parameters import read_parameters
from landmarks.portable import read_model
from landmarks.steps import evaluate_inference, export_model, fit_inference, infer
from landmarks.writing import write_expression

SAMPLES, GENES, K = 200, 60, 6
SETTINGS = {
    "ridge": {"penalties": [1, 10]},
    "knn": {"neighbours": [3, 5]},
    "dgex": {"hidden": [8], "keep": 0.9, "epochs": 3, "batch_size": 10, "learning_rate": 5e-4},
}
NEW = 12


def export(folder: Path, name: str = "ridge", samples: int = SAMPLES) -> tuple[Path, Expression]:
    """Fit, judge and export a model; return its folder and the compendium."""
    data = simulate(samples, GENES)
    write_expression(folder / "expression.parquet", data)
    write_frame(split_of(data), folder / "split.parquet")
    write_frame(pd.DataFrame({"gene_id": data.gene_ids[[40, 3, 14, 15, 9, 26]]}), folder / "panel.parquet")
    names = {"symbol": [f"SYM{i}" for i in range(GENES)], "entrez": [str(100 + i) for i in range(GENES)]}
    names["ensembl"] = [f"ENSG{i:011d}" for i in range(GENES)]
    write_frame(pd.DataFrame({"gene_id": data.gene_ids, **names}), folder / "genes.parquet")
    files: dict[str, Any] = {kind: folder / f"{kind}.parquet" for kind in ("expression", "split")}
    model, roles, evaluation = (folder / f"{kind}.parquet" for kind in ("model", "roles", "evaluation"))
    fit_inference.main(
        **files,
        panel=folder / "panel.parquet",
        model=name,
        seed=0,
        settings=json.dumps(SETTINGS[name]),
        checkpoint=folder / "checkpoint.npz",
        checkpoint_minutes=10,
        device="cpu",
        memory_mb=100,
        out=model,
        out_roles=roles,
    )
    evaluate_inference.main(**files, model=model, roles=roles, memory_mb=100, out=evaluation)
    export_model.main(
        **files,
        model=model,
        roles=roles,
        evaluation=evaluation,
        genes=folder / "genes.parquet",
        level=0.9,
        method="random",
        facts='{"run": "tried"}',
        out_dir=folder / "exported",
    )
    return folder / "exported", data


@pytest.fixture(scope="module")
def ridge(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expression]:
    return export(tmp_path_factory.mktemp("ridge"))


def landmarks_of(model: Path) -> list[str]:
    return read_model(model).of("landmark")["gene_id"].tolist()


def measured(model: Path, data: Expression, names: str = "gene_id") -> pd.DataFrame:
    """Return the landmarks of the last samples, a row a sample, under one kind of names."""
    landmarks = read_model(model).of("landmark")
    values = data.columns(landmarks["gene_id"])[-NEW:]
    return pd.DataFrame(values, index=pd.Index(data.sample_ids[-NEW:], name="sample"), columns=landmarks[names])


def run(model: Path, table: pd.DataFrame, folder: Path, **options: Any) -> Expression:
    """Infer what a CSV holds."""
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "new.csv")
    infer.main(model=model, expression=folder / "new.csv", out=folder / "out.parquet", **options)
    return read_expression(folder / "out.parquet")


@pytest.mark.parametrize("name", SETTINGS)
def test_exported_models_infer_what_the_run_did(tmp_path: Path, name: str) -> None:
    model, data = export(tmp_path, name)
    tensors = read_parameters(tmp_path / "model.parquet")
    assert (linear_map(tensors) is not None) == (name == "ridge")
    inferred = run(model, measured(model, data), tmp_path / "new")
    z = (data.columns(landmarks_of(model))[-NEW:] - tensors["input.mean"]) / tensors["input.scale"]
    expected = infer_z(tensors, z.astype(np.float32)) * tensors["output.scale"] + tensors["output.mean"]
    assert inferred.sample_ids.tolist() == data.sample_ids[-NEW:].tolist()
    assert inferred.gene_ids.tolist() == [gene for gene in data.gene_ids if gene not in landmarks_of(model)]
    np.testing.assert_allclose(inferred.values, expected, rtol=1e-5, atol=1e-4)


def test_inferrer_by_hand() -> None:
    # Two landmarks, z = (x - mean) / scale; target z = 2 z1 - z2 + 1; log2 = 10 + 3 z.
    tensors = {
        "input.mean": np.array([5, 6], np.float32),
        "input.scale": np.array([1, 2], np.float32),
        "output.mean": np.array([10], np.float32),
        "output.scale": np.array([3], np.float32),
        "part.0.layer.0.weight": np.array([[2, -1]], np.float32),
        "part.0.layer.0.bias": np.array([1], np.float32),
    }
    # x = (6, 10): z = (1, 2), target z = 1, log2 = 13; x = (5, 6): z = 0, target z = 1.
    assert make_inferrer(tensors)(np.array([[6, 10], [5, 6]], np.float32)).tolist() == [[13, 13]]


def test_intervals_of_ridge_are_of_samples_left_out(ridge: tuple[Path, Expression]) -> None:
    model, data = ridge
    card = json.loads((model / "card.json").read_text())
    assert (card["run"], card["landmarks"], card["targets"]) == ("tried", K, GENES - K)
    assert card["samples"] == {"train": 100, "calibration": 50, "left_out": 100, "test": 50}
    known = read_model(model)
    # By another way: residuals of validation and test samples, through the file that infer writes.
    landmarks = np.array(landmarks_of(model), object)
    write_expression(model.parent / "all.parquet", Expression(data.sample_ids, landmarks, data.columns(landmarks)))
    infer.main(model=model, expression=model.parent / "all.parquet", out=model.parent / "inferred.parquet")
    inferred = read_expression(model.parent / "inferred.parquet")
    part = split_of(data)["part"].to_numpy()
    errors = np.abs(inferred.values - data.columns(inferred.gene_ids))
    # Beside the validation samples, every training sample by a regression that is fitted without it.
    tensors = known.parameters
    inputs = ((data.columns(landmarks) - tensors["input.mean"]) / tensors["input.scale"])[part == "train"]
    outputs = data.columns(inferred.gene_ids)[part == "train"]
    for sample in range(100):
        fitted = Ridge(tensors["ridge.penalty"][0]).fit(np.delete(inputs, sample, 0), np.delete(outputs, sample, 0))
        left_out = np.abs(outputs[sample] - fitted.predict(inputs[[sample]])[0])
        errors[np.flatnonzero(part == "train")[sample]] = left_out
    width = np.sort(errors[part != "test"], axis=0)[135]  # rank ⌈151 · 0.9⌉ = 136
    targets = known.of("target")
    np.testing.assert_allclose(targets["half_width"], width, rtol=1e-3)


def test_intervals_of_networks_are_of_validation_samples(tmp_path: Path) -> None:
    model, data = export(tmp_path, "dgex")
    known = read_model(model)
    assert known.card["samples"] == {"train": 100, "calibration": 50, "left_out": 0, "test": 50}
    landmarks, targets = (known.of(role) for role in ("landmark", "target"))
    inferred = make_inferrer(known.parameters)(data.columns(landmarks["gene_id"])).T
    errors = np.abs(inferred - data.columns(targets["gene_id"]))
    part = split_of(data)["part"].to_numpy()
    width = np.sort(errors[part == "validation"], axis=0)[45]  # rank ⌈51 · 0.9⌉ = 46
    np.testing.assert_allclose(targets["half_width"], width, rtol=1e-3)


def test_coverage_and_errors_are_of_test_samples(ridge: tuple[Path, Expression]) -> None:
    model, data = ridge
    known = read_model(model)
    card, targets, landmarks = known.card, known.of("target"), landmarks_of(model)
    inferred = make_inferrer(known.parameters)(data.columns(landmarks)).T
    errors = np.abs(inferred - data.columns(targets["gene_id"]))
    part, width = split_of(data)["part"].to_numpy(), targets["half_width"].to_numpy()
    np.testing.assert_allclose(targets["coverage"], (errors[part == "test"] <= width).mean(axis=0), atol=0.021)
    np.testing.assert_allclose(targets["expected_error"], errors[part == "test"].mean(axis=0), rtol=1e-3)
    assert card["interval"]["coverage"] == pytest.approx(targets["coverage"].mean(), abs=1e-5)
    assert 0.8 < card["interval"]["coverage"] < 0.97
    np.testing.assert_allclose(
        known.quantiles, np.sort(data.columns(landmarks)[part == "train"], axis=1).mean(axis=0), rtol=1e-5
    )
    written = read_frame(model.parent / "inferred.genes.parquet")
    pd.testing.assert_frame_equal(written[targets.columns.drop("role")], targets.drop(columns="role"))


def test_few_samples_give_no_interval(tmp_path: Path) -> None:
    model, _ = export(tmp_path, "dgex", samples=32)  # 8 validation samples
    assert np.isinf(read_model(model).of("target")["half_width"]).all()


@pytest.mark.parametrize("names", ["gene_id", "symbol", "entrez", "ensembl"])
@pytest.mark.parametrize("turned", [False, True])
def test_landmarks_are_found_by_any_name_and_either_way_round(
    ridge: tuple[Path, Expression], tmp_path: Path, names: str, turned: bool
) -> None:
    model, data = ridge
    expected = run(model, measured(model, data), tmp_path / "plain")
    # Other genes beside them, in another order, under a heading that tells nothing.
    table = measured(model, data, names).assign(OTHER=7.0).iloc[:, ::-1].rename_axis("x")
    inferred = run(model, table.T.rename_axis("x") if turned else table, tmp_path / "other")
    np.testing.assert_allclose(inferred.values, expected.values, rtol=1e-6)
    assert inferred.sample_ids.tolist() == expected.sample_ids.tolist()


def test_one_sample_is_enough(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "all")
    np.testing.assert_allclose(run(model, table.iloc[:1], tmp_path / "one").values, expected.values[:1], rtol=1e-5)


def test_linear_values_are_brought_to_log2(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "log2")
    inferred = run(model, 2**table - 1, tmp_path / "linear", scale="linear")
    np.testing.assert_allclose(inferred.values, expected.values, rtol=1e-3)


def test_small_memory_gives_the_same_values(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "much")
    np.testing.assert_allclose(run(model, table, tmp_path / "little", memory_mb=1).values, expected.values, rtol=1e-5)
    assert pq.ParquetFile(tmp_path / "little/out.parquet").num_row_groups == 1


def test_row_groups_follow_memory(
    ridge: tuple[Path, Expression], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = ridge
    expected = run(model, measured(model, data), tmp_path / "whole")
    monkeypatch.setattr(infer, "ROW_GROUP", 5)
    parts = run(model, measured(model, data), tmp_path / "parts")
    assert pq.ParquetFile(tmp_path / "parts/out.parquet").num_row_groups == 3
    np.testing.assert_allclose(parts.values, expected.values, rtol=1e-5)


def test_missing_landmarks_are_refused_by_name_or_enter_as_the_mean(
    ridge: tuple[Path, Expression], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, data = ridge
    table, absent = measured(model, data), landmarks_of(model)[1]
    with pytest.raises(LandmarksError, match=f"(?s)found 5 in .*missing are {absent}\\.\nHint: .*--allow-missing"):
        run(model, table.drop(columns=absent), tmp_path)
    assert not (tmp_path / "out.parquet").exists()
    caplog.set_level(logging.WARNING, "landmarks")
    inferred = run(model, table.drop(columns=absent), tmp_path, allow_missing=True)
    assert f"training mean; errors and intervals are of models that have all: {absent}." in caplog.text
    filled = table.assign(**{absent: read_model(model).parameters["input.mean"][1]})
    np.testing.assert_allclose(inferred.values, run(model, filled, tmp_path / "filled").values, rtol=1e-5)
    assert read_frame(tmp_path / "out.genes.parquet")["landmarks_missing"].unique().tolist() == [1]
    with pytest.raises(LandmarksError, match="found 2 in"):
        run(model, table.iloc[:, :2], tmp_path, allow_missing=True)


def test_another_scale_is_refused_or_warned_of(
    ridge: tuple[Path, Expression], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, data = ridge
    table = measured(model, data)
    with pytest.raises(LandmarksError, match=r"(?s)standard deviations off.*--map-quantiles"):
        run(model, table * 10, tmp_path, scale="log2")
    caplog.set_level(logging.WARNING, "landmarks")
    run(model, table + 6, tmp_path)
    assert "is this another platform?" in caplog.text


def test_quantiles_undo_what_keeps_the_order(ridge: tuple[Path, Expression], tmp_path: Path) -> None:
    model, data = ridge
    table = measured(model, data)
    expected = run(model, table, tmp_path / "plain", map_quantiles=True)
    mapped = run(model, table**3 / 20 + 30, tmp_path / "other", map_quantiles=True, scale="log2")
    np.testing.assert_allclose(mapped.values, expected.values, rtol=1e-5)


def test_genes_that_cannot_be_inferred_are_named(
    ridge: tuple[Path, Expression], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model, data = ridge
    known = read_model(model)
    inferable = known.of("target")["inferable"]
    assert known.card["inferable"] == inferable.sum()
    caplog.set_level(logging.WARNING, "landmarks")
    run(model, measured(model, data), tmp_path)
    assert ("cannot be inferred" in caplog.text) == (not inferable.all())


@pytest.mark.parametrize("file", ["parameters.parquet", "genes.parquet"])
def test_changed_models_are_refused(tmp_path: Path, file: str) -> None:
    model, _ = export(tmp_path)
    with (model / file).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(LandmarksError, match="found another one"):
        read_model(model)
    (model / file).unlink()
    with pytest.raises(LandmarksError, match="found none"):
        read_model(model)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "Expected a model of format 1 in .*, found 'list'"),
        ('{"format": 2, "sha256": {}}', "found 2"),
        ('{"format": 1}', "Expected a model of format 1"),
    ],
)
def test_other_cards_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(LandmarksError, match=message):
        read_model(tmp_path)


def test_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match=r"Expected a model's folder, with a card.json"):
        read_model(tmp_path)
