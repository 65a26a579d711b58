"""The attributed network: which modules it holds, and what its differences are."""

import pytest
import torch
from torch import nn

from landmarks.autoencoder import Autoencoder
from landmarks.captum_engine import attributed_network, contributions, output_differences

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")


@pytest.fixture
def model() -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder(6, [5, 3], dropout=0.5)


@pytest.mark.parametrize(("output", "kinds"), [("after", "LSLS"), ("before", "LSL")])
def test_no_dropout_and_the_wanted_last_module(model: Autoencoder, output: str, kinds: str) -> None:
    network = attributed_network(model, output)
    assert "".join(type(module).__name__[0] for module in network) == kinds
    assert not network.training


def test_after_is_the_sigmoid_of_before_whatever_the_mode(model: Autoencoder) -> None:
    z = torch.randn(4, 6)
    after = attributed_network(model.train(), "after")(z)
    torch.testing.assert_close(after, attributed_network(model, "before")(z).sigmoid())
    torch.testing.assert_close(after, model.eval().encoder(z))


def test_attributing_leaves_the_model_as_it_was(model: Autoencoder) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    list(contributions(attributed_network(model, "after"), torch.randn(4, 6), torch.zeros(6)))
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_one_samples_by_genes_tensor_a_unit(model: Autoencoder) -> None:
    network = attributed_network(model, "after")
    shares = list(contributions(network, torch.randn(4, 6), torch.zeros(6)))
    assert [tuple(share.shape) for share in shares] == [(4, 6)] * 3
    assert not any(share.requires_grad for share in shares)


def test_differences_by_hand() -> None:
    layer = nn.Linear(2, 1)
    layer.weight.data, layer.bias.data = torch.tensor([[2.0, -1.0]]), torch.tensor([7.0])
    network = nn.Sequential(layer)
    difference = output_differences(network, torch.tensor([[3.0, 1.0], [1.0, 1.0]]), torch.tensor([1.0, 1.0]))
    assert difference.tolist() == [[4.0], [0.0]]
    assert not difference.requires_grad


def test_a_linear_network_is_attributed_by_hand() -> None:
    layer = nn.Linear(2, 1)
    layer.weight.data = torch.tensor([[2.0, -1.0]])
    (shares,) = contributions(nn.Sequential(layer), torch.tensor([[3.0, 5.0]]), torch.tensor([1.0, 1.0]))
    assert shares.tolist() == [[4.0, -4.0]]
