"""The split: whole groups, shares, and refusals."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmarks.errors import LandmarksError
from landmarks.split import PARTS, split_fold, split_samples


def frame(sizes: list[int]) -> pd.DataFrame:
    """Return samples in groups of the given sizes, the groups interleaved."""
    rows = [(f"g{group}", member) for group, size in enumerate(sizes) for member in range(size)]
    rows.sort(key=lambda row: row[1])
    return pd.DataFrame(
        {"sample_id": [f"{group}.{member}" for group, member in rows], "group": [group for group, _ in rows]}
    )


def counts(split: pd.DataFrame) -> dict[str, int]:
    return {part: int((split["part"] == part).sum()) for part in PARTS}


def test_random_split_meets_the_shares() -> None:
    split = split_samples(frame([100]), method="random", validation=0.1, test=0.2, seed=0)
    assert counts(split) == {"train": 70, "validation": 10, "test": 20}


def test_equal_groups_meet_the_shares() -> None:
    split = split_samples(frame([5] * 20), method="grouped", validation=0.1, test=0.2, seed=0)
    assert counts(split) == {"train": 70, "validation": 10, "test": 20}


def test_samples_keep_their_order_and_group() -> None:
    samples = frame([2] * 20)
    split = split_samples(samples, method="grouped", validation=0.2, test=0.2, seed=3)
    assert list(split.columns) == ["sample_id", "group", "part"]
    pd.testing.assert_frame_equal(split[["sample_id", "group"]], samples)


def test_the_seed_decides() -> None:
    samples = frame([1] * 50)
    first, again, other = (
        split_samples(samples, method="random", validation=0.2, test=0.2, seed=seed)["part"].tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_small_and_middling_groups_meet_the_shares() -> None:
    for seed in range(10):
        split = split_samples(frame([5] * 10 + [1] * 50), method="grouped", validation=0.2, test=0.2, seed=seed)
        for number, wanted in zip(counts(split).values(), (60, 20, 20), strict=True):
            assert abs(number - wanted) <= 5


def test_a_group_larger_than_half_of_a_part_is_trained_on() -> None:
    samples = frame([11] + [1] * 89)
    for seed in range(10):
        split = split_samples(samples, method="grouped", validation=0.1, test=0.2, seed=seed)
        assert set(split.loc[split["group"] == "g0", "part"]) == {"train"}


def test_a_large_group_drawn_late_takes_nothing_from_the_other_parts() -> None:
    samples = frame([40] + [1] * 60)
    for seed in range(10):
        split = split_samples(samples, method="grouped", validation=0.1, test=0.2, seed=seed)
        assert counts(split) == {"train": 70, "validation": 10, "test": 20}


def test_too_few_groups() -> None:
    with pytest.raises(LandmarksError, match=r"grouped split needs at least 3 groups, found 2[\s\S]*Hint: .*random"):
        split_samples(frame([50, 50]), method="grouped", validation=0.1, test=0.2, seed=0)


def test_an_empty_part_is_named() -> None:
    message = r"no sample for: validation, test \(120 samples, 3 groups to divide\)[\s\S]*Hint"
    with pytest.raises(LandmarksError, match=message):
        split_samples(frame([40, 40, 40]), method="grouped", validation=0.1, test=0.1, seed=0)


@given(
    st.lists(st.integers(1, 9), min_size=3, max_size=40),
    st.floats(0.05, 0.4),
    st.floats(0.05, 0.4),
    st.integers(0, 1_000),
)
@settings(max_examples=80, deadline=None)
def test_no_group_is_on_two_sides(sizes: list[int], validation: float, test: float, seed: int) -> None:
    samples = frame(sizes)
    try:
        split = split_samples(samples, method="grouped", validation=validation, test=test, seed=seed)
    except LandmarksError as error:
        assert "no sample for" in str(error)
        return
    assert (split.groupby("group")["part"].nunique() == 1).all()
    assert set(split["part"]) == set(PARTS)
    assert len(split) == sum(sizes)


@given(st.integers(60, 300), st.floats(0.05, 0.4), st.floats(0.05, 0.4), st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_random_shares_are_met_to_two_samples(count: int, validation: float, test: float, seed: int) -> None:
    split = split_samples(frame([1] * count), method="random", validation=validation, test=test, seed=seed)
    wanted = {"train": 1 - validation - test, "validation": validation, "test": test}
    for part, number in counts(split).items():
        assert abs(number - wanted[part] * count) < 2


def test_every_sample_is_tested_in_one_fold() -> None:
    samples = frame([9, 7, 5, 5, 4, 3, 3, 2, 2, 1])
    folds = [split_fold(samples, method="grouped", validation=0.2, folds=4, fold=fold, seed=1) for fold in range(4)]
    tested = pd.concat([fold.loc[fold["part"] == "test", "sample_id"] for fold in folds])
    assert sorted(tested) == sorted(samples["sample_id"])
    for fold in folds:
        assert (fold.groupby("group")["part"].nunique() == 1).all()
        assert set(fold["part"]) == set(PARTS)
        pd.testing.assert_frame_equal(fold[["sample_id", "group"]], samples)


def test_a_random_fold_ignores_groups() -> None:
    split = split_fold(frame([20] * 2), method="random", validation=0.1, folds=4, fold=0, seed=0)
    assert counts(split) == {"train": 27, "validation": 3, "test": 10}


def test_more_folds_than_groups_are_refused() -> None:
    with pytest.raises(LandmarksError, match="4 folds need at least 5 groups, found 3"):
        split_fold(frame([4] * 3), method="grouped", validation=0.1, folds=4, fold=0, seed=0)


def test_numbers_of_samples_instead_of_shares() -> None:
    # The publication's: 111,009 samples, 11,100 of them tested.
    split = split_samples(frame([1] * 1_110), method="random", validation=100, test=111, seed=0)
    assert counts(split) == {"train": 899, "validation": 100, "test": 111}


def test_named_groups_are_tested() -> None:
    samples = frame([10, 4, 6, *[2] * 10])
    split = split_samples(samples, method="grouped", validation=0.2, test=0.2, seed=0, test_groups=["g1", "g2"])
    assert set(split.loc[split["part"] == "test", "group"]) == {"g1", "g2"}
    assert (split.groupby("group")["part"].nunique() == 1).all()
    assert counts(split)["test"] == 10
    assert counts(split)["validation"] == 6
    at_random = split_samples(samples, method="random", validation=6, test=0.2, seed=0, test_groups=["g0"])
    assert counts(at_random) == {"train": 24, "validation": 6, "test": 10}
    assert set(at_random.loc[at_random["part"] == "test", "group"]) == {"g0"}


def test_an_unknown_tested_group() -> None:
    with pytest.raises(LandmarksError, match=r"found g9\.\nHint: the groups are g0, g1, g2"):
        split_samples(frame([5] * 3), method="grouped", validation=0.2, test=0.2, seed=0, test_groups=["g9"])


def test_no_sample_is_left_for_training() -> None:
    with pytest.raises(LandmarksError, match=r"no sample for training: 10 of 30 validate and 20 test"):
        split_samples(frame([10] * 3), method="random", validation=10, test=20, seed=0)
