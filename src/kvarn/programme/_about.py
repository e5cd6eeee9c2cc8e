"""What a programme says of its register: ``programme.yml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["About", "Due", "FileType", "Subject"]

Theme = Literal["AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN"]
Year = Annotated[int, Field(ge=1800, le=2100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileType(_Part):
    """What is delivered."""

    rows: Literal["periods", "events"] = Field(
        description="What a row says: periods, that a person was there in a month; events, something that happened on a day."
    )
    first_year: Year = Field(description="The first year that is delivered.")


class Due(_Part):
    """When a month's files are due."""

    months_after: int = Field(ge=0, le=36, description="On the last day of the month so many months after it.")
    first_year: Year = Field(description="The first year whose files are due on a day.")


class Subject(_Part):
    """The subject area."""

    code: str = Field(pattern=r"^[A-Za-z0-9]{1,20}$", description="Its code in the statistics database.")
    sv: str = Field(min_length=1, description="Its name in Swedish.")
    en: str = Field(min_length=1, description="Its name in English.")
    theme: Theme = Field(description="The theme in the catalogue of open data, of the European Union's vocabulary.")

    def label(self, language: str) -> str:
        """The name in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en


class About(_Part):
    """What a programme says of its register."""

    first_year: Year = Field(description="The first year that an edition can have.")
    comparable_from: Year | None = Field(
        None, description="The year from which figures were reported in another way, where there is one."
    )
    file_types: Mapping[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,15}$")], FileType] = Field(
        description="What is delivered, by type: one whose rows are periods, and perhaps one whose rows are events."
    )
    due: Due
    subject: Subject

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        of = [one.rows for one in self.file_types.values()]
        if of.count("periods") != 1 or of.count("events") > 1:
            raise ValueError("file_types: one file type has rows that are periods, and one more may have rows that are events")
        return self

    @functools.cached_property
    def periods(self) -> str:
        """The file type that says who was there in which month."""
        return next(name for name, one in self.file_types.items() if one.rows == "periods")

    @functools.cached_property
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
