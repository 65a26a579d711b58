"""Threads that take tasks of their own, and the product of matrices that each takes alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

Result = TypeVar("Result")


class Workers:
    """Threads for tasks that neither need nor change what another one does.

    Where a library splits every product and sum among threads, all wait for the last after each; here they wait once,
    when no task is left, and meanwhile one may pass over memory while another multiplies. No number depends on how
    many there are.

    Use it as a context manager: within, PyTorch and the BLAS of NumPy take one thread a call.

    Parameters
    ----------
    number
        How many.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def on(cls, device: torch.device) -> Self:
        """Return as many as PyTorch would take on a processor, one for a GPU."""
        return cls(torch.get_num_threads() if device.type == "cpu" else 1)

    def __enter__(self) -> Self:
        """Start the threads."""
        self._before = torch.get_num_threads()
        self._limits = threadpool_limits(1, "blas")
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(self.number)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them, and give the libraries theirs back."""
        self._pool.shutdown(cancel_futures=True)
        self._limits.restore_original_limits()
        torch.set_num_threads(self._before)

    def run(self, task: Callable[[int], Result], tasks: int) -> list[Result]:
        """Return what `task` returns for 0, 1, … `tasks` - 1."""
        if min(self.number, tasks) == 1:
            return [task(number) for number in range(tasks)]
        return list(self._pool.map(task, range(tasks)))


def multiply(left: Tensor, right: Tensor, out: Tensor | None = None) -> Tensor:
    """Return the product of two matrices, on a processor NumPy's: its BLAS is faster than PyTorch's on many."""
    if left.device.type != "cpu":
        return torch.mm(left, right, out=out)
    return torch.from_numpy(np.matmul(left.numpy(), right.numpy(), out=None if out is None else out.numpy()))
