"""Pages for people: one file each, which needs nothing else and no network."""

from typing import Any

import jinja2


def render(template: str, **values: Any) -> str:
    """Return a page made of a template of this package; every value is escaped as HTML.

    Parameters
    ----------
    template
        A file of ``landmarks/templates``.
    values
        What it names; a name that is missing is an error.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("landmarks"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template(template).render(**values)
