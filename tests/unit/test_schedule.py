"""Scheduling on paper: a small DAG, its times and chains worked out by hand."""

import pytest
from schedule import Job, critical_path, longest_chains, schedule


@pytest.fixture
def jobs() -> dict[str, Job]:
    """Return a job of 1 s, four of 3 s that wait for it, and one of 2 s that waits for these; one of 4 s alone."""
    parts = {f"part{number}": Job("part", "", 3.0, {"first"}) for number in range(4)}
    return {
        "first": Job("first", "", 1.0),
        **parts,
        "last": Job("last", "", 2.0, set(parts)),
        "alone": Job("alone", "", 4.0),
    }


def test_chains(jobs: dict[str, Job]) -> None:
    chains = longest_chains(jobs)
    assert chains["first"] == 1 + 3 + 2 and chains["part2"] == 5 and chains["alone"] == 4


@pytest.mark.parametrize(
    ("slots", "makespan"),
    [
        (1, 1 + 4 * 3 + 2 + 4),
        # The lone job holds a slot until 4, so the parts run 1-4, 4-7, 4-7 and 7-10.
        (2, 12.0),
        # Three parts run 1-4 beside the lone job, the fourth 4-7.
        (4, 9.0),
        (5, 6.0),
        (128, 6.0),
    ],
)
def test_makespan(jobs: dict[str, Job], slots: int, makespan: float) -> None:
    assert schedule(jobs, slots) == makespan


def test_critical_path(jobs: dict[str, Job]) -> None:
    path = critical_path(jobs)
    assert path[0] == "first" and path[1].startswith("part") and path[2:] == ["last"]
