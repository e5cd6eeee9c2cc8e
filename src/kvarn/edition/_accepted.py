"""What the office accepts of what looks wrong: each acceptance names one finding, why it is right, and who says so."""

from __future__ import annotations

import difflib
import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kvarn import metadata
from kvarn.edition._texts import Line, one_line
from kvarn.programme import current_programme

__all__ = ["Acceptance", "Checks", "twice_accepted"]

_MOST = 1_000_000_000
# The year, the municipality or the country, and of whom or of which file type.
_PLACE = re.compile(r"(?P<year>(?:19|20)\d{2})(, (?P<region>country|\d{4}))?(, (?P<of>men|women|[A-Z][A-Z0-9]*))?")


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    sv: Line
    en: Line


class Acceptance(BaseModel):
    """One finding that is right. `what`, `where` and `at` are copied from the message; the others the office writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    what: str = Field(description="The kind of finding, such as population-jump.")
    where: str = Field(description="The place, as the message prints it.")
    at: str = Field(description="The value that was found, as the message prints it: no other is accepted with it.")
    why: str = Field(description="Why it is right.")
    by: str = Field(description="Who says so.")
    shown: _Said | None = Field(description="What readers see at tables, figures and data: words in both languages; or false.")

    @field_validator("what")
    @classmethod
    def _known(cls, value: str) -> str:
        kinds = list(metadata.finding_kinds())
        if value in kinds:
            return value
        near = difflib.get_close_matches(value, kinds, n=1)
        raise ValueError(f"is no kind of finding; {f'did you mean {near[0]!r}?' if near else 'known: ' + ', '.join(kinds)}")

    @field_validator("where", "at", "why", "by")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must say something")
        return one_line(value.strip())

    @field_validator("where", "at", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        # What looks like a date or a number is one to YAML, unless somebody has put it in quotation marks.
        return value if isinstance(value, bool | list | dict) or value is None else str(value)

    @field_validator("shown", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if value is False or value is None:
            return None
        spoken = isinstance(value, dict) and set(value) == {"sv", "en"}
        if not spoken or not all(isinstance(said, str) and said.strip() for said in value.values()):
            raise ValueError("should be the words that readers see, {sv: …, en: …}, or false")
        return value

    @model_validator(mode="after")
    def _place_is_known(self) -> Self:
        kind = metadata.finding_kinds()[self.what]
        if kind.places:
            if self.where not in kind.places:
                near = difflib.get_close_matches(self.where, kind.places, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known for {self.what}: {', '.join(kind.places)}"
                raise ValueError(f"accepted.where: {self.where!r} is no place of {self.what}; {hint}")
            return self
        found = _PLACE.fullmatch(self.where)
        if found is None or found["of"] not in (None, "men", "women", *current_programme().about.file_types):
            raise ValueError(
                f"accepted.where: {self.where!r} is no place of {self.what}; copy it from what kvarn status prints, such as "
                "'2023, 0114'"
            )
        regions = metadata.codelist("region").leaves if found["region"] not in (None, "country") else ()
        if regions and found["region"] not in regions:
            near = difflib.get_close_matches(found["region"], regions, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"accepted.where: {found['region']!r} is no municipality{hint}")
        return self

    @property
    def place(self) -> tuple[str, str]:
        """What it is about: two findings of one kind at one place are the same finding with another value."""
        return self.what, self.where

    @property
    def year(self) -> int | None:
        """The year that it is about; None for one about the edition."""
        found = _PLACE.fullmatch(self.where)
        return int(found["year"]) if found else None

    def words(self, language: str) -> str | None:
        """What readers see; None where they see nothing."""
        return None if self.shown is None else self.shown.sv if language == "sv" else self.shown.en


class Checks(BaseModel):
    """From where on something is a finding. All limits are assumptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    population_municipality: float = Field(
        0.10, gt=0, le=1, description="The share by which the inhabitants of a municipality may change in a year."
    )
    population_municipality_sex: float = Field(
        0.15, gt=0, le=1, description="The same of the men, or the women, of a municipality."
    )
    population_country: float = Field(
        0.02, gt=0, le=1, description="The share by which the inhabitants of the country may change."
    )
    population_country_sex: float = Field(0.03, gt=0, le=1, description="The same of the men, or the women.")
    population_least: int = Field(100, ge=0, le=_MOST, description="A change by fewer inhabitants than this is no finding.")
    country_least: int = Field(8_000_000, ge=0, le=_MOST, description="Fewer inhabitants of the country than this are a finding.")
    country_most: int = Field(15_000_000, ge=0, le=_MOST, description="More inhabitants of the country than this are a finding.")
    municipality_least: int = Field(1_000, ge=0, le=_MOST, description="The same of a municipality.")
    municipality_most: int = Field(1_500_000, ge=0, le=_MOST, description="The same of a municipality.")
    persons_times: float = Field(
        2.0, gt=1, le=10_000, description="How many times as many persons a municipality may have as a year before, or as few."
    )
    persons_least: int = Field(
        100, ge=20, le=_MOST, description="A municipality with fewer persons in both years is not compared."
    )
    procedures_times: float = Field(
        10.0, gt=1, le=10_000, description="How many times as many procedures it may have, or as few."
    )
    procedures_least: int = Field(
        1000, ge=20, le=_MOST, description="A municipality with fewer procedures in both years is not compared."
    )
    days_from_schedule: int = Field(31, ge=0, le=3660, description="How many days published and scheduled may lie apart.")

    @field_validator(
        "population_municipality",
        "population_municipality_sex",
        "population_country",
        "population_country_sex",
        "persons_times",
        "procedures_times",
        mode="before",
    )
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _least_before_most(self) -> Self:
        for of in ("country", "municipality"):
            if getattr(self, f"{of}_least") > getattr(self, f"{of}_most"):
                raise ValueError(f"{of}_least: no number of inhabitants is at least this and at most {of}_most")
        return self


def twice_accepted(accepted: tuple[Acceptance, ...]) -> Acceptance | None:
    """The first acceptance of a place that another one before it has named."""
    seen = set()
    for one in accepted:
        if one.place in seen:
            return one
        seen.add(one.place)
    return None
