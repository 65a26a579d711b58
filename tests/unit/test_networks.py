"""Which networks are read, and which are refused because an attribution of them would be wrong."""

import pytest
import torch
from torch import Tensor, nn

from landmarks.errors import LandmarksError
from landmarks.networks import read_encoder, select_units


def test_layers_in_order() -> None:
    network = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Dropout(0.5), nn.Linear(3, 2, bias=False)).eval()
    encoder = read_encoder(network)
    assert [tuple(weight.shape) for weight in encoder.weights] == [(3, 4), (2, 3)]
    assert [type(activation).__name__ for activation in encoder.activations] == ["Tanh", "Identity"]
    assert encoder.biases[1].tolist() == [0, 0]
    assert not any(weight.requires_grad for weight in encoder.weights)


def test_two_linear_layers_have_an_identity_between() -> None:
    encoder = read_encoder(nn.Sequential(nn.Linear(3, 2), nn.Identity(), nn.Linear(2, 2), nn.ReLU()).eval())
    assert [type(activation).__name__ for activation in encoder.activations] == ["Identity", "ReLU"]


class Functional(nn.Module):
    """A sigmoid that hooks cannot see."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.layer(x))


class Method(Functional):
    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layer(x).sigmoid()
        return output


class Twice(nn.Module):
    """One activation in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.activation = nn.Linear(3, 3), nn.Linear(3, 2), nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.activation(self.second(self.activation(self.first(x))))
        return output


class Asking(Functional):
    """A forward that depends on its input."""

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layer(x) if x.sum() > 0 else x
        return output


shared = nn.Sigmoid()
REFUSED = [
    pytest.param(nn.Sequential(nn.Linear(3, 2), nn.GELU()), "the activation GELU", id="gelu"),
    pytest.param(nn.Sequential(nn.Linear(3, 2), nn.SiLU()), "the activation SiLU", id="silu"),
    pytest.param(nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2)), "LayerNorm", id="norm"),
    pytest.param(Functional(), "the function sigmoid", id="function"),
    pytest.param(Method(), "the function sigmoid", id="method"),
    pytest.param(Twice(), "used twice", id="twice"),
    pytest.param(nn.Sequential(nn.Linear(3, 3), shared, nn.Linear(3, 2), shared), "used twice", id="shared"),
    pytest.param(Asking(), "cannot be followed", id="control flow"),
    pytest.param(nn.Sequential(nn.Sigmoid(), nn.Linear(3, 2)), "without a linear layer", id="activation first"),
    pytest.param(nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Tanh()), "without a linear layer", id="two in a row"),
    pytest.param(nn.Sequential(nn.Identity()), "no linear layer", id="nothing"),
    pytest.param(nn.Sequential(nn.Linear(3, 2)).half(), "float16", id="half"),
    pytest.param(nn.Sequential(nn.Linear(3, 2)).bfloat16(), "bfloat16", id="bfloat"),
    pytest.param(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2).double()), "float32, float64", id="mixed"),
]


@pytest.mark.parametrize(("network", "words"), REFUSED)
def test_what_captum_gets_silently_wrong_is_refused(network: nn.Module, words: str) -> None:
    with pytest.raises(LandmarksError, match=rf"{words}[\s\S]*Hint: "):
        read_encoder(network.eval())


def test_training_mode_is_refused_even_of_one_module() -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Dropout(0.5)).eval()
    read_encoder(network)
    network[2].train()
    with pytest.raises(LandmarksError, match="training mode"):
        read_encoder(network)


@pytest.mark.parametrize("units", [[0], [3, 1], [0, 1, 2, 3]])
def test_selected_units_are_those_of_the_whole(units: list[int]) -> None:
    network = nn.Sequential(nn.Linear(5, 6), nn.Softplus(2.0, 3.0), nn.Linear(6, 4), nn.Sigmoid()).eval()
    part = select_units(read_encoder(network), units)
    z = torch.randn(7, 5)
    torch.testing.assert_close(part(z), network(z)[:, units])
    read_encoder(part)
    part.double()
    assert read_encoder(network).weights[0].dtype == torch.float32
