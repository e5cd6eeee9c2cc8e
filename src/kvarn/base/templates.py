"""Pages made from templates: whatever is filled in is escaped, and nothing may be missing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

__all__ = ["templates_of"]


@functools.cache
def templates_of(package: str, folder: str = ".") -> jinja2.Environment:
    """The templates in a folder of a package, each compiled once."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
