"""What a step's result depends on, against what it really imports."""

import subprocess
import sys

import pytest

from landmarks.cli import find_steps
from landmarks.dependencies import PACKAGE, PLUMBING, module_files

STEPS = [name.replace("-", "_") for name in find_steps()]


def names(step: str, *loaded: str) -> set[str]:
    """Return the modules a step depends on, as paths in the package without suffix."""
    return {file.relative_to(PACKAGE).with_suffix("").as_posix() for file in module_files(step, *loaded)}


def test_by_hand() -> None:
    assert names("save_config") == {"files", "steps/save_config"}
    assert names("split_samples") == {"files", "split", "steps/split_samples"}
    assert {"autoencoder", "parameters", "partition", "standardise", "expression"} <= names("train_autoencoder")


def test_modules_are_followed_through_others() -> None:
    # Only landmarks.crossplatform imports the evaluation, and only that the metrics.
    assert {"crossplatform", "evaluation", "metrics", "inference/__init__"} <= names("evaluate_crossplatform")


def test_the_attribution_depends_on_its_engines_alone() -> None:
    assert {"captum_engine", "deeplift", "networks", "sampling"} <= names("attribute_deeplift")
    assert not {"inference/dgex", "split", "metrics"} & names("attribute_deeplift")


def test_selectors_and_models_are_found_though_they_are_loaded_late() -> None:
    assert {"panels/__init__", "panels/greedy", "panels/forward"} <= names("select_panels", "panels/greedy")
    assert not {"panels/greedy", "panels/variance"} & names("select_panels", "panels/crossfit")
    assert {"inference/ridge", "inference/problem"} <= names("fit_inference", "inference/ridge")
    assert not {"inference/ridge", "inference/mlp"} & names("fit_inference", "inference/dgex")


@pytest.mark.parametrize("step", STEPS)
def test_every_step_depends_on_itself_and_not_on_messages(step: str) -> None:
    assert f"steps/{step}" in names(step)
    assert not PLUMBING & names(step)
    assert not any(name.startswith("steps/") for name in names(step) - {f"steps/{step}"})
    assert module_files(step) == sorted(module_files(step))


def test_what_is_imported_at_run_time_is_listed() -> None:
    steps = ["select_panels", "evaluate_inference", "compare_crossplatform"]
    imports = "; ".join(f"import landmarks.steps.{step}" for step in steps)
    code = f"import sys; {imports}; print(*(name for name in sys.modules if name.startswith('landmarks.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    listed = set().union(*(names(step) for step in steps))
    known = {name.removesuffix("/__init__") for name in listed} | PLUMBING | {"steps"}
    assert {name.removeprefix("landmarks.").replace(".", "/") for name in loaded} <= known
