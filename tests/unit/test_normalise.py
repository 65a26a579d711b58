"""Quantile normalisation: Bolstad's example by hand, SciPy's ranks bit for bit, and what holds for any matrix."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from landmarks.normalise import map_jointly, map_to_quantiles, mean_quantiles, sort_order

EXAMPLE = np.array([[5, 2, 3, 4], [4, 1, 4, 2], [3, 4, 6, 8]], np.float32)


@st.composite
def untied(draw: st.DrawFn) -> npt.NDArray[np.float32]:
    """Draw 1 to 6 samples of 1 to 12 genes, no two values of a sample alike."""
    genes = draw(st.integers(1, 12))
    values = st.lists(st.integers(-1_000, 1_000), min_size=genes, max_size=genes, unique=True)
    return np.array(draw(st.lists(values, min_size=1, max_size=6)), np.float32)


def quantile_normalise(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return map_to_quantiles(values, mean_quantiles(values))


def map_by_scipy(values: npt.NDArray[np.float32], quantiles: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Map as `map_to_quantiles` does, sample by sample, by SciPy's ranks."""
    last, positions = max(values.shape[1] - 1, 1), np.linspace(0.0, 1.0, len(quantiles))
    mapped = [np.interp((rankdata(sample) - 1) / last, positions, quantiles) for sample in values]
    return np.array(mapped).astype(np.float32)


def test_mean_quantiles_by_hand() -> None:
    quantiles = mean_quantiles(EXAMPLE)
    assert quantiles.dtype == np.float64
    np.testing.assert_allclose(quantiles, [2, 3, 14 / 3, 17 / 3])


def test_example_by_hand_with_a_tie() -> None:
    normalised = quantile_normalise(EXAMPLE)
    assert normalised.dtype == np.float32
    # The two 4s of the second sample share the ranks 3 and 4, and get the mean of their quantiles.
    tied = (14 / 3 + 17 / 3) / 2
    expected = [[17 / 3, 2, 3, 14 / 3], [tied, 2, tied, 3], [2, 3, 14 / 3, 17 / 3]]
    np.testing.assert_allclose(normalised, expected, rtol=1e-6)


def test_ranks_are_stretched_onto_quantiles_of_another_length() -> None:
    mapped = map_to_quantiles(np.array([[7, 1, 3]], np.float32), np.array([0.0, 1, 2, 3, 10]))
    np.testing.assert_allclose(mapped, [[10, 0, 2]])


def test_a_single_gene_gets_the_lowest_quantile() -> None:
    np.testing.assert_allclose(map_to_quantiles(np.array([[9]], np.float32), np.array([4.0])), [[4]])


def test_the_input_is_not_changed() -> None:
    before = EXAMPLE.copy()
    quantile_normalise(EXAMPLE)
    np.testing.assert_array_equal(EXAMPLE, before)


MATRICES = arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 30)),
    # Values of which many are alike, both zeros, the smallest, and any others.
    elements=st.sampled_from([0.0, -0.0, 1.5, -1.5, 1e-45, -1e-45, 3e38]) | st.floats(-1e6, 1e6, width=32),
)


@given(MATRICES)
@settings(max_examples=200, deadline=None)
def test_the_order_is_numpys(values: npt.NDArray[np.float32]) -> None:
    for sample in values:
        order = sort_order(sample)
        assert sorted(order) == list(range(len(sample)))
        np.testing.assert_array_equal(sample[order], np.sort(sample))


@given(
    values=MATRICES,
    quantiles=arrays(np.float64, st.integers(1, 40), elements=st.floats(-100, 100)).map(np.sort),
    own=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_scipys_ranks_give_the_same_bytes(
    values: npt.NDArray[np.float32], quantiles: npt.NDArray[np.float64], own: bool
) -> None:
    quantiles = mean_quantiles(values) if own else quantiles
    assert map_to_quantiles(values, quantiles).tobytes() == map_by_scipy(values, quantiles).tobytes()


def test_scipys_ranks_give_the_same_bytes_at_full_width() -> None:
    # Drawn values are hardly ever tied, those rounded to two places nearly always.
    values = np.random.default_rng(0).normal(8, 2, (6, 22_268)).astype(np.float32)
    values[3:] = values[3:].round(2)
    quantiles = mean_quantiles(values)
    assert quantiles.tobytes() == (np.add.accumulate(np.sort(values).astype(np.float64))[-1] / 6).tobytes()
    assert map_to_quantiles(values, quantiles).tobytes() == map_by_scipy(values, quantiles).tobytes()


@given(untied())
@settings(max_examples=60, deadline=None)
def test_every_sample_gets_the_same_distribution_and_keeps_its_order(values: npt.NDArray[np.float32]) -> None:
    normalised = quantile_normalise(values)
    np.testing.assert_allclose(
        np.sort(normalised, axis=1), np.tile(mean_quantiles(values), (len(values), 1)), rtol=1e-5, atol=1e-6
    )
    for before, after in zip(values, normalised, strict=True):
        np.testing.assert_array_equal(np.argsort(before), np.argsort(after, kind="stable"))


@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 8)), elements=st.integers(0, 3)))
@settings(max_examples=60, deadline=None)
def test_ties_stay_tied_and_order_is_kept(values: npt.NDArray[np.float32]) -> None:
    for before, after in zip(values, quantile_normalise(values), strict=True):
        for value in np.unique(before):
            assert np.ptp(after[before == value]) == 0
        assert (np.diff(after[np.argsort(before, kind="stable")]) >= 0).all()


def test_joint_mapping_by_hand() -> None:
    quantiles = np.array([4.0, 6, 8, 10])
    # Three unique values: numbers ⌊4/3⌋, ⌊8/3⌋ and 4 of the quantiles.
    np.testing.assert_array_equal(map_jointly(np.array([[0, 0, 5, 2]], np.float32), quantiles), [[4, 4, 10, 6]])
    # All alike: the largest. None alike: quantile normalisation.
    np.testing.assert_array_equal(map_jointly(np.array([[7, 7, 7, 7]], np.float32), quantiles), [[10] * 4])
    np.testing.assert_array_equal(map_jointly(np.array([[9, 1, 5, 2]], np.float32), quantiles), [[10, 4, 8, 6]])


@given(untied())
def test_joint_mapping_of_untied_values_is_quantile_normalisation(values: npt.NDArray[np.float32]) -> None:
    quantiles = mean_quantiles(values)
    expected = map_to_quantiles(values, quantiles)
    np.testing.assert_allclose(map_jointly(values, quantiles), expected, rtol=1e-6, atol=1e-6)
