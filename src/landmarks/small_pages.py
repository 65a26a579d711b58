"""The pages of memory that a short process is given."""

import ctypes
import sys

PR_SET_THP_DISABLE = 41


def use_small_pages() -> None:
    """Ask for memory in pages of 4 KiB from now on, on Linux; elsewhere do nothing.

    PyArrow and NumPy ask for pages of 2 MiB. Those pay where values are worked on for long. A process that writes each
    value once and ends waits for them: a virtual machine may have to fetch each from its host, where it is zeroed once
    more. Reading a model of 80 MB took 1.7 s for that instead of 0.5 s.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)
