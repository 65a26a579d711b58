"""Put what the paper reports beside the same numbers of this run."""

import logging
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from landmarks.comparison import read_evaluations
from landmarks.files import read_frame, write_frame
from landmarks.options import mapping
from landmarks.published import Run
from landmarks.published_comparison import compare, tabulate

logger = logging.getLogger("landmarks")


def main(
    *,
    split: Annotated[Path, typer.Option(help="split.parquet")],
    duplicates: Annotated[Path, typer.Option(help="the compendium's dropped samples")],
    autoencoder: Annotated[Path, typer.Option(help="genes.parquet of the autoencoder")],
    panels: Annotated[
        list[Path] | None, typer.Option(help="DeepLIFT's and L1000's panels, as …/<selector>/k<k>/seed<seed>.parquet")
    ] = None,
    evaluations: Annotated[
        list[Path] | None, typer.Option(help="their genes.parquet, in folders …/<model>/<selector>/k<k>/seed<seed>/")
    ] = None,
    transfer: Annotated[Path | None, typer.Option(help="DeepLIFT's genes.parquet on another platform")] = None,
    dataset: Annotated[str, typer.Option(help="that other platform")] = "",
    terms: Annotated[Path | None, typer.Option(help="terms.parquet of DeepLIFT's panel")] = None,
    method: Annotated[str, typer.Option(help="how samples were held out: random or grouped")],
    model: Annotated[str, typer.Option(help="inference model")],
    k: Annotated[int, typer.Option(help="panel size")],
    duplicate_settings: Annotated[str, typer.Option(help="duplicates of the config, as JSON")],
    autoencoder_settings: Annotated[str, typer.Option(help="autoencoder of the config, as JSON")],
    model_settings: Annotated[str, typer.Option(help="of the inference model, as JSON")],
    out: Annotated[Path, typer.Option(help="a row a published number")],
    out_table: Annotated[Path, typer.Option(help="the same as a table to be read")],
) -> None:
    """Put what the paper reports beside the same numbers of this run."""
    chosen = [
        read_frame(path, ["gene_id"]).assign(selector=path.parent.parent.name)  # from <selector>/k<k>/
        for path in panels or []
    ]
    nothing = pd.DataFrame(columns=["selector", "gene_id"])
    compared = compare(
        Run(
            split=read_frame(split, ["part"]),
            duplicates=read_frame(duplicates, ["sample_id"]),
            autoencoder=read_frame(autoencoder, ["gene_id", "mae", "pcc", "significant"]),
            panels=pd.concat(chosen) if chosen else nothing,
            evaluations=read_evaluations(evaluations) if evaluations else nothing,
            transfer=read_evaluations([transfer]) if transfer else nothing,
            terms=read_frame(terms, ["q"]) if terms else None,
            method=method,
            model=model,
            k=k,
            dataset=dataset,
            duplicate_settings=mapping(duplicate_settings),
            autoencoder_settings=mapping(autoencoder_settings),
            model_settings=mapping(model_settings),
        )
    )
    logger.info("%d of %d published numbers compare", compared["comparable"].sum(), len(compared))
    write_frame(compared, out)
    write_frame(tabulate(compared), out_table)
