"""Where tensors are, and in which precision they are multiplied."""

import torch

from landmarks.errors import LandmarksError

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("float32", "bfloat16")


def choose_device(name: str) -> torch.device:
    """Return the device of this name; ``auto`` is a GPU where there is one.

    Raises
    ------
    LandmarksError
        If ``cuda`` is asked for where PyTorch finds no GPU.
    """
    if name not in DEVICES:
        raise LandmarksError(f"Expected a device of {', '.join(DEVICES)}, found {name!r}.", hint="check `device`.")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise LandmarksError(
            "Expected a GPU for device: cuda, PyTorch finds none.",
            hint="use device: auto, or install envs/landmarks-cuda.yaml on a machine with a GPU.",
        )
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def refuse_precision(name: str, device: torch.device) -> None:
    """Raise if the hardware does not multiply in this precision.

    Raises
    ------
    LandmarksError
        If ``bfloat16`` is asked for where it would be emulated, and slower than ``float32``.
    """
    if name == "bfloat16":
        capable = torch.cuda.is_bf16_supported(False) if device.type == "cuda" else _cpu_has_bfloat16()
        if not capable:
            raise LandmarksError(
                f"Expected a {device.type} that multiplies bfloat16, this one does not.",
                hint="use autoencoder.precision: float32.",
            )


def _cpu_has_bfloat16() -> bool:
    """Return whether the processor has AVX-512 or AMX instructions for bfloat16."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
