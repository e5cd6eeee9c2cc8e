"""What an extract's parameters are: for whom, for what, by which decision, until when, and what is given."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from kvarn import metadata
from kvarn.base.plain_text import LONGEST_LINE, unseen
from kvarn.edition import read_parameters
from kvarn.errors import EditionError
from kvarn.metadata import register_table

__all__ = ["PARAMETERS", "Coarsening", "Conditions", "Only", "Request", "Variables", "read_request"]

TABLES = ("persons", "person_months", "procedures")
PARAMETERS = "parameters"
_LAST_YEAR = 2100
EXAMPLE = "params/extracts/example.yml"
_NAME = r"^[a-z0-9][a-z0-9-]*$"


def _said(value: str) -> str:
    """Words that go into the log, which people open as a spreadsheet: one line, and never a formula."""
    if not value.strip():
        raise ValueError("should say something")
    if any(ord(character) < 32 for character in value):
        raise ValueError("should stand on one line")
    if unseen(value):
        raise ValueError(f"should have no character that is not seen, and has {unseen(value)}")
    if len(value) > LONGEST_LINE:
        raise ValueError(f"should have {LONGEST_LINE} characters at most, and has {len(value)}")
    if value[0] in "=+-@":
        raise ValueError("should not begin with = + - or @, which a spreadsheet would take for a formula")
    return value


Said = Annotated[str, AfterValidator(_said)]
_listed = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
Names = Annotated[tuple[str, ...], _listed]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Variables(_Section):
    """The variables that are given, by table of the register. ``year`` always comes along; a table without variables does not."""

    persons: Names = ()
    person_months: Names = ()
    procedures: Names = ()

    @field_validator("persons", "person_months", "procedures")
    @classmethod
    def _known(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        table = register_table(str(info.field_name))
        known = [column.name for column in table.columns if not column.internal]
        for name in names:
            if any(column.name == name and column.internal for column in table.columns):
                raise ValueError(f"names {name!r}, which never leaves the register; the project gets pseudonyms of its own")
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                raise ValueError(f"names {name!r}, which {table.name} does not have ({hint})")
        if len(set(names)) < len(names):
            raise ValueError("should name each variable once")
        return names

    def of(self, table: str) -> tuple[str, ...]:
        """The variables of one table."""
        names: tuple[str, ...] = getattr(self, table)
        return names

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that are given."""
        return tuple(table for table in TABLES if self.of(table))


class Coarsening(_Section):
    """How variables are made coarser than the register has them."""

    age: int | Literal["groups"] | None = Field(None, description="Bands of so many years, or `groups`: those of the statistics.")
    birth_year: int | None = Field(None, ge=2, le=50, description="Bands of so many years.")
    date: Literal["month", "quarter", "year"] | None = Field(None, description="Dates, and months of care, to this.")
    municipality: Literal["county"] | None = None

    @field_validator("age", mode="before")
    @classmethod
    def _age(cls, value: Any) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value == "groups" or value is None or (whole and 2 <= value <= 50):
            return value
        raise ValueError("should be `groups`, or the number of years of a band, 2 to 50")


class Only(_Section):
    """Which rows are given: those with one of these codes. A variable that is not named does not limit."""

    sex: Names = ()
    county: Names = ()
    municipality: Names = ()
    procedure: Names = ()
    profession: Names = ()

    @field_validator("sex", "county", "municipality", "procedure", "profession")
    @classmethod
    def _on_the_list(cls, codes: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        name = {"municipality": "region"}.get(str(info.field_name), str(info.field_name))
        known = metadata.codelist(name).leaves
        if not codes:
            raise ValueError("should name one at least; a variable that does not limit is left out")
        for code in codes:
            if code not in known:
                near = difflib.get_close_matches(code, known, n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                raise ValueError(f"names {code!r}, which is not on its code list{hint}")
        return codes


class Conditions(_Section):
    """The conditions of the decision in both languages, as many in each."""

    sv: Annotated[tuple[Said, ...], _listed]
    en: Annotated[tuple[Said, ...], _listed]

    def of(self, language: str) -> tuple[str, ...]:
        """The conditions in one language."""
        return self.sv if language == "sv" else self.en


class Request(_Section):
    """One extract: who gets what, for what, by which decision, until when."""

    project: str = Field(pattern=_NAME, max_length=60, description="The project's name. Its pseudonyms hang on it.")
    recipient: Said
    purpose: Said
    decision: Said = Field(description="The reference of the decision to give the data out.")
    decided: dt.date
    valid_until: dt.date = Field(description="The last day on which the recipient may have the data.")
    edition: str = Field(pattern=_NAME, max_length=100, description="The edition from whose register it is taken.")
    years: Annotated[tuple[int, ...], _listed]
    format: Literal["csv", "parquet"] = "csv"
    variables: Variables
    coarsening: Coarsening = Coarsening()
    only: Only = Only()
    conditions: Conditions | None = None

    @field_validator("project")
    @classmethod
    def _not_taken(cls, project: str) -> str:
        if project == PARAMETERS:
            raise ValueError("should be another name: that folder holds what was asked for")
        return project

    @field_validator("years")
    @classmethod
    def _in_order(cls, years: tuple[int, ...]) -> tuple[int, ...]:
        if not years or len(set(years)) < len(years):
            raise ValueError("should name each year once, and at least one")
        if min(years) < register_table("person_months").first_year:
            raise ValueError(f"should not be before {register_table('person_months').first_year}, when the register begins")
        if max(years) > _LAST_YEAR:
            raise ValueError(f"should not be after {_LAST_YEAR}")
        return tuple(sorted(years))

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        chosen, coarser = self.variables, self.coarsening
        if not chosen.tables:
            raise ValueError("variables: no variable is asked for")
        if self.valid_until < self.decided:
            raise ValueError("valid_until: the extract would end before it was decided")
        if "procedures" in chosen.tables and max(self.years) < register_table("procedures").first_year:
            raise ValueError(f"years: procedures are reported from {register_table('procedures').first_year}")
        ages = {"age"} & {*chosen.person_months, *chosen.procedures}
        if coarser.age and "birth_year" in chosen.persons and not coarser.birth_year:
            raise ValueError("coarsening.age: the year of birth would tell the age; coarsen birth_year too, or leave it out")
        if coarser.birth_year and ages and not coarser.age:
            raise ValueError("coarsening.birth_year: the age would tell the year of birth; coarsen age too, or leave it out")
        if self.conditions and len(self.conditions.sv) != len(self.conditions.en):
            raise ValueError("conditions: there should be as many in Swedish as in English")
        return self


def read_request(params: Path, today: dt.date) -> tuple[Request, Mapping[str, int | None]]:
    """An extract's parameters, checked, and the line of each key.

    Raises
    ------
    EditionError
        The file is missing or not YAML; a key is missing (purpose, decision, valid_until among them), unknown or misspelt; a
        value is impossible; the decision lies in the future; or the extract's end date has passed.
    """
    request, lines = read_parameters(Request, params, noun="extract", article="an", example=EXAMPLE)
    if request.valid_until < today:
        raise EditionError(
            f"The extract was valid until {request.valid_until}: nothing more can be given by this decision.",
            file=params,
            line=lines.get("valid_until"),
            key="valid_until",
            remedy="A new decision is needed; then write its reference, its day and its end date.",
        )
    if request.decided > today:
        raise EditionError(
            f"The decision is of {request.decided}, which has not come yet.",
            file=params,
            line=lines.get("decided"),
            key="decided",
            remedy="Write the day on which it was decided.",
        )
    return request, lines
