"""Which modules a step's result depends on, read off its imports."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent

PLUMBING = {"errors", "progress", "__init__"}
"""Modules whose change changes no result: messages and progress bars."""


@cache
def module_files(step: str, *loaded: str) -> list[Path]:
    """Return the files of a step and of all modules of this package that it imports, directly or not.

    Parameters
    ----------
    step
        Name of a rule, such as ``train_autoencoder``.
    loaded
        Modules that it loads by name, such as ``panels/greedy``.
    """
    found: set[Path] = set()
    waiting = [PACKAGE / f"{module}.py" for module in (f"steps/{step}", *loaded)]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        waiting += _imports(file)
    return sorted(file for file in found if file.stem not in PLUMBING or file.parent != PACKAGE)


@cache
def _imports(file: Path) -> list[Path]:
    """Return the files of this package that `file` imports."""
    files: list[Path] = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.startswith("landmarks."):
                files += _files_of(PACKAGE.joinpath(*name.split(".")[1:]))
    return files


def _files_of(path: Path) -> list[Path]:
    """Return the file of a module or package, none if the name is neither."""
    return [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
