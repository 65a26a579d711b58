"""Find the targets that all panels of a size are judged on."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.arena import share_targets
from landmarks.files import read_frame, write_frame
from landmarks.panels.files import read_panels


def main(
    *,
    panels: Annotated[list[Path], typer.Argument(help="…/<selector>/k<k>/seed<seed>.parquet")],
    genes: Annotated[Path, typer.Option(help="genes.parquet of the compendium")],
    out: Annotated[Path, typer.Option(help="k, gene_id, unshared")],
) -> None:
    """Find the targets that all panels of a size are judged on."""
    table = read_frame(genes)
    write_frame(share_targets(table, read_panels(panels, table["gene_id"].to_numpy(object))), out)
