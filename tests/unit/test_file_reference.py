import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from landmarks.errors import LandmarksError
from landmarks.file_reference import FileReference, find_kind, parse_reference, render

REPOSITORY = Path(__file__).parents[2]
TEXT = (REPOSITORY / "workflow/schemas/files.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reference() -> FileReference:
    return parse_reference(yaml.safe_load(TEXT))


def small(**changed: Any) -> dict[str, Any]:
    """Return a schema of two kinds of files; `changed` is of the first."""
    first = {
        "path": ["<name>/k<k>.parquet", "all.parquet"],
        "also_under": "more/",
        "meaning": "a row a gene",
        "columns": {"gene_id": None, "low, high": "float64, 95% interval, or none", "each unit": "list of float32"},
    }
    return {
        "placeholders": {"name": "name, a name", "k": "number, a size"},
        "columns": {"gene_id": "text, a gene"},
        "files": {"Data": [first | changed], "Rest": [{"path": "{a,b}.{x,y}", "meaning": "pages"}]},
    }


def test_page_is_what_the_schema_says(reference: FileReference) -> None:
    page = (REPOSITORY / "docs/files.md").read_text(encoding="utf-8")
    assert page == render(reference), "docs/files.md is out of date: run `make docs`"


def test_page_of_a_small_schema() -> None:
    assert render(parse_reference(small())).split("stands for |\n|---|---|\n")[1] == (
        "| `<name>` | a name |\n| `<k>` | a size |\n\n## Data\n\n"
        "**`<name>/k<k>.parquet`**, `all.parquet`, also under `more/`: a row a gene\n\n"
        "| column | type | meaning |\n|---|---|---|\n| `gene_id` | text | a gene |\n"
        "| `low`, `high` | float64 | 95% interval, or none |\n| *each unit* | list of float32 |  |\n"
        "\n## Rest\n\n**`{a,b}.{x,y}`**: pages\n"
    )


def test_files_are_found_by_their_paths() -> None:
    parsed = parse_reference(small())
    table, pages = parsed.kinds
    for path in ("one/k5.parquet", "all.parquet", "more/one/k5.parquet", "more/all.parquet"):
        assert find_kind(parsed, path) is table
    for path in ("a.x", "a.y", "b.x", "b.y"):
        assert find_kind(parsed, path) is pages
    for path in ("one/kfive.parquet", "one/two/k5.parquet", "one/k5.parquet.part", "more/a.x", "c.x", "a.x/b", "a,x"):
        with pytest.raises(LandmarksError, match=f"for {path}, found none"):
            find_kind(parsed, path)


def test_a_folder_holds_all_that_is_in_it() -> None:
    parsed = parse_reference(small(path="logs/", also_under="", columns={}))
    assert find_kind(parsed, "logs/a/b.log") is parsed.kinds[0]
    with pytest.raises(LandmarksError, match="found none"):
        find_kind(parsed, "catalogs/a.log")


def test_a_file_of_two_entries_is_refused() -> None:
    parsed = parse_reference(small(path="<name>.x", also_under="", columns={}))
    with pytest.raises(LandmarksError, match=r"for a\.x, found <name>\.x and \{a,b\}\.\{x,y\}"):
        find_kind(parsed, "a.x")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"colums": {}}, r"unknown or missing: \['colums'\]"),
        ({"meaning": None, "path": "<size>.parquet"}, "found size"),
        ({"path": "all.json"}, "Expected columns of Parquet files"),
        ({"columns": {}}, "Expected columns of Parquet files"),
        ({"columns": {"mae": None}}, "The column mae .* has no type"),
        ({"columns": {"mae": "float, in z-scores"}}, "Expected mae .* found 'float'"),
        ({"columns": {"mae": "list of lists"}}, "found 'list of lists'"),
        ({"columns": {"each gene": "float32", "gene_id": None}}, "as the last column"),
    ],
)
def test_mistakes_are_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(LandmarksError, match=message):
        parse_reference(small(**changed))


def test_missing_and_unknown_parts_are_named() -> None:
    with pytest.raises(LandmarksError, match=r"unknown or missing: \['columns'\]"):
        parse_reference({name: part for name, part in small().items() if name != "columns"})
    with pytest.raises(LandmarksError, match=r"unknown or missing: \['area'\]"):
        parse_reference(small() | {"area": {}})
    with pytest.raises(LandmarksError, match="Expected <k> to be name or number, found 'size'"):
        parse_reference(small() | {"placeholders": {"name": "name, a name", "k": "size"}})


def could_be_one(first: str, second: str) -> bool:
    """Tell whether one path could match both patterns, folder by folder: a placeholder could be anything."""
    if first.endswith("/") or second.endswith("/"):
        return first.startswith(second) or second.startswith(first)
    parts = [re.sub("<.*?>", "<>", path).split("/") for path in (first, second)]
    return len(parts[0]) == len(parts[1]) and all(map(could_be_alike, *parts))


def could_be_alike(first: str, second: str) -> bool:
    """Tell the same of two names, at least one of them without a placeholder in its midst."""
    as_regex = [".+".join(map(re.escape, name.split("<>"))) for name in (first, second)]
    return bool(re.fullmatch(as_regex[0], second) or re.fullmatch(as_regex[1], first))


def test_patterns_do_not_overlap(reference: FileReference) -> None:
    patterns = [(kind.paths, name) for kind in reference.kinds for name in kind.patterns]
    assert len({name for _, name in patterns}) == len(patterns)
    assert [
        (first, second)
        for (one, first), (other, second) in combinations(patterns, 2)
        if one != other and could_be_one(first, second)
    ] == []


def test_overlaps_would_be_found() -> None:
    assert could_be_one("a/<b>/c.parquet", "<x>/y/<z>.parquet")
    assert could_be_one("logs/", "logs/<name>/a.log")
    assert not could_be_one("a/<b>/c.parquet", "<x>/y/d.parquet")
    assert not could_be_one("a/<b>.parquet", "a/<b>.png")


def test_columns_are_named_once(reference: FileReference) -> None:
    for kind in reference.kinds:
        names = [column.name for column in kind.columns]
        assert len(set(names)) == len(names), kind.paths


def test_shared_columns_and_placeholders_are_used(reference: FileReference) -> None:
    """What is declared for all files is what at least one of them, or one path, refers to."""
    schema = yaml.safe_load(TEXT)
    named = [columns for entries in schema["files"].values() for one in entries for columns in [one.get("columns", {})]]
    shared = {
        name for columns in named for names, text in columns.items() if text is None for name in names.split(", ")
    }
    assert shared == {name for names in schema["columns"] for name in names.split(", ")}
    paths = " ".join(name for kind in reference.kinds for name in kind.patterns)
    assert set(re.findall("<(.*?)>", paths)) == set(reference.placeholders)
