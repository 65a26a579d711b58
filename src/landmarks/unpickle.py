"""Pickled pandas frames, read without running what a pickle may ask for.

A pickle is a program: loading one from elsewhere can run anything. So a file is read only if its SHA-256 is
the expected one, and even then it may name nothing but the classes that make up a frame.
"""

import hashlib
import io
import pickle
from pathlib import Path

import pandas as pd

from landmarks.checksums import expect_digest
from landmarks.errors import LandmarksError

ALLOWED = frozenset(
    {
        ("builtins", "slice"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.numeric", "_frombuffer"),
        ("pandas", "Categorical"),
        ("pandas", "CategoricalDtype"),
        ("pandas", "DataFrame"),
        ("pandas", "Index"),
        ("pandas", "RangeIndex"),
        ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"),
        ("pandas._libs.internals", "_unpickle_block"),
        ("pandas.core.indexes.base", "_new_Index"),
        ("pandas.core.internals.managers", "BlockManager"),
    }
)
"""Module and name of all that frames of numbers, categories and objects are made of (numpy 2, pandas 3)."""

RENAMED = {
    ("numpy.core.multiarray", "_reconstruct"): ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"): ("numpy._core.numeric", "_frombuffer"),
    ("pandas.core.arrays.categorical", "Categorical"): ("pandas", "Categorical"),
    ("pandas.core.dtypes.dtypes", "CategoricalDtype"): ("pandas", "CategoricalDtype"),
    ("pandas.core.frame", "DataFrame"): ("pandas", "DataFrame"),
    ("pandas.core.indexes.base", "Index"): ("pandas", "Index"),
    ("pandas.core.indexes.range", "RangeIndex"): ("pandas", "RangeIndex"),
}
"""What numpy 1 and pandas 1 and 2 called the same things."""


class FrameUnpickler(pickle.Unpickler):
    """An unpickler that knows the parts of a frame and refuses every other name."""

    def find_class(self, module: str, name: str) -> object:
        """Return the object called `name` in `module` if a frame may need it."""
        wanted = RENAMED.get((module, name), (module, name))
        if wanted not in ALLOWED:
            raise LandmarksError(
                f"Expected a pickle of a plain DataFrame, found one that asks for {module}.{name}.",
                hint="do not load this file; ask its authors for CSV or Parquet.",
            )
        return super().find_class(*wanted)


def read_frame_pickle(path: Path, sha256: str) -> pd.DataFrame:
    """Read a pickled frame of known SHA-256.

    Parameters
    ----------
    path
        A file written by ``DataFrame.to_pickle`` without compression. Its columns may be numbers, categories
        or objects; extension types such as pandas 3's own strings are refused.
    sha256
        The sum the file must have, 64 hexadecimal digits. It is checked before anything is unpickled, on
        the very bytes that are then unpickled.

    Returns
    -------
    DataFrame
        The frame as it was pickled.

    Raises
    ------
    LandmarksError
        If the sum differs, the pickle names anything a frame does not need, is damaged, or holds no frame.
    """
    content = path.read_bytes()
    expect_digest(hashlib.sha256(content).hexdigest(), sha256, str(path))
    try:
        frame = FrameUnpickler(io.BytesIO(content)).load()
    except LandmarksError:
        raise
    except Exception as error:
        # Damaged pickles raise nearly anything, from EOFError to AttributeError.
        raise LandmarksError(
            f"{path} is not readable as a pickled DataFrame: {error!r}.",
            hint="was it written by a pandas older than 1.3, or compressed? Ask for CSV or Parquet.",
        ) from error
    if not isinstance(frame, pd.DataFrame):
        raise LandmarksError(
            f"Expected a DataFrame in {path}, found {type(frame).__name__}.",
            hint="name another file, or another format with --format.",
        )
    return frame
