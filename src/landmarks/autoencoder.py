"""The autoencoder of Kong et al. 2021: sigmoid layers down to a bottleneck and back, linear output."""

import logging
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor, nn

from landmarks.errors import LandmarksError, name_some
from landmarks.expression import Expression
from landmarks.parameters import Parameters

logger = logging.getLogger("landmarks")


def hidden_layers(sizes: list[int], dropout: float) -> list[nn.Module]:
    """Return Linear, Sigmoid, Dropout for each pair of neighbouring `sizes`, Glorot-initialised."""
    modules: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        modules += [glorot_linear(inputs, outputs), nn.Sigmoid(), nn.Dropout(dropout)]
    return modules


def glorot_linear(inputs: int, outputs: int) -> nn.Linear:
    """Return a linear layer with Glorot-uniform weights and zero biases."""
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Autoencoder(nn.Module):
    """Genes → hidden → bottleneck → hidden → genes, on z-scores.

    Parameters
    ----------
    genes
        Number of inputs and outputs.
    hidden
        Widths of the encoder's layers, the last being the bottleneck; the decoder mirrors them.
        The paper's are 500 and 100.
    dropout
        Probability of dropping a hidden unit in training.
    """

    def __init__(self, genes: int, hidden: list[int], dropout: float) -> None:
        super().__init__()
        sizes = [genes, *hidden]
        self.encoder = nn.Sequential(*hidden_layers(sizes, dropout))
        self.decoder = nn.Sequential(*hidden_layers(sizes[:0:-1], dropout), glorot_linear(hidden[0], genes))

    def forward(self, z: Tensor) -> Tensor:
        """Reconstruct z-scores: (batch, genes) → (batch, genes)."""
        reconstruction: Tensor = self.decoder(self.encoder(z))
        return reconstruction


def linear_layers(half: nn.Sequential) -> list[nn.Linear]:
    """Return the linear layers of an encoder or decoder, in order."""
    return [module for module in half if isinstance(module, nn.Linear)]


def to_parameters(model: Autoencoder, mean: npt.NDArray[np.float32], scale: npt.NDArray[np.float32]) -> Parameters:
    """Return the model's tensors by name, with the scaling of its inputs."""
    parameters: Parameters = {"input.mean": mean, "input.scale": scale}
    for name, half in (("encoder", model.encoder), ("decoder", model.decoder)):
        for index, layer in enumerate(linear_layers(half)):
            parameters[f"{name}.{index}.weight"] = layer.weight.detach().cpu().numpy()
            parameters[f"{name}.{index}.bias"] = layer.bias.detach().cpu().numpy()
    return parameters


def from_parameters(parameters: Parameters) -> Autoencoder:
    """Build the model that `to_parameters` stored, in evaluation mode."""
    widths: list[int] = []
    while (name := f"encoder.{len(widths)}.bias") in parameters:
        widths.append(len(parameters[name]))
    model = Autoencoder(len(parameters["input.mean"]), widths, dropout=0.0)
    for name, half in (("encoder", model.encoder), ("decoder", model.decoder)):
        for index, layer in enumerate(linear_layers(half)):
            layer.weight.data = torch.from_numpy(parameters[f"{name}.{index}.weight"].copy())
            layer.bias.data = torch.from_numpy(parameters[f"{name}.{index}.bias"].copy())
    return model.eval()


def attributed_network(model: Autoencoder, output: str) -> nn.Sequential:
    """Return the encoder up to the bottleneck ``after`` or ``before`` its sigmoid, without dropout, to be attributed.

    Dropout would silently change the result in training mode; without it there is no mode to get wrong.
    """
    modules = [module for module in model.encoder if not isinstance(module, nn.Dropout)]
    return nn.Sequential(*(modules if output == "after" else modules[:-1])).eval()


def z_scores(values: npt.NDArray[np.float32], parameters: Parameters) -> Tensor:
    """Scale (samples, genes) expression as the model's training samples were scaled."""
    return torch.from_numpy((values - parameters["input.mean"]) / parameters["input.scale"])


def complete(data: Expression, genes: list[str], mean: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return expression of the model's genes; one that is not measured enters as its training mean.

    Parameters
    ----------
    data
        Samples × genes, of the model's genes or of some of them.
    genes
        The model's, in its order.
    mean
        Their training means, float32, shape (genes,).

    Returns
    -------
    numpy.ndarray
        float32, shape (samples, genes).

    Raises
    ------
    LandmarksError
        If none of them is measured.
    """
    places = pd.Index(data.gene_ids).get_indexer(pd.Index(genes))
    measured = places >= 0
    if not measured.any():
        raise LandmarksError(
            f"Expected genes like {name_some(genes, 3)}, which the autoencoder knows, found "
            f"{name_some(data.gene_ids.tolist(), 3)}.",
            hint="were the samples brought to the compendium's genes?",
        )
    if not measured.all():
        logger.info("%s of %s genes are not measured: means.", f"{(~measured).sum():,}", f"{len(genes):,}")
    values = np.tile(mean, (len(data.values), 1))
    values[:, measured] = data.values[:, places[measured]]
    return values


def refuse_useless(reached: float, null: float) -> None:
    """Raise if the autoencoder does no better than each gene's training median.

    Parameters
    ----------
    reached, null
        MAE of the autoencoder and of the medians on held-out samples, in z-scores.

    Raises
    ------
    LandmarksError
        An attribution of such a network would rank noise.
    """
    if not reached < null:
        raise LandmarksError(
            f"The autoencoder's MAE on held-out samples is {reached:.4f} z-scores; "
            f"predicting each gene's training median gives {null:.4f}: it has learnt nothing.",
            hint="train longer, or with another autoencoder.learning_rate or batch_size; look at history.parquet.",
        )
