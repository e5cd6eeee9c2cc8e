"""The office's floor: the weakest rules of disclosure control by which an edition of real data may be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

if TYPE_CHECKING:
    from kvarn.edition._disclosure_rules import Disclosure, Dominance

__all__ = ["Below", "Floor", "below_floor", "lowered", "weaker_than"]


class Floor(BaseModel):
    """What no rule of a real edition may be weaker than. Below kvarn's own values it must be accepted (docs/accepted.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    threshold: int = Field(4, ge=1, le=1000, description="The least that disclosure.threshold may be.")
    contributors: int = Field(4, ge=1, le=1000, description="The least that disclosure.contributors may be.")
    width: int = Field(3, ge=1, le=1000, description="The least that disclosure.width may be; for suppression.")
    amount_width_per_cent: float = Field(
        20.0, ge=1, le=100, description="The least that disclosure.amount_width_per_cent may be; for suppression."
    )
    taken_for_sums: float = Field(
        0.02, ge=0, le=1, description="The least that disclosure.taken_for_sums may be; for suppression."
    )
    quantile_persons: int = Field(10, ge=2, le=100_000, description="The least that disclosure.quantile_persons may be.")
    singletons: bool = Field(True, description="Whether disclosure.singletons must be true; for suppression.")
    variance: float = Field(1.0, gt=0, le=10_000, description="The least that disclosure.cell_key.variance may be; for cell-key.")

    @field_validator("amount_width_per_cent", "taken_for_sums", "variance", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Below:
    """A rule that is weaker than the floor or than it was before, or a floor that is lower than kvarn's own or than it was.

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
    if rules.amount_width_per_cent < floor.amount_width_per_cent:
        share, least = f"{rules.amount_width_per_cent:g}", f"{floor.amount_width_per_cent:g}"
        yield _below("amount_width_per_cent", share, least, "large amounts of few persons can be told closely")
    if rules.taken_for_sums < floor.taken_for_sums:
        so = "somebody who takes counties for the sums of their municipalities can compute secrets"
        yield _below("taken_for_sums", f"{rules.taken_for_sums:g}", f"{floor.taken_for_sums:g}", so)
    if floor.singletons and not rules.singletons:
        yield _below("singletons", "false", "true", "somebody who is alone in a figure can compute another person's")


def lowered(rules: Disclosure) -> Iterator[Below]:
    """Where the floor of an edition is lower than kvarn's own."""
    for name, own in Floor().model_dump().items():
        value = getattr(rules.floor, name)
        if value < own:
            yield _below(f"floor.{name}", _plain(value), _plain(own), "weaker rules pass than kvarn would let pass")


def weaker_than(rules: Disclosure, before: Disclosure) -> Iterator[Below]:
    """The rules, and the floors, that are weaker than those of another edition, left out or not."""
    for name in Floor.model_fields:
        value, least = getattr(rules.floor, name), getattr(before.floor, name)
        if value < least:
            yield _below(f"floor.{name}", _plain(value), _plain(least), "weaker rules pass than did before")
    if rules.method != before.method:
        yield _below("method", rules.method, before.method, "its rules are others")
        return
    counted = ["threshold", "contributors", "quantile_persons"]
    if rules.method == "suppression":
        counted += ["width", "amount_width_per_cent", "taken_for_sums", "singletons", "municipalities"]
        for name in ("dominance", "p_per_cent"):
            now, then = getattr(rules, name), getattr(before, name)
            if then is not None and (now is None or _is_weaker(now, then)):
                yield _below(name, _written(now), _written(then), "totals are shown that one or two nearly make up")
    elif rules.cell_key.variance < before.cell_key.variance:
        yield _below("cell_key.variance", f"{rules.cell_key.variance:g}", f"{before.cell_key.variance:g}", "less is changed")
    for name in counted:
        if getattr(rules, name) < getattr(before, name):
            yield _below(name, _plain(getattr(rules, name)), _plain(getattr(before, name)), "it was stricter before")
    if named := sorted(name for name in before.sensitive if _less_sensitive(name, rules, before)):
        yield _below("sensitive", f"weaker for {', '.join(named)}", "as it was", "stricter limits of categories are gone")


def _is_weaker(now: Dominance | float, then: Dominance | float) -> bool:
    if isinstance(now, float | int) and isinstance(then, float | int):
        return now < then
    # Of one contributor and of two no rule is stricter than the other in all cases.
    return isinstance(now, float | int) or isinstance(then, float | int) or now.n != then.n or now.per_cent > then.per_cent


def _less_sensitive(name: str, rules: Disclosure, before: Disclosure) -> bool:
    then, now = before.sensitive[name], rules.sensitive.get(name)
    if now is None:
        return True
    covers = now.codes is None or (then.codes is not None and set(then.codes) <= set(now.codes))
    weaker = now.threshold < then.threshold or now.contributors < then.contributors or now.group < then.group
    return weaker or not covers


def _written(rule: Dominance | float | None) -> str:
    if rule is None:
        return "left out"
    return f"{rule:g}" if isinstance(rule, float | int) else f"n {rule.n}, per_cent {rule.per_cent:g}"


def _below(name: str, value: object, least: object, so: str) -> Below:
    return Below(f"disclosure.{name}", str(value), str(least), so)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
