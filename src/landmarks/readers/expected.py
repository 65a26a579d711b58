"""What a file should hold, if it is the right one."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from landmarks.errors import LandmarksError

HINT = "is it the file that was meant, and whole? Mend datasets.<name>.expected if the file is right."


def check_shape(shape: tuple[int, int], expected: Mapping[str, float], place: str) -> None:
    """Raise if a matrix, samples × genes, has another number of ``samples`` or ``genes`` than `expected`.

    Parameters
    ----------
    shape
        Samples and genes.
    expected
        The numbers that are known.
    place
        Where the matrix comes from, for messages.
    """
    for name, found in zip(("samples", "genes"), shape, strict=True):
        if name in expected and found != expected[name]:
            raise LandmarksError(f"Expected {expected[name]:,} {name} in {place}, found {found:,}.", hint=HINT)


def check_range(
    blocks: Iterable[npt.NDArray[np.float32]], expected: Mapping[str, float], place: str
) -> Iterator[npt.NDArray[np.float32]]:
    """Pass blocks of log2 values on, and raise at one with a value under ``lowest`` or over ``highest``.

    Parameters
    ----------
    blocks
        float32, shape (samples of the block, genes).
    expected
        The bounds that are known.
    place
        Where the values come from, for messages.
    """
    for block in blocks:
        if "lowest" in expected and block.min() < expected["lowest"]:
            raise LandmarksError(
                f"Expected no value under {expected['lowest']:g} in {place}, found {block.min():g}.", hint=HINT
            )
        if "highest" in expected and block.max() > expected["highest"]:
            raise LandmarksError(
                f"Expected no value over {expected['highest']:g} in {place}, found {block.max():g}.", hint=HINT
            )
        yield block
