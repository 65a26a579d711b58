"""Which networks can be attributed: chains of linear layers and elementwise activations, each a module used once."""

from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from landmarks.errors import LandmarksError

ACTIVATIONS = (nn.Sigmoid, nn.Tanh, nn.ReLU, nn.Softplus, nn.Identity)
"""Activations for which Captum follows the Rescale rule; others, GELU or SiLU for instance, it passes as gradients."""


@dataclass(frozen=True)
class Encoder:
    """The layers of a network, from `read_encoder`.

    Attributes
    ----------
    weights
        A tensor a layer, shape (outputs, inputs), all of one dtype, on one device.
    biases
        A tensor a layer, shape (outputs,).
    activations
        An elementwise module a layer.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    activations: list[nn.Module]


def read_encoder(network: nn.Module) -> Encoder:
    """Read the layers off a network, and refuse one that DeepLIFT would silently get wrong.

    Parameters
    ----------
    network
        Linear layers with one of `ACTIVATIONS`, or none, after each; dropout is passed over.

    Raises
    ------
    LandmarksError
        If the network is in training mode (dropout would change the result) or in half precision, uses a module twice
        or an activation as a function (Captum's hooks see neither), an activation that is not supported, or is
        no chain.
    """
    _refuse_mode(network)
    weights: list[Tensor] = []
    biases: list[Tensor] = []
    activations: list[nn.Module] = []
    open_layer = False
    for module in _chain(network):
        if isinstance(module, nn.Linear):
            if open_layer:
                activations.append(nn.Identity())
            weights.append(module.weight.detach())
            bias = module.bias
            biases.append(module.weight.new_zeros(module.out_features) if bias is None else bias.detach())
            open_layer = True
        elif isinstance(module, nn.Identity | nn.Dropout):
            continue
        elif not isinstance(module, ACTIVATIONS):
            raise _refusal(f"the activation {type(module).__name__}", "use Sigmoid, Tanh, ReLU or Softplus.")
        elif not open_layer:
            raise _refusal(f"{type(module).__name__} without a linear layer before it", "begin with nn.Linear.")
        else:
            activations.append(module)
            open_layer = False
    if not weights:
        raise _refusal("no linear layer", "begin with nn.Linear.")
    if open_layer:
        activations.append(nn.Identity())
    return Encoder(weights, biases, activations)


def select_units(encoder: Encoder, units: list[int]) -> nn.Sequential:
    """Return the network of `encoder` whose last layer has only `units`, as modules in evaluation mode."""
    modules: list[nn.Module] = []
    last = len(encoder.weights) - 1
    for layer, (weight, bias, activation) in enumerate(
        zip(encoder.weights, encoder.biases, encoder.activations, strict=True)
    ):
        chosen = units if layer == last else slice(None)
        linear = nn.Linear(weight.shape[1], 1, device="meta")
        linear.weight, linear.bias = nn.Parameter(weight[chosen]), nn.Parameter(bias[chosen])
        linear.out_features = len(linear.bias)
        # Modules keep hooks and must not be shared: a copy for each network.
        modules += [linear, _copy(activation)]
    return nn.Sequential(*modules).eval()


def _copy(activation: nn.Module) -> nn.Module:
    """Return a module of the same kind and settings that is not the same object."""
    if isinstance(activation, nn.Softplus):
        return nn.Softplus(activation.beta, activation.threshold)
    return type(activation)()


def _refuse_mode(network: nn.Module) -> None:
    """Refuse training mode and half precision."""
    if any(module.training for module in network.modules()):
        raise _refusal("a network in training mode", "call network.eval() first.")
    kinds = {parameter.dtype for parameter in network.parameters()}
    if len(kinds) > 1 or not kinds <= {torch.float32, torch.float64}:
        found = ", ".join(sorted(str(kind).removeprefix("torch.") for kind in kinds))
        raise _refusal(f"parameters in {found}", "convert the network with network.float() or network.double().")


def _chain(network: nn.Module) -> list[nn.Module]:
    """Return the network's modules in the order in which they are called."""
    try:
        graph = fx.symbolic_trace(network).graph
    except (fx.proxy.TraceError, TypeError, RuntimeError, ValueError) as error:
        raise _refusal(f"a network whose forward cannot be followed ({error})", "use nn.Sequential.") from error
    chain: list[nn.Module] = []
    before: fx.Node | None = None
    for node in graph.nodes:
        if node.op in ("call_function", "call_method"):
            name = getattr(node.target, "__name__", str(node.target))
            raise _refusal(f"the function {name} in forward", "use modules, such as nn.Sigmoid(), one a place.")
        if before is not None and node.all_input_nodes != [before]:
            raise _refusal("a network that branches", "use nn.Sequential.")
        if node.op == "call_module":
            chain.append(network.get_submodule(str(node.target)))
        before = node
    if len(chain) != len({id(module) for module in chain}):
        raise _refusal("a module that is used twice", "give each place a module of its own.")
    return chain


def _refusal(found: str, hint: str) -> LandmarksError:
    """Return the error for a network that cannot be attributed."""
    return LandmarksError(
        f"DeepLIFT: expected a chain of linear layers and sigmoid, tanh, ReLU or softplus modules, found {found}.",
        hint=hint,
    )
