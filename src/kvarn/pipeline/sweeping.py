"""Trials of one edition side by side, each with another value of one parameter; and what they withhold and show otherwise."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.files import SECRET, replace_file
from kvarn.base.published_cells import read_published_cells
from kvarn.disseminate.protected import SUPPRESSED
from kvarn.edition import TRIALS
from kvarn.errors import EditionError
from kvarn.pipeline.comparison import Published, compare_tables

__all__ = ["Swept", "Variant", "side_by_side", "variants_of", "write_side_by_side"]

_EXAMPLE = "Write the parameter and its values with commas between them: --sweep disclosure.threshold=4,5,10."
_COLUMNS = ("table", "value", "cells", "withheld", "other_than_first")


@dataclass(frozen=True)
class Variant:
    """One of the trials.

    Attributes
    ----------
    name
        The trial's, as ``--as`` would give it.
    override
        What is overridden, as ``--set`` would say it.
    value
        The value alone.
    """

    name: str
    override: str
    value: str


@dataclass(frozen=True)
class Swept:
    """A table of one of the trials: how many cells it has, how many are withheld, and how many differ from the first trial's."""

    table: str
    value: str
    cells: int
    withheld: int
    other_than_first: int


def variants_of(sweep: str, params: Path) -> tuple[Variant, ...]:
    """The trials that ``KEY=VALUE,VALUE…`` asks for.

    Raises
    ------
    EditionError
        There is no key, fewer than two values, or two of them that are the same or would be trials of one name.
    """
    key, _, listed = (part.strip() for part in sweep.partition("="))
    values = [value.strip() for value in listed.split(",")]
    if not key or len(values) < 2 or not all(values):
        raise EditionError("A sweep has a parameter and two values or more.", file="--sweep", key=key or None, remedy=_EXAMPLE)
    if any(sign in listed for sign in "[]{}"):
        what = "The values of a sweep are numbers, words, true or false, and no lists or mappings."
        raise EditionError(what, file="--sweep", key=key, remedy="Make a trial of each with --as and --set.")
    variants = tuple(Variant(_name(params, key, value), f"{key}={value}", value) for value in values)
    if len({one.name for one in variants}) < len(variants):
        what = "Two values of the sweep are the same, or would be trials of one name."
        raise EditionError(what, file="--sweep", key=key, remedy=_EXAMPLE)
    return variants


def side_by_side(variants: Sequence[Variant], made: Sequence[Published]) -> tuple[Swept, ...]:
    """What each trial withholds and shows otherwise than the first, table by table."""
    rows = []
    for one, trial in zip(variants, made, strict=True):
        changed = {change.table: len(change.changes) for change in compare_tables(made[0], trial)}
        for table, file in trial.tables.items():
            shown = read_published_cells(file).cells.values()
            withheld = sum(cell.status == SUPPRESSED for cell in shown)
            rows.append(Swept(table, one.value, len(shown), withheld, changed[table]))
    order = [one.value for one in variants]
    return tuple(sorted(rows, key=lambda row: (row.table, order.index(row.value))))


def write_side_by_side(rows: Sequence[Swept], sweep: str, root: Path, params: Path) -> Path:
    """The same as CSV among the trials, for the office alone: `table`, `value`, `cells`, `withheld`, `other_than_first`."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows([row.table, row.value, row.cells, row.withheld, row.other_than_first] for row in rows)
    file = root / "restricted" / TRIALS / f"{_name(params, sweep.partition('=')[0], 'sweep')}.csv"
    replace_file(file, written.getvalue().encode(), mode=SECRET)
    return file


def _name(params: Path, key: str, value: str) -> str:
    """A name as editions have them: small letters, digits and hyphens."""
    said = f"{params.stem}-{key.strip()}-{value}"
    return re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-")
