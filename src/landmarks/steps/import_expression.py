"""Import expression files of any known format as three Parquet tables."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from landmarks.annotation import annotate_genes, choose_labels, describe_genes, describe_samples, parse_label_names
from landmarks.errors import LandmarksError
from landmarks.expression import Expression, write_expression
from landmarks.files import write_frame
from landmarks.readers import read_table
from landmarks.readers.base import Orientation, RawTable
from landmarks.readers.joined import join_tables
from landmarks.readers.scale import Scale, to_log2
from landmarks.readers.tables import read_labels

logger = logging.getLogger("landmarks")


def main(
    files: Annotated[
        list[Path], typer.Argument(help="The expression file; several are joined on the genes they share.")
    ],
    *,
    out_dir: Annotated[Path, typer.Option(help="Folder for expression, samples and genes.parquet.")],
    format: Annotated[str, typer.Option(help="auto (by suffix), csv, tsv, parquet or survset.")] = "auto",
    orientation: Annotated[Orientation, typer.Option(help="What the rows of the file are.")] = "auto",
    scale: Annotated[
        Scale, typer.Option(help="Of the values, judged file by file; linear becomes log2(x + 1).")
    ] = "auto",
    gene_pattern: Annotated[
        str, typer.Option(help="Regular expression on gene ids, with groups named symbol, entrez or ensembl.")
    ] = "",
    gene_table: Annotated[
        Path | None,
        typer.Option(help="CSV or TSV: gene ids first, then symbol, entrez or ensembl. Other genes are left out."),
    ] = None,
    gene_prefix: Annotated[
        str, typer.Option(help="Columns that carry it are genes and lose it; others describe samples.")
    ] = "",
    sample_column: Annotated[str, typer.Option(help="Column of sample ids; the first by default.")] = "",
    group_pattern: Annotated[
        str, typer.Option(help="Regular expression on sample ids; its first group is the sample's group.")
    ] = "",
    group_column: Annotated[
        str,
        typer.Option(
            help="Column of the file that holds the group; `file`, where there are several, is the file's name."
        ),
    ] = "",
    labels: Annotated[Path | None, typer.Option(help="CSV or TSV of sample labels.")] = None,
    label_id_column: Annotated[str, typer.Option(help="Its column of sample ids; default: first.")] = "",
    label_column: Annotated[str, typer.Option(help="Its column of labels; default: the other.")] = "",
    label_names: Annotated[str, typer.Option(help="Names of codes: '0=normal-like,1=basal'.")] = "",
    sha256: Annotated[str, typer.Option(help="SHA-256 of a pickle; FILE.sha256 by default.")] = "",
) -> None:
    """Read, bring to log2, describe genes and samples, and write."""
    if labels is None and (label_id_column or label_column or label_names):
        raise LandmarksError(
            "Expected --labels with --label-id-column, --label-column and --label-names, found none.",
            hint="give the file of labels, or leave these options out.",
        )
    tables = []
    for file in files:
        table = read_table(
            file,
            format,
            orientation=orientation,
            gene_prefix=gene_prefix,
            sample_column=sample_column,
            sha256=sha256,
        )
        tables.append(RawTable(to_log2(table.expression, scale), table.samples))
    table = join_tables(tables, files)
    chosen = None
    if labels is not None:
        names = parse_label_names(label_names)
        chosen = choose_labels(read_labels(labels), label_id_column, label_column, names)
    genes = describe_genes(table.expression.gene_ids.tolist(), gene_pattern)
    if gene_table is not None:
        genes = annotate_genes(genes, read_labels(gene_table))
    samples = describe_samples(table.samples, group_pattern=group_pattern, group_column=group_column, labels=chosen)
    ids = genes["gene_id"].to_numpy(object)
    expression = Expression(table.expression.sample_ids, ids, table.expression.columns(ids))
    write_expression(out_dir / "expression.parquet", expression)
    write_frame(samples, out_dir / "samples.parquet")
    write_frame(genes, out_dir / "genes.parquet")
    shape = " samples × ".join(f"{size:,}" for size in expression.values.shape)
    logger.info(
        "Imported %s: %s genes, %s groups.", ", ".join(map(str, files)), shape, f"{samples['group'].nunique():,}"
    )
