"""The autoencoder: its shape, its storage, its training against the written loss."""

import numpy as np
import pytest
import torch
from torch import nn

from landmarks.autoencoder import (
    Autoencoder,
    attributed_network,
    complete,
    from_parameters,
    linear_layers,
    refuse_useless,
    to_parameters,
    z_scores,
)
from landmarks.errors import LandmarksError
from landmarks.expression import Expression

MEAN, SCALE = np.array([1, 2, 3, 4], np.float32), np.array([1, 2, 4, 0.5], np.float32)


def build(dropout: float = 0.0, genes: int = 4, seed: int = 0) -> Autoencoder:
    torch.manual_seed(seed)
    return Autoencoder(genes, [3, 2], dropout)


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


def test_a_useless_autoencoder_is_refused() -> None:
    refuse_useless(0.7, 0.8)
    for mae in (0.8, 0.9, float("nan")):
        with pytest.raises(LandmarksError, match=r"MAE on held-out samples is .*0\.8000[\s\S]*Hint: train longer"):
            refuse_useless(mae, 0.8)


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
