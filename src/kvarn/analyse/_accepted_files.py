"""The tables against what was collected: no zero, and no other figure, where no file was accepted.

A check on facts: it reads the log of the deliveries, and nothing of what counting made of it (`_coverage`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse._columns import Care
from kvarn.analyse._ratio import NOT_AVAILABLE
from kvarn.analyse._tables import read_tables
from kvarn.analyse.disclosure.written.relations import Key, is_zero_where_not_available, key_of, name_of
from kvarn.errors import ConsistencyError, InputError
from kvarn.programme import current_programme

__all__ = [
    "AcceptedFiles",
    "accepted_files",
    "check_accepted",
    "check_protected_tables",
    "check_table",
    "check_unprotected_tables",
]

_COUNTRY, _YEAR = "00", "T"
_WITHHELD = "X"
# A cell as it is shown: where it stands, which it is, and the figure or symbol.
Shown = tuple[str, Key, str]
_Place = tuple[str, int, str, str]


@dataclass(frozen=True)
class AcceptedFiles:
    """The municipalities and months of which a file was accepted, by type and year.

    Attributes
    ----------
    months
        By type, year and municipality.
    somewhere
        Each type, year, region and month (``00`` and ``T`` among them) in which there is any.
    """

    months: Mapping[tuple[str, int, str], frozenset[int]]
    somewhere: frozenset[_Place]

    def any_of(self, measure: metadata.Measure, key: Key) -> bool:
        """Whether something was accepted of everything that a cell is made of."""
        held = dict(key[2])
        place = held.get("region", _COUNTRY), held.get("month", _YEAR)
        return all((kind, key[1], *place) in self.somewhere for kind in measure.file_types)

    def told(self, measure: metadata.Measure, key: Key) -> str:
        """What a measure of coverage is: municipalities with an accepted file, or the months of such files."""
        region = dict(key[2]).get("region", _COUNTRY)
        there = self._in_region.get((measure.coverage_of or "", key[1], region), ())
        return str(sum(there) if measure.name.startswith("months") else len(there))

    @functools.cached_property
    def _in_region(self) -> Mapping[tuple[str, int, str], Sequence[int]]:
        """By type, year and region: of each municipality there with an accepted file, of how many months."""
        found: dict[tuple[str, int, str], list[int]] = {}
        for (kind, year, municipality), months in self.months.items():
            for region in (_COUNTRY, municipality[:2], municipality):
                found.setdefault((kind, year, region), []).append(len(months))
        return found


def accepted_files(collected: Path, years: Iterable[int], *, care: Care = "reported") -> AcceptedFiles:
    """What was accepted in these years, from the log of the deliveries in force.

    Parameters
    ----------
    collected
        The folder of the edition's collected deliveries.
    care
        As in the edition: with ``reported_or_procedure`` files of procedures tell of persons too.

    Raises
    ------
    InputError
        A year has not been collected.
    """
    months: dict[tuple[str, int, str], set[int]] = {}
    for year in years:
        path = collected / str(year) / "deliveries.parquet"
        if not path.is_file():
            raise InputError("The year has not been collected.", file=path, remedy="Run kvarn publish for the edition.")
        log = pq.read_table(path, columns=["type", "municipality", "month", "in_force"]).to_pandas()
        for row in log[log["in_force"].astype(bool)].dropna().itertuples():
            kinds = {row.type, current_programme().about.periods} if care == "reported_or_procedure" else {row.type}
            for kind in kinds:
                months.setdefault((kind, year, row.municipality), set()).add(int(row.month))
    somewhere = {
        (kind, year, region, month)
        for (kind, year, municipality), of in months.items()
        for region in (_COUNTRY, municipality[:2], municipality)
        for month in (_YEAR, *(f"{one:02d}" for one in of))
    }
    return AcceptedFiles({key: frozenset(of) for key, of in months.items()}, frozenset(somewhere))


def check_accepted(cells: Iterable[Shown], accepted: AcceptedFiles) -> None:
    """Hold cells as they are shown to what was accepted.

    Raises
    ------
    ConsistencyError
        A figure, a zero or a withheld figure stands where no file was accepted; a count is not available although one was; or a
        figure on how much was accepted is not what was.
    """
    for place, key, shown in cells:
        measure = metadata.measure(key[0])
        if measure.coverage_of is not None:
            if shown != accepted.told(measure, key):
                raise _wrong("What a table says of how much was accepted is not what was accepted.", place, key, measure)
        elif not measure.file_types:
            continue
        elif not accepted.any_of(measure, key):
            if shown != NOT_AVAILABLE:
                what = "A zero stands" if "0" in shown and not shown.strip("0.") else "A figure stands"
                raise _wrong(f"{what} where no file was accepted: nothing is known there.", place, key, measure)
        elif shown == NOT_AVAILABLE and not measure.is_function and is_zero_where_not_available(key):
            raise _wrong("A count is not available although a file was accepted.", place, key, measure)


def check_table(name: str, table: pd.DataFrame, accepted: AcceptedFiles) -> None:
    """Hold one table, unprotected or protected, to what was accepted. Raises as `check_accepted`."""
    check_accepted(_shown(name, table), accepted)


def check_unprotected_tables(folder: Path, collected: Path, *, care: Care = "reported") -> None:
    """Hold all unprotected tables of an edition to what was accepted.

    Raises
    ------
    ConsistencyError
        As `check_accepted`.
    InputError
        There are no tables, or a year of theirs has not been collected.
    """
    _check(read_tables(folder), collected, care)


def check_protected_tables(folder: Path, collected: Path, *, care: Care = "reported") -> None:
    """The same of the protected tables, as they are written. Raises as `check_unprotected_tables`."""
    paths = sorted(folder.glob("*.csv"))
    _check({path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths}, collected, care)


def _check(tables: Mapping[str, pd.DataFrame], collected: Path, care: Care) -> None:
    years = sorted({int(year) for table in tables.values() for year in table["year"]})
    accepted = accepted_files(collected, years, care=care)
    for name, table in tables.items():
        check_table(name, table, accepted)


def _shown(name: str, table: pd.DataFrame) -> Iterator[Shown]:
    variables = [variable for variable in metadata.table(name).variables if variable != "year"]
    columns = [table[variable].tolist() for variable in variables]
    shown = table["value"] if "status" not in table else table["value"].where(table["status"] == "", table["status"])
    told = [one.tolist() for one in (table["measure"], table["year"], shown)]
    for measure, year, value, *codes in zip(*told, *columns, strict=True):
        yield name, key_of(str(measure), year, dict(zip(variables, map(str, codes), strict=True))), str(value)


def _wrong(what: str, place: str, key: Key, measure: metadata.Measure) -> ConsistencyError:
    types = ", ".join(sorted(measure.file_types)) or measure.coverage_of
    return ConsistencyError(
        what,
        cells=(f"{place}: {name_of(key)}", f"accepted files ({types}) of {key[1]}"),
        remedy="Keep the rows that the register's counts give: they have `..` where nothing was accepted.",
    )
