"""The relations that statements are asked of: the register's files, and the categories that their values belong to."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from kvarn.analyse import _query
from kvarn.analyse._classification import OF_PERSON, listed
from kvarn.analyse._columns import Care
from kvarn.analyse._coverage import Coverage
from kvarn.analyse._engine import Engine
from kvarn.analyse._memberships import Codes, members, members_of_cooperation, members_of_professions
from kvarn.analyse._record_keys import with_record_keys
from kvarn.errors import CodeListError, InputError
from kvarn.metadata import codes_of_periods

__all__ = ["Sources"]

# Where and when a procedure was: the variable, its column in a condensed relation, and how it is found. 1900 began on a Monday.
_DETAIL = {
    "region": ("municipality", "municipality"),
    "municipality": ("municipality", "municipality"),
    "month": ("month", "CAST(EXTRACT(MONTH FROM date) AS TINYINT)"),
    "weekday": ("weekday", "CAST(DATE_DIFF('day', DATE '1900-01-01', date) % 7 + 1 AS TINYINT)"),
}


class Sources:
    """Each relation by its name, made when it is first asked for; ``persons`` with a ``record_key`` if `keys` are wanted, and
    months with `care` as `kvarn.analyse.Register` has it.

    Raises
    ------
    InputError
        The register, or a year of it, is not there.
    """

    def __init__(self, folder: Path, engine: Engine, *, keys: bool = False, care: Care = "reported") -> None:
        self.folder = folder
        self._care = care
        self._engine = engine
        self._ready: set[str] = set()
        self._coverage: dict[int, Coverage] = {}
        for name in ("persons", "codes"):
            self._require(folder / f"{name}.parquet")
        self._engine.open("codes", folder / "codes.parquet")
        self._engine.open("reported_persons" if keys else "persons", folder / "persons.parquet")
        if keys:
            columns = "person, pseudonym, sex, birth_year, followable"
            self._engine.put("persons", with_record_keys(self._engine.frame(f"SELECT {columns} FROM reported_persons")))

    def has_months(self, year: int) -> bool:
        """Whether the register has the year."""
        return self._file_of_months(year).is_file()

    def _file_of_months(self, year: int) -> Path:
        return self.folder / "person_months" / f"year={year}" / "data.parquet"

    def _file_of_procedures(self, year: int) -> Path:
        return self.folder / "procedures" / f"year={year}" / "data.parquet"

    def months(self, year: int) -> str:
        """The year's persons by month and municipality."""
        codes = "".join(f"{name}, " for name in codes_of_periods())
        reported = f"SELECT person, month, municipality, {codes}1 AS records FROM person_months_{year}"
        name, file, reading = f"months_{year}", self._file_of_months(year), f"person_months_{year}"
        procedures = self._file_of_procedures(year)
        if self._care == "reported" or not procedures.is_file():
            return self._make(name, reported, file, reading=reading)
        self._read(f"reported_procedures_{year}", procedures)
        month = _DETAIL["month"][1]
        of_procedures = f"SELECT person, {month} AS month, municipality, 1 AS records FROM reported_procedures_{year}"
        return self._make(name, f"{reported} UNION {of_procedures}", file, reading=reading, keep=True)

    def procedures(self, names: Sequence[str], year: int) -> str:
        """The year's procedures, condensed to one row a person and code: one scan that many tables share.

        Place and time would make as many rows again as there are procedures, so a table by those is condensed to the
        codes that it needs.
        """
        file = self._file_of_procedures(year)
        detailed = [name for name in _DETAIL if name in names]
        needed = {key for name in names for key in _query.keys_of(name)}
        codes = [code for code in _query.CODED if code in needed or not detailed]
        columns = {"person": "person", **dict(zip(codes, codes, strict=True)), **dict(_DETAIL[name] for name in detailed)}
        select = f"""SELECT
    {", ".join(f"{found} AS {name}" for name, found in columns.items())},
    COUNT(*) AS records
FROM reported_procedures_{year}
GROUP BY
    {", ".join(columns.values())}"""
        name = "_".join(["procedures", *columns, str(year)])
        return self._make(name, select, file, reading=f"reported_procedures_{year}", keep=True)

    def records_of_places(self, of: str, names: Sequence[str], year: int) -> str:
        """How many procedures, or person-months (`of`), each municipality had in each category of `names`, whoever had them.

        So there are few rows, and no person needs to be told from another.
        """
        in_care = of == "person_months"
        reading = self.months(year) if in_care else f"reported_procedures_{year}"
        detail = {name: _DETAIL[name] for name in _DETAIL if not in_care or name in ("region", "municipality")}
        needed = {key for name in names for key in _query.keys_of(name)}
        columns = {code: code for code in _query.CODED if code in needed} | dict(detail[name] for name in names if name in detail)
        own = _query.own_attributes([name for name in names if name in OF_PERSON], year)
        joined = f"\nJOIN persons ON persons.person = {reading}.person" if own else ""
        columns |= own
        select = f"""SELECT
    {", ".join(f"{found} AS {name}" for name, found in columns.items())},
    COUNT(*) AS records
FROM {reading}{joined}
GROUP BY
    {", ".join(columns.values())}"""
        file = self._file_of_months(year) if in_care else self._file_of_procedures(year)
        return self._make("_".join(["places", of, *columns, str(year)]), select, file, reading=reading)

    def coverage(self, year: int) -> Coverage:
        """Of which municipality and month a file of which type was accepted."""
        if year not in self._coverage:
            name, file = f"coverage_{year}", self.folder / "coverage" / f"year={year}" / "data.parquet"
            self._read(name, file)
            rows = self._engine.rows(f"SELECT file_type, municipality, month FROM {name}")
            self._coverage[year] = Coverage(frozenset((kind, int(place), int(month)) for kind, place, month in rows), self._care)
        return self._coverage[year]

    def population(self, year: int) -> str:
        """The inhabitants of all years, `year` among them."""
        file = self.folder / "population.parquet"
        self._make("population", "SELECT * FROM inhabitants_by_age", file, reading="inhabitants_by_age")
        found = self._engine.rows(f"SELECT COUNT(*) FROM population WHERE year = {int(year)}")
        if found[0][0] == 0:
            raise InputError(
                f"There is no population for {year}.",
                file=file,
                field="year",
                remedy="Add the year to the population file of the edition, or ask for other years.",
            )
        return "population"

    def members(self, name: str, source: str) -> None:
        """See to it that ``members_<name>`` holds the categories of every value in `source`."""
        if name in ("profession", "cooperation"):
            # Which professions acted jointly is known from the deliveries alone, so the table grows with each source.
            joint = self._joint_professions(source)
            found = members_of_professions if name == "profession" else members_of_cooperation
            self._engine.put(f"members_{name}", found(joint, self._codes))
        elif f"members_{name}" not in self._ready:
            self._engine.put(f"members_{name}", members(name, self._codes))
            self._ready.add(f"members_{name}")

    @functools.cached_property
    def _codes(self) -> Codes:
        """The code behind each number of the register, by kind."""
        codes: dict[str, dict[int, str]] = {kind: {} for kind in (*_query.CODED, *codes_of_periods())}
        for kind, number, code in self._engine.rows("SELECT kind, number, code FROM codes"):
            codes[kind][number] = code
        return codes

    def _joint_professions(self, source: str) -> list[tuple[int, int]]:
        found = self._engine.rows(f"SELECT DISTINCT profession, further_professions FROM {source}")
        return sorted((profession, further) for profession, further in found)

    def _make(self, name: str, select: str, file: Path, *, reading: str, keep: bool = False) -> str:
        """The relation `name`, made once: `select` over the rows of `file`, which it calls `reading`."""
        if name not in self._ready:
            self._read(reading, file)
            self._engine.define(name, select, keep=keep)
            self._ready.add(name)
        return name

    def _read(self, reading: str, file: Path) -> None:
        if reading not in self._ready:
            self._require(file)
            self._engine.open(reading, file)
            self._ready.add(reading)

    def _require(self, file: Path) -> None:
        if not file.is_file():
            year = file.parent.name.partition("=")[2]
            what = f"The register has no {file.parent.parent.name} for {year}." if year else "The register is not there."
            raise InputError(
                what,
                file=file,
                remedy="Ask for years that were collected, or run kvarn publish first.",
            )

    def not_listed(self, name: str, source: str, year: int) -> CodeListError:
        """Age tells of a person; the codes of a municipality, procedure or profession do not, and help to find the
        fault."""
        values = ""
        if name not in OF_PERSON:
            keys = _query.keys_of(name)
            columns = ", ".join(f"source.{key}" for key in keys)
            matched = " AND ".join(f"members.{key} = source.{key}" for key in keys)
            unknown = self._engine.rows(
                f"SELECT DISTINCT {columns} FROM {source} AS source LEFT JOIN members_{name} AS members ON {matched} "
                "WHERE members.position IS NULL"
            )
            coded = [[self._codes.get(key, {}).get(part, part) for key, part in zip(keys, row, strict=True)] for row in unknown]
            values = ": " + ", ".join(sorted(" ".join(str(part) for part in row).strip() for row in coded)[:5])
        return CodeListError(
            f"The register of {year} holds a value of {name} that is on no code list{values}.",
            file=f"{listed('region' if name == 'municipality' else name).name}.csv",
            field=name,
            remedy="Add the code to the code list with labels in both languages, or have intake reject it.",
        )
