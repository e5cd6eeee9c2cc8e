"""Of how many municipalities there must be figures before a total is marked."""

from __future__ import annotations

from pydantic import Field

from kvarn.edition._section import Section

__all__ = ["Coverage"]


class Coverage(Section):
    """When the figures of a county or the country are marked for what is missing in them. The limit is an assumption."""

    municipalities_least: float = Field(
        0.8,
        ge=0,
        le=1,
        description="A county, or the country, with figures of a smaller share of its municipalities than this is named in the "
        "notes of its tables; 0 names none.",
    )
