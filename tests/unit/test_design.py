"""The designer's list and page: hand-computed rows, and what is said of a panel."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmarks.design import choose_model, describe_gain, expect, histogram, list_landmarks, to_text
from landmarks.errors import LandmarksError

PANEL = pd.DataFrame({"gene_id": ["p2", "p1"], "rank": [2, 1], "score": [0.5, 0.9], "reason": ["x", "y"]})
GENES = pd.DataFrame(
    {
        "gene_id": ["p1", "p2", "p3", "p4"],
        "symbol": ["A", "B", "C", ""],
        "entrez": "",
        "ensembl": ["E1", "", "E3", "E4"],
    }
)


def test_list_by_hand() -> None:
    importance = pd.DataFrame({"gene_id": ["p1", "p2", "p3"], "importance": [0.1, 0.3, 0.2], "rank": [3, 1, 2]})
    substitutes = pd.DataFrame(
        {
            "gene_id": ["p1", "p1", "p2"],
            "substitute": ["p4", "p3", "p3"],
            "place": [2, 1, 1],
            "loss": [0.4, 0.2, 0.1],
            "loss_removed": [0.9, 0.9, 0.8],
        }
    )
    table = list_landmarks(PANEL, GENES, importance, substitutes)
    assert table.to_dict("records") == [
        {
            **{"rank": 1, "gene_id": "p1", "symbol": "A", "ensembl": "E1", "score": 0.9, "reason": "y"},
            **{"importance": 0.1, "importance_rank": 3},
            # The best first, by symbol where there is one.
            **{"substitutes": "C, p4", "loss_substituted": 0.2, "loss_removed": 0.9},
        },
        {
            **{"rank": 2, "gene_id": "p2", "symbol": "B", "ensembl": "", "score": 0.5, "reason": "x"},
            **{"importance": 0.3, "importance_rank": 1},
            **{"substitutes": "C", "loss_substituted": 0.1, "loss_removed": 0.8},
        },
    ]
    assert list(list_landmarks(PANEL, GENES)) == ["rank", "gene_id", "symbol", "ensembl", "score", "reason"]


def test_expectations_are_of_targets_alone() -> None:
    genes = pd.DataFrame(
        {
            "role": ["landmark"] * 2 + ["target"] * 11,
            "expected_error": [np.nan] * 2 + list(range(11)),
            "half_width": [np.nan] * 2 + [np.inf] * 11,
            "pcc": [np.nan] * 2 + [i / 10 for i in range(11)],
            "inferable": [True] * 2 + [True] * 4 + [False] * 7,
        }
    )
    found = expect(genes)
    assert (found.targets, found.inferable, found.error) == (11, 4, [1, 5, 9])
    assert found.half_width == [np.inf] * 3


def test_histogram_holds_every_gene() -> None:
    values = pd.Series(np.append(np.linspace(0, 1, 999), 50.0))
    bars = histogram(values, bars=10)
    assert sum(count for _, _, count in bars) == 1_000
    assert bars[0][0] == 0 and bars[-1][1] == pytest.approx(0.995, abs=0.01)


def test_gain() -> None:
    rows = {"view": ["as_published", "clean"], "model": "ridge", "k": 5, "selector": "own"}
    frame = pd.DataFrame(rows | {"gain": [9, 4.04], "gain_low": [8, 3], "gain_high": [10, 5]})
    card = {"model": "ridge", "k": 5, "selector": "own"}
    assert describe_gain(frame, card) == "4.0% (3.0 to 5.0)"
    assert describe_gain(frame, card | {"k": 6}) == ""


def test_models_are_found_and_named(tmp_path: Path) -> None:
    with pytest.raises(LandmarksError, match="Expected an exported model"):
        choose_model(tmp_path)
    for name in ("dgex/own/k5/seed0", "ridge/own/k5/seed0"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "card.json").touch()
    assert choose_model(tmp_path) == "ridge/own/k5/seed0"
    assert choose_model(tmp_path, "dgex/own/k5/seed0") == "dgex/own/k5/seed0"
    with pytest.raises(LandmarksError, match="there are dgex/own/k5/seed0, ridge/own/k5/seed0"):
        choose_model(tmp_path, "other")


def test_text() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 0.123456], "b": ["x", "y", "z"]})
    assert to_text(frame) == [{"a": "1", "b": "x"}, {"a": "", "b": "y"}, {"a": "0.123", "b": "z"}]
