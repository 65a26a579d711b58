"""Write a small frame as TSV and as a page for the report, with four significant digits."""

from pathlib import Path
from typing import Annotated

import typer

from landmarks.files import read_frame, replacing

WORDY = 60
"""A table with a text of more letters than that is read like prose: flush left, in lines that break."""

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: sans-serif; font-size: 14px; margin: 1em; color-scheme: light dark; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.25em 0.8em; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }}
.wordy th, .wordy td {{ text-align: left; vertical-align: top; white-space: normal; }}
</style></head><body>
{table}
</body></html>
"""


def main(
    *,
    frame: Annotated[Path, typer.Option(help="a Parquet frame")],
    out: Annotated[Path, typer.Option(help="TSV")],
    out_page: Annotated[Path, typer.Option(help="HTML")],
) -> None:
    """Write a small frame as TSV and as a page for the report, with four significant digits."""
    table = read_frame(frame)
    with replacing(out) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.4g")
    # A single row is read better as a list than sideways.
    shown = table if len(table) != 1 else table.T.reset_index().set_axis(["", "value"], axis=1)
    wordy = shown.select_dtypes(exclude="number").map(lambda value: len(str(value)) > WORDY).to_numpy().any()
    page = shown.to_html(
        index=False,
        border=0,
        na_rep="",
        float_format=lambda value: f"{value:.4g}",
        classes="wordy" if wordy else None,
    )
    with replacing(out_page) as temporary:
        temporary.write_text(PAGE.format(title=out.stem, table=page), encoding="utf-8")
