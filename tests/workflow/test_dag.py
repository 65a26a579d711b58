"""The rules as written, and the jobs of the default run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import REPO, Workflow, write_inputs

RULE = re.compile(r"^\s*rule (\w+):\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def read_rules() -> Iterator[tuple[Path, str, str]]:
    """Yield file, name and text of every rule."""
    for file in [REPO / "Snakefile", *sorted((REPO / "workflow" / "rules").glob("*.smk"))]:
        for match in RULE.finditer(file.read_text(encoding="utf-8")):
            yield file, match[1], match[2]


RULES = [pytest.param(file, name, text, id=name) for file, name, text in read_rules() if name not in ("all", "arena")]
STEPS = [rule for rule in RULES if rule.id != "write_report"]
ARENA = {"arena", "prepare_fold", "judge_panels", "judge_model"}
AVERAGED = {"average_probes", "translate_panels"}  # where genes are inferred, not probes
NESTED = {"crossfit", "deeplift", "deeplift_nonredundant", "greedy", "greedy_autoencoder", "variance"}


def directive(text: str, name: str) -> str:
    """Return what a rule says under `name`, empty if nothing."""
    match = re.search(rf"^    {name}:(.*?)(?=^    \w|\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else ""


def test_default_run_uses_every_rule_as_often_as_the_config_asks(default: Workflow) -> None:
    jobs = default.jobs()
    assert set(jobs) - {"select_one_panel", "fit_part"} == {name for _, name, _ in read_rules()} - ARENA - AVERAGED
    config = yaml.safe_load((default.folder / "config" / "config.yaml").read_text(encoding="utf-8"))
    panels = config["panels"]
    learnt = dict.fromkeys(("deeplift", "deeplift_nonredundant", "greedy_autoencoder"), config["autoencoder"]["seeds"])
    named = {name: settings for name, settings in panels.items() if name not in ("random", "random_matched")}
    seeds = {name: len(learnt.get(name, range(settings.get("seeds", 1)))) for name, settings in named.items()}
    assert jobs["select_panels"] == sum(seeds[name] for name in NESTED & set(named))
    alone = {name: settings for name, settings in named.items() if name not in NESTED}
    assert jobs["select_one_panel"] == sum(len(settings["sizes"]) * seeds[name] for name, settings in alone.items())
    assert jobs["draw_controls"] == jobs["judge_ridge"] == jobs["constrain_candidates"] == 1
    assert jobs["import_expression"] == jobs["remove_duplicates"] == len(config["datasets"])
    assert jobs["train_autoencoder"] == jobs["attribute_deeplift"] == len(config["autoencoder"]["seeds"])
    # D-GEX is fitted and judged job by job; ridge is only stored for what is carried to other platforms.
    size = config["figures"]["k"]
    at_size = [name for name, settings in named.items() if size in settings["sizes"]]
    drawn = 3 * sum(size in panels[name]["sizes"] for name in set(panels) - set(named))
    assert jobs["evaluate_inference"] == len(at_size) + drawn
    assert jobs["fit_part"] == 2 * jobs["join_parts"] == 2 * jobs["evaluate_inference"]
    assert jobs["fit_inference"] == sum(seeds[name] for name in at_size) + drawn
    fitted = jobs["fit_inference"] + jobs["join_parts"]
    assert jobs["evaluate_crossplatform"] == fitted * len(config["crossplatform"])


def test_snakemake_finds_nothing_to_mend(default: Workflow) -> None:
    assert default.snakemake("--lint").returncode == 0


def test_tiny_run_without_optional_parts(default: Workflow, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, default.tree)
    config = workflow.config()
    for key in ("gene_sets", "enrichment", "crossplatform", "duplicates", "comparison", "attribution", "split"):
        del config[key]
    del config["datasets"]["main"]["labels"], config["panels"]["given"], config["inference"]["dgex"]
    workflow.write_config(config)
    jobs = workflow.jobs()
    absent = {"evaluate_crossplatform", "draw_figure_2b", "draw_figure_4ab", "draw_figure_5a", "enrich_panel", "fetch"}
    assert not absent & set(jobs)
    assert jobs["judge_ridge"] == 1
    assert jobs["fit_inference"] == 1  # to be exported: nothing is carried to another platform


def test_arena_repeats_the_run_for_every_fold_and_once_with_random_samples(default: Workflow) -> None:
    jobs, run = default.jobs("arena"), default.jobs()
    for rule in ("split_samples", "train_autoencoder", "attribute_deeplift", "constrain_candidates", "share_targets"):
        assert jobs[rule] == 5 * run[rule], rule
    assert jobs["select_fold_panels"] == 5 * run["select_panels"] and jobs["draw_fold_controls"] == 5
    assert jobs["judge_panels"] == 2 * 5 and jobs["compare_folds"] == 1  # ridge and nearest neighbours
    config = yaml.safe_load((default.folder / "config" / "config.yaml").read_text(encoding="utf-8"))
    selectors = len(config["panels"]) - 3 + 2 * 3  # pam50's list has no panel of these sizes; three random ones
    # Fitted models judge in the folds of whole groups.
    assert jobs["judge_model"] == 4 * selectors * (len(config["arena"]["models"]["dgex"]["sizes"]) + 1)
    # Nothing is stored for other platforms, and no fold is normalised where the compendium is not.
    assert not {"judge_ridge", "fit_inference", "evaluate_crossplatform", "prepare_fold"} & set(jobs)


def test_folds_are_normalised_by_their_training_samples(default: Workflow, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, default.tree)
    config = workflow.config()
    config["datasets"]["main"]["normalise"] = "quantile"
    workflow.write_config(config)
    assert workflow.jobs("arena")["prepare_fold"] == config["arena"]["folds"]


def test_shards_are_jobs(default: Workflow, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    workflow = Workflow(tmp_path, default.tree)
    config = workflow.config()
    config["attribution"]["shards"] = 3
    config["autoencoder"]["seeds"] = [0, 1]
    workflow.write_config(config)
    jobs = workflow.jobs()
    assert (jobs["attribute_deeplift"], jobs["rank_genes"]) == (6, 2)


@pytest.mark.parametrize(("file", "name", "text"), RULES)
def test_rule_says_what_a_cluster_and_a_reader_need(file: Path, name: str, text: str) -> None:
    for part in ("output", "log", "benchmark", "conda", "threads", "resources", "shell"):
        assert directive(text, part), part
    assert re.search(r"\bmem_mb=(\d+|memory\(|lambda w, input: )", directive(text, "resources"))
    assert re.search(r"\bruntime=(\d+|minutes\()", directive(text, "resources"))
    assert f"<logs>/{name}" in directive(text, "log")
    assert f"<benchmarks>/{name}" in directive(text, "benchmark")
    assert (file.parent / directive(text, "conda").strip('"')).is_file()
    assert not directive(text, "run")
    assert not directive(text, "script")


@pytest.mark.parametrize(("file", "name", "text"), STEPS)
def test_rule_calls_the_step_of_its_name(file: Path, name: str, text: str) -> None:
    words = directive(text, "shell").strip('"').split()
    # What designers call by hand has a name of its own.
    step = {"export_panel": "design"}.get(name, name)
    assert words[:4] == ["landmarks", "--log", "{log}", step.replace("_", "-")]
    assert (REPO / "src" / "landmarks" / "steps" / f"{step}.py").is_file()
    assert f'code("{step}"' in directive(text, "input")


def test_every_file_opens_with_what_it_needs_and_makes() -> None:
    for file in (REPO / "workflow" / "rules").glob("*.smk"):
        opening = file.read_text(encoding="utf-8").split("\n\n\n")[0]
        assert "# REQUIRED INPUTS:" in opening and "# OUTPUTS:" in opening, file.name
