"""A model in a folder of its own, to be carried anywhere: tensors, genes, and a card that says what it is.

``parameters.parquet``
    The tensors of `landmarks.inference`, and ``landmarks.quantiles``: the mean of the training samples' sorted
    landmarks, float32, shape (landmarks,).
``genes.parquet``
    A row a gene, landmarks first, both in the model's order: ``gene_id``, ``role`` (landmark, target), ``symbol``,
    ``entrez``, ``ensembl``; of targets what held-out samples showed, in log2 units: ``expected_error`` (MAE of test
    samples), ``pcc``, ``half_width`` of the interval, ``coverage`` of test samples by it, and ``inferable``.
``card.json``
    Format, model, shape, scale, training data, metrics, and the SHA-256 of the two other files.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmarks.checksums import hash_file
from landmarks.errors import LandmarksError
from landmarks.files import read_frame, replacing, write_frame
from landmarks.parameters import Parameters, read_parameters, write_parameters

FORMAT = 1
CARD, GENES, PARAMETERS = "card.json", "genes.parquet", "parameters.parquet"
COLUMNS = ["gene_id", "role", "symbol", "entrez", "ensembl"]
JUDGED = ["expected_error", "pcc", "half_width", "coverage", "inferable"]
QUANTILES = "landmarks.quantiles"


@dataclass(frozen=True)
class PortableModel:
    """What a model's folder holds.

    Attributes
    ----------
    card
        As in ``card.json``.
    genes
        As in ``genes.parquet``.
    parameters
        As in ``parameters.parquet``.
    """

    card: dict[str, Any]
    genes: pd.DataFrame
    parameters: Parameters

    def of(self, role: str) -> pd.DataFrame:
        """Return the rows of the landmarks, or of the targets."""
        return genes_of(self.genes, role)

    @property
    def quantiles(self) -> npt.NDArray[np.float32]:
        """The training samples' mean quantiles of landmarks, shape (landmarks,)."""
        return self.parameters[QUANTILES]


def write_model(folder: Path, model: PortableModel) -> None:
    """Write a model's folder; the card, by which a folder is known for a model, comes last."""
    write_parameters(folder / PARAMETERS, model.parameters)
    write_frame(model.genes[COLUMNS + JUDGED], folder / GENES)
    sums = {name: hash_file(folder / name) for name in (PARAMETERS, GENES)}
    with replacing(folder / CARD) as temporary:
        text = json.dumps({"format": FORMAT, **model.card, "sha256": sums}, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_model(folder: Path) -> PortableModel:
    """Read a model's folder.

    Raises
    ------
    LandmarksError
        If it is no such folder, of another format, or a file of it was changed.
    """
    card, genes = read_description(folder)
    return PortableModel(card, genes, read_tensors(folder, card, genes))


def genes_of(genes: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return the rows of a model's landmarks, or of its targets, from its ``genes.parquet``."""
    return genes[genes["role"] == role].reset_index(drop=True)


def read_description(folder: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Read a model's card and genes, with the errors of `read_model`."""
    card = _read_card(folder / CARD)
    _check_sum(folder / GENES, card)
    return card, read_frame(folder / GENES, COLUMNS + JUDGED)


def read_tensors(folder: Path, card: dict[str, Any], genes: pd.DataFrame) -> Parameters:
    """Read the tensors of a model of which `read_description` was read, with the errors of `read_model`."""
    _check_sum(folder / PARAMETERS, card)
    parameters = read_parameters(folder / PARAMETERS)
    counts = genes["role"].value_counts()
    for name, role in (("input.mean", "landmark"), ("output.mean", "target"), (QUANTILES, "landmark")):
        found, expected = len(parameters.get(name, ())), int(counts.get(role, 0))
        if found != expected or not expected:
            raise LandmarksError(
                f"Expected `{name}` of {expected:,} {role}s in {folder / PARAMETERS}, found {found:,}.",
                hint="export the model once more.",
            )
    return parameters


def _check_sum(path: Path, card: dict[str, Any]) -> None:
    if not path.is_file() or hash_file(path) != card["sha256"].get(path.name):
        raise LandmarksError(
            f"Expected {path} as it was when the model was exported, found "
            f"{'another one' if path.is_file() else 'none'}: its SHA-256 is not that of {CARD}.",
            hint="copy the whole folder again, or export the model once more.",
        )


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise LandmarksError(
            f"Expected a model's folder, with a {CARD}, at {path.parent}; found none.",
            hint="give a folder under results/<run>/models/, or a copy of it.",
        )
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise LandmarksError(f"{path} is no JSON: {error}.", hint="copy the model's folder again.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or not isinstance(card.get("sha256"), dict):
        found = card.get("format") if isinstance(card, dict) else type(card).__name__
        raise LandmarksError(
            f"Expected a model of format {FORMAT} in {path}, found {found!r}.",
            hint="export the model with this version of landmarks, or use the version that exported it.",
        )
    return card
