"""Threads that take tasks of their own, and their product."""

import threading

import pytest
import torch
from threadpoolctl import threadpool_info

from landmarks.workers import Workers, multiply


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
        with pytest.raises(ZeroDivisionError), Workers.on(torch.device("cpu")) as workers:
            assert workers.number == 3
            assert workers.run(lambda _: torch.get_num_threads(), 4) == [1, 1, 1, 1]
            assert threads_of_blas() == {1}
            workers.run(lambda task: 1 // task, 2)
        assert torch.get_num_threads() == 3
        assert threads_of_blas() == before_blas
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_product_is_that_of_the_matrices_and_fills_what_it_is_given(dtype: torch.dtype) -> None:
    left, right = torch.tensor([[1, 2], [3, 4], [5, 6]], dtype=dtype), torch.tensor([[0, 1], [1, 1]], dtype=dtype)
    out = torch.empty(6, dtype=dtype)
    for product in (multiply(left, right), multiply(left, right, out=out.view(3, 2))):
        assert product.dtype == dtype
        assert product.tolist() == [[2, 3], [4, 7], [6, 11]]
    assert out.tolist() == [2, 3, 4, 7, 6, 11]
    assert multiply(left.T, left[:, :1]).tolist() == [[35], [44]]
