"""Captum's DeepLIFT against the Rescale rule in closed form.

With W_1, W_2 the weights and r the quotient Δoutput/Δinput of each sigmoid,
C[i,k,g] = (Σ_h W_2[k,h] · r_2[i,k] · r_1[i,h] · W_1[h,g]) · (x[i,g] − reference[g]).
"""

from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from landmarks.attribution import attribute
from landmarks.autoencoder import Autoencoder, linear_layers
from landmarks.captum_engine import EPSILON, attributed_network, contributions, output_differences

GENES, HIDDEN, UNITS, SAMPLES = 12, 7, 4, 9
Array = npt.NDArray[np.float64]

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")


@pytest.fixture
def model() -> Autoencoder:
    torch.manual_seed(0)
    model = Autoencoder(GENES, [HIDDEN, UNITS], dropout=0.1)
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter, dtype=torch.float64)
    return model


@pytest.fixture
def z() -> Tensor:
    return 1.5 * torch.randn(SAMPLES, GENES, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.fixture
def reference() -> Tensor:
    return torch.randn(GENES, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def quotient(inputs: Array, at_reference: Array) -> Array:
    """Return Δoutput/Δinput of sigmoids, the derivative where the inputs hardly differ."""
    difference = inputs - at_reference
    close = np.abs(difference) < EPSILON
    slope = (sigmoid(inputs) - sigmoid(at_reference)) / np.where(close, 1.0, difference)
    return np.where(close, sigmoid(inputs) * (1 - sigmoid(inputs)), slope)


def closed_form(model: Autoencoder, z: Tensor, reference: Tensor, output: str) -> Array:
    """Return contributions in float64, shape (samples, units, genes)."""
    first, second = linear_layers(model.encoder)
    w_1, b_1, w_2, b_2 = (
        tensor.detach().double().numpy() for tensor in (first.weight, first.bias, second.weight, second.bias)
    )
    x, ref = z.double().numpy(), reference.double().numpy()
    inputs_1, reference_1 = x @ w_1.T + b_1, ref @ w_1.T + b_1
    inputs_2, reference_2 = sigmoid(inputs_1) @ w_2.T + b_2, sigmoid(reference_1) @ w_2.T + b_2
    r_1 = quotient(inputs_1, reference_1)
    r_2 = quotient(inputs_2, reference_2) if output == "after" else np.ones_like(inputs_2)
    multipliers: Array = np.einsum("kh,ik,ih,hg->ikg", w_2, r_2, r_1, w_1)
    return multipliers * (x - ref)[:, None, :]


def engine(model: Autoencoder, z: Tensor, reference: Tensor, output: str = "after") -> Array:
    """Return Captum's contributions, shape (samples, units, genes)."""
    shares = list(contributions(attributed_network(model, output), z, reference))
    return torch.stack(shares, dim=1).double().numpy()


@pytest.mark.parametrize("output", ["after", "before"])
def test_closed_form(model: Autoencoder, z: Tensor, reference: Tensor, output: str) -> None:
    expected = closed_form(model, z, reference, output)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(
        engine(model, z, reference, output), expected, rtol=0, atol=1e-9 * np.abs(expected).max()
    )


def test_closed_form_in_single_precision(model: Autoencoder, z: Tensor, reference: Tensor) -> None:
    expected = closed_form(model, z, reference, "after")
    single = engine(model.float(), z.float(), reference.float())
    np.testing.assert_allclose(single, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_closed_form_where_an_input_hardly_differs(model: Autoencoder, z: Tensor, reference: Tensor) -> None:
    # Without weights the hidden unit's input does not differ from the reference's: its derivative counts.
    linear_layers(model.encoder)[0].weight.data[2] = 0
    close = reference + 1e-9 * z
    for values in (z, close):
        expected = closed_form(model, values, reference, "after")
        np.testing.assert_allclose(
            engine(model, values, reference), expected, rtol=0, atol=1e-9 * np.abs(expected).max()
        )


@pytest.mark.parametrize("output", ["after", "before"])
def test_completeness(model: Autoencoder, z: Tensor, reference: Tensor, output: str) -> None:
    network = attributed_network(model, output)
    differences = output_differences(network, z, reference).double().numpy()
    np.testing.assert_allclose(engine(model, z, reference, output).sum(axis=2), differences, atol=1e-12)
    sums = attribute(
        z,
        partial(contributions, network, reference=reference),
        partial(output_differences, network, reference=reference),
        "mean_abs",
    )
    assert sums.completeness_error < 1e-12


def test_the_reference_itself_has_no_contributions(model: Autoencoder, reference: Tensor) -> None:
    assert not engine(model, reference[None, :].repeat(3, 1), reference).any()


def test_permuting_genes_permutes_the_result(model: Autoencoder, z: Tensor, reference: Tensor) -> None:
    before = engine(model, z, reference)
    order = torch.randperm(GENES, generator=torch.Generator().manual_seed(3))
    first = linear_layers(model.encoder)[0]
    first.weight.data = first.weight.data[:, order]
    after = engine(model, z[:, order], reference[order])
    np.testing.assert_allclose(after, before[:, :, order.numpy()], atol=1e-12)


def test_samples_do_not_touch_each_other(model: Autoencoder, z: Tensor, reference: Tensor) -> None:
    np.testing.assert_allclose(engine(model, z, reference)[4:5], engine(model, z[4:5], reference), atol=1e-12)


def test_training_mode_changes_nothing(model: Autoencoder, z: Tensor, reference: Tensor) -> None:
    np.testing.assert_array_equal(engine(model.train(), z, reference), engine(model.eval(), z, reference))


@pytest.mark.parametrize("aggregation", ["mean_abs", "mean_signed", "abs_sum_units"])
def test_aggregated_importance(model: Autoencoder, z: Tensor, reference: Tensor, aggregation: str) -> None:
    shares = closed_form(model, z, reference, "after")
    expected = {
        "mean_abs": np.abs(shares).mean(axis=1),
        "mean_signed": shares.mean(axis=1),
        "abs_sum_units": np.abs(shares.sum(axis=1)),
    }[aggregation].sum(axis=0)
    network = attributed_network(model, "after")
    sums = attribute(
        z,
        partial(contributions, network, reference=reference),
        partial(output_differences, network, reference=reference),
        aggregation,
    )
    np.testing.assert_allclose(sums.total, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
