"""The register as a statistician asks it: how many persons, how many procedures, by what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import pandas as pd
import pyarrow as pa

from kvarn.analyse import _query, _statements
from kvarn.analyse._classification import (
    codes_of_age,
    codes_of_key,
    codes_of_procedure,
    listed,
    position,
    with_all_above,
)
from kvarn.analyse._engine import DuckDB, Engine
from kvarn.analyse._per_person import months_and_persons, quantile_of, without_year_before
from kvarn.edition import find_workspace
from kvarn.errors import CodeListError, InputError
from kvarn.metadata import measure as measure_named

__all__ = ["Register", "open_register"]

_OF_PERSON = ("sex", "age")
_OF_CARE = ("region", "month")
_OF_PROCEDURE = ("weekday", "kind", "procedure_group", "procedure", "profession", "cooperation")
CONTINUITY = "continuity"


def open_register(edition: str, *, engine: str = "duckdb") -> Register:
    """The register of an edition of this project: ``open_register("2023")``.

    Parameters
    ----------
    engine
        As in the edition: ``duckdb`` on this machine, or ``spark``, which needs the extra ``kvarn[spark]`` and Java.

    Raises
    ------
    InputError
        The register has not been made yet, or there is no such engine.
    EnvironmentFault
        Spark cannot be started here.
    EditionError
        The current folder is not inside a kvarn project.
    """
    folder = find_workspace(edition).register
    spill = folder.parent / "spill"
    if engine == "spark":
        from kvarn.analyse._spark import Spark

        return Register(folder, Spark(spill))
    if engine != "duckdb":
        raise InputError(f"There is no engine {engine!r}.", field="engine", remedy="Take duckdb or spark.")
    return Register(folder)


class Register:
    """The register of one edition, for counting.

    Every count comes as a tidy frame with one row a cell that is not empty: the variables of `by` as codes (``year``
    whole numbers, totals and groups among the categories), ``measure``, ``value`` and ``contributors`` (the distinct
    persons behind the cell).

    Parameters
    ----------
    folder
        The register as ``docs/architecture.md`` lays it out.
    engine
        What runs the statements; DuckDB, unless another is given.
    """

    def __init__(self, folder: Path, engine: Engine | None = None) -> None:
        self.folder = folder
        self._require(folder / "persons.parquet")
        # What does not fit in memory is microdata: it may only be written beside the register, never in the current
        # folder.
        self._engine = engine or DuckDB(folder.parent / "spill")
        self._engine.open("persons", folder / "persons.parquet")
        self._ready: set[str] = set()
        self._counted: dict[tuple[str, tuple[str, ...], int], pd.DataFrame] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory. The register itself is only ever read."""
        self._engine.close()

    def count_persons(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Persons who received municipal health care (HSLF-FS 2017:67, 2 §), each once in each cell.

        Parameters
        ----------
        by
            ``year`` and any of ``region``, ``month``, ``sex``, ``age``. A person counts once in each municipality,
            once in the county and once in the country; once in each month and once in the year. With ``continuity``
            (and no month): those who were there in the year before too, in the same municipality, county or country,
            and those who are new; ``..`` where the register has no year before.
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
        if CONTINUITY in by:
            return self._by_continuity(by, years)
        return self._frame("months", by, years, "persons", "persons", (*_OF_CARE, *_OF_PERSON))

    def count_person_months(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Calendar months with municipal health care (HSLF-FS 2017:67, 2 §), summed over the persons.

        `by` takes ``year`` and any of ``region``, ``sex``, ``age``. A month counts once in each municipality, once in the
        county and once in the country.

        Returns
        -------
        pandas.DataFrame
            Measure ``person_months``.

        Raises
        ------
        InputError, CodeListError
            As `count_persons`.
        """
        distribution, names = self._amounts("person_months", by, years)
        summed = months_and_persons(distribution, ["year", *names])
        return self._coded(summed, by, "person_months", "months")

    def quantile(self, measure: str, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """A quantile of months or procedures a person, as ``metadata/measures.yml`` defines the measure.

        Parameters
        ----------
        measure
            Such as ``months_median`` or ``procedures_upper_quartile``.
        by
            ``year`` and any of ``region``, ``sex``, ``age``.

        Returns
        -------
        pandas.DataFrame
            ``value`` is an amount that some person had; ``contributors`` are the persons among whom.

        Raises
        ------
        InputError, CodeListError
            As `count_persons`, or the measure is not a quantile.
        """
        declared = measure_named(measure).quantile
        if declared is None:
            raise InputError(f"The measure {measure!r} is not a quantile.", field="measure", remedy="Give it one in measures.yml.")
        distribution, names = self._amounts(declared.of, by, years)
        return self._coded(quantile_of(distribution, ["year", *names], declared.share), by, measure, "amount")

    def count_persons_with_procedure(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Persons with at least one reported procedure (HSLF-FS 2017:67, 3 §) of each kind, group, code or profession.

        `by` takes what `count_persons` takes, without ``continuity``, and ``weekday`` (of the reported date), ``kind``,
        ``procedure_group``, ``procedure``, ``profession`` and ``cooperation`` (by one profession or by several jointly). A
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
        names = _names(by, known)
        parts = [self._count(subject, names, year).assign(year=year) for year in _wanted(years)]
        return self._coded(pd.concat(parts, ignore_index=True), by, measure, column)

    def _coded(self, counted: pd.DataFrame, by: Sequence[str], measure: str, column: str) -> pd.DataFrame:
        """Positions become codes, and columns those of a tidy frame."""
        counted = counted.sort_values(list(by), ignore_index=True)
        frame = pd.DataFrame({"year": counted["year"]})
        for name in [name for name in by if name != "year"]:
            frame[name] = counted[name].map(dict(enumerate(listed(name).codes))).astype("str")
        frame["measure"] = measure
        frame["value"] = counted[column].astype("int64")
        behind = counted["persons"] if "persons" in counted else pd.Series(pd.NA, index=counted.index)
        frame["contributors"] = behind.astype("Int64")
        return frame[[*by, "measure", "value", "contributors"]]

    def _amounts(
        self, of: Literal["person_months", "procedures"], by: Sequence[str], years: Iterable[int]
    ) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """How many persons had each amount, over all years; and the variables without the year."""
        names = _names(by, ("region", *_OF_PERSON))
        parts = [self._count(f"amounts of {of}", names, year).assign(year=year) for year in _wanted(years)]
        return pd.concat(parts, ignore_index=True), names

    def _by_continuity(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        names = _names(by, ("region", *_OF_PERSON, CONTINUITY))
        frames = []
        for year in _wanted(years):
            if self._has_months(year - 1):
                counted = self._count(CONTINUITY, names, year).assign(year=year)
                frames.append(self._coded(counted, by, "persons", "persons"))
            else:
                everyone = self.count_persons([name for name in by if name != CONTINUITY], [year])
                frames.append(without_year_before(everyone, by, year))
        return pd.concat(frames, ignore_index=True)

    def _count(self, subject: str, names: tuple[str, ...], year: int) -> pd.DataFrame:
        """One year's counts, made once however many measures are read from them."""
        key = (subject, names, year)
        if key not in self._counted:
            source = self._source(subject, names, year)
            for name in names:
                self._members(name, source)
            counted = self._engine.frame(self._statement(subject, source, names, year))
            for name in names:
                if counted[name].isna().any():
                    raise self._not_listed(name, source, year)
            self._counted[key] = counted
        return self._counted[key]

    def _statement(self, subject: str, source: str, names: Sequence[str], year: int) -> str:
        if subject == "population":
            return _query.population(names, year)
        if subject == CONTINUITY:
            ordered = [*(name for name in names if name != CONTINUITY), CONTINUITY]
            return _statements.new_and_continuing(source, self._months(year - 1), ordered, year)
        if subject.startswith("amounts"):
            return _statements.amounts("months" if subject.endswith("months") else "records", source, names, year)
        return _query.counting(source, names, year)

    def _source(self, subject: str, names: Sequence[str], year: int) -> str:
        if subject == "population":
            return self._population(year)
        of_procedures = subject in ("procedures", "amounts of procedures")
        return self._procedures(names, year) if of_procedures else self._months(year)

    def _has_months(self, year: int) -> bool:
        return self._file_of_months(year).is_file()

    def _file_of_months(self, year: int) -> Path:
        return self.folder / "person_months" / f"year={year}" / "data.parquet"

    def _months(self, year: int) -> str:
        select = f"SELECT person, month, municipality, 1 AS records FROM person_months_{year}"
        return self._make(f"months_{year}", select, self._file_of_months(year), reading=f"person_months_{year}")

    def _procedures(self, names: Sequence[str], year: int) -> str:
        """The year's procedures, condensed to one row a person and code: the one scan that all its tables share."""
        file = self.folder / "procedures" / f"year={year}" / "data.parquet"
        columns = ["person", "procedure", "profession", "further_professions"]
        also = {
            "region": ("municipality", "municipality"),
            "month": ("CAST(EXTRACT(MONTH FROM date) AS TINYINT)", "month"),
            "weekday": ("CAST(EXTRACT(ISODOW FROM date) AS TINYINT)", "weekday"),
        }
        wanted = [name for name in also if name in names]
        expressions = [*columns, *(also[name][0] for name in wanted)]
        called = [*columns, *(f"{also[name][0]} AS {also[name][1]}" for name in wanted)]
        select = f"""SELECT
    {", ".join(called)},
    COUNT(*) AS records
FROM reported_procedures_{year}
GROUP BY
    {", ".join(expressions)}"""
        name = "_".join(["procedures", *wanted, str(year)])
        return self._make(name, select, file, reading=f"reported_procedures_{year}", keep=True)

    def _population(self, year: int) -> str:
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

    def _members(self, name: str, source: str) -> None:
        if name in ("profession", "cooperation"):
            # Which professions acted jointly is known from the deliveries alone, so the table grows with each source.
            joint = self._joint_professions(source)
            self._engine.put(f"members_{name}", _professions(joint) if name == "profession" else _cooperation(joint))
        elif f"members_{name}" not in self._ready:
            self._engine.put(f"members_{name}", _members(name))
            self._ready.add(f"members_{name}")

    def _joint_professions(self, source: str) -> list[tuple[str, str]]:
        found = self._engine.rows(f"SELECT DISTINCT profession, further_professions FROM {source}")
        return sorted((profession, further) for profession, further in found)

    def _make(self, name: str, select: str, file: Path, *, reading: str, keep: bool = False) -> str:
        """The relation `name`, made once: `select` over the rows of `file`, which it calls `reading`."""
        if name not in self._ready:
            self._require(file)
            if reading not in self._ready:
                self._engine.open(reading, file)
                self._ready.add(reading)
            self._engine.define(name, select, keep=keep)
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
            unknown = self._engine.rows(
                f"SELECT DISTINCT {columns} FROM {source} AS source LEFT JOIN members_{name} AS members ON {matched} "
                "WHERE members.position IS NULL"
            )
            values = ": " + ", ".join(" ".join(str(part) for part in row) for row in sorted(unknown)[:5])
        return CodeListError(
            f"The register of {year} holds a value of {name} that is on no code list{values}.",
            file=f"{listed(name).name}.csv",
            field=name,
            remedy="Add the code to the code list with labels in both languages, or have intake reject it.",
        )


def _wanted(years: Iterable[int]) -> list[int]:
    wanted = sorted(set(years))
    if not wanted:
        raise InputError("No year was asked for.", field="years", remedy="Give the years, such as range(2019, 2024).")
    return wanted


def _names(by: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The variables without the year."""
    unknown = [name for name in by if name != "year" and name not in known]
    if unknown or "year" not in by or len(set(by)) != len(by):
        what = f"These cannot be classified by {unknown[0]!r}." if unknown else "Give `year` and each variable once."
        raise InputError(what, field="by", remedy=f"Known here: year, {', '.join(known)}.")
    return tuple(name for name in by if name != "year")


def _members(name: str) -> pa.Table:
    key = _query.KEYS[name][0]
    found: Mapping[int, Sequence[str]] | Mapping[str, Sequence[str]]
    if name == "age":
        found = codes_of_age()
    elif key == "procedure":
        found = codes_of_procedure(name)
    elif name == CONTINUITY:
        found = {1: ("new", "T"), 2: ("continuing", "T")}
    else:
        found = codes_of_key(name)
    rows = [{key: value, "position": position(name, code)} for value, codes in found.items() for code in codes]
    return pa.Table.from_pylist(rows)


def _professions(joint: Iterable[tuple[str, str]]) -> pa.Table:
    """One row for each profession that took part, and one for the total; null where a profession is unknown."""
    rows = []
    known = set(listed("profession").codes)
    for first, further in joint:
        taking_part = {first, *further.split()}
        places: set[int | None] = {None} if taking_part - known else set()
        for code in taking_part & known:
            places |= {position("profession", above) for above in with_all_above("profession", code)}
        rows += [{"profession": first, "further_professions": further, "position": place} for place in places]
    columns: dict[str, pa.DataType] = {"profession": pa.string(), "further_professions": pa.string(), "position": pa.int64()}
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _cooperation(joint: Iterable[tuple[str, str]]) -> pa.Table:
    """One row for each combination of professions, by whether it is of one or several, and one for the total."""
    rows = []
    for first, further in joint:
        code = "joint" if {first, *further.split()} - {first} else "single"
        rows += [
            {"profession": first, "further_professions": further, "position": position("cooperation", above)}
            for above in with_all_above("cooperation", code)
        ]
    columns: dict[str, pa.DataType] = {"profession": pa.string(), "further_professions": pa.string(), "position": pa.int64()}
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))
