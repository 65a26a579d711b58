"""The autoencoder: its shape, its storage, its training against the written loss."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from landmarks.autoencoder import (
    Autoencoder,
    attributed_network,
    complete,
    from_parameters,
    linear_layers,
    reconstruction_error,
    refuse_useless,
    to_parameters,
    train,
    z_scores,
)
from landmarks.errors import LandmarksError
from landmarks.expression import Expression

MEAN, SCALE = np.array([1, 2, 3, 4], np.float32), np.array([1, 2, 4, 0.5], np.float32)


def build(dropout: float = 0.0, genes: int = 4, seed: int = 0) -> Autoencoder:
    torch.manual_seed(seed)
    return Autoencoder(genes, [3, 2], dropout)


def run(model: Autoencoder, z: torch.Tensor, **changes: float) -> pd.DataFrame:
    settings = {"epochs": 4, "batch_size": 8, "learning_rate": 0.05, "penalty": 0.0} | changes
    return train(
        model,
        z[:24],
        z[24:],
        epochs=int(settings["epochs"]),
        batch_size=int(settings["batch_size"]),
        learning_rate=settings["learning_rate"],
        penalty=settings["penalty"],
    )


def test_the_papers_layers() -> None:
    model = Autoencoder(40, [500, 100], 0.1)
    widths = [(layer.in_features, layer.out_features) for layer in linear_layers(model.encoder)]
    assert widths == [(40, 500), (500, 100)]
    assert [(layer.in_features, layer.out_features) for layer in linear_layers(model.decoder)] == [
        (100, 500),
        (500, 40),
    ]
    kinds = ["Linear", "Sigmoid", "Dropout"]
    assert [type(module).__name__ for module in model.encoder] == kinds * 2
    assert [type(module).__name__ for module in model.decoder] == [*kinds, "Linear"]
    assert {module.p for module in model.modules() if isinstance(module, nn.Dropout)} == {0.1}


def test_glorot_weights_and_zero_biases() -> None:
    for layer in linear_layers(Autoencoder(40, [500, 100], 0.1).encoder):
        limit = (6 / (layer.in_features + layer.out_features)) ** 0.5
        assert 0.95 * limit < layer.weight.abs().max() <= limit
        assert not layer.bias.any()


def test_forward_as_written_out() -> None:
    model = build()
    stored = to_parameters(model, MEAN, SCALE)
    activity = z = np.array([[0.5, -1, 2, 0], [1, 1, 1, 1]], np.float64)
    for name in ("encoder.0", "encoder.1", "decoder.0"):
        activity = 1 / (1 + np.exp(-(activity @ stored[f"{name}.weight"].T + stored[f"{name}.bias"])))
    expected = activity @ stored["decoder.1.weight"].T + stored["decoder.1.bias"]
    np.testing.assert_allclose(model(torch.tensor(z, dtype=torch.float32)).detach(), expected, atol=1e-6)


@pytest.mark.parametrize("hidden", [[3], [3, 2], [5, 4, 2]])
def test_parameters_round_trip(hidden: list[int]) -> None:
    model = Autoencoder(4, hidden, dropout=0.3)
    again = from_parameters(to_parameters(model, MEAN, SCALE))
    z = torch.randn(5, 4)
    assert not again.training
    torch.testing.assert_close(again(z), model.eval()(z), rtol=0, atol=0)


def test_parameter_names_and_shapes() -> None:
    stored = to_parameters(build(), MEAN, SCALE)
    assert {name: tensor.shape for name, tensor in stored.items()} == {
        "input.mean": (4,),
        "input.scale": (4,),
        "encoder.0.weight": (3, 4),
        "encoder.0.bias": (3,),
        "encoder.1.weight": (2, 3),
        "encoder.1.bias": (2,),
        "decoder.0.weight": (3, 2),
        "decoder.0.bias": (3,),
        "decoder.1.weight": (4, 3),
        "decoder.1.bias": (4,),
    }


def test_z_scores_by_hand() -> None:
    z = z_scores(np.array([[2, 2, -1, 5]], np.float32), {"input.mean": MEAN, "input.scale": SCALE})
    assert z.dtype == torch.float32
    assert z.tolist() == [[1, 0, -1, 2]]


def test_training_minimises_the_written_loss() -> None:
    """Three whole-batch epochs equal Adam on MAE + penalty · Σ‖W‖², written out, biases unpenalised."""
    z, penalty = torch.randn(24, 4), 0.05
    model, other = build(), build()
    run(model, torch.cat([z, z]), epochs=3, batch_size=24, penalty=penalty)
    optimiser = torch.optim.Adam(other.parameters(), lr=0.05)
    for _ in range(3):
        optimiser.zero_grad()
        weights = sum((layer.weight**2).sum() for layer in other.modules() if isinstance(layer, nn.Linear))
        ((other(z) - z).abs().mean() + penalty * weights).backward()
        optimiser.step()
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_it_learns_and_tells_how_far() -> None:
    torch.manual_seed(1)
    z = torch.randn(48, 1) @ torch.tensor([[1.0, -1.0, 1.0, 1.0]])
    model = build()
    before = reconstruction_error(model, z[24:])
    history = run(model, z, epochs=60)
    assert list(history.columns) == ["epoch", "mae_batches", "mae_train", "mae_validation"]
    assert history["epoch"].tolist() == list(range(1, 61))
    assert history["mae_validation"].iloc[-1] < 0.5 * before
    # The model is left at its last epoch, in evaluation mode.
    assert not model.training
    assert history["mae_validation"].iloc[-1] == pytest.approx(reconstruction_error(model, z[24:]))
    assert history["mae_train"].iloc[-1] == pytest.approx((model(z[:24]) - z[:24]).abs().mean().item())


def test_the_seed_decides() -> None:
    z = torch.randn(48, 4)
    histories = []
    for seed in (0, 0, 1):
        histories.append(run(build(dropout=0.3, seed=seed), z)["mae_train"].tolist())
    assert histories[0] == histories[1] != histories[2]


def test_batches_are_shuffled_and_the_last_may_be_short() -> None:
    history = run(build(), torch.randn(48, 4), batch_size=7, epochs=1)
    assert np.isfinite(history["mae_batches"]).all()


def genes(mae: list[float], null: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"mae": mae, "mae_null": null})


def test_a_useless_autoencoder_is_refused() -> None:
    refuse_useless(genes([0.5, 0.9], [0.8, 0.8]))
    for mae in ([0.8, 0.8], [0.9, 0.9], [float("nan"), float("nan")]):
        with pytest.raises(LandmarksError, match=r"MAE on held-out samples is .*0\.8000[\s\S]*Hint: train longer"):
            refuse_useless(genes(mae, [0.8, 0.8]))


@pytest.mark.parametrize(("output", "kinds"), [("after", "LSLS"), ("before", "LSL")])
def test_attributed_network_has_no_dropout_and_the_wanted_last_module(output: str, kinds: str) -> None:
    model = Autoencoder(6, [5, 3], dropout=0.5).train()
    network = attributed_network(model, output)
    assert "".join(type(module).__name__[0] for module in network) == kinds
    assert not network.training
    z = torch.randn(4, 6)
    outputs = network(z) if output == "after" else network(z).sigmoid()
    torch.testing.assert_close(outputs, model.eval().encoder(z))


def test_genes_that_are_not_measured_enter_as_means() -> None:
    data = Expression(np.array(["s"], object), np.array(["b", "x", "a"], object), np.array([[1, 2, 3]], np.float32))
    np.testing.assert_array_equal(complete(data, ["a", "b", "c"], np.array([7, 8, 9], np.float32)), [[3, 1, 9]])
    with pytest.raises(LandmarksError, match=r"genes like d, e, which .* found b, x, a\.\nHint: were"):
        complete(data, ["d", "e"], np.zeros(2, np.float32))
