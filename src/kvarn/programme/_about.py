"""What a programme says of its register: ``programme.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["About", "Due", "FileType", "Subject"]

Year = Annotated[int, Field(ge=1800, le=2100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileType(_Part):
    """What is delivered.

    Attributes
    ----------
    rows
        What a row says: ``periods``, that a person was there in a month; ``events``, something that happened on a day.
    first_year
        The first year that is delivered.
    """

    rows: Literal["periods", "events"]
    first_year: Year


class Due(_Part):
    """When a month's files are due: the last day of the month `months_after` it, from `first_year` on."""

    months_after: int = Field(ge=0, le=36)
    first_year: Year


class Subject(_Part):
    """The subject area: its `code` and name in the statistics database, and the `theme` in the catalogue of open data."""

    code: str = Field(pattern=r"^[A-Za-z0-9]{1,20}$")
    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)
    theme: Literal["AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN"]

    def label(self, language: str) -> str:
        """The name in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en


class About(_Part):
    """What a programme says of its register.

    Attributes
    ----------
    first_year
        The first year that an edition can have.
    comparable_from
        The year from which figures were reported in another way; None where there is none.
    file_types
        What is delivered, by type: one whose rows are periods, and perhaps one whose rows are events.
    """

    first_year: Year
    comparable_from: Year | None = None
    file_types: Mapping[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,15}$")], FileType]
    due: Due
    subject: Subject

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        of = [one.rows for one in self.file_types.values()]
        if of.count("periods") != 1 or of.count("events") > 1:
            raise ValueError("file_types: one file type has rows that are periods, and one more may have rows that are events")
        return self

    @property
    def periods(self) -> str:
        """The file type that says who was there in which month."""
        return next(name for name, one in self.file_types.items() if one.rows == "periods")

    @property
    def events(self) -> str | None:
        """The file type that says what happened on which day; None where the register has none."""
        return next((name for name, one in self.file_types.items() if one.rows == "events"), None)

    @property
    def first_year_of_events(self) -> int | None:
        """The first year of which events are delivered; None where the register has none."""
        return self.file_types[self.events].first_year if self.events is not None else None

    def has_events(self, year: int) -> bool:
        """Whether events of a year are delivered."""
        return self.first_year_of_events is not None and year >= self.first_year_of_events
