"""The step that judges an autoencoder: what is held out, and when it has learnt nothing."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landmarks.autoencoder import Autoencoder, linear_layers, to_parameters
from landmarks.errors import LandmarksError
from landmarks.expression import Expression
from landmarks.files import read_frame, write_frame
from landmarks.parameters import write_parameters
from landmarks.steps import evaluate_autoencoder
from landmarks.writing import write_expression

PARTS = ["train"] * 4 + ["validation"] * 4 + ["test"] * 2


def judge(folder: Path, values: list[float], trained_on: str = "train") -> pd.DataFrame:
    """Judge a network that answers 1 to everything, on samples all of whose genes have the value given."""
    model = Autoencoder(3, [2], 0.0)
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    torch.nn.init.ones_(linear_layers(model.decoder)[-1].bias)
    zero, one = np.zeros(3, np.float32), np.ones(3, np.float32)
    write_parameters(folder / "parameters.parquet", to_parameters(model, zero, one))
    ids = np.array([f"s{number}" for number in range(10)], object)
    genes = np.array(["a", "b", "c"], object)
    write_expression(folder / "e.parquet", Expression(ids, genes, np.tile(np.array(values, np.float32)[:, None], 3)))
    write_frame(pd.DataFrame({"sample_id": ids, "part": PARTS}), folder / "split.parquet")
    evaluate_autoencoder.main(
        expression=folder / "e.parquet",
        split=folder / "split.parquet",
        parameters=folder / "parameters.parquet",
        trained_on=trained_on,
        out=folder / "genes.parquet",
    )
    return read_frame(folder / "genes.parquet")


def test_test_samples_alone_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # The median of the training samples is 0; the network answers 1.
    genes = judge(tmp_path, [0, 0, 0, 0, 1, 1, 1, 1, 0.75, 0.75])
    np.testing.assert_allclose(genes["mae"], 0.25)
    np.testing.assert_allclose(genes["mae_null"], 0.75)
    assert "not on the test samples" not in caplog.text


def test_a_network_that_helps_on_validation_samples_only_is_kept_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "landmarks"):
        genes = judge(tmp_path, [0, 0, 0, 0, 1, 1, 1, 1, 0.25, 0.25])
    np.testing.assert_allclose(genes["mae"], 0.75)
    assert "not on the test samples" in caplog.text


@pytest.mark.parametrize("validation", [0.0, 0.5])
def test_a_network_that_helps_on_no_held_out_samples_is_refused(tmp_path: Path, validation: float) -> None:
    with pytest.raises(LandmarksError, match="it has learnt nothing"):
        judge(tmp_path, [0, 0, 0, 0, *[validation] * 4, 0.25, 0.25])
    assert not (tmp_path / "genes.parquet").exists()


def test_validation_samples_that_were_learnt_from_are_not_held_out(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match="it has learnt nothing"):
        judge(tmp_path, [0, 0, 0, 0, 1, 1, 1, 1, 0.25, 0.25], trained_on="train,validation")
