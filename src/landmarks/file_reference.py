"""The files of a run and their columns: read from a schema, listed for people, and found by the path of a file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, product
from typing import Any

from landmarks.errors import LandmarksError

Schema = dict[str, Any]

HEAD = """# What the files hold

Made from `workflow/schemas/files.yaml` by `make docs`; do not edit. Everything is under `results/<run>/`. Tables are
Parquet; ids are text; no table has a stored index. Expression files have `sample_id` first, then one float32 column a
gene, samples in rows. Missing values are empty (null); a column without any value may be of another type.

| in paths | stands for |
|---|---|
"""
TYPES = ("text", "bool", "int32", "int64", "float32", "float64")
PLACEHOLDERS = {"name": "[^/]+", "number": "[0-9]+"}
KEYS = {"path", "also_under", "meaning", "columns"}
HINT = "mend workflow/schemas/files.yaml; its head says how it is written."


@dataclass(frozen=True)
class Column:
    """A column of a Parquet file.

    Attributes
    ----------
    name
        As in the file; "each …" stands for any number of columns, none included.
    type
        One of `TYPES`, "list of" one, or two joined by " or ".
    meaning
        With unit; empty where the name tells.
    """

    name: str
    type: str
    meaning: str

    @property
    def repeats(self) -> bool:
        """Whether it stands for any number of columns."""
        return self.name.startswith("each ")


@dataclass(frozen=True)
class FileKind:
    """Files that hold the same.

    Attributes
    ----------
    paths
        Patterns under a run's results.
    also_under
        A folder that holds the same files once more; empty without one.
    meaning
        What the files hold.
    columns
        In order; none of files that are not Parquet.
    patterns
        Each path a file may have, with the regular expression that matches it as a whole.
    """

    paths: tuple[str, ...]
    also_under: str
    meaning: str
    columns: tuple[Column, ...]
    patterns: dict[str, re.Pattern[str]] = field(repr=False)


@dataclass(frozen=True)
class FileReference:
    """What a run's files hold.

    Attributes
    ----------
    placeholders
        What stands in a path for each ``<name>``, in words.
    areas
        Kinds of files, by heading.
    """

    placeholders: dict[str, str]
    areas: dict[str, tuple[FileKind, ...]]

    @property
    def kinds(self) -> list[FileKind]:
        """All kinds of files."""
        return [kind for kinds in self.areas.values() for kind in kinds]


def parse_reference(schema: Schema) -> FileReference:
    """Make sense of ``workflow/schemas/files.yaml``.

    Parameters
    ----------
    schema
        As read from YAML.

    Raises
    ------
    LandmarksError
        For the first key, type, column or placeholder that is unknown or missing.
    """
    _refuse_others("the schema of files", schema, {"placeholders", "columns", "files"})
    placeholders = {name: _split(text) for name, text in schema["placeholders"].items()}
    for name, (pattern, _) in placeholders.items():
        if pattern not in PLACEHOLDERS:
            raise _mistake(f"Expected <{name}> to be {' or '.join(PLACEHOLDERS)}, found {pattern!r}.")
    expressions = {name: PLACEHOLDERS[pattern] for name, (pattern, _) in placeholders.items()}
    known = {column.name: column for column in _read_columns("columns", schema["columns"], {})}
    areas = {
        area: tuple(_read_kind(entry, known, expressions) for entry in entries)
        for area, entries in schema["files"].items()
    }
    return FileReference({name: meaning for name, (_, meaning) in placeholders.items()}, areas)


def _read_kind(entry: Schema, known: Mapping[str, Column], expressions: Mapping[str, str]) -> FileKind:
    """Read one entry of the schema."""
    where = str(entry.get("path", entry))
    _refuse_others(where, entry, KEYS, required={"path", "meaning"})
    paths = tuple([entry["path"]] if isinstance(entry["path"], str) else entry["path"])
    columns = tuple(_read_columns(where, entry.get("columns", {}), known))
    if any(path.endswith(".parquet") != bool(columns) for path in paths):
        raise _mistake(f"Expected columns of Parquet files, and of no others; {where} has {len(columns)}.")
    if any(column.repeats for column in columns[:-1]):
        raise _mistake(f"Expected `each …` as the last column of {where}.")
    under = entry.get("also_under", "")
    names = [prefix + name for path in paths for name in _unfold(path) for prefix in dict.fromkeys(("", under))]
    return FileKind(paths, under, entry["meaning"], columns, {name: _compile(name, expressions) for name in names})


def _read_columns(where: str, columns: Mapping[str, str | None], known: Mapping[str, Column]) -> Iterator[Column]:
    """Yield the columns of an entry; those without a type are among the `known`."""
    for names, text in columns.items():
        for name in names.split(", "):
            if text is None and name not in known:
                raise _mistake(f"The column {name} of {where} has no type, here or under `columns`.")
            column = known[name] if text is None else Column(name, *_split(text))
            if any(kind.removeprefix("list of ") not in TYPES for kind in column.type.split(" or ")):
                raise _mistake(f"Expected {name} of {where} to be of {', '.join(TYPES)}, found {column.type!r}.")
            yield column


def _split(text: str) -> tuple[str, str]:
    """Return the type and the meaning of ``type, meaning``."""
    kind, _, meaning = text.partition(", ")
    return kind, meaning


def _unfold(path: str) -> list[str]:
    """Return the paths that ``{a,b}`` in one path stands for.

    >>> _unfold("figures/{one,two}.{pdf,png}")
    ['figures/one.pdf', 'figures/one.png', 'figures/two.pdf', 'figures/two.png']
    """
    pieces = re.split(r"\{(.*?)\}", path)
    choices = [piece.split(",") if number % 2 else [piece] for number, piece in enumerate(pieces)]
    return ["".join(chosen) for chosen in product(*choices)]


def _compile(path: str, expressions: Mapping[str, str]) -> re.Pattern[str]:
    """Return the regular expression of a path with placeholders."""
    pieces = re.split(r"<(.*?)>", path)
    unknown = [name for name in pieces[1::2] if name not in expressions]
    if unknown:
        raise _mistake(f"Expected placeholders among {', '.join(expressions)} in {path}, found {unknown[0]}.")
    pieces = [expressions[piece] if number % 2 else re.escape(piece) for number, piece in enumerate(pieces)]
    return re.compile("".join(pieces) + (".+" if path.endswith("/") else ""))


def _refuse_others(where: str, found: Schema, allowed: set[str], required: set[str] | None = None) -> None:
    """Raise if a key is unknown or missing; by default all that are allowed are required."""
    wrong = (found.keys() - allowed) | ((allowed if required is None else required) - found.keys())
    if wrong:
        raise _mistake(
            f"Expected the keys {', '.join(sorted(allowed))} in {where}; unknown or missing: {sorted(wrong)}."
        )


def _mistake(message: str) -> LandmarksError:
    return LandmarksError(message, hint=HINT)


def find_kind(reference: FileReference, path: str) -> FileKind:
    """Return which kind of file is at `path`, relative to a run's results, with slashes.

    Raises
    ------
    LandmarksError
        If the reference has no such file, or several.
    """
    found = [kind for kind in reference.kinds if any(one.fullmatch(path) for one in kind.patterns.values())]
    if len(found) != 1:
        several = " and ".join(str(kind.paths[0]) for kind in found)
        raise LandmarksError(
            f"Expected one entry of the list of files for {path}, found {several or 'none'}.", hint=HINT
        )
    return found[0]


def render(reference: FileReference) -> str:
    """Return the Markdown page that lists every file and its columns."""
    rows = [f"| `<{name}>` | {meaning} |\n" for name, meaning in reference.placeholders.items()]
    areas = [f"\n## {area}\n{''.join(map(_describe, kinds))}" for area, kinds in reference.areas.items()]
    return "".join([HEAD, *rows, *areas])


def _describe(kind: FileKind) -> str:
    """Return a paragraph on one kind of file, and a table of its columns if it has any."""
    places = [f"`{path}`" for path in kind.paths] + ([f"also under `{kind.also_under}`"] if kind.also_under else [])
    text = f"\n**{places[0]}**{''.join(f', {place}' for place in places[1:])}: {kind.meaning}\n"
    return text + "".join(["\n| column | type | meaning |\n|---|---|---|\n", *_rows(kind.columns)]) * bool(kind.columns)


def _rows(columns: Iterable[Column]) -> Iterator[str]:
    """Yield a row of the table for neighbours that have type and meaning in common."""
    for (kind, meaning), alike in groupby(columns, lambda column: (column.type, column.meaning)):
        names = [f"*{column.name}*" if column.repeats else f"`{column.name}`" for column in alike]
        yield f"| {', '.join(names)} | {kind} | {meaning} |\n"
