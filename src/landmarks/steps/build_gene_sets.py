"""Build gene sets from an ontology and its annotations, or from a GMT file."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.errors import LandmarksError
from landmarks.files import write_frame
from landmarks.gene_sets import (
    build_gene_sets,
    limit_sizes,
    read_associations,
    read_gmt,
    read_identifiers,
    read_ontology,
    write_gmt,
)


def main(
    *,
    ontology: Annotated[Path | None, typer.Option(help="Ontology in OBO format, may be gzipped.")] = None,
    associations: Annotated[
        Path | None, typer.Option(help="JSON [date, {term: [UniProt accessions]}], may be gzipped.")
    ] = None,
    identifiers: Annotated[
        Path | None, typer.Option(help="JSON [date, [UCSC ids, accessions, symbols, …]], may be gzipped.")
    ] = None,
    gmt: Annotated[Path | None, typer.Option(help="Gene sets in GMT format, instead of those.")] = None,
    namespace: Annotated[str, typer.Option(help="Part of the ontology to keep.")] = "molecular_function",
    minimum: Annotated[int, typer.Option(min=1, help="Fewest genes of a set.")] = 5,
    maximum: Annotated[int, typer.Option(min=1, help="Most genes of a set.")] = 500,
    out_parquet: Annotated[Path, typer.Option(help="Parquet to write: term_id, term_name, gene_symbol.")],
    out_gmt: Annotated[Path, typer.Option(help="GMT file to write.")],
) -> None:
    """Read one of the two sources, keep sets of a useful size, write them twice."""
    if gmt and not (ontology or associations or identifiers):
        sets = limit_sizes(read_gmt(gmt), minimum=minimum, maximum=maximum)
    elif ontology and associations and identifiers and not gmt:
        sets = build_gene_sets(
            read_ontology(ontology),
            read_associations(associations),
            read_identifiers(identifiers),
            namespace=namespace,
            minimum=minimum,
            maximum=maximum,
        )
    else:
        raise LandmarksError(
            "Expected a GMT file, or an ontology with associations and identifiers; found neither or both.",
            hint="give --gmt alone, or --ontology, --associations and --identifiers together.",
        )
    write_frame(sets, out_parquet)
    write_gmt(sets, out_gmt)
