"""The protected tables cut for single codes of a list: what a page about one municipality, say, may show.

Of each table that has the variable, a code has its own rows, those of the codes above it, and those of the codes most like it. A
table without the variable is about all codes together, and goes with the code above all others alone. So what a page is made of
changes when a figure that it can show changes, and not otherwise.
"""

from __future__ import annotations

import csv
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import pstdev

from kvarn import metadata
from kvarn.base.published_cells import read_published_cells
from kvarn.disseminate.places import codes_above, name_of
from kvarn.edition import Profile, Similar
from kvarn.errors import InputError

__all__ = ["most_like", "places_of", "write_places"]

_NOTES = "notes.json"
_PROTECTED = "protected"


def places_of(profile: Profile, protected: Path, tables: Sequence[str]) -> tuple[str, ...]:
    """The codes that a notebook is run for: those of the edition that have a row in one of the tables that it reads.

    Raises
    ------
    InputError
        A code that the edition names has a row in none of them.
    """
    there: set[str] = set()
    for name in tables:
        if profile.for_each in metadata.table(name).variables:
            there.update(_rows(protected / f"{name}.csv", profile.for_each)[1])
    for code in profile.only:
        if code not in there:
            raise InputError(
                f"No table that the notebook reads has the code {code!r} of {profile.for_each}.",
                file="the edition's parameters",
                field="profiles",
                remedy="Take it out of only, or let the notebook read a table that has it.",
            )
    return tuple(code for code in profile.codes if code in there)


def write_places(
    profile: Profile, protected: Path, tables: Sequence[str], folder: Path, *, year: int
) -> dict[str, tuple[str, ...]]:
    """Write the tables cut for each code below `folder`; of each code, those that are most like it.

    Parameters
    ----------
    protected
        The protected tables.
    tables
        Those of them that the notebook reads.
    year
        The year by whose figures the codes most like each are found.
    """
    codes = places_of(profile, protected, tables)
    top = metadata.variable(profile.for_each).codes
    total = None if top is None else top.total
    like = {} if profile.similar is None else most_like(profile.for_each, profile.similar, protected, year=year)
    cut = {name: _rows(protected / f"{name}.csv", profile.for_each) for name in tables}
    for code in codes:
        family = {code, *codes_above(profile.for_each, code), *like.get(code, ())}
        place = folder / name_of(code) / _PROTECTED
        place.mkdir(parents=True)
        for name, (head, rows) in cut.items():
            if profile.for_each in metadata.table(name).variables:
                kept = sorted(row for one in family for row in rows.get(one, ()))
                (place / f"{name}.csv").write_text(head + "".join(line for _, line in kept), encoding="utf-8", newline="")
            elif code == total:
                shutil.copyfile(protected / f"{name}.csv", place / f"{name}.csv")
        if (protected / _NOTES).is_file():
            _same(protected / _NOTES, place / _NOTES, folder / name_of(codes[0]) / _PROTECTED / _NOTES)
    return {code: like.get(code, ()) for code in codes}


def _same(file: Path, place: Path, first: Path) -> None:
    """A file that every place has: one on the disk, where the file system lets it have several names."""
    if first != place:
        try:
            os.link(first, place)
            return
        except OSError:
            pass
    shutil.copyfile(file, place)


def _rows(file: Path, variable: str) -> tuple[str, Mapping[str, list[tuple[int, str]]]]:
    """The first line of a table, and by code its other lines with their places; no lines where it lacks the variable."""
    found: dict[str, list[tuple[int, str]]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        head = next(lines, "")
        names = next(csv.reader([head]), [])
        if variable in names:
            column = names.index(variable)
            for place, line in enumerate(lines):
                found.setdefault(next(csv.reader([line]))[column], []).append((place, line))
    return head, found


def most_like(variable: str, similar: Similar, protected: Path, *, year: int) -> dict[str, tuple[str, ...]]:
    """For each code those of the same level that are most like it, the nearest first.

    How far two are apart is told by two figures, each in standard deviations of all codes of the level: the measure, by its
    logarithm, and the share of a part of it. Both are public from the start, so that who is like whom tells nothing else.
    """
    table = read_published_cells(protected / f"{similar.table}.csv")
    known = {}
    for key, shown in table.cells.items():
        codes = dict(zip(table.names, key, strict=True))
        if codes.pop("measure") == similar.measure and int(codes.pop("year")) == year and not shown.status:
            known[tuple(sorted(codes.items()))] = float(shown.value)
    variables = [name for name in metadata.table(similar.table).variables if name not in ("year", variable)]
    totals = {name: str(listed.total) for name in variables if (listed := metadata.variable(name).codes) is not None}
    levels: dict[int, dict[str, tuple[float, float]]] = {}
    listed = metadata.variable(variable).codes
    for code in () if listed is None else listed.codes:
        whole = known.get(tuple(sorted({**totals, variable: code}.items())), 0.0)
        part = known.get(tuple(sorted({**totals, **similar.share, variable: code}.items())))
        if whole > 0 and part is not None:
            levels.setdefault(len(codes_above(variable, code)), {})[code] = (math.log(whole), part / whole)
    return {code: _nearest(code, level, similar.number) for level in levels.values() for code in level}


def _nearest(code: str, level: Mapping[str, tuple[float, float]], number: int) -> tuple[str, ...]:
    spread = [pstdev(values) or 1.0 for values in zip(*level.values(), strict=True)]
    own = level[code]

    def apart(other: str) -> float:
        return math.hypot(*((a - b) / by for a, b, by in zip(level[other], own, spread, strict=True)))

    return tuple(sorted((one for one in level if one != code), key=lambda one: (apart(one), one))[:number])
