"""Draw all random panels: of any genes, and of genes that resemble another panel's."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, write_frame
from landmarks.options import mapping
from landmarks.panels import Evidence, make_panel, random, random_matched
from landmarks.panels.choice import from_frame
from landmarks.panels.evidence import read_training
from landmarks.progress import track


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="to be written: …/random[_matched]/k<k>/seed<seed>.parquet")],
    expression: Annotated[Path, typer.Option(help="prepared expression of the compendium")],
    split: Annotated[Path, typer.Option(help="split.parquet: only training samples are looked at")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    candidates: Annotated[Path, typer.Option(help="which genes may and must be chosen")],
    like: Annotated[list[Path] | None, typer.Option(help="for random_matched: a panel to imitate, …/k<k>/…")] = None,
    settings: Annotated[str, typer.Option(help='of random_matched, as JSON: {"bins": 10}')] = "",
    samples: Annotated[int, typer.Option(min=2, help="the most training samples that are looked at")] = 3_000,
) -> None:
    """Draw all random panels: of any genes, and of genes that resemble another panel's."""
    training, groups = read_training(expression, read_frame(split), samples)
    table, choice = read_frame(genes), from_frame(read_frame(candidates))
    models = {file.parent.name: [read_frame(file, ["gene_id"])["gene_id"].tolist()] for file in like or []}
    for out in track(panels, "drawing panels", len(panels)):
        size, selector = out.parent.name, out.parent.parent.name
        evidence = Evidence(
            genes=table,
            training=training,
            groups=groups,
            choice=choice,
            k=int(size.removeprefix("k")),
            seed=int(out.stem.removeprefix("seed")),
            followed=models.get(size, []),
        )
        ranking = random.rank(evidence) if selector == "random" else random_matched.rank(evidence, **mapping(settings))
        write_frame(make_panel(ranking, evidence.k, selector), out)
