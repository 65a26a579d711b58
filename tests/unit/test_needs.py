"""What memory steps need, by hand."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from landmarks.needs import NEEDS, PROGRAM, Case, megabytes

CASE = Case(samples=50_000, genes=10_000, tested=0.1, held=500, evidence=3_000, layers=[10_000, 500, 100, 500, 10_000])


def test_counts_by_hand() -> None:
    assert CASE.matrix(1_000) == pytest.approx(40)
    assert CASE.matrix(1e9) == pytest.approx(2_000), "no more than there are"
    assert (CASE.rows, CASE.test) == pytest.approx((500, 200))
    assert CASE.learnt == pytest.approx(4e-6 * 2 * (10_000 * 500 + 500 * 100))
    assert CASE.gram == pytest.approx(800)
    assert megabytes("normalise", CASE) == PROGRAM + 500


@pytest.mark.parametrize("step", NEEDS)
def test_memory_is_bounded_by_the_setting_or_by_samples(step: str) -> None:
    """A hundred times the training samples need no more memory, but for what a sample itself adds."""
    held_out = CASE.tested * CASE.samples
    more = replace(CASE, samples=100 * CASE.samples, tested=held_out / (100 * CASE.samples))
    per_sample = NEEDS[step](more) - NEEDS[step](CASE)
    assert 0 <= per_sample < 0.001 * (more.samples - CASE.samples)
    # Twice the genes need no more than four times as much: products of genes are the worst.
    assert NEEDS[step](replace(CASE, genes=2 * CASE.genes)) <= 4 * NEEDS[step](CASE)


def test_small_data_need_little() -> None:
    small = replace(CASE, samples=500, genes=1_000, layers=[1_000, 500, 100, 500, 1_000])
    assert all(megabytes(step, small) < PROGRAM + 600 for step in NEEDS)


def test_rules_ask_for_what_is_counted() -> None:
    rules = "".join(file.read_text() for file in Path(__file__, "../../../workflow/rules").resolve().glob("*.smk"))
    assert set(re.findall(r'memory\("(\w+)"\)', rules)) == set(NEEDS)
