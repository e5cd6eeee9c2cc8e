"""Who must sign an edition before it is released, and when it may be."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from kvarn.edition._section import Section

if TYPE_CHECKING:
    from kvarn.edition._model import Edition

__all__ = ["ReleaseRules", "embargoed", "moment_of_publication", "required_roles"]

_ROLE = re.compile(r"[a-z][a-z-]{0,39}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ANALYST, _ASSURER = "analyst", "assurer"


def _role(value: str) -> str:
    if not _ROLE.fullmatch(value):
        raise ValueError("should be a role in small letters a–z and hyphens, such as assurer")
    return value


def _time(value: Any) -> Any:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError('should be a time of the day in quotation marks, such as "08:00"')
    return value


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("should be a time zone that this system knows, such as Europe/Stockholm") from None
    return value


Role = Annotated[str, AfterValidator(_role)]


class ReleaseRules(Section):
    """Who must have signed an edition before it is released, and from what moment on it may be."""

    roles: tuple[Role, ...] = Field((_ANALYST, _ASSURER), min_length=1, description="The roles in which somebody can sign.")
    required: tuple[Role, ...] | None = Field(
        None,
        description="The roles that must have signed. By default analyst and assurer, or all roles where these are others; "
        "nobody for synthetic data.",
    )
    separate: Literal["names", "accounts"] = Field(
        "names", description="What must differ between who signs in two roles: the names, or the accounts of this system too."
    )
    embargo: bool | None = Field(
        None,
        description="Whether nothing is released before its day and time. By default so, and not for synthetic data.",
    )
    time: Annotated[str, BeforeValidator(_time)] = Field("00:00", description="From what time of its day on it may be released.")
    time_zone: Annotated[str, AfterValidator(_zone)] = Field("Europe/Stockholm", description="In which time zone that is.")

    @property
    def required_of_real_data(self) -> tuple[str, ...]:
        """The roles that must have signed an edition of real data, in the order of `roles`."""
        usual = (_ANALYST, _ASSURER) if {_ANALYST, _ASSURER} <= set(self.roles) else self.roles
        return tuple(role for role in self.roles if role in (usual if self.required is None else self.required))

    @property
    def by_analyst_alone(self) -> bool:
        """Whether the rules ask for nobody's signature but the analyst's, of real data."""
        return set(self.required_of_real_data) <= {_ANALYST}

    @field_validator("roles", "required", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        for name, given in (("roles", self.roles), ("required", self.required or ())):
            if len(set(given)) != len(given):
                raise ValueError(f"{name}: should name each role once")
        for role in self.required or ():
            if role not in self.roles:
                raise ValueError(f"required: {role} is none of the roles in which somebody can sign ({', '.join(self.roles)})")
        return self


def required_roles(edition: Edition) -> tuple[str, ...]:
    """The roles that must have signed the edition before it is released, in the order of its roles."""
    return () if edition.synthetic and edition.release.required is None else edition.release.required_of_real_data


def embargoed(edition: Edition) -> bool:
    """Whether the edition may not be released before its moment of publication."""
    return not edition.synthetic if edition.release.embargo is None else edition.release.embargo


def moment_of_publication(edition: Edition) -> dt.datetime:
    """From when on the edition may be released: its day of publication at its time, in its time zone."""
    rules = edition.release
    time = dt.time.fromisoformat(rules.time)
    return dt.datetime.combine(edition.publication.published, time, tzinfo=zoneinfo.ZoneInfo(rules.time_zone))
