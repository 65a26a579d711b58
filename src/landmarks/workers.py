"""Threads that take tasks of their own, in place of libraries that split every product among all threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

import torch
from threadpoolctl import threadpool_limits

Result = TypeVar("Result")


class Workers:
    """Threads for tasks that neither need nor change what another one does.

    After every product or sum that a library splits, all threads wait for the last; here they wait once, when no task
    is left, and meanwhile one may pass over memory while another multiplies. No number depends on how many there are.

    Use it as a context manager: within, PyTorch and the BLAS of NumPy take one thread a call.

    Parameters
    ----------
    number
        By default as many as PyTorch would take.
    """

    def __init__(self, number: int | None = None) -> None:
        self.number = number or torch.get_num_threads()

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
