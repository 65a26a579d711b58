"""Threads that take tasks of their own."""

import threading

import pytest
import torch
from threadpoolctl import threadpool_info

from landmarks.workers import Workers


def threads_of_blas() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.mark.parametrize("number", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(number: int) -> None:
    with Workers(number) as workers:
        assert workers.run(lambda task: task**2, 7) == [0, 1, 4, 9, 16, 25, 36]
        assert workers.run(lambda task: task, 0) == []


def test_tasks_run_side_by_side() -> None:
    """Each waits for the other, which one thread alone could not do."""
    meeting = threading.Barrier(2, timeout=30)
    with Workers(2) as workers:
        assert sorted(workers.run(lambda _: meeting.wait(), 2)) == [0, 1]


def test_libraries_take_one_thread_a_call_and_get_theirs_back() -> None:
    before, before_blas = torch.get_num_threads(), threads_of_blas()
    torch.set_num_threads(3)
    try:
        with pytest.raises(ZeroDivisionError), Workers() as workers:
            assert workers.number == 3
            assert workers.run(lambda _: torch.get_num_threads(), 4) == [1, 1, 1, 1]
            assert threads_of_blas() == {1}
            workers.run(lambda task: 1 // task, 2)
        assert torch.get_num_threads() == 3
        assert threads_of_blas() == before_blas
    finally:
        torch.set_num_threads(before)
