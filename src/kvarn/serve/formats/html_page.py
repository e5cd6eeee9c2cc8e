"""A page with the table and its notes, which fetches and runs nothing."""

from __future__ import annotations

from kvarn.base.page_policy import with_policy
from kvarn.base.templates import templates_of
from kvarn.serve.formats.grid import NIL, grid, notes_of
from kvarn.serve.formats.options import Options
from kvarn.serve.selection import Chosen

__all__ = ["write_html"]

_TEMPLATE = "table.html.j2"


def write_html(chosen: Chosen, language: str, options: Options) -> bytes:
    """A table whose heads are heads for readers of screens, too; whatever stands in it is escaped."""
    shown = grid(chosen, language, options)
    levels = [
        [(name, _width(chosen, level)) for name in [column[level] for column in shown.columns][:: _width(chosen, level)]]
        for level in range(len(chosen.heading))
    ]
    table = chosen.table
    page = templates_of("kvarn.serve.formats").get_template(_TEMPLATE).render(
        language=language,
        title=table.labels[language],
        synthetic=table.synthetic,
        notices=table.notes[language][: table.mandatory_notes],
        stub=shown.stub,
        levels=levels,
        rows=[
            (heads, [cell.symbol or (NIL if cell.nil else cell.number) for cell in cells]) for heads, cells in shown.rows
        ],
        notes=notes_of(chosen, language),
    )  # fmt: skip
    return with_policy(page, _TEMPLATE).encode("utf-8")


def _width(chosen: Chosen, level: int) -> int:
    """Over how many columns a category of a level of the heading stands."""
    wide = 1
    for one in chosen.heading[level + 1 :]:
        wide *= len(one.codes)
    return wide
