"""The designer's constraints: what they allow, and the conflicts they name."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmarks.errors import LandmarksError
from landmarks.panels.choice import capacity
from landmarks.panels.constraints import constrain

GENES = pd.DataFrame(
    {
        "gene_id": ["p1", "p2", "p3", "p4", "p5"],
        "symbol": ["ESR1", "ESR1", "KRT5", "", "GRB7"],
        "entrez": ["2099", "2099", "3852", "", "2886"],
    }
)
MEANS = np.array([5.0, 8.0, 7.0, 3.0, 6.0])


def test_without_constraints_every_gene_may_be_chosen() -> None:
    choice = constrain(GENES, MEANS)
    assert choice.allowed.all() and not len(choice.included) and (choice.costs == 1).all()
    assert capacity(choice) == 5


def test_names_are_found_in_every_column() -> None:
    choice = constrain(GENES, MEANS, include=["2886", "ESR1", "p4"], exclude=["KRT5"])
    assert choice.included.tolist() == [4, 1, 3]  # of ESR1's probes the one with the higher mean
    assert choice.allowed.tolist() == [True, True, False, True, True]


def test_minimum_expression_and_other_platforms() -> None:
    assert constrain(GENES, MEANS, minimum_expression=6.0).allowed.tolist() == [False, True, True, False, True]
    platforms = [pd.DataFrame({"symbol": ["ESR1", "KRT5", ""]}), pd.DataFrame({"symbol": ["ESR1", "GRB7"]})]
    assert constrain(GENES, MEANS, measured=platforms).allowed.tolist() == [True, True, False, False, False]


def test_one_probe_a_gene() -> None:
    choice = constrain(GENES, MEANS, one_probe_a_gene=True)
    assert capacity(choice) == 4
    assert choice.order(MEANS).tolist() == [1, 2, 4, 3]
    open_genes = choice.start()
    choice.take(open_genes, 0)
    assert open_genes.tolist() == [False, False, True, True, True]


def test_what_a_gene_is_worth_is_divided_by_its_cost() -> None:
    costs = pd.DataFrame({"gene": ["ESR1", "p5"], "cost": [4.0, 0.5]})
    choice = constrain(GENES, MEANS, costs=costs)
    assert choice.costs.tolist() == [4, 4, 1, 1, 0.5]
    assert choice.order(MEANS).tolist() == [4, 2, 3, 1, 0]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"include": ["KRT5"], "exclude": ["p3"]}, r"1 genes of include are ruled out by exclude: p3[\s\S]*Hint: take"),
        ({"include": ["p4", "p1"], "minimum_expression": 5.5}, r"ruled out by minimum_expression: p4, p1"),
        ({"include": ["p5"], "measured": [pd.DataFrame({"symbol": ["KRT5"]})]}, r"ruled out by measured_on: p5"),
        (
            {"include": ["p1", "p2"], "one_probe_a_gene": True},
            r"several rows of one gene: p1, p2[\s\S]*Hint: leave one",
        ),
        ({"include": ["FOXA1"]}, r"constraints\.include: expected genes of the compendium, found 'FOXA1'"),
        ({"exclude": ["FOXA1"]}, r"constraints\.exclude: expected genes of the compendium, found 'FOXA1'"),
        ({"costs": pd.DataFrame({"gene": ["p1"], "cost": [0.0]})}, r"a cost above 0 for p1, found 0\.0"),
    ],
)
def test_conflicts_are_named(asked: dict[str, object], message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        constrain(GENES, MEANS, **asked)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_choice_never_contradicts_what_was_asked(data: st.DataObject) -> None:
    names = st.lists(st.sampled_from(["p1", "p3", "p4", "ESR1", "GRB7"]), max_size=2, unique=True)
    include, exclude = data.draw(names), data.draw(names)
    minimum = data.draw(st.sampled_from([None, 4.0, 6.5]))
    single = data.draw(st.booleans())
    try:
        choice = constrain(
            GENES, MEANS, include=include, exclude=exclude, minimum_expression=minimum, one_probe_a_gene=single
        )
    except LandmarksError as error:
        assert "constraints" in str(error)
        return
    order = choice.order(MEANS)
    assert len(order) == capacity(choice) == len(set(choice.labels[order]))
    assert order[: len(include)].tolist() == choice.included.tolist()
    chosen = GENES.iloc[order]
    assert not (set(chosen["gene_id"]) | set(chosen["symbol"])) & set(exclude)
    assert minimum is None or (MEANS[order] >= minimum).all()
    assert not single or chosen.loc[chosen["symbol"] != "", "symbol"].is_unique


def test_rows_that_are_averaged_need_one_name() -> None:
    genes = GENES.assign(ensembl=["E1", "E1", "E2 /// E3", "", "E4"])
    choice = constrain(genes, MEANS, averaged_by="ensembl")
    assert choice.allowed.tolist() == [True, True, False, False, True]
    assert capacity(choice) == 2
    with pytest.raises(LandmarksError, match=r"ruled out by average_by: p3"):
        constrain(genes, MEANS, averaged_by="ensembl", include=["p3"])
