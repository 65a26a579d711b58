"""The closed form of DeepLIFT against Captum, against the equation written out, and against what must hold."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from landmarks import deeplift
from landmarks.attribution import AGGREGATIONS
from landmarks.autoencoder import Autoencoder, attributed_network
from landmarks.captum_engine import attribute_with_captum, largest_difference
from landmarks.captum_engine import contributions as captum_contributions
from landmarks.deeplift import EPSILON, attribute_samples, batch_size, contributions
from landmarks.errors import LandmarksError
from landmarks.matrices import InMemory
from landmarks.networks import read_encoder
from landmarks.training import Settings, train
from landmarks.workers import Workers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum")

GENES, SAMPLES = 40, 9
KINDS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "softplus": nn.Softplus, "identity": nn.Identity}
DEPTHS = {1: [4], 2: [11, 4], 3: [13, 8, 4], 4: [9, 12, 7, 4]}


def draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def random_network(widths: list[int], kinds: list[str], seed: int = 0, last: bool = True) -> nn.Sequential:
    """Return a float64 network whose units neither saturate nor stay linear."""
    modules: list[nn.Module] = []
    inputs = GENES
    for layer, outputs in enumerate(widths):
        linear = nn.Linear(inputs, outputs).double()
        linear.weight.data = 2 * draw(outputs, inputs, seed=seed + layer) / inputs**0.5
        linear.bias.data = draw(outputs, seed=seed + 100 + layer)
        modules += [linear, KINDS[kinds[layer % len(kinds)]]()]
        inputs = outputs
    return nn.Sequential(*(modules if last else modules[:-1])).eval()


def relative(found: Tensor, wanted: Tensor) -> float:
    return ((found.double() - wanted.double()).abs().max() / wanted.double().abs().max()).item()


def by_captum(network: nn.Sequential, z: Tensor, reference: Tensor) -> Tensor:
    """Return Captum's contributions, shape (samples, units, genes)."""
    return torch.stack(list(captum_contributions(network, z, reference)), dim=1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", [*KINDS, "mixed"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_contributions_in_double_precision(depth: int, kind: str, seed: int) -> None:
    network = random_network(DEPTHS[depth], list(KINDS) if kind == "mixed" else [kind], seed)
    z, reference = draw(SAMPLES, GENES, seed=seed + 1), draw(GENES, seed=seed + 2)
    found = contributions(read_encoder(network), z, reference)
    assert relative(found, by_captum(network, z, reference)) < 1e-12


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("reference_kind", ["zero", "mean", "median", "sample"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_importances(depth: int, reference_kind: str, last: bool, aggregation: str) -> None:
    network = random_network(DEPTHS[depth], ["sigmoid"], last=last)
    z = draw(SAMPLES, GENES, seed=1)
    reference = {
        "zero": torch.zeros(GENES, dtype=torch.float64),
        "mean": z.mean(dim=0),
        "median": z.median(dim=0).values,
        "sample": z[3],
    }[reference_kind]
    found = attribute_samples(read_encoder(network), z, reference, aggregation=aggregation)
    wanted = attribute_with_captum(network, z, reference, aggregation=aggregation)
    assert relative(found.importances, wanted.importances) < 1e-12
    assert found.difference == pytest.approx(wanted.difference, rel=1e-12)
    # And Captum's own contributions, summed here.
    shares = by_captum(network, z, reference)
    expected = {"mean_abs": shares.abs().mean(dim=1), "abs_sum_units": shares.sum(dim=1).abs()}
    assert relative(found.importances, expected.get(aggregation, shares.mean(dim=1))) < 1e-12
    single = attribute_samples(read_encoder(network.float()), z.float(), reference.float(), aggregation=aggregation)
    assert relative(single.importances, wanted.importances) < 1e-5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", DEPTHS)
def test_single_precision(depth: int, kind: str) -> None:
    network = random_network(DEPTHS[depth], [kind])
    z, reference = draw(SAMPLES, GENES, seed=1), draw(GENES, seed=2)
    exact = by_captum(network, z, reference)
    single = network.float(), z.float(), reference.float()
    found = contributions(read_encoder(single[0]), *single[1:])
    assert relative(found, exact) < 1e-5
    # Captum takes quotients of rounded differences, and in single precision is itself off by up to 1e-4.
    captum = by_captum(*single)
    assert relative(found, captum) < 1e-5 + relative(captum, exact)


def trained(genes: int = 1_200, seed: int = 0) -> tuple[nn.Sequential, Tensor]:
    """Return a trained encoder in float64, and samples of three groups."""
    torch.manual_seed(seed)
    z = torch.randn(200, 6) @ torch.randn(6, genes) + torch.randn(200, genes)
    model = Autoencoder(genes, [30, 8], dropout=0.1)
    settings = Settings(epochs=15, batch_size=16, learning_rate=3e-3, penalty=1e-6)
    train(model, InMemory(z[:150].numpy()), InMemory(z[150:].numpy()), settings, seed=seed)
    return attributed_network(model, "after").double(), z.double()


@pytest.fixture(scope="module")
def trained_network() -> tuple[nn.Sequential, Tensor]:
    return trained()


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_trained_network_gives_the_same_top(trained_network: tuple[nn.Sequential, Tensor], aggregation: str) -> None:
    network, z = trained_network
    reference = torch.zeros(z.shape[1], dtype=torch.float64)
    found = attribute_samples(read_encoder(network), z, reference, aggregation=aggregation).importances
    wanted = attribute_with_captum(network, z, reference, aggregation=aggregation).importances
    assert relative(found, wanted) < 1e-12
    one, other = (values.mean(dim=0).abs().argsort(descending=True)[:943].tolist() for values in (found, wanted))
    assert one == other


def test_trained_network_in_single_precision(trained_network: tuple[nn.Sequential, Tensor]) -> None:
    network, z = trained_network
    encoder, reference = read_encoder(network), torch.zeros(z.shape[1], dtype=torch.float64)
    assert largest_difference(encoder, [1, 5], z[:20], reference, aggregation="mean_abs") < 1e-12
    single = read_encoder(nn.Sequential(*network).float().eval())
    assert largest_difference(single, [1, 5], z[:20].float(), reference.float(), aggregation="mean_abs") < 1e-5
    network.double()


def test_a_wrong_engine_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network([11, 4], ["sigmoid"])
    monkeypatch.setattr(deeplift, "EPSILON", 0.5)
    found = largest_difference(
        read_encoder(network), [0, 2], draw(SAMPLES, GENES, seed=1), draw(GENES, seed=2), aggregation="mean_abs"
    )
    assert found > 1e-3


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depth", DEPTHS)
def test_completeness_by_sample_and_unit(depth: int, kind: str, last: bool) -> None:
    network = random_network(DEPTHS[depth], [kind], last=last)
    z, reference = draw(SAMPLES, GENES, seed=1), draw(GENES, seed=2)
    with torch.no_grad():
        differences = network(z) - network(reference[None])
    found = contributions(read_encoder(network), z, reference).sum(dim=2)
    assert relative(found, differences) < 1e-12
    for aggregation in AGGREGATIONS:
        attributed = attribute_samples(read_encoder(network), z, reference, aggregation=aggregation)
        assert attributed.gap / attributed.difference < 1e-12


def test_an_incomplete_attribution_shows_its_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    # With derivatives for quotients everywhere, contributions are those of the tangent.
    monkeypatch.setattr(deeplift, "EPSILON", 1e9)
    network = random_network([11, 4], ["tanh"])
    for aggregation in AGGREGATIONS:
        attributed = attribute_samples(
            read_encoder(network), draw(SAMPLES, GENES, seed=1), draw(GENES, seed=2), aggregation=aggregation
        )
        assert attributed.gap / attributed.difference > 1e-2


def test_the_equation_written_out() -> None:
    network = random_network([7, 4], ["sigmoid"])
    w_1, b_1, w_2, b_2 = (tensor.detach().numpy() for tensor in network.parameters())
    x, ref = draw(SAMPLES, GENES, seed=1).numpy(), draw(GENES, seed=2).numpy()
    w_1[2] = 0  # without weights its input is the reference's, and the derivative counts

    def sigmoid(values: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-values))

    def quotient(inputs: np.ndarray, base: np.ndarray) -> np.ndarray:
        close = np.abs(inputs - base) < EPSILON
        slope = (sigmoid(inputs) - sigmoid(base)) / np.where(close, 1.0, inputs - base)
        return np.where(close, sigmoid(inputs) * (1 - sigmoid(inputs)), slope)

    in_1, base_1 = x @ w_1.T + b_1, ref @ w_1.T + b_1
    in_2, base_2 = sigmoid(in_1) @ w_2.T + b_2, sigmoid(base_1) @ w_2.T + b_2
    wanted = np.einsum("kh,ik,ih,hg->ikg", w_2, quotient(in_2, base_2), quotient(in_1, base_1), w_1)
    wanted *= (x - ref)[:, None, :]
    found = contributions(read_encoder(network), torch.from_numpy(x), torch.from_numpy(ref))
    assert relative(found, torch.from_numpy(wanted)) < 1e-12


def test_a_linear_encoder_gives_weights_times_change() -> None:
    network = random_network([4], ["identity"])
    z, reference = draw(SAMPLES, GENES, seed=1), draw(GENES, seed=2)
    wanted = read_encoder(network).weights[0][None] * (z - reference)[:, None]
    assert torch.equal(contributions(read_encoder(network), z, reference), wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_itself_has_no_contributions(kind: str) -> None:
    encoder, reference = read_encoder(random_network([11, 4], [kind])), draw(GENES, seed=2)
    z = reference.repeat(3, 1)
    assert not contributions(encoder, z, reference).any()
    assert not attribute_samples(encoder, z, reference, aggregation="mean_abs").importances.any()


def test_samples_close_to_the_reference_follow_the_derivative() -> None:
    network, reference = random_network([11, 4], ["sigmoid"]), draw(GENES, seed=2)
    z = reference + 1e-9 * draw(SAMPLES, GENES, seed=1)
    found = contributions(read_encoder(network), z, reference)
    assert relative(found, by_captum(network, z, reference)) < 1e-9


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_permuting_genes_permutes_the_result(aggregation: str) -> None:
    network, z, reference = random_network([11, 4], ["tanh"]), draw(SAMPLES, GENES, seed=1), draw(GENES, seed=2)
    before = attribute_samples(read_encoder(network), z, reference, aggregation=aggregation).importances
    order = torch.randperm(GENES, generator=torch.Generator().manual_seed(3))
    weights = read_encoder(network).weights[0]
    weights.copy_(weights[:, order])
    after = attribute_samples(read_encoder(network), z[:, order], reference[order], aggregation=aggregation).importances
    assert relative(after, before[:, order]) < 1e-13


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
@pytest.mark.parametrize(("tile", "memory_mb"), [(1, 100), (7, 100), (512, 100), (16, 0.04), (40, 0.008)])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, tile: int, memory_mb: float, aggregation: str) -> None:
    monkeypatch.setattr(Workers, "on", lambda _: Workers(2))
    encoder = read_encoder(random_network([11, 4], ["sigmoid"]))
    z, reference = draw(70, GENES, seed=1), draw(GENES, seed=2)
    whole = attribute_samples(encoder, z, reference, aggregation=aggregation).importances
    monkeypatch.setattr(deeplift, "TILE", tile)
    parts = attribute_samples(encoder, z, reference, aggregation=aggregation, memory_mb=memory_mb).importances
    assert relative(parts, whole) < 1e-13
    alone = attribute_samples(encoder, z[5:6], reference, aggregation=aggregation).importances
    assert relative(alone, whole[5:6]) < 1e-13


def test_importances_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = read_encoder(random_network([11, 4], ["sigmoid"]).float())
    z, reference, ends = draw(170, GENES, seed=1).float(), draw(GENES, seed=2).float(), []
    for threads in (1, 2, 3):
        monkeypatch.setattr(Workers, "on", lambda _, threads=threads: Workers(threads))
        ends.append(attribute_samples(encoder, z, reference, aggregation="mean_abs"))
    assert all(torch.equal(end.importances, ends[0].importances) for end in ends)
    assert len({(end.gap, end.difference) for end in ends}) == 1


def test_batches_follow_the_memory() -> None:
    encoder = read_encoder(random_network([11, 4], ["sigmoid"]))
    sizes = [batch_size(encoder, memory_mb) for memory_mb in (100, 0.05, 0.02, 0.004)]
    assert sizes[0] == 16
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    with pytest.raises(LandmarksError, match=r"memory_mb allows 0\.001\.\nHint: "):
        batch_size(encoder, 0.001)
    assert batch_size(encoder, 0.05, threads=2) == batch_size(encoder, 0.025) < 16
    with pytest.raises(LandmarksError, match=r"one sample a thread needs .*memory_mb allows 0\.004\."):
        batch_size(encoder, 0.004, threads=4)


def test_attributing_leaves_the_network_as_it_was() -> None:
    network = random_network([11, 4], ["sigmoid"]).float()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    z, reference = draw(SAMPLES, GENES, seed=1).float(), draw(GENES, seed=2).float()
    attribute_samples(read_encoder(network), z, reference, aggregation="mean_abs")
    largest_difference(read_encoder(network), [0, 1], z, reference, aggregation="mean_abs")
    attribute_with_captum(network, z, reference, aggregation="mean_abs")
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
