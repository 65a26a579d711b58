"""The lock, the conda environments and pyproject.toml must name the same software."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
PYPI_NAMES = {"matplotlib-base": "matplotlib", "pytorch-cpu": "torch", "pytorch-gpu": "torch"}


def locked() -> dict[str, str]:
    lines = (REPOSITORY / "requirements.lock").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def test_lock_pins_every_dependency() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[]", text)[0].lower() for text in wanted}
    assert names - set(locked()) == set()


def test_lock_names_no_build_of_torch() -> None:
    assert re.fullmatch(r"[0-9.]+", locked()["torch"])


@pytest.mark.parametrize("name", ["landmarks", "landmarks-cuda"])
def test_conda_environment_has_the_locked_versions(name: str) -> None:
    packages = yaml.safe_load((REPOSITORY / f"envs/{name}.yaml").read_text())["dependencies"]
    pinned = [package.split("=") for package in packages if "=" in package and not package.startswith("python=")]
    assert len(pinned) > 10
    for package, version in pinned:
        assert locked()[PYPI_NAMES.get(package, package)] == version, package
