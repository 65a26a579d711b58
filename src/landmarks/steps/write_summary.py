"""Write a run's first page: the answer, how sure it is, what to distrust; then figures and tables."""

import base64
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
import yaml

from landmarks import __version__
from landmarks.design import choose_model, expect
from landmarks.files import read_frame, replacing
from landmarks.interactive import tables_head, to_table
from landmarks.pages import render
from landmarks.portable import read_model
from landmarks.summary import FEWEST, FIGURES, describe_run, judge, list_doubts, say_answer

CAPTIONS = {
    "selectors": (
        "Selectors",
        "Every selector, size and model, beside chance. gain: percent under the random panels' MAE.",
    ),
    "panel": ("The panel", "Its landmarks, by rank; substitutes and what is lost with and without each, where known."),
    "genes": ("The other genes", "What to expect of each inferred gene, in log2 units, by held-out samples."),
}


def main(
    *,
    run: Annotated[Path, typer.Option(help="a run's results: results/<run>")],
    out: Annotated[Path, typer.Option(help="HTML")],
) -> None:
    """Write a run's first page: the answer, how sure it is, what to distrust; then figures and tables."""
    config = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    chosen = choose_model(run)
    exported = read_model(run / "models" / chosen)
    card, k = exported.card, int(exported.card["k"])
    split, selectors = read_frame(run / "split.parquet"), read_frame(run / "standings/selectors.parquet")
    tested = split[split["part"] == "test"]
    groups = int(tested["group"].fillna(tested["sample_id"]).nunique())
    seed = config["autoencoder"]["seeds"][0]
    network = read_frame(run / f"autoencoder/seed{seed}/genes.parquet", ["mae", "mae_null"]).mean()
    checks = read_frame(run / f"importance/checks/seed{seed}.parquet")
    verdicts, expected = judge(selectors, card["model"], k), expect(exported.genes)
    tables = {
        "selectors": selectors,
        "panel": pd.read_csv(run / "design" / chosen / "panel.tsv", sep="\t", keep_default_na=False),
        "genes": exported.of("target").drop(columns="role"),
    }
    page = render(
        "summary.html.jinja",
        title=f"Landmarks of {config['compendium']}: run {config['run']}",
        what=describe_run(len(split), len(exported.genes), len(tested), len(config["panels"])),
        answer=say_answer(verdicts, card["model"], k),
        cards=[
            (
                f"{expected.error[1]:.2f} log2",
                f"expected error of the median gene, from {k:,} genes of {card['selector']}",
            ),
            (f"{expected.inferable:,} of {expected.targets:,}", "other genes can be inferred from them"),
            (
                f"± {expected.half_width[1]:.2f} log2",
                f"interval of the median gene; covered {card['interval']['coverage']:.1%}",
            ),
        ],
        verdicts=verdicts,
        model=card["model"],
        k=f"{k:,}",
        groups=f"{groups:,}",
        few=groups < FEWEST,
        tested=f"{len(tested):,}",
        doubts=list_doubts(
            method=config["split"]["method"],
            groups=groups,
            autoencoder={"mae": float(network["mae"]), "mae_null": float(network["mae_null"])},
            agreement=float(checks["agreement"].iloc[0]) if "agreement" in checks else None,
            card=card,
            platforms=read_platforms(run, config["crossplatform"], card),
        ),
        figures=[
            embed(run / "figures" / f"{name}.png", name) for name in FIGURES if (run / f"figures/{name}.png").is_file()
        ],
        tables=[
            {
                "name": f"table-{name}",
                "title": CAPTIONS[name][0],
                "caption": CAPTIONS[name][1],
                "html": to_table(table, name),
            }
            for name, table in tables.items()
        ],
        tables_head=tables_head(),
        version=__version__,
    )
    with replacing(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def embed(path: Path, name: str) -> dict[str, str]:
    """Return a figure as the page holds it."""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    title = name.replace("_", " ").capitalize()
    return {"name": name, "title": title, "caption": FIGURES[name], "data": f"data:image/png;base64,{data}"}


def read_platforms(run: Path, names: list[str], card: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return MAE and PCC of the exported model on every other platform, scales calibrated on half of its samples."""
    found = {}
    for name in names:
        table = read_frame(run / f"crossplatform/{name}/selectors.parquet")
        own = table[(table["model"] == card["model"]) & (table["selector"] == card["selector"])]
        own = own[own["scaling"] == "calibrated"]
        if len(own):
            found[name] = float(own["mae"].iloc[0]), float(own["pcc"].iloc[0])
    return found
