"""The words of the first page follow from the numbers."""

import pandas as pd
import pytest

from landmarks.summary import judge, list_doubts, say_answer


def standings(*rows: tuple[str, float, float, float], view: str = "clean") -> pd.DataFrame:
    columns = ["selector", "gain", "gain_low", "gain_high"]
    frame = pd.DataFrame([*rows, ("random", 0.0, 0.0, 0.0)], columns=columns)
    return frame.assign(view=view, model="ridge", k=100, p_holm=0.01)


def test_verdicts_go_by_intervals() -> None:
    verdicts = judge(standings(("a", -3, -4, -2), ("b", 4, 3, 5), ("c", 0.5, -0.1, 1)), "ridge", 100)
    assert [(one.selector, one.word) for one in verdicts] == [("b", "better"), ("c", "alike"), ("a", "worse")]
    assert judge(standings(("a", 1, 0.5, 2)), "dgex", 100) == []


def test_clean_view_is_taken_where_there_is_one() -> None:
    both = pd.concat([standings(("a", 9, 8, 10), view="as_published"), standings(("a", 1, 0.5, 2))])
    assert judge(both, "ridge", 100)[0].gain == 1
    assert judge(standings(("a", 9, 8, 10), view="as_published"), "ridge", 100)[0].gain == 9


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [("b", 4, 3, 5), ("a", -3, -4, -2)],
            "b's infer the others best: by ridge with 4.0% (95% interval 3.0 to 5.0) less",
        ),
        ([("b", 0.5, -1, 2), ("a", -3, -4, -2)], "No selector's 100 genes are better than genes drawn at random"),
        ([("b", -0.5, -1, -0.2), ("a", -3, -4, -2)], "Every selector's 100 genes infer the others worse"),
        ([], "whether any beats chance is not known"),
    ],
)
def test_answer(rows: list[tuple[str, float, float, float]], expected: str) -> None:
    answer = say_answer(judge(standings(*rows), "ridge", 100), "ridge", 100)
    assert expected in answer
    assert ("Worse than chance: a." in answer) == (len(rows) > 0 and rows[0][3] > 0)


def doubts(**changed: object) -> str:
    usual: dict[str, object] = {
        "method": "grouped",
        "groups": 40,
        "autoencoder": {"mae": 0.5, "mae_null": 0.7},
        "agreement": 0.95,
        "card": {"interval": {"level": 0.9, "coverage": 0.905}, "targets": 10, "inferable": 10},
        "platforms": {},
    }
    return " ".join(list_doubts(**(usual | changed)))  # type: ignore[arg-type]


def test_doubts() -> None:
    assert doubts() == "One split says little about new data: the target arena holds out every group once."
    assert "held out at random" in doubts(method="random") and "groups of samples" not in doubts(
        method="random", groups=2
    )
    assert "Only 5 groups" in doubts(groups=5)
    assert "no better than each gene's median (MAE 0.800 against 0.700)" in doubts(
        autoencoder={"mae": 0.8, "mae_null": 0.7}
    )
    assert "Jaccard index of 0.70" in doubts(agreement=0.7)
    assert "Jaccard" not in doubts(agreement=None)
    card = {"interval": {"level": 0.9, "coverage": 0.85}, "targets": 1_010, "inferable": 1_000}
    assert "Intervals of 90% cover 85.0%" in doubts(card=card) and "10 of 1,010 genes cannot be inferred" in doubts(
        card=card
    )
    assert "On gtex, another platform, the model reaches an MAE of 0.46 z-scores and a PCC of 0.78." in doubts(
        platforms={"gtex": (0.459, 0.779)}
    )
