"""What a custom order's parameters are: which measures, by what, for which years, from which edition."""

from __future__ import annotations

import datetime as dt
import difflib
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from kvarn import metadata
from kvarn.edition._model import LAST_YEAR, Edition, Words
from kvarn.edition._parameters import read_parameters
from kvarn.edition._section import Section
from kvarn.edition._texts import EditionName, one_line
from kvarn.errors import EditionError
from kvarn.metadata import TableDefinition
from kvarn.programme import current_programme

__all__ = ["COUNTED_BY", "Order", "check_years", "read_order"]

EXAMPLE = "params/orders/example.yml"
_OF_PROCEDURE = ("weekday", "kind", "procedure_group", "procedure", "profession", "cooperation")
# The counts that can be ordered, and what the register can classify each by; persons by the codes of its periods, too.
COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    "persons": ("region", "month", "sex", "age", "continuity"),
    "person_months": ("region", "sex", "age"),
    "persons_with_procedure": ("region", "month", "sex", "age", *_OF_PROCEDURE),
    "procedures": ("region", "month", "sex", "age", *_OF_PROCEDURE),
    "population": ("region", "sex", "age"),
}


def _counted_by(measure: str) -> tuple[str, ...]:
    return (*COUNTED_BY[measure], *(metadata.codes_of_periods() if measure == "persons" else ()))


def _said(value: str) -> str:
    """Words that stand on one line of every product."""
    return one_line(value)


def _titled(value: Words) -> Words:
    for text in (value.sv, value.en):
        try:
            places = {name for _, name, _, _ in string.Formatter().parse(_said(text)) if name is not None}
        except ValueError:
            places = {""}
        if places - {"years"}:
            raise ValueError("should have no braces but {years}, which the years are put in place of")
    return value


_listed = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
Names = Annotated[tuple[str, ...], _listed]
Said = Annotated[str, AfterValidator(_said)]


class Order(Section):
    """One custom order: a table that the programme does not have, from the register of a published edition."""

    edition: EditionName = Field(description="The published edition from whose register it is counted.")
    title: Annotated[Words, AfterValidator(_titled)] = Field(description="The table's title; {years} stands for its years.")
    measures: Names
    by: Names = Field(description="Classification variables besides the year, in the order in which they are shown.")
    categories: Mapping[str, Names] = Field(default_factory=dict, description="The categories of a variable, where not all.")
    years: Annotated[tuple[int, ...], _listed]
    notes: Words | None = None
    orderer: Said | None = Field(None, description="Who ordered it. It stays restricted, as do the three below.")
    purpose: Said | None = None
    ordered: dt.date | None = None
    delivered: dt.date | None = None

    @field_validator("measures")
    @classmethod
    def _known_measures(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = [*COUNTED_BY, *_ratios()]
        _require_known(names, known, "cannot be ordered")
        return names

    @field_validator("by")
    @classmethod
    def _known_variables(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if "year" in names:
            raise ValueError("should not name the year, which every table has")
        _require_known(
            names,
            list(dict.fromkeys(name for measure in COUNTED_BY for name in _counted_by(measure))),
            "orders cannot be classified by",
        )
        return names

    @field_validator("years")
    @classmethod
    def _in_order(cls, years: tuple[int, ...]) -> tuple[int, ...]:
        if not years or len(set(years)) < len(years):
            raise ValueError("should name each year once, and at least one")
        first = current_programme().about.first_year
        if min(years) < first:
            raise ValueError(f"should not be before {first}, when the register begins")
        if max(years) > LAST_YEAR:
            raise ValueError(f"should not be after {LAST_YEAR}")
        return tuple(sorted(years))

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        for measure in self.measures:
            self._check_classified(measure)
        for name, codes in self.categories.items():
            if name not in self.by:
                raise ValueError(f"categories.{name}: the table is not classified by {name!r}; it is by {', '.join(self.by)}")
            known = metadata.codelist(metadata.variable(name).codelist or name).codes
            try:
                _require_known(codes, known, "is not on its code list")
            except ValueError as error:
                raise ValueError(f"categories.{name}: the list {error}") from None
        procedures = {"procedures", "persons_with_procedure"} & set(self.counts)
        about = current_programme().about
        if procedures and not about.has_events(min(self.years)):
            raise ValueError(f"years: procedures are reported from {about.first_year_of_events}")
        return self

    def _check_classified(self, measure: str) -> None:
        """Stop where the register cannot count a measure by everything that is asked for."""
        ratio = metadata.measure(measure).ratio
        parts = [(measure, self.by)]
        if ratio is not None:
            parts = [(ratio.numerator, self.by), (ratio.denominator, self.of_whole)]
        for part, by in parts:
            for name in by:
                if name not in _counted_by(part):
                    of = "" if part == measure else f" ({measure} is made of it)"
                    known = ", ".join(_counted_by(part))
                    raise ValueError(f"by: {part}{of} cannot be counted by {name!r}, only by {known}")
            if "continuity" in by and "month" in by:
                raise ValueError("by: persons are new or continuing in a year, so continuity and month do not go together")

    @property
    def of_whole(self) -> tuple[str, ...]:
        """The variables that the whole of a ratio is classified by: none of procedures."""
        return tuple(name for name in self.by if name not in _OF_PROCEDURE)

    @property
    def counts(self) -> tuple[str, ...]:
        """Every count that is needed: those ordered, and those that the ratios are made of."""
        ratios = [ratio for name in self.measures if (ratio := metadata.measure(name).ratio) is not None]
        parts = [part for ratio in ratios for part in (ratio.numerator, ratio.denominator)]
        return tuple(dict.fromkeys([*(name for name in self.measures if name in COUNTED_BY), *parts]))

    def definition(self, name: str) -> TableDefinition:
        """The table, as those of the programme are declared."""
        categories = {variable: tuple(codes) for variable, codes in self.categories.items()}
        if "profession" in self.by and "profession" not in categories:
            # The list has others too, so that intake can say which they are; deliveries may not name them.
            rows = metadata.codelist("profession").rows
            categories["profession"] = tuple(row["code"] for row in rows if row.get("accepted") in ("true", "", None))
        return TableDefinition(
            name=name,
            sv=self.title.sv,
            en=self.title.en,
            variables=("year", *self.by),
            measures=self.measures,
            years="series",
            beside=True,
            categories=categories,
            nil_left_out=tuple(variable for variable in self.by if variable == "procedure" and variable not in categories),
            notes=self.notes.model_dump() if self.notes else {},
        )


def read_order(params: Path) -> tuple[Order, Mapping[str, int | None]]:
    """A custom order's parameters, checked, and the line of each key. The order's name is the file's.

    Raises
    ------
    EditionError
        The file is missing or not YAML; its name is none for an order; a key is missing, unknown or misspelt; a variable,
        measure or code is unknown; or the register cannot count a measure so.
    """
    order, lines = read_parameters(Order, params, noun="order", article="an", example=EXAMPLE)
    if params.stem in {table.name for table in metadata.tables()}:
        raise EditionError(
            f"The programme has a table named {params.stem!r}, so an order cannot have this name.",
            file=params,
            remedy="Give the file another name: the order is named by it.",
        )
    if not set(params.stem) <= set(string.ascii_lowercase + string.digits + "-") or params.stem.startswith("-"):
        raise EditionError(
            f"{params.stem!r} cannot be the name of an order.",
            file=params,
            remedy="Name the file in small letters a–z, figures and hyphens, such as falls-2023.yml: the order is named by it.",
        )
    return order, lines


def check_years(order: Order, edition: Edition, file: Path, lines: Mapping[str, int | None]) -> None:
    """Make sure that the edition has the years.

    Raises
    ------
    EditionError
        It does not have one of them.
    """
    for year in order.years:
        if year not in edition.years:
            raise EditionError(
                f"The edition {order.edition} does not have the year {year}.",
                file=file,
                line=lines.get("years"),
                key="years",
                remedy=f"It has {edition.first_year} to {edition.reference_year}.",
            )


def _ratios() -> list[str]:
    """The ratios of the programme's tables both of whose parts can be counted from the register."""
    found = dict.fromkeys(name for table in metadata.tables() for name in table.measures)
    ratios = {name: metadata.measure(name).ratio for name in found}
    return [name for name, of in ratios.items() if of and {of.numerator, of.denominator} <= COUNTED_BY.keys()]


def _require_known(names: Sequence[str], known: Sequence[Any], verdict: str) -> None:
    if not names or len(set(names)) < len(names):
        raise ValueError("should name each once, and at least one")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known[:20])}{' …' if len(known) > 20 else ''}"
            raise ValueError(f"names {name!r}, which {verdict} ({hint})")
