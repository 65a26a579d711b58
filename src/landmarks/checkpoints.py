"""The state of a training on disk, so that a job that was killed goes on where it was."""

import hashlib
import logging
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from landmarks.files import replacing

logger = logging.getLogger("landmarks")

State = dict[str, npt.NDArray[Any]]
"""Arrays by name; numbers are arrays without dimensions, so that they keep their double precision."""


def identify(settings: object, *arrays: npt.NDArray[Any]) -> str:
    """Return a name for a training: the SHA-256 of its settings and of the numbers it sees."""
    digest = hashlib.sha256(repr(settings).encode())
    for array in arrays:
        digest.update(repr((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def seed_of(*numbers: int) -> int:
    """Return one seed for a place in a training, such as seed, part and epoch.

    What is drawn in an epoch then does not depend on whether the job ran through, and a checkpoint holds no
    generator.
    """
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


@dataclass
class Checkpoint:
    """Where the state of one training is kept.

    Attributes
    ----------
    path
        A file in NumPy's npz format, read without pickle. It is replaced whole, so it is never half written.
    every_s
        Seconds between two states; 0 keeps every one.
    identity
        From `identify`; the state of another training is not taken up.
    """

    path: Path
    every_s: float
    identity: str = ""
    saved_s: float = field(default_factory=time.monotonic)

    def load(self) -> State | None:
        """Return the state of this training, or None where there is none that can be used."""
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                state = dict(archive)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            logger.warning("The checkpoint %s is damaged (%s): training starts anew.", self.path, error)
            return None
        if str(state.pop("identity", "")) != self.identity:
            logger.info("The checkpoint %s is of another training, which starts anew.", self.path)
            return None
        return state

    @property
    def due(self) -> bool:
        """Whether enough time has passed since the last state."""
        return time.monotonic() - self.saved_s >= self.every_s

    def save(self, state: State) -> None:
        """Keep `state` if it is time."""
        if not self.due:
            return
        with replacing(self.path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, identity=np.asarray(self.identity), **state)
        self.saved_s = time.monotonic()

    def discard(self) -> None:
        """Remove the file: the training is over."""
        self.path.unlink(missing_ok=True)
