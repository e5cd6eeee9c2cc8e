"""Where nothing was accepted there is no figure: which cells that concerns, and how much stands behind all others.

A count is made of one type of file. Of a municipality, month or year from which no file of the type was accepted nobody knows how
many persons or procedures there were, so its figure is ``..`` and not zero; with an accepted file in which nobody is, it is zero.
For disclosure control a figure that is not available for this reason is a zero that everybody knows: nothing of the place is in
any total. What distinguishes it from other figures that are not available is its ``contributors``, which are 0 and not empty.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from kvarn.analyse._classification import listed, position, with_all_above
from kvarn.analyse._columns import COUNTED, Care
from kvarn.analyse._ratio import NOT_AVAILABLE
from kvarn.metadata import measure as measure_named
from kvarn.metadata import own_codelist
from kvarn.programme import current_programme

__all__ = ["COVERED", "Coverage", "Covered", "coverage_frame", "file_type_of", "unknown_rows", "with_what_was_not_reported"]

# What coverage is told of: persons (and their months), or procedures (and the persons who had them).
Covered = Literal["persons", "procedures"]
COVERED: tuple[Covered, ...] = get_args(Covered)
_REGION, _MONTH = "region", "month"
_COUNTRY, _YEAR = "00", "T"


@dataclass(frozen=True)
class Coverage:
    """The files that were accepted in one year: type, municipality as a number, month.

    Attributes
    ----------
    care
        With ``reported_or_procedure`` a file of procedures tells of persons who had care, too.
    """

    files: frozenset[tuple[str, int, int]]
    care: Care = "reported"

    def municipalities(self, file_type: str) -> dict[str, set[int]]:
        """The months of which something was accepted, by municipality."""
        about = current_programme().about
        both = file_type == about.periods and self.care == "reported_or_procedure"
        types = {file_type, about.events} if both else {file_type}
        found: dict[str, set[int]] = {}
        for kind, municipality, month in self.files:
            if kind in types:
                found.setdefault(f"{municipality:04d}", set()).add(month)
        return found

    def places(self, file_types: Iterable[str]) -> set[tuple[str, str]]:
        """Each region and month (``00`` and ``T`` among them) in which something of every one of these types was accepted."""
        types = tuple(file_types)
        if types not in self._places:
            self._places[types] = frozenset.intersection(*(frozenset(self._places_of(kind)) for kind in types))
        return set(self._places[types])

    @functools.cached_property
    def _places(self) -> dict[tuple[str, ...], frozenset[tuple[str, str]]]:
        """What `places` has been asked for: each count of each table asks."""
        return {}

    def _places_of(self, file_type: str) -> Iterable[tuple[str, str]]:
        for municipality, months in self.municipalities(file_type).items():
            for region in with_all_above(_REGION, municipality):
                yield region, _YEAR
                yield from ((region, f"{month:02d}") for month in months)


def with_what_was_not_reported(
    frame: pd.DataFrame, by: Sequence[str], measure: str, coverage: Mapping[int, Coverage]
) -> pd.DataFrame:
    """A tidy frame with a row ``..`` for every cell of which nothing was accepted; `coverage` is that of each year asked for."""
    types = measure_named(measure).file_types
    if not types:
        return frame
    gaps = [row for year, of in coverage.items() for row in _uncovered(frame, by, year, of.places(types))]
    return _longer(frame, pd.DataFrame(gaps, columns=list(by)), by, measure, contributors=0) if gaps else frame


def unknown_rows(
    frame: pd.DataFrame, by: Sequence[str], year: int, measure: str, regions: Iterable[str], variable: str
) -> pd.DataFrame:
    """A tidy frame in which every part of the total of `variable` is ``..`` in these regions: how many there are is not known."""
    parts = listed(variable).children(str(listed(variable).total))
    chosen = set(regions)
    here = frame[variable].isin(parts) & (frame[_REGION].isin(chosen) if _REGION in by else True)
    kept = frame[~(here & (frame["value"] != NOT_AVAILABLE))]
    choices = [_choices(frame, name) for name in by if name not in ("year", _REGION, variable)]
    names = [name for name in by if name not in ("year", _REGION, variable)]
    places = sorted(chosen, key=lambda code: position(_REGION, code)) if _REGION in by else [None]
    rows = [
        {"year": year, _REGION: place, variable: part, **dict(zip(names, codes, strict=True))}
        for place in places
        for part in parts
        for codes in itertools.product(*choices)
    ]
    return _longer(kept, pd.DataFrame(rows)[list(by)], by, measure, contributors=None) if rows else kept


def coverage_frame(of: Covered, by: Sequence[str], coverage: Mapping[int, Coverage]) -> pd.DataFrame:
    """How many municipalities there are, and of how many of them, and of how many months together, something was accepted.

    A tidy frame of the measures ``municipalities``, ``municipalities_<of>`` and ``months_<of>``, by `by`: the same in each
    category of what is no region.
    """
    names = [name for name in by if name not in ("year", _REGION)]
    every: dict[str, list[str]] = {code: [] for code in listed(_REGION).codes}
    for leaf in listed(_REGION).leaves:
        for above in with_all_above(_REGION, leaf):
            every[above].append(leaf)
    regions = list(every) if _REGION in by else [_COUNTRY]
    rows = []
    for year, covered in coverage.items():
        months = covered.municipalities(file_type_of(of))
        for region in regions:
            there = [len(months[code]) for code in every[region] if code in months]
            told = {"municipalities": len(every[region]), f"municipalities_{of}": len(there), f"months_{of}": sum(there)}
            for codes in itertools.product(*(listed(name).codes for name in names)):
                cell = {"year": year, _REGION: region, **dict(zip(names, codes, strict=True))}
                rows += [{**cell, "measure": measure, "value": value} for measure, value in told.items()]
    frame = pd.DataFrame(rows)[[*by, "measure", "value"]]
    return frame.assign(contributors=pd.array([pd.NA] * len(frame), dtype="Int64"))


def file_type_of(of: Covered) -> str:
    """The file type that tells of persons, or of events; empty where the register has none of them."""
    about = current_programme().about
    return about.periods if of == "persons" else about.events or ""


def _uncovered(frame: pd.DataFrame, by: Sequence[str], year: int, covered: set[tuple[str, str]]) -> Iterable[tuple[object, ...]]:
    regions = listed(_REGION).codes if _REGION in by else [_COUNTRY]
    months = listed(_MONTH).codes if _MONTH in by else [_YEAR]
    places = [(region, month) for region in regions for month in months if (region, month) not in covered]
    names = [name for name in by if name not in ("year", _REGION, _MONTH)]
    for codes in itertools.product(*(_choices(frame, name) for name in names)) if places else ():
        held: dict[str, object] = {"year": year, **dict(zip(names, codes, strict=True))}
        for region, month in places:
            held |= {_REGION: region, _MONTH: month}
            yield tuple(held[name] for name in by)


def _choices(frame: pd.DataFrame, name: str) -> list[str]:
    """The categories that a table can show: of an official list only the codes that are there, as ten thousand never are."""
    shown = {*own_codelist(listed(name).name).codes, *frame[name]}
    return [code for code in listed(name).codes if code in shown]


def _longer(
    frame: pd.DataFrame, cells: pd.DataFrame, by: Sequence[str], measure: str, *, contributors: int | None
) -> pd.DataFrame:
    """`frame` and the cells that it has not, in the order of the code lists. What was counted is never replaced."""
    keys = list(by)
    known = set(frame[keys].itertuples(index=False, name=None))
    cells = cells[[row not in known for row in cells.itertuples(index=False, name=None)]]
    if cells.empty:
        return frame
    counted = [name for name in ("contributors", *COUNTED) if name in frame.columns]
    behind = pd.array([pd.NA if contributors is None else contributors] * len(cells), dtype="Int64")
    cells = cells.assign(measure=measure, value=NOT_AVAILABLE, **dict.fromkeys(counted, behind))
    both = pd.concat([frame.astype({"value": object}), cells], ignore_index=True) if len(frame) else cells[frame.columns]
    places = {name: {code: place for place, code in enumerate(listed(name).codes)} for name in keys if name != "year"}
    ordered = both.sort_values(keys, key=lambda column: column.map(places[column.name]) if column.name in places else column)
    return ordered.reset_index(drop=True)[list(frame.columns)]
