"""What an edition says of itself that corrects one that is out: which, since when that was wrong, and what was."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field, field_validator

from kvarn.edition._section import Section
from kvarn.edition._texts import Line
from kvarn.edition._words import Words

__all__ = ["Notice"]


class Notice(Section):
    """The correction notice. The day of the correction is the edition's own day of publication."""

    corrects: Line = Field(description="The name of the released edition in whose place this one comes.")
    since: dt.date = Field(description="The day of publication from which on what was published was wrong.")
    preliminary: bool = Field(False, description="Whether the figures are preliminary still.")
    what: Words = Field(description="What was wrong, in a sentence or two that readers see.")
    tables: tuple[Line, ...] = Field(
        description="Every table that has changed, by its name in programme/tables.yml: [] where the figures of none have. "
        "kvarn publish names those that differ."
    )

    @field_validator("corrects", mode="before")
    @classmethod
    def _corrects(cls, value: Any) -> Any:
        # Most editions are called by their year.
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("tables", mode="before")
    @classmethod
    def _tables(cls, value: Any) -> Any:
        if isinstance(value, list):
            if len(set(map(str, value))) != len(value):
                raise ValueError("should name each table once")
            return tuple(value)
        return value
