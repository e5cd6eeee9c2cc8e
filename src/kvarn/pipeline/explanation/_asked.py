"""Which cell of a published table is asked for, by codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from kvarn.base.published_cells import PublishedCells, Shown, read_published_cells
from kvarn.errors import EditionError
from kvarn.pipeline.comparison import Published

__all__ = ["asked_cells", "meant"]

_MOST = 20


def asked_cells(published: Published, table: str, given: Sequence[str]) -> list[tuple[dict[str, str], Shown]]:
    """The codes of the cell that is asked for, by variable, and what it shows; of all its measures where none is given.

    Parameters
    ----------
    given
        ``variable=code``, one for each variable, and ``measure`` if one is meant; where there is one category alone, it need not
        be given.

    Raises
    ------
    EditionError
        There is no such table, variable or category, or several cells are meant; the error says what could be.
    """
    if table not in published.tables:
        raise EditionError(
            f"There is no table {table!r} in this publication.", file="TABLE", remedy=meant(table, published.tables)
        )
    cells = read_published_cells(published.tables[table])
    asked = _asked(cells, given)
    found = cells.cells
    for name, code in asked.items():
        there = {cells.of(key, name) for key in cells.cells}
        if code not in there:
            raise EditionError(
                f"The variable {name} has no code {code!r} in {table}.", file=name, remedy=meant(code, _sorted(there))
            )
        found = {key: shown for key, shown in found.items() if cells.of(key, name) == code}
    if not found:
        raise EditionError("There is no such cell in the table: no row has these codes together.", file=table)
    missing = [name for name in cells.names if name != "measure" and len({cells.of(key, name) for key in found}) > 1]
    if missing:
        codes = (f"{name}={'|'.join(_sorted({cells.of(key, name) for key in found})[:_MOST])}" for name in missing)
        raise EditionError(
            f"{len(found):,} figures are meant; those of one cell can be explained.",
            file=table,
            remedy=f"Give a code for {'; '.join(codes)}.",
        )
    return [(dict(zip(cells.names, key, strict=True)), shown) for key, shown in found.items()]


def _asked(cells: PublishedCells, given: Sequence[str]) -> Mapping[str, str]:
    asked: dict[str, str] = {}
    for one in given:
        name, equals, code = one.partition("=")
        if not equals:
            raise EditionError(f"{one!r} is no category.", file="variable=code", remedy="Write variable=code, such as year=2023.")
        if name not in cells.names:
            raise EditionError(f"The table has no variable {name!r}.", file=one, remedy=meant(name, cells.names))
        if asked.setdefault(name, code) != code:
            raise EditionError(f"The variable {name} is given twice.", file=one, remedy="Give one code for each variable.")
    return asked


def meant(name: str, known: Iterable[str]) -> str:
    """What was perhaps meant, else what there is."""
    listed = list(known)
    near = difflib.get_close_matches(name, listed, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(listed[:_MOST])}{' …' if len(listed) > _MOST else ''}."


def _sorted(codes: Iterable[str]) -> list[str]:
    return sorted(codes)
