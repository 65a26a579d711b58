"""What networks that are fitted on batches of samples share: the batches, their error on samples, and their state."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from landmarks.checkpoints import State, identify
from landmarks.matrices import Rows
from landmarks.prefetch import prefetched

BUFFERS = 3
"""Batches that are alive at once: in use, ready, and being read."""

BLOCK = 128
"""Samples whose error is taken at a time."""

PROBED = 64
"""Samples of each matrix that tell it from another."""


def batches(rows: Rows, numbers: npt.NDArray[np.int64], size: int, device: torch.device) -> Iterator[Tensor]:
    """Read samples batch by batch, the next one in the background.

    Parameters
    ----------
    rows
        In memory or on disk.
    numbers
        Of the samples, in the order in which they come.
    size
        Samples a batch; the last one may have fewer.
    device
        Where they are wanted.

    Yields
    ------
    torch.Tensor
        float32, shape (samples of the batch, genes), valid until the next is asked for.
    """
    size = min(size, len(numbers))
    # PyTorch's memory is aligned alike each time; on the alignment, the last bit of a product may depend.
    buffers = [torch.empty(size, rows.shape[1]).numpy() for _ in range(BUFFERS)]

    def read() -> Iterator[npt.NDArray[np.float32]]:
        for index, start in enumerate(range(0, len(numbers), max(size, 1))):
            chosen = numbers[start : start + size]
            batch = buffers[index % BUFFERS][: len(chosen)]
            rows.take(chosen, batch)
            yield batch

    for batch in prefetched(read()):
        yield torch.from_numpy(batch).to(device)


@torch.no_grad()
def absolute_error(
    network: nn.Module, rows: Rows, numbers: npt.NDArray[np.int64], landmarks: int, targets: slice
) -> float:
    """Return the MAE over some samples and targets, without dropout.

    Parameters
    ----------
    network
        Landmarks → targets; it is left in evaluation mode.
    rows
        float32 z-scores, shape (samples, genes), the landmarks first.
    numbers
        Of the samples.
    landmarks
        How many there are.
    targets
        Their columns.
    """
    network.eval()
    device = next(network.parameters()).device
    total, count = torch.zeros((), dtype=torch.float64, device=device), 0
    for z in batches(rows, numbers, BLOCK, device):
        error = network(z[:, :landmarks]) - z[:, targets]
        total += error.abs_().sum(dtype=torch.float64)
        count += error.numel()
    return (total / count).item()


def seed_device(seed: int, device: torch.device) -> None:
    """Seed what is drawn on `device`: ``torch.manual_seed`` visits all kinds of them, too slow for each small batch."""
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


def identify_training(settings: object, *matrices: Rows) -> str:
    """Return a name for a training: of its settings, and of the shapes and some samples of the matrices it sees.

    Z-scores by the training samples tell these apart: another sample among them shifts all others. Hashing every one
    would take a minute at full size.
    """
    probes = []
    for rows in matrices:
        numbers = np.unique(np.linspace(0, rows.shape[0] - 1, PROBED).astype(np.int64))
        probes.append(np.empty((len(numbers), rows.shape[1]), np.float32))
        rows.take(numbers, probes[-1])
    return identify((settings, *(rows.shape for rows in matrices)), *probes)


def state_of(network: nn.Module, optimiser: torch.optim.Optimizer) -> State:
    """Return weights, and what the optimiser knows of each, after its first step at the earliest."""
    state: State = {}
    for index, parameter in enumerate(network.parameters()):
        state[f"weight.{index}"] = parameter.detach().cpu().numpy()
        for name, tensor in optimiser.state[parameter].items():
            state[f"optimiser.{index}.{name}"] = tensor.cpu().numpy()
    return state


def restore(state: State, network: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    """Put back what `state_of` returned, bit for bit."""
    for index, parameter in enumerate(network.parameters()):
        parameter.data.copy_(torch.from_numpy(state[f"weight.{index}"]))
        prefix = f"optimiser.{index}."
        optimiser.state[parameter] = {
            name.removeprefix(prefix): torch.from_numpy(array).to(parameter.device)
            for name, array in state.items()
            if name.startswith(prefix)
        }
