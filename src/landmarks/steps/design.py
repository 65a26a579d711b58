"""Write a panel to design an assay by: a list of landmarks, what is expected of every other gene, and a page."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.design import choose_model, describe_gain, expect, histogram, list_landmarks, to_text
from landmarks.files import read_frame, replacing
from landmarks.pages import render
from landmarks.portable import read_model

SHOWN = 30
"""Landmarks on the page; all are in the list."""
FEW = 3
"""Substitutes on the page for each."""
HEADINGS = {
    "rank": "#",
    "gene_id": "id",
    "symbol": "symbol",
    "reason": "why",
    "importance_rank": "DeepLIFT's rank",
    "substitutes": "substitutes",
    "loss_removed": "without it, %",
    "loss_substituted": "with the substitute, %",
}
NUMERIC = ("rank", "importance_rank", "loss_removed", "loss_substituted")


def main(
    *,
    run: Annotated[Path, typer.Option(help="a run's results: results/<run>")],
    model: Annotated[str, typer.Option(help="that it exported: ridge/crossfit/k100/seed0; default: the first")] = "",
    out_dir: Annotated[Path, typer.Option(help="folder for panel.tsv, targets.tsv and sheet.html")],
) -> None:
    """Write a panel to design an assay by: a list of landmarks, what is expected of every other gene, and a page."""
    chosen = choose_model(run, model)
    exported = read_model(run / "models" / chosen)
    selector, k, seed = exported.card["selector"], exported.card["k"], exported.card["seed"]
    place = f"{selector}/k{k}/seed{seed}"
    judged = "gene_panels" if exported.card["average_by"] else "panels"
    standings = run / "standings/selectors.parquet"
    panel = read_frame(run / judged / f"{place}.parquet", ["gene_id", "rank", "score", "reason"])
    found = {
        "importance": run / "importance" / f"seed{seed}.parquet",
        "substitutes": run / "substitutes" / place / "substitutes.parquet",
    }
    evidence = {name: read_frame(file) for name, file in found.items() if file.is_file()}
    landmarks = list_landmarks(panel, exported.genes.drop(columns="role"), **evidence)
    targets = exported.of("target").drop(columns="role").sort_values("expected_error", ignore_index=True)
    for name, table in (("panel", landmarks), ("targets", targets)):
        with replacing(out_dir / f"{name}.tsv") as temporary:
            table.to_csv(temporary, sep="\t", index=False, float_format="%.6g")
    bars = histogram(targets["expected_error"])
    # The same reason for all is said once.
    reasons = sorted(set(landmarks["reason"]))
    columns = [name for name in HEADINGS if name in landmarks and (name != "reason" or len(reasons) > 1)]
    shown = landmarks.head(SHOWN)[columns]
    if "substitutes" in shown:
        shown = shown.assign(substitutes=shown["substitutes"].str.split(", ").str[:FEW].str.join(", "))
    page = render(
        "sheet.html.jinja",
        card=exported.card,
        genes=f"{len(exported.genes):,}",
        expected=expect(exported.genes),
        standing=describe_gain(read_frame(standings), exported.card) if standings.is_file() else "",
        bars=bars,
        highest=max(count for _, _, count in bars),
        columns=columns,
        headings=HEADINGS,
        numeric=NUMERIC,
        shown=to_text(shown),
        why=reasons[0] if len(reasons) == 1 else "",
        model=run / "models" / chosen,
    )
    with replacing(out_dir / "sheet.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    typer.echo(f"{out_dir}: panel.tsv, targets.tsv, sheet.html")
