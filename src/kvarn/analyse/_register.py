"""The register as a statistician asks it: how many persons, how many procedures, by what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeAlias, get_args

import pandas as pd

from kvarn.analyse import _query, _statements
from kvarn.analyse._classification import OF_PERSON, OF_PROCEDURE, listed, total
from kvarn.analyse._columns import LARGEST, Behind, Care
from kvarn.analyse._contributors import largest_contributors
from kvarn.analyse._coverage import COVERED, Covered, coverage_frame, unknown_rows, with_what_was_not_reported
from kvarn.analyse._engine import DuckDB, Engine
from kvarn.analyse._frames import coded, names_of, wanted_years
from kvarn.analyse._per_person import months_and_persons, quantile_of, without_year_before
from kvarn.analyse._sources import Sources
from kvarn.errors import InputError
from kvarn.metadata import codes_of_periods
from kvarn.metadata import measure as measure_named

__all__ = ["Register"]


_OF_CARE = ("region", "month")
_COUNTRY = "00"

CONTINUITY = "continuity"
_Total: TypeAlias = Literal["person_months", "procedures"]


class Register:
    """The register of one edition, for counting.

    Every count comes as a tidy frame with one row a cell that is not empty: the variables of `by` as codes (``year``
    whole numbers, totals and groups among the categories), ``measure``, ``value`` and ``contributors`` (the distinct
    persons behind the cell); and what `behind` asks for. A cell of which nothing was accepted (no file of the type, from the
    municipality or any of the county or country, in the month or year) has a row too, even where it cannot be in a table: its
    ``value`` is ``..`` and its ``contributors`` are 0.

    Parameters
    ----------
    folder
        The register as ``docs/architecture.md`` lays it out.
    engine
        What runs the statements; DuckDB, unless another is given.
    behind
        ``largest``: `count_procedures` and `count_person_months` tell how much of a cell its largest contributors have:
        ``largest`` and ``two_largest`` the person with most and the two with most, ``largest_municipality`` and
        ``two_largest_municipalities`` the same of municipalities (in person-months, a month that both reported is in both).
        ``keys``: that, and every count has ``cell_key``, the sum of its persons' record keys modulo 2**32, by which
        ``disclosure.method: cell-key`` changes it.
    care
        ``reported``: those whom the municipality has reported as persons who had care in the month.
        ``reported_or_procedure``: those too of whom it has reported a procedure in the month.
    """

    def __init__(
        self, folder: Path, engine: Engine | None = None, *, behind: Behind = "persons", care: Care = "reported"
    ) -> None:
        for field, given, known in (("behind", behind, get_args(Behind)), ("care", care, get_args(Care))):
            if given not in known:
                raise InputError(
                    f"The register cannot be counted with {field} {given!r}.", field=field, remedy=f"Take {' or '.join(known)}."
                )
        self.folder = folder
        self._behind = behind
        # What does not fit in memory is microdata: it may only be written beside the register, never in the current
        # folder.
        self._engine = engine or DuckDB(folder.parent / "spill")
        try:
            self._sources = Sources(folder, self._engine, keys=self._keys, care=care)
        except BaseException:
            # Nobody has got it yet, who could close it.
            self.close()
            raise
        self._counted: dict[tuple[str, tuple[str, ...], int], pd.DataFrame] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def _keys(self) -> bool:
        return self._behind == "keys"

    def close(self) -> None:
        """Let go of the memory. The register itself is only ever read."""
        self._engine.close()

    def count_persons(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """Persons who received municipal health care (HSLF-FS 2017:67, 2 §), each once in each cell.

        Parameters
        ----------
        by
            ``year`` and any of ``region``, ``month``, ``sex``, ``age``, and any code that periods have. A person counts once in
            each municipality, once in the county and once in the country; once in each month and once in the year. With
            ``continuity`` (and no month): those who were there in the year before too, in the same municipality, county or
            country, and those who are new; ``..`` where nothing is known of the year before.
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
        return self._frame("months", by, years, "persons", "persons", (*_OF_CARE, *OF_PERSON, *codes_of_periods()))

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
        years = wanted_years(years)
        distribution, names = self._amounts("person_months", by, years)
        summed = months_and_persons(distribution, ["year", *names])
        if self._keys:
            cell = ["year", *names]
            summed = summed.merge(self._in_years("months", names, years)[[*cell, "keys"]], on=cell)
        return self._tidy(self._with_largest(summed, "person_months", names), by, years, "person_months", "months")

    def quantile(self, measure: str, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """A quantile of months or procedures a person, as ``programme/measures.yml`` defines the measure.

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
            raise InputError(
                f"The measure {measure!r} is not a quantile.", field="measure", remedy="Give it one in measures.yml."
            )
        years = wanted_years(years)
        distribution, names = self._amounts(declared.of, by, years)
        return self._tidy(quantile_of(distribution, ["year", *names], declared.share), by, years, measure, "amount")

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
        variables = (*_OF_CARE, *OF_PERSON, *OF_PROCEDURE)
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
        years = wanted_years(years)
        names = names_of(by, (*_OF_CARE, *OF_PERSON, *OF_PROCEDURE))
        counted = self._with_largest(self._in_years("procedures", names, years), "procedures", names)
        return self._tidy(counted, by, years, "procedures", "records")

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
        return self._frame("population", by, years, "population", "population", ("region", *OF_PERSON))

    def coverage(self, of: Covered, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        """How much was accepted of what counts are made of: for ``persons`` (periods) or ``procedures`` (events).

        Parameters
        ----------
        of
            With ``care="reported_or_procedure"`` files of procedures count for persons too.
        by
            ``year`` and any of ``region``, ``sex``, ``age``; the same figure stands in each sex and age.

        Returns
        -------
        pandas.DataFrame
            Measures ``municipalities`` (in the region), ``municipalities_<of>`` (those with an accepted file in the year) and
            ``months_<of>`` (with an accepted file, summed over the municipalities; twelve at most for each). All are public.

        Raises
        ------
        InputError
            As `count_persons`, or there is no such coverage.
        """
        if of not in COVERED:
            raise InputError(f"There is no coverage of {of!r}.", field="of", remedy=f"Take {' or '.join(COVERED)}.")
        names_of(by, ("region", *OF_PERSON))
        return coverage_frame(of, by, {year: self._sources.coverage(year) for year in wanted_years(years)})

    def _frame(
        self, subject: str, by: Sequence[str], years: Iterable[int], measure: str, column: str, known: Sequence[str]
    ) -> pd.DataFrame:
        years = wanted_years(years)
        return self._tidy(self._in_years(subject, names_of(by, known), years), by, years, measure, column)

    def _tidy(self, counted: pd.DataFrame, by: Sequence[str], years: Sequence[int], measure: str, column: str) -> pd.DataFrame:
        """What was counted, as a tidy frame; ``..`` where nothing was accepted of what the measure is made of."""
        covered = {year: self._sources.coverage(year) for year in years} if measure_named(measure).file_types else {}
        return with_what_was_not_reported(coded(counted, by, measure, column), by, measure, covered)

    def _in_years(self, subject: str, names: tuple[str, ...], years: Sequence[int]) -> pd.DataFrame:
        parts = [self._count(subject, names, year).assign(year=year) for year in years]
        return pd.concat(parts, ignore_index=True)

    def _with_largest(self, counted: pd.DataFrame, of: _Total, names: tuple[str, ...]) -> pd.DataFrame:
        """`counted` with the largest contributors of each cell, where they are asked for."""
        if self._behind == "persons":
            return counted
        years, cell = sorted(set(counted["year"])), ["year", *names]
        if counted.empty:
            return counted.assign(**dict.fromkeys(LARGEST, 0))
        of_persons = self._in_years(f"amounts of {of}", names, years)
        of_places = self._in_years(f"places of {of}", (*names, "municipality"), years)
        return counted.merge(largest_contributors(of_persons, of_places, cell), on=cell, validate="one_to_one")

    def _amounts(self, of: _Total, by: Sequence[str], years: Sequence[int]) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """How many persons had each amount, over all years; and the variables without the year."""
        names = names_of(by, ("region", *OF_PERSON))
        return self._in_years(f"amounts of {of}", names, years), names

    def _by_continuity(self, by: Sequence[str], years: Iterable[int]) -> pd.DataFrame:
        names = names_of(by, ("region", *OF_PERSON, CONTINUITY))
        frames = []
        for year in wanted_years(years):
            if self._sources.has_months(year - 1):
                counted = self._count(CONTINUITY, names, year).assign(year=year)
                frame = self._tidy(counted, by, [year], "persons", "persons")
                before = self._sources.coverage(year - 1).places(measure_named("persons").file_types)
                regions = listed("region").codes if "region" in by else [_COUNTRY]
                unknown = [region for region in regions if (region, total("month")) not in before]
                frames.append(unknown_rows(frame, by, year, "persons", unknown, CONTINUITY) if unknown else frame)
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
                self._sources.members(name, source)
            counted = self._engine.frame(self._statement(subject, source, names, year))
            for name in names:
                if counted[name].isna().any():
                    raise self._sources.not_listed(name, source, year)
            self._counted[key] = counted
        return self._counted[key]

    def _statement(self, subject: str, source: str, names: Sequence[str], year: int) -> str:
        if subject == "population":
            return _query.population(names, year)
        if subject == CONTINUITY:
            ordered = [*(name for name in names if name != CONTINUITY), CONTINUITY]
            return _statements.new_and_continuing(source, self._sources.months(year - 1), ordered, year, keys=self._keys)
        if subject.startswith("amounts"):
            return _statements.amounts("months" if subject.endswith("months") else "records", source, names, year)
        if subject.startswith("places"):
            return _query.adding_up(source, names)
        return _query.counting(source, names, year, keys=self._keys)

    def _source(self, subject: str, names: Sequence[str], year: int) -> str:
        if subject == "population":
            return self._sources.population(year)
        if subject.startswith("places"):
            return self._sources.records_of_places(subject.removeprefix("places of "), names, year)
        if not subject.endswith("procedures"):
            return self._sources.months(year)
        return self._sources.procedures(names, year)
