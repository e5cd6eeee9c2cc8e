"""The office's floor: the weakest rules of disclosure control by which an edition of real data may be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

if TYPE_CHECKING:
    from kvarn.edition._disclosure_rules import Disclosure

__all__ = ["Below", "Floor", "below_floor", "lowered"]


class Floor(BaseModel):
    """What no rule of a real edition may be weaker than. Below kvarn's own values it must be accepted (docs/accepted.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    threshold: int = Field(4, ge=1, le=1000, description="The least that disclosure.threshold may be.")
    contributors: int = Field(4, ge=1, le=1000, description="The least that disclosure.contributors may be.")
    width: int = Field(3, ge=1, le=1000, description="The least that disclosure.width may be; for suppression.")
    quantile_persons: int = Field(10, ge=2, le=100_000, description="The least that disclosure.quantile_persons may be.")
    singletons: bool = Field(True, description="Whether disclosure.singletons must be true; for suppression.")
    variance: float = Field(1.0, gt=0, le=10_000, description="The least that disclosure.cell_key.variance may be; for cell-key.")

    @field_validator("variance", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Below:
    """A rule that is weaker than the floor, or a floor that is lower than kvarn's own.

    Attributes
    ----------
    key
        The key of the edition, such as ``disclosure.threshold``.
    value, least
        What it is, and what it should be at least.
    so
        What follows from it.
    """

    key: str
    value: str
    least: str
    so: str


def below_floor(rules: Disclosure) -> Iterator[Below]:
    """The rules that are weaker than the floor of their edition, as far as they count with its method."""
    floor = rules.floor
    for name, so in (
        ("threshold", "counts of so few persons are published"),
        ("contributors", "totals of so few persons are published"),
        ("quantile_persons", "a median can tell what one of few persons had"),
    ):
        if getattr(rules, name) < getattr(floor, name):
            yield _below(name, getattr(rules, name), getattr(floor, name), so)
    if rules.method == "cell-key":
        if rules.cell_key.variance < floor.variance:
            so = "nearly all figures come out as they are"
            yield _below("cell_key.variance", f"{rules.cell_key.variance:g}", f"{floor.variance:g}", so)
        return
    if rules.width < floor.width:
        yield _below("width", rules.width, floor.width, "secrets can be told nearly to the person")
    if floor.singletons and not rules.singletons:
        yield _below("singletons", "false", "true", "somebody who is alone in a figure can compute another person's")


def lowered(rules: Disclosure) -> Iterator[Below]:
    """Where the floor of an edition is lower than kvarn's own."""
    for name, own in Floor().model_dump().items():
        value = getattr(rules.floor, name)
        if value < own:
            yield _below(f"floor.{name}", _plain(value), _plain(own), "weaker rules pass than kvarn would let pass")


def _below(name: str, value: object, least: object, so: str) -> Below:
    return Below(f"disclosure.{name}", str(value), str(least), so)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
