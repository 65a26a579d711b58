"""What an edited module, a changed config key or a touched file makes run again, by dry runs of a finished run."""

import os
from collections.abc import Iterator

import pytest
from conftest import Workflow

pytestmark = pytest.mark.slow

PREPARATION = {"import_expression", "normalise", "remove_duplicates", "split_samples"}
INFERENCE = {
    *("fit_inference", "fit_part", "join_parts", "evaluate_inference", "judge_ridge", "compare_panels"),
    *("evaluate_crossplatform", "compare_crossplatform"),
}
COMPARED = {"compare_panels", "compare_crossplatform", "draw_figure_3ab", "draw_figure_3cd", "draw_figure_4ab"}
ATTRIBUTION = {"attribute_deeplift", "rank_genes", "select_panels"}
STANDINGS = {"draw_size_curve", "draw_forest", "draw_stability"}
ALWAYS = {"all", "write_report"}

MODULES = [
    # module, rules that run again, rules that do not
    (
        "metrics",
        {"evaluate_autoencoder", "evaluate_inference", "evaluate_crossplatform", "draw_figure_2a", *COMPARED},
        {"train_autoencoder", "fetch", "encode_samples", "cluster_samples", *PREPARATION, *ATTRIBUTION},
    ),
    (
        "deeplift",
        {"attribute_deeplift", "rank_genes", "select_panels", "enrich_panel", "draw_figure_5a", *INFERENCE, *COMPARED},
        {"train_autoencoder", "evaluate_autoencoder", "draw_figure_2a", "draw_figure_2b", *PREPARATION},
    ),
    (
        "inference/dgex",
        {*INFERENCE, *COMPARED} - {"judge_ridge", "fit_inference"},
        {
            "judge_ridge",
            "fit_inference",
            "train_autoencoder",
            "attribute_deeplift",
            "select_panels",
            "enrich_panel",
            "draw_figure_2a",
            *PREPARATION,
        },
    ),
    (
        "panels/variance",
        {"select_panels", *INFERENCE, *COMPARED},
        {
            "select_one_panel",
            "train_autoencoder",
            "attribute_deeplift",
            "rank_genes",
            "enrich_panel",
            "draw_figure_2a",
            *PREPARATION,
        },
    ),
    (
        "readers/tables",
        {"train_autoencoder", "attribute_deeplift", "select_panels", *PREPARATION, *INFERENCE, *COMPARED},
        {"fetch", "build_gene_sets"},
    ),
    (
        "figures/style",
        {*(f"draw_figure_{name}" for name in ("2a", "2b", "3ab", "3cd", "4ab", "5a")), *STANDINGS},
        {"train_autoencoder", "select_panels", "compare_panels", "enrich_panel", *PREPARATION, *INFERENCE},
    ),
    (
        "standings",
        {"compare_folds", "tabulate_standings", *STANDINGS} - {"draw_stability"},
        {"judge_ridge", *PREPARATION},
    ),
    ("stability", {"assess_stability", "draw_stability"}, {"select_panels", "compare_folds", *PREPARATION, *INFERENCE}),
    ("sources", {"fetch", "import_expression"}, {"build_gene_sets"}),
    ("standardise", {"train_autoencoder", *INFERENCE}, {"build_gene_sets", "fetch", *PREPARATION}),
    ("clustering", {"cluster_samples", "draw_figure_2b"}, {"train_autoencoder", *PREPARATION, *INFERENCE, *COMPARED}),
]


@pytest.fixture
def editable(finished: Workflow) -> Iterator[Workflow]:
    """Return the finished run; what a test edits is put back as it was."""
    files = [
        *(finished.tree / "src").rglob("*.py"),
        *(finished.folder / name for name in ("config.yaml", "expression.csv", "given.txt")),
    ]
    before = {file: (file.read_bytes(), file.stat()) for file in files}
    yield finished
    for file, (content, state) in before.items():
        file.write_bytes(content)
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def edit(workflow: Workflow, module: str) -> None:
    """Append a comment to a module of the tree."""
    file = workflow.tree / "src" / "landmarks" / f"{module}.py"
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\n# edited\n")


@pytest.mark.parametrize(("module", "again", "kept"), [pytest.param(*row, id=row[0]) for row in MODULES])
def test_edited_module_reruns_what_depends_on_it(
    editable: Workflow, module: str, again: set[str], kept: set[str]
) -> None:
    edit(editable, module)
    rules = set(editable.jobs())
    assert rules >= again | ALWAYS, again - rules
    assert not rules & kept


def test_edited_messages_rerun_nothing(editable: Workflow) -> None:
    for module in ("errors", "progress", "cli", "config", "dependencies", "__init__"):
        edit(editable, module)
    assert editable.jobs() == {}


def test_touched_files_rerun_nothing(editable: Workflow) -> None:
    for name in ("src/landmarks/metrics.py", "expression.csv", "given.txt", "config.yaml"):
        (editable.folder / name).touch()
    assert editable.jobs() == {}


def test_changed_matrix_reruns_its_dataset(editable: Workflow) -> None:
    file = editable.folder / "expression.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("D00-1,", "D00-1,0.", 1), encoding="utf-8")
    jobs = editable.jobs()
    assert jobs["import_expression"] == jobs["normalise"] == jobs["split_samples"] == jobs["train_autoencoder"] == 1
    assert not {"fetch", "build_gene_sets"} & set(jobs)


def test_changed_list_of_genes_reruns_its_panel(editable: Workflow) -> None:
    with (editable.folder / "given.txt").open("a", encoding="utf-8") as stream:
        stream.write("GENE60\n")
    jobs = editable.jobs()
    assert jobs["select_one_panel"] == 1 and "select_panels" not in jobs
    assert jobs["fit_inference"] == jobs["join_parts"] == 1 and jobs["fit_part"] == 2
    assert not {"train_autoencoder", "enrich_panel", *PREPARATION} & set(jobs)


SETTINGS = [
    # key, value, rules that run again (others may follow), rules that do not
    (
        "attribution.aggregation",
        "abs_mean",
        {"attribute_deeplift": 1, "rank_genes": 1, "select_panels": 1, "fit_part": 2, "evaluate_inference": 1},
        {"train_autoencoder", "evaluate_autoencoder", "draw_figure_2a", "draw_figure_2b", "fetch", *PREPARATION},
    ),
    (
        "panels.random.seeds",
        4,
        {"draw_controls": 1, "judge_ridge": 1, "compare_panels": 1},
        {"train_autoencoder", "attribute_deeplift", "select_panels", "enrich_panel", *PREPARATION},
    ),
    (
        "inference.ridge.penalties",
        [1, 10],
        {"fit_inference": 6, "judge_ridge": 1, "evaluate_crossplatform": 6},
        {"train_autoencoder", "select_panels", "enrich_panel", *PREPARATION},
    ),
    (
        "inference.dgex.epochs",
        21,
        {"fit_part": 8, "join_parts": 4, "evaluate_inference": 4, "evaluate_crossplatform": 4},
        {"train_autoencoder", "select_panels", "enrich_panel", *PREPARATION},
    ),
    (
        "autoencoder.penalty",
        1.0e-5,
        {"train_autoencoder": 1, "attribute_deeplift": 1, "select_panels": 1, "cluster_samples": 1},
        {"build_gene_sets", "fetch", *PREPARATION},
    ),
    (
        "split.seed",
        1,
        {
            "split_samples": 1,
            "train_autoencoder": 1,
            "select_panels": 2,
            "select_one_panel": 1,
            "draw_controls": 1,
            "fit_inference": 6,
            "fit_part": 8,
        },
        {"import_expression", "fetch", "build_gene_sets"},
    ),
    (
        "figures.pair",
        ["deeplift", "variance"],
        {"draw_figure_3cd": 2},
        {"draw_figure_3ab", "draw_figure_5a", "compare_panels", "select_panels", "train_autoencoder", *PREPARATION},
    ),
    (
        "enrichment.controls",
        21,
        {"enrich_panel": 1, "draw_figure_5a": 1},
        {"build_gene_sets", "select_panels", "train_autoencoder", *PREPARATION, *INFERENCE},
    ),
]


@pytest.mark.parametrize(("key", "value", "again", "kept"), [pytest.param(*row, id=row[0]) for row in SETTINGS])
def test_changed_setting_reruns_what_depends_on_it(
    editable: Workflow, key: str, value: object, again: dict[str, int], kept: set[str]
) -> None:
    config = editable.config()
    section = config
    *words, last = key.split(".")
    for word in words:
        section = section[word]
    section[last] = value
    editable.write_config(config)
    jobs = editable.jobs()
    assert jobs.items() >= again.items()
    assert set(jobs) >= {"save_config", *ALWAYS}
    assert not set(jobs) & kept


def test_default_written_out_reruns_nothing(editable: Workflow) -> None:
    config = editable.config()
    assert config["enrichment"].pop("seed") == 0
    editable.write_config(config)
    assert editable.jobs() == {}
