"""The rules of disclosure control, as an edition's parameters give them, and which of them go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from kvarn import metadata
from kvarn.edition._floor import Floor
from kvarn.edition._section import Section, nearest
from kvarn.edition._texts import EditionName

__all__ = ["CellKey", "Disclosure", "Dominance", "Keyed", "Sensitive"]


class Dominance(Section):
    """A procedure total tells of its largest contributors when the `n` largest have more than `per_cent` of it."""

    n: int = Field(ge=1, le=2, description="How many of the largest contributors are taken together.")
    per_cent: float = Field(ge=1, lt=100, description="The share of the total, in per cent, above which it is suppressed.")

    @field_validator("per_cent", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Sensitive(Section):
    """Stricter limits for the categories of one classification."""

    codes: tuple[str, ...] | None = Field(None, description="The categories meant; all of them where none is named.")
    threshold: int = Field(1, ge=1, le=1000, description="As disclosure.threshold, for these categories, where it is higher.")
    contributors: int = Field(1, ge=1, le=1000, description="As disclosure.contributors, for these, where it is higher.")
    group: bool = Field(False, description="Whether it is a secret that every person of a group is in one of them.")

    @field_validator("codes", mode="before")
    @classmethod
    def _codes(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("codes")
    @classmethod
    def _some(cls, codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if codes is not None and (not codes or len(set(codes)) < len(codes)):
            raise ValueError("should name each category once, and at least one; without the key all are meant")
        return codes


class CellKey(Section):
    """How much the method ``cell-key`` changes a count of persons. The defaults are assumptions."""

    greatest: int = Field(5, ge=1, le=100, description="No count of persons is changed by more than this.")
    variance: float = Field(3.0, gt=0, le=10_000, description="The variance of the change; larger where a small count needs it.")

    @field_validator("variance", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Keyed(Section):
    """What a secret key decides, lest whoever knows the rules and the program try it on guesses. The defaults are assumptions."""

    choice: float = Field(
        0.0, ge=0, le=10, description="How much dearer of two cells that are alike the one may be to suppress beside a secret."
    )
    decoys: float = Field(
        0.0, ge=0, le=1, description="The share of counts of persons just above the limit that are suppressed like those below."
    )
    reach: float = Field(2.0, ge=1, le=10, description="Just above is below this many times the limit.")
    guesses: int = Field(
        100, ge=0, le=1_000_000, description="How often the program is run on guesses, to tell the officer what they come to."
    )

    @property
    def decides(self) -> bool:
        """Whether a key decides anything."""
        return bool(self.choice or self.decoys)

    @field_validator("choice", "decoys", "reach", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Disclosure(Section):
    """The rules of disclosure control. The defaults are assumptions; the office decides."""

    method: Literal["suppression", "cell-key"] = Field(
        "suppression", description="Whether figures are withheld, or all of them changed a little by chance."
    )
    public: Literal["method", "limits"] = Field(
        "method",
        description="What readers are told of these rules: the method alone, or its limits too. It holds for every product.",
    )
    cell_key: CellKey = Field(CellKey(), description="How much cell-key changes.")
    threshold: int = Field(4, ge=1, le=1000, description="Counts of persons from 1 up to, not including, this are suppressed.")
    contributors: int = Field(4, ge=1, le=1000, description="A count of procedures needs at least this many persons behind it.")
    quantile_persons: int = Field(
        20, ge=2, le=100_000, description="A quantile or standardised rate needs at least this many persons behind it."
    )
    width: int = Field(3, ge=1, le=1000, description="How wide an interval anyone must be left with around a secret.")
    amount_width_per_cent: float = Field(
        20.0,
        ge=1,
        le=100,
        description="How wide that interval must be, at least, around procedures of too few persons: a share of their number.",
    )
    singletons: bool = Field(
        True, description="Whether what one person knows, who is alone in a suppressed cell, must not tell them another one."
    )
    taken_for_sums: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Readers are assumed to take a whole for the sum of its parts where all parts come to no more than this share"
        " beyond their wholes, as municipalities beyond their counties; 0: nowhere.",
    )
    keyed: Keyed = Field(Keyed(), description="What of the pattern of suppressed cells a secret key decides.")
    municipalities: bool = Field(
        False, description="Whether a municipality's own records must not tell it a secret of another one; takes minutes."
    )
    dominance: Dominance | None = Field(None, description="The (n,k) rule for procedure totals; none where it is left out.")
    p_per_cent: float | None = Field(
        None,
        ge=1,
        lt=100,
        description="The p % rule: nobody may reckon the largest contributor's procedures to within this many per cent.",
    )
    sensitive: Mapping[str, Sensitive] = Field(
        default_factory=dict, description="Stricter limits by classification variable: procedure_group: {threshold: 10}."
    )
    withheld_at_most: float = Field(
        1.0, gt=0, le=1, description="A table with a larger share of its cells suppressed than this is refused, to be coarsened."
    )
    floor: Floor = Field(Floor(), description="What no rule of a real edition may be weaker than.")
    earlier: tuple[EditionName, ...] = Field(
        (), description="No longer needed: whatever is in the release history is protected with this edition, named or not."
    )

    @property
    def of_dominance(self) -> bool:
        """Whether a rule asks for the largest contributors of a total."""
        return self.dominance is not None or self.p_per_cent is not None

    @property
    def behind(self) -> Literal["persons", "largest", "keys"]:
        """What the register has to count behind each cell for these rules."""
        if self.method == "cell-key":
            return "keys"
        return "largest" if self.of_dominance else "persons"

    @property
    def smallest_shown(self) -> int:
        """The least count of persons but nought that ``cell-key`` shows, where no category has a stricter limit."""
        return max(self.threshold, self.contributors)

    @property
    def strictest(self) -> int:
        """The greatest of all limits on persons, those of sensitive categories among them."""
        special = [limit for one in self.sensitive.values() for limit in (one.threshold, one.contributors)]
        return max(self.threshold, self.contributors, *special)

    @property
    def contradiction(self) -> str | None:
        """Which of these rules cannot be kept together: the key, and why."""
        for name, limits in self.sensitive.items():
            for key in ("threshold", "contributors"):
                given, general = getattr(limits, key), getattr(self, key)
                if key in limits.model_fields_set and given < general:
                    return (
                        f"sensitive.{name}.{key}: {given} is weaker than the general limit, disclosure.{key}: {general}, "
                        "which holds there too; write a higher one, or leave the key out"
                    )
        if self.method != "cell-key":
            return None
        greatest = self.cell_key.greatest
        if greatest < self.strictest:
            return (
                f"cell_key.greatest: with changes of at most {greatest} no count can leap over the small ones; it must be "
                f"at least {self.strictest}, the highest of threshold, contributors and those of sensitive categories"
            )
        if self.cell_key.variance > greatest * (greatest + 1) / 3:
            return f"cell_key.variance: changes of at most {greatest} vary by {greatest * (greatest + 1) / 3:g} at most"
        if any(one.group for one in self.sensitive.values()):
            return (
                "sensitive: only the method suppression keeps it a secret that all of a group are in one category (group: true)"
            )
        return None

    @field_validator("sensitive")
    @classmethod
    def _known_categories(cls, sensitive: Mapping[str, Sensitive]) -> Mapping[str, Sensitive]:
        """A limit for a category that there is not would protect nothing, and nobody would notice."""
        classified = [name for name in metadata.variables() if metadata.variable(name).codelist]
        for name, limits in sensitive.items():
            if name not in classified:
                raise ValueError(f"names {name!r}, which is no classification ({nearest(name, classified)})")
            listed = metadata.variable(name).codes
            known = () if listed is None else listed.codes
            for code in limits.codes or ():
                if code not in known:
                    raise ValueError(f"names {code!r}, which is no category of {name} ({nearest(code, known)})")
        return sensitive

    @field_validator("earlier", mode="before")
    @classmethod
    def _earlier(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("amount_width_per_cent", "taken_for_sums", "p_per_cent", "withheld_at_most", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
