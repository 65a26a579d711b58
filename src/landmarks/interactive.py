"""Tables that are searched and sorted in the browser, offline, by itables and DataTables."""

import itables
import pandas as pd
from itables.javascript import generate_init_offline_itables_html
from markupsafe import Markup

ROWS = 10
"""Rows a page."""
DARK = """<script>
const wanted = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark", wanted.matches);
wanted.addEventListener("change", follow); follow();
</script>"""


def tables_head() -> Markup:
    """Return what a page with such tables holds once, in its head: all of the library."""
    return Markup(generate_init_offline_itables_html(itables.options.dt_bundle) + DARK)


def to_table(frame: pd.DataFrame, name: str) -> Markup:
    """Return a table of a frame, floats with four significant digits, columns of a single value left out.

    Parameters
    ----------
    frame
        All of its rows are in the page; text in it is escaped.
    name
        The element's id.
    """
    # What is the same in all rows, or empty, tells rows apart no better than nothing.
    telling = frame[[column for column in frame.columns if frame[column].nunique(dropna=False) > 1]]
    with pd.option_context("display.float_format", "{:.4g}".format):
        html = itables.to_html_datatable(
            telling,
            connected=False,
            table_id=name,
            showIndex=False,
            maxBytes=0,
            pageLength=ROWS,
            classes="display compact",
            allow_html=False,
        )
    return Markup(html)
