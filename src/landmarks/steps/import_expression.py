"""Import expression files of any known format as three Parquet tables."""

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from landmarks.annotation import annotate_genes, choose_labels, describe_genes, describe_samples, parse_label_names
from landmarks.errors import LandmarksError
from landmarks.files import write_frame
from landmarks.gene_metadata import usual_names
from landmarks.gene_tables import name_genes, read_gene_names
from landmarks.matrices import Room, iterate_blocks
from landmarks.options import mapping
from landmarks.readers import open_tables
from landmarks.readers.base import Orientation, ReadOptions
from landmarks.readers.expected import check_range, check_shape
from landmarks.readers.joined import select_genes
from landmarks.readers.scale import Scale
from landmarks.readers.tables import read_labels
from landmarks.writing import write_expression_blocks

logger = logging.getLogger("landmarks")

ROW_GROUPS = 3 / 4
"""Share of the memory for what is collected before it is written; see `Room`."""


def main(
    files: Annotated[
        list[Path], typer.Argument(help="The expression file; several are joined on the genes they share.")
    ],
    *,
    out_dir: Annotated[Path, typer.Option(help="Folder for expression, samples and genes.parquet.")],
    format: Annotated[
        str, typer.Option(help="auto (by suffix), csv, tsv, parquet, gctx, gct, series, h5ad or survset.")
    ] = "auto",
    orientation: Annotated[Orientation, typer.Option(help="What the rows of the file are.")] = "auto",
    scale: Annotated[
        Scale,
        typer.Option(
            help="Of the values, judged file by file; linear becomes log2(x + 1), counts log2(counts per million + 1)."
        ),
    ] = "auto",
    gene_pattern: Annotated[
        str, typer.Option(help="Regular expression on gene ids, with groups named symbol, entrez or ensembl.")
    ] = "",
    gene_table: Annotated[
        Path | None,
        typer.Option(help="CSV or TSV: gene ids first, then symbol, entrez or ensembl. Other genes are left out."),
    ] = None,
    gene_names: Annotated[
        list[Path] | None, typer.Option(help="CSV or TSV of more names of genes; no gene is left out.")
    ] = None,
    gene_columns: Annotated[
        list[str] | None,
        typer.Option(help="What the columns of each --gene-names hold, as ',ensembl,gene_id'; empty: it has headings."),
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
    labels: Annotated[
        Path | None, typer.Option(help="CSV or TSV of sample labels; by default they are of the file itself.")
    ] = None,
    label_id_column: Annotated[str, typer.Option(help="Its column of sample ids; default: first.")] = "",
    label_column: Annotated[str, typer.Option(help="Its, or else the file's, column of labels.")] = "",
    label_pattern: Annotated[
        str, typer.Option(help="Regular expression on it; its first group, or the whole match, is the label.")
    ] = "",
    label_names: Annotated[str, typer.Option(help="Names of codes: '0=normal-like,1=basal'.")] = "",
    sha256: Annotated[str, typer.Option(help="SHA-256 of a pickle; FILE.sha256 by default.")] = "",
    expected: Annotated[
        str, typer.Option(help='samples, genes, lowest and highest, as far as known: {"samples": 130}.')
    ] = "",
    memory_mb: Annotated[
        float, typer.Option(help="Bounds the values held; larger files are read in parts.", min=1)
    ] = 2000,
) -> None:
    """Read, bring to log2, describe genes and samples, and write."""
    if (labels is None and label_id_column) or (not (labels or label_column) and (label_pattern or label_names)):
        raise LandmarksError(
            "Expected --labels with --label-id-column, and --labels or --label-column with --label-pattern and "
            "--label-names, found none.",
            hint="give the file of labels, or name the column of the matrix's own annotation.",
        )
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        room = Room(out_dir.parent, memory_mb, closing)
        table = open_tables(files, format, ReadOptions(orientation, gene_prefix, sample_column, sha256), scale, room)
        known_of_file = mapping(expected)
        check_shape(table.matrix.shape, known_of_file, str(files[0]))
        known = None
        if labels or label_column:
            source = read_labels(labels) if labels else table.samples
            known = choose_labels(source, label_id_column, label_column, parse_label_names(label_names), label_pattern)
        samples = describe_samples(table.samples, group_pattern=group_pattern, group_column=group_column, labels=known)
        genes = describe_genes(table.gene_ids.tolist(), gene_pattern)
        if gene_table is not None:
            genes = annotate_genes(genes, read_labels(gene_table))
        elif not gene_pattern:
            genes = genes.assign(**usual_names(table.genes))
        for names, columns in zip(gene_names or [], gene_columns or [""] * len(gene_names or []), strict=True):
            genes = name_genes(genes, read_gene_names(names, columns.split(",") if columns else []))
        chosen = select_genes(table, genes["gene_id"].to_numpy(object))
        read = (values for _, values in iterate_blocks(chosen.matrix, room.block_mb))
        blocks = check_range(read, known_of_file, str(files[0]))
        target = out_dir / "expression.parquet"
        write_expression_blocks(target, chosen.sample_ids, chosen.gene_ids, blocks, memory_mb * ROW_GROUPS)
    write_frame(samples, out_dir / "samples.parquet")
    write_frame(genes, out_dir / "genes.parquet")
    shape = " samples × ".join(f"{size:,}" for size in chosen.matrix.shape)
    logger.info(
        "Imported %s: %s genes, %s groups.", ", ".join(map(str, files)), shape, f"{samples['group'].nunique():,}"
    )
