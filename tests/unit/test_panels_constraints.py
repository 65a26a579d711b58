"""Every selector obeys the designer's constraints, gives the same panel for the same seed, and k different genes."""

import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from panel_data import constrained, make_evidence, planted

from landmarks.panels import SELECTORS
from landmarks.panels.choice import capacity

VALUES = planted(4, samples=30, drivers=3, followers=4, noise=5)[0]
GENES = VALUES.shape[1]
CHEAP = {"concrete": {"epochs": 2}, "peeloff": {"runs": 1, "components": 5}}


def ranked(selector: str, evidence: object) -> pd.DataFrame:
    frame: pd.DataFrame = importlib.import_module(f"landmarks.panels.{selector}").rank(
        evidence, **CHEAP.get(selector, {})
    )
    return frame


@pytest.mark.parametrize("selector", SELECTORS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_constraints_are_obeyed(selector: str, data: st.DataObject) -> None:
    labels = np.array(data.draw(st.lists(st.integers(0, 9), min_size=GENES, max_size=GENES)))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=GENES, max_size=GENES)))
    costs = np.array(data.draw(st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=GENES, max_size=GENES)))
    wanted = data.draw(st.lists(st.integers(0, GENES - 1), max_size=3, unique_by=lambda gene: labels[gene]))
    allowed[wanted] = True
    k = data.draw(st.integers(max(len(wanted), 1), 8))
    evidence = make_evidence(VALUES, k)
    choice = constrained(
        evidence.choice, labels=labels, allowed=allowed, costs=costs, included=np.array(wanted, np.int64)
    )
    frame = ranked(selector, replace(evidence, choice=choice))
    found = [int(gene[1:]) for gene in frame["gene_id"].head(k)]
    assert found[: len(wanted)] == wanted
    assert allowed[found].all()
    assert len(set(labels[found])) == len(found)
    if selector == "random_matched":  # never a gene of the panel it imitates
        assert not set(found[len(wanted) :]) & set(range(k))
    elif selector == "consensus":  # of the genes that it follows, and those it must hold
        assert set(found) <= set(range(k)) | set(wanted)
    else:
        assert len(found) == min(k, capacity(choice))


@pytest.mark.parametrize("selector", SELECTORS)
def test_the_same_seed_gives_the_same_panel(selector: str) -> None:
    evidence = make_evidence(VALUES, 6, seed=5)
    first, again = ranked(selector, evidence), ranked(selector, evidence)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert first["gene_id"].is_unique
    assert first.columns.tolist() == ["gene_id", "score", "reason"]
    assert len(first) >= 6
