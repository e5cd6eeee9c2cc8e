"""What an edition's parameters are, and which of them go together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from kvarn.edition._accepted import Acceptance, Checks, twice_accepted
from kvarn.edition._correction import Notice
from kvarn.edition._coverage import Coverage
from kvarn.edition._disclosure_rules import Disclosure
from kvarn.edition._due import MONTHS_IN_YEAR, last_day
from kvarn.edition._floor import below_floor
from kvarn.edition._notebook_limits import NotebookLimits
from kvarn.edition._profiles import Profile
from kvarn.edition._release_rules import ReleaseRules
from kvarn.edition._section import Section
from kvarn.edition._stated import Correction, Signature, Stated
from kvarn.edition._texts import Address, ArticleNumber, Email, Isbn, Issn, Line, Location, ProductCode, Telephone, one_line
from kvarn.edition._words import Words
from kvarn.programme import current_programme

__all__ = [
    "STANDARD_YEAR",
    "Contact",
    "Data",
    "Edition",
    "Previous",
    "Publication",
    "Quality",
    "Words",
]

LAST_YEAR = 2100
# The parameter by which a notebook is told whose population rates are standardised by; 0: the reference year's.
STANDARD_YEAR = "standard_year"
# From then on Statistics Sweden may change figures of population by chance.
FIRST_YEAR_OF_NOISE = 2025


class Data(Section):
    """Where the year's material lies; paths are relative to the project's root."""

    deliveries: Location | None = Field(
        None, description="The folder of delivery files, and arrivals.csv where the portal keeps one."
    )
    intake: Location | None = Field(None, description="Instead of `deliveries`: what `kvarn intake … --into` has taken in.")
    as_of: dt.date | None = Field(
        None,
        description="The day whose deliveries count: those in force then (preliminary, final). Without it, those in force now.",
    )
    population: tuple[Location, ...] = Field(
        min_length=1,
        description="Population 31 December by municipality, age and sex, as downloaded from Statistics Sweden: a file, a "
        "folder or a pattern, or a list of them.",
    )
    population_noise: int = Field(
        0,
        ge=0,
        le=100,
        description="From 2025: by how much a figure of the population may have been changed by chance, so that totals differ.",
    )
    deaths: Location | None = Field(
        None, description="Known dates of death (identity_number,died): care after them is a fault of the delivery."
    )
    procedures: Location | None = Field(
        None,
        description="More procedures to accept in the reference year (code,title); or import each year's official list.",
    )
    persons: Location | None = Field(
        None, description="Persons with two identity numbers: a CSV from,to with the old number and the number in force."
    )
    care: Literal["reported", "reported_or_procedure"] = Field(
        "reported",
        description="Who had care in a month: whom KHSL1 reports, or also those of whom KHSL2 reports a procedure.",
    )

    @field_validator("population", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        listed = [value] if isinstance(value, str | Path) else value
        return tuple(listed) if isinstance(listed, list | tuple) else value


class Contact(Section):
    """Whom a reader can ask."""

    name: Line
    email: Email
    telephone: Telephone | None = None


class Previous(Section):
    """The edition before this one (*Tidigare publicering*)."""

    title: Words
    published: dt.date
    address: Address | None = Field(None, description="Where it can be read.")


class Publication(Section):
    """What the front page and the quality declaration say about this edition."""

    series: Words
    title: Words
    publisher: Words
    published: dt.date
    scheduled: dt.date
    contact: Contact
    previous: Previous | None = None
    final: dt.date | None = Field(None, description="The day on which final figures are planned, for preliminary ones.")
    product_code: ProductCode | None = None
    licence: Address | None = Field(None, description="The address of the licence of the open data.")
    address: Address | None = Field(None, description="The address at which the publication and its documentation are read.")
    article_number: ArticleNumber | None = Field(None, description="The number under which the publisher lists it.")
    issn: Issn | None = None
    isbn: Isbn | None = None
    next: dt.date | None = Field(None, description="The day on which the next edition is planned.")
    signed: Signature | None = Field(None, description="Who signs the preface.")
    stated: Stated = Field(Stated(), description="What the publisher has decided, in sentences that readers see.")
    corrections: tuple[Correction, ...] = Field((), description="What has been corrected since the day of publication.")

    @field_validator("corrections", mode="before")
    @classmethod
    def _corrections(cls, value: Any) -> Any:
        return () if value is None else tuple(value) if isinstance(value, list) else value


class Quality(Section):
    """The limits of intake."""

    rejected_rows: float = Field(
        0.05, ge=0, le=1, description="A delivery file with a larger share of bad rows than this is rejected whole."
    )
    fewer_rows: float = Field(
        0.5,
        ge=0,
        le=1,
        description="A delivery that lacks a larger share than this of the rows of an earlier one for the month, or of the month "
        "before, gets a remark.",
    )
    fewer_rows_least: int = Field(20, ge=1, le=3_000_000, description="Fewer missing rows than this get no remark.")
    reserve_numbers: bool = Field(
        False,
        description="Whether local reserve numbers are taken in: such persons are counted, and cannot be followed.",
    )


class Edition(Section):
    """One year's parameters. Which years, from what, published when and by whom, protected how."""

    reference_year: int = Field(ge=1800, le=LAST_YEAR)
    first_year: int = Field(ge=1800, le=LAST_YEAR)
    stage: Literal["preliminary", "final", "corrected"] = Field(
        "final",
        description="Whether the figures will be revised, or correct those of an edition that is out; must be stated with "
        "`data.as_of`.",
    )
    correction: Notice | None = Field(None, description="What an edition corrects that is out: kvarn correct writes it.")
    languages: tuple[Literal["sv", "en"], ...] = ("sv", "en")
    synthetic: bool
    official_statistics: bool = False
    data: Data
    publication: Publication
    disclosure: Disclosure = Disclosure()
    quality: Quality = Quality()
    coverage: Coverage = Coverage()
    checks: Checks = Checks()
    accepted: tuple[Acceptance, ...] = Field((), description="What looks wrong and is right: see docs/accepted.md.")
    notebooks: Mapping[str, Mapping[str, bool | int | float | str]] = Field(
        default_factory=dict, description="Further parameters of single notebooks: geography: {standard_year: 2020}."
    )
    profiles: Mapping[str, Profile] = Field(
        default_factory=dict,
        description="Notebooks of notebooks/profile that are run once for each code of a list: region: {for_each: region}.",
    )
    notebook_wall: Literal["required", "best"] | None = Field(
        None,
        description="Whether nothing runs where the operating system does not keep notebooks from what they may not read "
        "(required), or they run with the best that there is (best). By default required, and best for synthetic data.",
    )
    notebook_limits: NotebookLimits = NotebookLimits()
    release: ReleaseRules = ReleaseRules()
    renderer: Literal["auto", "quarto", "builtin"] = "auto"
    engine: Literal["duckdb", "spark"] = Field("duckdb", description="What computes the tables: DuckDB here, or Apache Spark.")
    # No key of the file: nobody can take the mark away there.
    _trial: bool = PrivateAttr(False)

    @field_validator("notebooks")
    @classmethod
    def _notebooks(cls, value: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        for given in value.values():
            for one in given.values():
                if isinstance(one, str) and one:
                    one_line(one)
        return value

    @field_validator("accepted", mode="before")
    @classmethod
    def _accepted(cls, value: Any) -> Any:
        return () if value is None else tuple(value) if isinstance(value, list) else value

    @field_validator("languages", mode="before")
    @classmethod
    def _languages(cls, value: Any) -> Any:
        if isinstance(value, list):
            if not value or len(set(map(str, value))) != len(value):
                raise ValueError("should name each language once, and at least one")
            return tuple(value)
        return value

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.data.deliveries is None) == (self.data.intake is None):
            raise ValueError("data.deliveries: give either deliveries (a folder) or intake (what kvarn intake has filled)")
        if self.data.as_of is not None and "stage" not in self.model_fields_set:
            raise ValueError(
                "stage: with data.as_of the edition must state whether its figures are preliminary or final; "
                "add stage: preliminary, or stage: final"
            )
        if (self.stage == "corrected") != (self.correction is not None):
            raise ValueError(
                "stage: an edition that corrects another has stage: corrected and the notice (correction), and no other has; "
                "kvarn correct params/EDITION.yml writes both"
            )
        following = self.publication.next
        if following is not None and following <= self.publication.published:
            raise ValueError("publication.next: the next edition comes after this one")
        final = self.publication.final
        if final is not None and (not self.provisional or final <= self.publication.published):
            raise ValueError("publication.final: only preliminary figures become final, on a day after publication")
        if self.first_year > self.reference_year:
            raise ValueError(f"first_year: the series cannot begin in {self.first_year}, after the reference year")
        for notebook, given in self.notebooks.items():
            standard = given.get(STANDARD_YEAR)
            if isinstance(standard, int) and standard and standard not in self.years:
                raise ValueError(
                    f"notebooks.{notebook}.{STANDARD_YEAR}: the register has the population of the years of the series, "
                    f"{self.first_year} to {self.reference_year}, and not of {standard}"
                )
        about = current_programme().about
        if self.first_year < about.first_year:
            raise ValueError(f"first_year: the register begins in {about.first_year}")
        if self.reference_year < (about.first_year_of_events or about.first_year):
            raise ValueError(
                f"reference_year: events ({about.events}) are delivered from {about.first_year_of_events}; take a reference year "
                "from then on"
            )
        for key in ("published", "scheduled"):
            day = getattr(self.publication, key)
            if day.year <= self.reference_year:
                raise ValueError(f"publication.{key}: {self.reference_year} cannot be published on {day}, before it has ended")
        if self.data.population_noise and self.reference_year < FIRST_YEAR_OF_NOISE:
            raise ValueError(
                f"data.population_noise: figures of population are changed by chance from {FIRST_YEAR_OF_NOISE} on, and the last "
                f"year here is {self.reference_year}; write 0, or leave the key out"
            )
        if self.disclosure.contradiction is not None:
            raise ValueError(f"disclosure.{self.disclosure.contradiction}")
        if not self.synthetic and (weak := next(below_floor(self.disclosure), None)) is not None:
            raise ValueError(
                f"{weak.key}: {weak.value} is weaker than the office's floor, {weak.least} (disclosure.floor), and the data "
                f"are real: {weak.so}; write {weak.least}, or a stricter rule; a lowered floor is answered for under accepted"
            )
        if (twice := twice_accepted(self.accepted)) is not None:
            raise ValueError(f"accepted: {twice.what} at {twice.where!r} is accepted twice; keep the one that is right")
        if not self.synthetic and self.release.by_analyst_alone:
            raise ValueError("release.required: real data need the signature of one role at least beside the analyst's")
        if self.synthetic and self.official_statistics:
            raise ValueError(
                "official_statistics: nothing made from synthetic data may be called official statistics (lag 2001:99, 22 §)"
            )
        return self

    @property
    def wall_required(self) -> bool:
        """Whether notebooks run only within a wall that the operating system keeps."""
        return self.notebook_wall == "required" or (self.notebook_wall is None and not self.synthetic)

    @property
    def provisional(self) -> bool:
        """Whether its figures are preliminary, corrected ones too."""
        return self.stage == "preliminary" or (self.correction is not None and self.correction.preliminary)

    @property
    def trial(self) -> bool:
        """Whether this is a trial, which says so in every product and is never released."""
        return self._trial

    def as_trial(self) -> Self:
        """The same parameters for a trial."""
        tried = self.model_copy()
        tried._trial = True
        return tried

    @property
    def years(self) -> tuple[int, ...]:
        """Every year of the series."""
        return tuple(range(self.first_year, self.reference_year + 1))

    @property
    def event_years(self) -> tuple[int, ...]:
        """The years of the series of which events are delivered."""
        first = current_programme().about.first_year_of_events
        return () if first is None else tuple(year for year in self.years if year >= first)

    def incomplete_months(self, year: int) -> tuple[int, ...]:
        """The months of a year of which files could still come in time on the edition's day (``data.as_of``)."""
        day = self.data.as_of
        return tuple(month for month in range(1, MONTHS_IN_YEAR + 1) if day is not None and last_day(year, month) >= day)

    def years_of(self, span: Literal["series", "procedures", "reference"]) -> tuple[int, ...]:
        """The years that a table of this span covers."""
        return {"series": self.years, "procedures": self.event_years, "reference": (self.reference_year,)}[span]
