"""Name the genes that the probes of panels measure."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, write_frame
from landmarks.gene_tables import translate_panel


def main(
    panels: Annotated[list[Path], typer.Argument(help="panels of probes")],
    *,
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    by: Annotated[str, typer.Option(help="symbol, entrez or ensembl: what probes of a gene share")],
    from_folder: Annotated[Path, typer.Option(help="that the paths of panels begin with")],
    to_folder: Annotated[Path, typer.Option(help="that replaces it in the paths to write")],
) -> None:
    """Name the genes that the probes of panels measure."""
    names = read_frame(genes, ["gene_id", by])
    for path in panels:
        translated = translate_panel(read_frame(path, ["gene_id", "rank", "score", "reason"]), names, by)
        write_frame(translated, to_folder / path.relative_to(from_folder))
