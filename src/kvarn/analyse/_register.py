"""The register as a statistician asks it: how many persons, how many procedures, by what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pandas as pd
import pyarrow as pa

from kvarn.analyse import _query
from kvarn.analyse._classification import listed
from kvarn.analyse._memberships import Codes, members, members_of_professions
from kvarn.edition import find_workspace
from kvarn.errors import CodeListError, InputError

__all__ = ["Register", "open_register"]

_OF_PERSON = ("sex", "age")
_OF_CARE = ("region", "month")
_OF_PROCEDURE = ("kind", "procedure_group", "procedure", "profession")


def open_register(edition: str) -> Register:
    """The register of an edition of this project: ``open_register("2023")``.

    Raises
    ------
    InputError
        The register has not been made yet.
    EditionError
        The current folder is not inside a kvarn project.
    """
    return Register(find_workspace(edition).register)


class Register:
    """The register of one edition, for counting.

    Every count comes as a tidy frame with one row a cell that is not empty: the variables of `by` as codes (``year``
    whole numbers, totals and groups among the categories), ``measure``, ``value`` and ``contributors`` (the distinct
    persons behind the cell).

    Parameters
    ----------
    folder
        The register as ``docs/architecture.md`` lays it out.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("persons.parquet", "codes.parquet"):
            self._require(folder / name)
        # What does not fit in memory is microdata: it may only be written beside the register, never in the current
        # folder.
        self._duckdb = duckdb.connect(config={"temp_directory": str(folder.parent / "spill")})
        self._duckdb.execute(f"CREATE VIEW persons AS SELECT person, sex, birth_year FROM {_parquet(folder / 'persons.parquet')}")
        self._duckdb.execute(
            f"CREATE TEMPORARY TABLE codes AS SELECT kind, number, code FROM {_parquet(folder / 'codes.parquet')}"
        )
        self._ready: set[str] = set()
        self._counted: dict[tuple[str, tuple[str, ...], int], pd.DataFrame] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory. The register itself is only ever read."""
        self._duckdb.close()

    def count_persons(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Persons who received municipal health care (HSLF-FS 2017:67, 2 §), each once in each cell.

        Parameters
        ----------
        by
            ``year`` and any of ``region``, ``month``, ``sex``, ``age``. A person counts once in each municipality,
            once in the county and once in the country; once in each month and once in the year.
        years
            The calendar years.

        Returns
        -------
        pandas.DataFrame
            Measure ``persons``.

        Raises
        ------
        InputError
            A variable that persons cannot be classified by, or a year that the register does not have.
        CodeListError
            The register holds a value that is on no code list.
        """
        return self._frame("months", by, years, "persons", "persons", (*_OF_CARE, *_OF_PERSON))

    def count_persons_with_procedure(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Persons with at least one reported procedure (HSLF-FS 2017:67, 3 §) of each kind, group, code or profession.

        `by` takes what `count_persons` takes, and ``kind``, ``procedure_group``, ``procedure`` and ``profession``. A
        procedure that several professions carried out jointly counts in each of them.

        Returns
        -------
        pandas.DataFrame
            Measure ``persons_with_procedure``.

        Raises
        ------
        InputError, CodeListError
            As `count_persons`.
        """
        variables = (*_OF_CARE, *_OF_PERSON, *_OF_PROCEDURE)
        return self._frame("procedures", by, years, "persons_with_procedure", "persons", variables)

    def count_procedures(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Reported procedures (HSLF-FS 2017:67, 3 §), with the number of persons who received them as ``contributors``.

        `by` as for `count_persons_with_procedure`, with which it shares the scan. A joint procedure counts in each of
        its professions, and once in their total.

        Returns
        -------
        pandas.DataFrame
            Measure ``procedures``.

        Raises
        ------
        InputError, CodeListError
            As `count_persons`.
        """
        variables = (*_OF_CARE, *_OF_PERSON, *_OF_PROCEDURE)
        return self._frame("procedures", by, years, "procedures", "records", variables)

    def population(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Inhabitants on 31 December, by ``year`` and any of ``region``, ``sex``, ``age``.

        Returns
        -------
        pandas.DataFrame
            Measure ``population``; ``contributors`` is empty, as the figures are public.

        Raises
        ------
        InputError, CodeListError
            As `count_persons`.
        """
        return self._frame("population", by, years, "population", "population", ("region", *_OF_PERSON))

    def _frame(
        self, subject: str, by: Sequence[str], years: Iterable[int], measure: str, column: str, known: Sequence[str]
    ) -> pd.DataFrame:
        _check_variables(by, known)
        names = tuple(name for name in by if name != "year")
        wanted = sorted(set(years))
        if not wanted:
            raise InputError("No year was asked for.", field="years", remedy="Give the years, such as range(2019, 2024).")
        parts = [self._count(subject, names, year).assign(year=year) for year in wanted]
        counted = pd.concat(parts, ignore_index=True).sort_values(list(by), ignore_index=True)
        frame = pd.DataFrame({"year": counted["year"]})
        for name in names:
            frame[name] = counted[name].map(dict(enumerate(listed(name).codes))).astype("str")
        frame["measure"] = measure
        frame["value"] = counted[column].astype("int64")
        behind = counted["persons"] if "persons" in counted else pd.Series(pd.NA, index=counted.index)
        frame["contributors"] = behind.astype("Int64")
        return frame[[*by, "measure", "value", "contributors"]]

    def _count(self, subject: str, names: tuple[str, ...], year: int) -> pd.DataFrame:
        """One year's counts, made once however many measures are read from them."""
        key = (subject, names, year)
        if key not in self._counted:
            source = self._source(subject, names, year)
            for name in names:
                self._members(name, source)
            query = _query.population(names, year) if subject == "population" else _query.counting(source, names, year)
            counted = self._duckdb.execute(query).df()
            for name in names:
                if counted[name].isna().any():
                    raise self._not_listed(name, source, year)
            self._counted[key] = counted
        return self._counted[key]

    def _source(self, subject: str, names: Sequence[str], year: int) -> str:
        if subject == "population":
            return self._population(year)
        return self._months(year) if subject == "months" else self._procedures(names, year)

    def _months(self, year: int) -> str:
        file = self.folder / "person_months" / f"year={year}" / "data.parquet"
        return self._make(
            f"months_{year}",
            f"CREATE VIEW months_{year} AS SELECT person, month, municipality, 1 AS records FROM {_parquet(file)}",
            file,
        )

    def _procedures(self, names: Sequence[str], year: int) -> str:
        """The year's procedures, condensed to one row a person and code: the one scan that all its tables share."""
        file = self.folder / "procedures" / f"year={year}" / "data.parquet"
        columns = ["person", *_query.CODED]
        also = {"region": "municipality", "month": "CAST(EXTRACT(MONTH FROM date) AS TINYINT)"}
        columns += [also[name] for name in _OF_CARE if name in names]
        name = "_".join(["procedures", *(name for name in _OF_CARE if name in names), str(year)])
        chosen = ", ".join(f"{column} AS month" if "EXTRACT" in column else column for column in columns)
        return self._make(
            name,
            f"CREATE TEMPORARY TABLE {name} AS SELECT {chosen}, COUNT(*) AS records FROM {_parquet(file)} "
            f"GROUP BY {', '.join(columns)}",
            file,
        )

    def _population(self, year: int) -> str:
        file = self.folder / "population.parquet"
        self._make("population", f"CREATE VIEW population AS SELECT * FROM {_parquet(file)}", file)
        found = self._duckdb.execute("SELECT COUNT(*) FROM population WHERE year = ?", [year]).fetchall()
        if found[0][0] == 0:
            raise InputError(
                f"There is no population for {year}.",
                file=file,
                field="year",
                remedy="Add the year to the population file of the edition, or ask for other years.",
            )
        return "population"

    def _members(self, name: str, source: str) -> None:
        if name == "profession":
            # Which professions acted jointly is known from the deliveries alone, so the table grows with each source.
            self._replace("members_profession", members_of_professions(self._joint_professions(source), self._codes()))
        elif f"members_{name}" not in self._ready:
            self._replace(f"members_{name}", members(name, self._codes()["procedure"]))
            self._ready.add(f"members_{name}")

    def _joint_professions(self, source: str) -> list[tuple[int, int]]:
        return self._duckdb.execute(f"SELECT DISTINCT profession, further_professions FROM {source} ORDER BY ALL").fetchall()

    def _codes(self) -> Codes:
        """The code behind each number of the register, by kind: ``procedure``, ``profession``, ``further_professions``."""
        codes: dict[str, dict[int, str]] = {kind: {} for kind in _query.CODED}
        for kind, number, code in self._duckdb.execute("SELECT kind, number, code FROM codes").fetchall():
            codes[kind][number] = code
        return codes

    def _replace(self, name: str, table: pa.Table) -> None:
        self._duckdb.register("incoming", table)
        self._duckdb.execute(f"CREATE OR REPLACE TEMPORARY TABLE {name} AS SELECT * FROM incoming")
        self._duckdb.unregister("incoming")

    def _make(self, name: str, statement: str, file: Path) -> str:
        if name not in self._ready:
            self._require(file)
            self._duckdb.execute(statement)
            self._ready.add(name)
        return name

    def _require(self, file: Path) -> None:
        if not file.is_file():
            year = file.parent.name.partition("=")[2]
            what = f"The register has no {file.parent.parent.name} for {year}." if year else "The register is not there."
            raise InputError(
                what,
                file=file,
                remedy="Ask for years that were collected, or run kvarn publish first.",
            )

    def _not_listed(self, name: str, source: str, year: int) -> CodeListError:
        """Age tells of a person; the codes of a municipality, procedure or profession do not, and help to find the
        fault."""
        values = ""
        if name not in _OF_PERSON:
            keys = _query.KEYS[name]
            columns = ", ".join(f"source.{key}" for key in keys)
            matched = " AND ".join(f"members.{key} = source.{key}" for key in keys)
            unknown = self._duckdb.execute(
                f"SELECT DISTINCT {columns} FROM {source} AS source LEFT JOIN members_{name} AS members ON {matched} "
                "WHERE members.position IS NULL ORDER BY ALL LIMIT 5"
            ).fetchall()
            codes = self._codes()
            unknown = [tuple(codes.get(key, {}).get(part, part) for key, part in zip(keys, row, strict=True)) for row in unknown]
            values = ": " + ", ".join(" ".join(str(part) for part in row).strip() for row in unknown)
        return CodeListError(
            f"The register of {year} holds a value of {name} that is on no code list{values}.",
            file=f"{listed(name).name}.csv",
            field=name,
            remedy="Add the code to the code list with labels in both languages, or have intake reject it.",
        )


def _parquet(file: Path) -> str:
    quoted = str(file).replace("'", "''")
    return f"read_parquet('{quoted}', hive_partitioning = false)"


def _check_variables(by: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in by if name != "year" and name not in known]
    if unknown or "year" not in by or len(set(by)) != len(by):
        what = f"These cannot be classified by {unknown[0]!r}." if unknown else "Give `year` and each variable once."
        raise InputError(what, field="by", remedy=f"Known here: year, {', '.join(known)}.")
