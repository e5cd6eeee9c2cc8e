"""The statistical programme as data: variables, measures, tables and texts."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from kvarn.errors import CodeListError
from kvarn.metadata._codelists import CodeList, codelist, own_codelist
from kvarn.metadata._declarations import declaration, models_of, nearest
from kvarn.metadata._list_states import Stamp, stamp
from kvarn.metadata._programme_checks import check_measures, check_tables, check_variables
from kvarn.programme import Programme, current_programme

__all__ = [
    "Language",
    "Measure",
    "Quantile",
    "Ratio",
    "Standardised",
    "SumOf",
    "TableDefinition",
    "Variable",
    "classification",
    "forget_classifications",
    "languages",
    "measure",
    "table",
    "tables",
    "tables_beside",
    "text",
    "variable",
    "variables",
]

Language = Literal["sv", "en"]
_T = TypeVar("_T")
languages: tuple[Language, ...] = ("sv", "en")
_NONE: Mapping[str, TableDefinition] = {}
# Of this thread alone, and given back at the end of a block: no run and no test sees another's.
_beside: ContextVar[Mapping[str, TableDefinition]] = ContextVar("tables beside the programme", default=_NONE)


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sv: str
    en: str

    def label(self, language: str) -> str:
        """The name in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en


class Variable(_Declared):
    """A classification variable; `codelist` is None for the year.

    Attributes
    ----------
    code
        Of a variable whose codes readers join with other sources: what the column with the codes is called, by language.
    """

    codelist: str | None = None
    code: Mapping[str, str] = {}

    @property
    def codes(self) -> CodeList | None:
        """The code list, or None for the year."""
        return codelist(self.codelist) if self.codelist else None

    def category(self, code: str | int, language: str) -> str:
        """The label of one category; a year is its own label."""
        listed = self.codes
        return listed.label(str(code), language) if listed else str(code)


class Ratio(BaseModel):
    """A measure that is computed from two others: ``factor × numerator / denominator``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    numerator: str
    denominator: str
    factor: int


class Quantile(BaseModel):
    """The least amount that at least ``share`` of the persons do not exceed: of the records that `of` counts, among the
    persons whom `among` counts. `share` is a fraction, numerator and denominator."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Literal["procedures", "person_months"]
    among: str
    share: tuple[int, int]


class Standardised(BaseModel):
    """A directly age-standardised rate, or a limit of its confidence interval: ``factor × Σ weight × numerator /
    denominator`` over the age `groups`, which divide the population and stand in a table each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    numerator: str
    denominator: str
    factor: int
    groups: Sequence[str]
    part: Literal["rate", "lower", "upper"]


class SumOf(BaseModel):
    """A count that is the sum of another `measure` over the categories of one variable, `over`: person-months are the
    persons of each month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    over: str


class Measure(_Declared):
    """What the number in a cell is.

    Attributes
    ----------
    subject
        ``persons`` and ``procedures`` are protected; ``public`` needs no protection. ``procedures`` stands for whatever
        one person can have several of, person-months too: such a count is judged by the persons behind it.
    additive
        The variables over which the categories sum to their total.
    behind
        For a count of what a person can have several of: the measure that counts those persons.
    sum_of
        For a count that is a sum of cells of another measure.
    at_most_each
        For such a count: the public measure that tells, by region, of how many categories of ``sum_of.over`` anything was
        accepted. One person counts in no more of them.
    ratio, quantile, standardised
        At most one: what a measure that is no count is computed from.
    public_ratio
        What a share of counts that are public from the start is computed from: disclosure control has no need to know.
    file_type
        For a count made of deliveries: the type of file that it is made of.
    coverage_of
        For a measure that tells how much was accepted: of which type of file.
    codes_of
        For a count of codes of a code list, public from the start: which list.
    source
        The regulation, register or paper that defines it.
    population
        Who or what can be counted; a function of counts has that of its parts.
    """

    unit: Mapping[str, str]
    decimals: int
    subject: Literal["persons", "procedures", "public"]
    additive: Sequence[str] = ()
    behind: str | None = None
    sum_of: SumOf | None = None
    at_most_each: str | None = None
    ratio: Ratio | None = None
    quantile: Quantile | None = None
    standardised: Standardised | None = None
    public_ratio: Ratio | None = None
    file_type: str | None = None
    coverage_of: str | None = None
    codes_of: str | None = None
    source: str | None = None
    population: Mapping[str, str] | None = None
    definition: Mapping[str, str]

    @property
    def is_function(self) -> bool:
        """Whether it is computed from counts, and so is no count itself."""
        return (self.ratio or self.quantile or self.standardised) is not None

    @property
    def file_types(self) -> frozenset[str]:
        """The types of file that it is made of, through the counts of which it is a function too; none if it is public."""
        parts: set[str] = set()
        for of in (self.ratio, self.standardised):
            parts |= set() if of is None else {of.numerator, of.denominator}
        if self.quantile is not None:
            parts |= {self.quantile.of, self.quantile.among}
        own = frozenset() if self.file_type is None else frozenset({self.file_type})
        return own.union(*(measure(part).file_types for part in parts))


class TableDefinition(_Declared):
    """One table of the programme. `name` is its id, which others rely on.

    Attributes
    ----------
    years
        ``series``: every year of the edition; ``procedures``: the years from 2019; ``reference``: the reference year.
    categories
        The categories that the table has of a variable, where not all of its code list.
    nil_left_out
        Variables of which the table has rows for kvarn's own list and, beyond it, only for the codes that occur, as an official
        list is long. A code without a row is nil, and that is as public as a nought that is shown.
    sheet
        The name of its sheet in the workbook, by language; a table beside the programme has none.
    notes_before
        What is to be said beside the notes where the table has years before 2019.
    deliveries
        The table that tells what came of each file that its figures are made of, by region and month.
    beside
        Whether it stands beside the programme, as a custom order's does: its years are those that its rows have.
    """

    variables: Sequence[str]
    measures: Sequence[str]
    years: Literal["series", "procedures", "reference"]
    categories: Mapping[str, Sequence[str]] = {}
    nil_left_out: Sequence[str] = ()
    sheet: Mapping[str, str] = {}
    notes: Mapping[str, str] = {}
    notes_before: Mapping[str, str] = {}
    deliveries: str | None = None
    beside: bool = False

    def title(self, language: str, years: Sequence[int]) -> str:
        """The title with the years filled in: one year, or the first and the last joined by an en dash."""
        span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
        return self.label(language).format(years=span)

    def always(self, name: str) -> tuple[str, ...]:
        """The categories of one variable that have a row even when they are nil."""
        if name not in self.nil_left_out:
            return self.order(name)
        own = own_codelist(variable(name).codelist or name).by_code
        return tuple(code for code in self.order(name) if code in own)

    def order(self, name: str) -> tuple[str, ...]:
        """The categories of one variable that the table can have, in the order in which they are shown."""
        listed = variable(name).codes
        if listed is None:
            return ()
        chosen = self.categories.get(name)
        return tuple(chosen) if chosen else listed.codes


def variable(name: str) -> Variable:
    """The classification variable of this name."""
    return _find(_variables(), name, "variable")


def classification(name: str) -> CodeList | None:
    """The code list of a classification variable, or None for the year."""
    programme, state = current_programme(), stamp()
    last = _last.get(name)
    if last is None or last[0] is not programme or last[1] != state:
        last = _last[name] = (programme, state, variable(name).codes)
    return last[2]


# The list that was asked for last, of each variable: asked for for each cell of each table. The programme and the state of the
# lists that were in force then say whether it is another.
_last: dict[str, tuple[Programme, Stamp, CodeList | None]] = {}


def forget_classifications() -> None:
    """Ask for the code lists anew when they are next needed."""
    _last.clear()


def variables() -> tuple[str, ...]:
    """The names of the classification variables."""
    return tuple(_variables())


def measure(name: str) -> Measure:
    """The measure of this name."""
    return _find(_measures(), name, "measure")


def table(name: str) -> TableDefinition:
    """The table of this id."""
    return _beside.get().get(name) or _find(_tables(), name, "table")


def tables() -> tuple[TableDefinition, ...]:
    """Every table of the programme, in the order of publication, and then those that `tables_beside` has declared."""
    return (*_tables().values(), *_beside.get().values())


@contextlib.contextmanager
def tables_beside(*definitions: TableDefinition) -> Iterator[None]:
    """Let `table` and `tables` know further tables, such as an order's, within the block and in this thread alone.

    Raises
    ------
    CodeListError
        A name is that of another table already.
    """
    known = {**_tables(), **_beside.get()}
    for definition in definitions:
        if known.setdefault(definition.name, definition) != definition:
            raise CodeListError(
                f"There is another table named {definition.name!r} already.",
                file=declaration("tables").file,
                field=definition.name,
                remedy="Give one of the two another name.",
            )
    token = _beside.set({name: definition for name, definition in known.items() if name not in _tables()})
    try:
        yield
    finally:
        _beside.reset(token)


def text(key: str, language: str, **values: object) -> str:
    """Words that a product prints, with ``{name}`` filled in from `values`."""
    return current_programme().words(key, language, values)


def _variables() -> Mapping[str, Variable]:
    return _variables_of(current_programme())


def _measures() -> Mapping[str, Measure]:
    return _measures_of(current_programme())


def _tables() -> Mapping[str, TableDefinition]:
    return _tables_of(current_programme())


# What is remembered is remembered of a programme: there may be several in one run, as in tests.
@functools.cache
def _variables_of(_programme: Programme) -> Mapping[str, Variable]:
    found = models_of("variables", Variable)
    check_variables(found)
    return found


@functools.cache
def _measures_of(_programme: Programme) -> Mapping[str, Measure]:
    found = models_of("measures", Measure)
    check_measures(found, _variables())
    return found


@functools.cache
def _tables_of(_programme: Programme) -> Mapping[str, TableDefinition]:
    found = models_of("tables", TableDefinition)
    check_tables(found, _measures(), _variables())
    return found


def _find(declared: Mapping[str, _T], name: str, what: str) -> _T:
    try:
        return declared[name]
    except KeyError:
        raise CodeListError(
            f"There is no {what} named {name!r}.",
            file=declaration(f"{what}s").file,
            field=name,
            remedy=nearest(name, list(declared)),
        ) from None
