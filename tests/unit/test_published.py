"""The paper's numbers beside a run's: each by hand, and every reason why the two do not compare."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from landmarks.files import read_frame, write_frame
from landmarks.published import KEYS, Run, measure, published_numbers
from landmarks.published_comparison import compare, find_differences, tabulate
from landmarks.steps.compare_published import main

NOTHING = pd.DataFrame(columns=["selector", "gene_id"])


def judged(selector: str, first: int, rows: list[tuple[float, float, int]]) -> pd.DataFrame:
    """Return targets g<first>, … with MAE, PCC and whether they pass."""
    frame = pd.DataFrame(rows, columns=["mae", "pcc", "significant"])
    return frame.assign(selector=selector, gene_id=[f"g{first + index}" for index in range(len(rows))])


def small() -> Run:
    """Return a run of 5 + 1 profiles × 7 genes with panels of 2: L1000's are g0 and g1, DeepLIFT's g1 and g2."""
    return Run(
        split=pd.DataFrame({"part": ["train", "train", "validation", "test", "test"]}),
        duplicates=pd.DataFrame({"sample_id": ["s5"]}),
        autoencoder=judged("", 0, [(0.2, 0.5, 1), (0.4, 0.7, 0), (0.6, 0.9, 1)] + [(0.4, 0.7, 1)] * 4),
        panels=pd.DataFrame({"selector": ["l1000"] * 2 + ["deeplift"] * 2, "gene_id": ["g0", "g1", "g1", "g2"]}),
        evaluations=pd.concat(
            [
                # g2, which DeepLIFT's panel measures, would be both extremes.
                judged("l1000", 2, [(9.0, -1.0, 0), (0.5, 0.2, 0), (0.3, 0.8, 1), (1.1, 0.1, 0), (0.6, 0.4, 1)]),
                judged("deeplift", 3, [(0.4, 0.3, 1), (0.2, 0.9, 1), (0.9, 0.6, 0), (0.7, 0.5, 1)]),
                judged("deeplift", 0, [(8.0, -0.9, 0)]),
            ]
        ),
        transfer=pd.concat(
            [
                judged("deeplift", 3, [(0.5, 0.2, 1), (0.9, 0.6, 1), (1.0, 0.1, 0)]).assign(scaling="own"),
                judged("deeplift", 3, [(5.0, 0.0, 0)] * 3).assign(scaling="calibrated"),
            ]
        ),
        terms=pd.DataFrame({"q": [0.01, 0.049, 0.05, 0.9]}),
        method="random",
        model="dgex",
        k=2,
        dataset="gtex",
        duplicate_settings={"distance": 1.0, "clusters": 100},
        autoencoder_settings={
            **{"hidden": [500, 100], "dropout": 0.1, "penalty": 1e-6, "epochs": 100},
            **{"trained_on": ["train", "validation"], "batch_size": 32},
        },
        model_settings={"hidden": [9000, 9000, 9000], "keep": 0.75, "epochs": 200, "batch_size": 200},
    )


def like_the_paper() -> Run:
    """Return a run of the paper's shape and settings."""
    genes = pd.Series([f"g{index}" for index in range(10_463)])
    listed, chosen = genes[:943], genes[814:1_757]  # 129 in common
    targets = [genes[~genes.isin(panel)] for panel in (listed, chosen)]
    return replace(
        small(),
        split=pd.DataFrame({"part": ["train"] * 99_909 + ["test"] * 11_100}),
        duplicates=pd.DataFrame({"sample_id": [""] * 18_149}),
        autoencoder=judged("", 0, [(0.2, 0.8, 1)] * 22_268),
        panels=pd.concat(
            [
                pd.DataFrame({"selector": "l1000", "gene_id": listed}),
                pd.DataFrame({"selector": "deeplift", "gene_id": chosen}),
            ]
        ),
        evaluations=pd.concat(
            [
                pd.DataFrame({"selector": name, "gene_id": ids, "mae": 0.3, "pcc": 0.7, "significant": 1.0})
                for name, ids in zip(("l1000", "deeplift"), targets, strict=True)
            ]
        ),
        terms=pd.DataFrame({"q": [0.5] * 1_645}),
        k=943,
    )


def find(frame: pd.DataFrame, stage: str, quantity: str, panel: str = "") -> dict[str, Any]:
    """Return the one row whose quantity holds that text."""
    rows = frame[(frame["stage"] == stage) & frame["quantity"].str.contains(quantity, regex=False)]
    rows = rows[rows["panel"] == panel]
    assert len(rows) == 1, rows
    return {str(name): value for name, value in rows.iloc[0].items()}


@pytest.mark.parametrize(
    ("stage", "quantity", "panel", "paper", "run"),
    [
        # value, or low and high of a range, or count and total
        ("compendium", "profiles without", "", [111_009], [5]),
        ("compendium", "genes (probes)", "", [22_268], [7]),
        ("split", "training", "", [99_909], [3]),
        ("split", "test", "", [11_100], [2]),
        ("autoencoder", "MAE", "", [0.2222], [2.8 / 7]),
        ("autoencoder", "PCC", "", [0.7627], [4.9 / 7]),
        ("autoencoder", "pass", "", [21_696, 22_268], [6, 7]),
        ("panels", "in both", "both", [129, 943], [1, 2]),
        ("inference", "common", "both", [9_163, 10_463], [4, 7]),
        ("inference", "MAE", "l1000", [0.1129, 1.0524], [0.3, 1.1]),
        ("inference", "MAE", "deeplift", [0.0994, 0.6681], [0.2, 0.9]),
        ("inference", "PCC", "l1000", [0.0006, 0.9875], [0.1, 0.8]),
        ("inference", "PCC", "deeplift", [0.4764, 0.9905], [0.3, 0.9]),
        ("inference", "fail", "l1000", [44, 9_163], [2, 4]),
        ("inference", "fail", "deeplift", [0, 9_163], [1, 4]),
        ("crossplatform", "MAE", "deeplift", [0.4590], [0.8]),
        ("crossplatform", "PCC", "deeplift", [0.7790], [0.3]),
        ("crossplatform", "pass", "deeplift", [92.51], [200 / 3]),
        ("enrichment", "enriched", "deeplift", [34, 1_645], [2, 4]),
    ],
)
def test_every_number_by_hand(stage: str, quantity: str, panel: str, paper: list[float], run: list[float]) -> None:
    row = find(compare(small()), stage, quantity, panel)
    for name, wanted in (("paper", paper), ("run", run)):
        found = [row[name], row[f"{name}_high"], row[f"{name}_total"]]
        assert [value for value in found if value == value] == pytest.approx(wanted)


def test_profiles_are_those_before_duplicates_were_dropped() -> None:
    rows = measure(small()).set_index("quantity")
    assert rows.loc["profiles", "value"] == 6
    assert published_numbers().set_index("quantity").loc["profiles", "value"] == 129_158


def test_a_run_has_the_quantities_of_the_paper_and_no_other() -> None:
    wanted = published_numbers()
    assert not wanted.duplicated(KEYS).any()
    assert sorted(map(tuple, measure(small())[KEYS].to_numpy())) == sorted(map(tuple, wanted[KEYS].to_numpy()))
    assert set(wanted["source"]) == {"Kong et al. 2021", "Chen et al. 2016"}


def test_a_run_like_the_papers_compares_but_for_the_scale_that_is_not_stated() -> None:
    compared = compare(like_the_paper())
    not_so = compared[~compared["comparable"]]
    assert not_so[["stage", "quantity", "topics"]].to_numpy().tolist() == [["autoencoder", "mean MAE", "unit"]]
    assert not_so["reasons"].item() == "in z-scores, and the paper does not state its scale"
    assert set(compared.loc[compared["comparable"], "reasons"]) == {""}
    assert find(compared, "inference", "common", "both")["run"] == 10_463 - 943 - 814


MAE = ("inference", "MAE", "deeplift")


@pytest.mark.parametrize(
    ("change", "row", "reason"),
    [
        ({"duplicates": pd.DataFrame({"sample_id": []})}, MAE,
         "111,009 profiles × 22,268 genes, not 129,158 × 22,268"),
        ({"method": "grouped"}, MAE, "whole groups held out, not single samples"),
        ({"model": "mlp"}, MAE, "mlp, not D-GEX"),
        ({"model_settings": {"hidden": [1000], "keep": 0.75, "epochs": 40}}, MAE,
         "D-GEX with hidden 1000 (not 9000-9000-9000), epochs 40 (not 200)"),
        ({"k": 250}, MAE, "k = 250, not 943"),
        ({"autoencoder_settings": {"hidden": [500, 100], "dropout": 0.1, "penalty": 1e-6, "epochs": 100}},
         ("panels", "both", "both"), "autoencoder with trained on None (not train-validation)"),
        ({"duplicate_settings": {"distance": 0.5, "clusters": 1}}, ("compendium", "without", ""),
         "duplicates by distance 0.5 (not 1.0), clusters 1 (not 100)"),
        ({"dataset": "gse1992"}, ("crossplatform", "MAE", "deeplift"), "gse1992, not GTEx"),
        ({"terms": pd.DataFrame({"q": [0.5] * 923})}, ("enrichment", "enriched", "deeplift"),
         "923 terms tested, not 1,645"),
    ],
)  # fmt: skip
def test_one_thing_changed_is_the_reason(change: dict[str, Any], row: tuple[str, str, str], reason: str) -> None:
    run = replace(like_the_paper(), **change)
    found = find(compare(run), *row)
    assert (found["comparable"], found["reasons"]) == (False, reason)


def test_reasons_come_stage_by_stage() -> None:
    compared = compare(replace(like_the_paper(), model="ridge", k=50))
    wrong = {stage: set(rows["topics"]) - {"", "unit"} for stage, rows in compared.groupby("stage")}
    assert wrong == {
        **{stage: set() for stage in ("compendium", "split", "autoencoder")},
        **{stage: {"size"} for stage in ("panels", "enrichment")},
        **{stage: {"model; size"} for stage in ("inference", "crossplatform")},
    }


def test_share_of_the_test_samples_and_genes_inferred() -> None:
    differences = find_differences(small())
    assert differences["split"] == "40% held out, not 10%"
    both = find_differences(replace(small(), method="grouped"))["split"]
    assert both == "whole groups held out, not single samples, and 40% held out, not 10%"
    assert differences["genes"] == "7 genes measured or inferred, not 10,463"
    assert differences["size"] == "k = 2, not 943"


def test_without_an_l1000_list_deeplifts_own_targets_are_shown() -> None:
    run = small()
    compared = compare(
        replace(
            run,
            panels=run.panels[run.panels["selector"] == "deeplift"],
            evaluations=run.evaluations[run.evaluations["selector"] == "deeplift"],
        )
    )
    need = "no L1000 list of 2 genes in this run: needs panels.l1000 with this size"
    for row in (("panels", "both", "both"), ("inference", "common", "both"), ("inference", "PCC", "l1000")):
        found = find(compared, *row)
        assert pd.isna(found["run"]) and found["reasons"] == need
    alone = find(compared, *MAE)
    assert (alone["run"], alone["run_high"]) == (0.2, 8.0)
    assert "5 targets of one panel, not those that two have in common" in alone["reasons"].split("; ")


def test_what_a_run_lacks_is_said() -> None:
    bare = replace(small(), panels=NOTHING, evaluations=NOTHING, transfer=NOTHING, terms=None, dataset="")
    compared = compare(bare).set_index(["stage", "panel"])
    list_needed = "no L1000 list of 2 genes in this run: needs panels.l1000 with this size"
    panel_needed = "no DeepLIFT panel of 2 genes in this run: needs panels.deeplift with this size"
    platform = "no other platform in this run: needs GTEx under datasets and crossplatform"
    for stage, panel, reason in (
        ("panels", "both", f"{list_needed}; {panel_needed}"),
        ("inference", "both", f"{list_needed}; {panel_needed}"),
        ("inference", "l1000", list_needed),
        ("inference", "deeplift", panel_needed),
        ("crossplatform", "deeplift", f"{panel_needed}; {platform}"),
        ("enrichment", "deeplift", panel_needed),
    ):
        rows = compared.loc[[(stage, panel)]]
        assert rows["run"].isna().all() and not rows["comparable"].any()
        assert set(rows["reasons"]) == {reason}
    assert len(compared) == len(published_numbers())


@pytest.mark.parametrize(
    ("change", "row", "reason"),
    [
        ({"evaluations": NOTHING, "transfer": NOTHING}, MAE,
         "DeepLIFT's panel is not judged by dgex: needs 2 among inference.dgex.sizes"),
        ({"transfer": NOTHING, "dataset": ""}, ("crossplatform", "MAE", "deeplift"),
         "no other platform in this run: needs GTEx under datasets and crossplatform"),
        ({"transfer": small().transfer.query("scaling == 'calibrated'")}, ("crossplatform", "PCC", "deeplift"),
         "no target is judged on gtex with its own scaling, as published: needs both"),
        ({"terms": None}, ("enrichment", "enriched", "deeplift"), "no gene sets in this run: needs gene_sets"),
        ({"evaluations": pd.concat([judged("l1000", 2, [(1, 0, 1)]), judged("deeplift", 0, [(1, 0, 1)])])},
         ("inference", "fail", "l1000"), "the panels leave no target in common: needs a smaller figures.k"),
    ],
)  # fmt: skip
def test_a_part_that_is_missing(change: dict[str, Any], row: tuple[str, str, str], reason: str) -> None:
    found = find(compare(replace(small(), **change)), *row)
    assert pd.isna(found["run"])
    assert (found["comparable"], found["reasons"]) == (False, reason)


def test_the_table_spells_a_reason_out_once() -> None:
    run = replace(like_the_paper(), method="grouped", k=250, dataset="", transfer=NOTHING)
    table = tabulate(compare(run))
    assert list(table) == ["Quantity", "Paper", "This run", "Compares"]
    found = {quantity: cells for quantity, *cells in table.to_numpy().tolist()}
    assert found["Compendium: profiles"] == ["129,158", "129,158", "yes"]
    grouped = "no: whole groups held out, not single samples"
    assert found["Split: training profiles, with validation"] == ["99,909", "99,909", grouped]
    assert found["Split: test profiles"][2] == "no: split as above"
    assert found["Autoencoder: mean MAE"] == [
        "0.2222 (scale not stated)",
        "0.2000 z-scores",
        "no: split as above; in z-scores, and the paper does not state its scale",
    ]
    passing = found["Autoencoder: genes that pass the permutation test"]
    assert passing[:2] == ["21,696 of 22,268 (97.4%)", "22,268 of 22,268 (100.0%)"]
    assert found["Inference: MAE by target, range, L1000"][0] == "0.1129 to 1.0524 z-scores"
    assert found["Inference: PCC by target, range, DeepLIFT"][1] == "0.7000 to 0.7000"
    assert found["Panels: genes in both, L1000 and DeepLIFT"][2] == "no: split as above; k = 250, not 943"
    assert found["Inference: targets common to both panels"][2] == "no: split and size as above"
    other = found["Other platform: targets that pass the permutation test, DeepLIFT"]
    assert other == ["92.51%", "–", "no: other platform as above"]
    assert found["Other platform: mean MAE, DeepLIFT"][2].startswith("no other platform in this run: needs GTEx")


def test_the_step_reads_panels_and_evaluations_by_their_folders(tmp_path: Path) -> None:
    run = small()
    files = {name: getattr(run, name) for name in ("split", "duplicates", "autoencoder", "terms")}
    paths: dict[str, Any] = {name: tmp_path / f"{name}.parquet" for name in files}
    for name, frame in files.items():
        write_frame(frame, paths[name])
    panels, evaluations = [], []
    for selector, rows in run.evaluations.drop(columns="selector").groupby(run.evaluations["selector"].to_numpy()):
        panels.append(tmp_path / f"panels/{selector}/k2/seed0.parquet")
        write_frame(run.panels.loc[run.panels["selector"] == selector, ["gene_id"]], panels[-1])
        evaluations.append(tmp_path / f"inference/dgex/{selector}/k2/seed0/genes.parquet")
        write_frame(rows, evaluations[-1])
    transfer = tmp_path / "crossplatform/gtex/dgex/deeplift/k2/seed0/genes.parquet"
    write_frame(run.transfer.drop(columns="selector"), transfer)
    out, table = tmp_path / "published.parquet", tmp_path / "published/table.parquet"
    settings = {f"{name}_settings": "{}" for name in ("duplicate", "autoencoder", "model")}
    options: dict[str, Any] = {"method": "random", "model": "dgex", "k": 2, "out": out, "out_table": table, **settings}
    main(**paths, panels=panels, evaluations=evaluations, transfer=transfer, dataset="gtex", **options)
    numbers = ["paper", "paper_high", "paper_total", "run", "run_high", "run_total"]
    pd.testing.assert_frame_equal(read_frame(out)[numbers], compare(run)[numbers])
    assert read_frame(table).shape == (20, 4)
    main(**{name: path for name, path in paths.items() if name != "terms"}, **options)
    assert read_frame(out)["run"].count() == 8
