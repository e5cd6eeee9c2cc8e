"""What is true of the measures that kvarn counts itself, whatever a programme declares of them.

That procedures of all ages add up, that person-months are the persons of each month: such facts follow from how they are counted.
Disclosure control stands on them. A declaration that left one out would turn it off for the protector, its audit and the
validation alike, and complements would be published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["COUNTED", "Counted"]


@dataclass(frozen=True)
class Counted:
    """What a declaration of a measure must say.

    Attributes
    ----------
    subject, behind, sum_of, at_most_each
        As `Measure` has them; `sum_of` is the measure and the variable.
    additive
        The variables over which the categories add up; more may be declared, and is held against the figures.
    part_of
        The measure of which each cell is a part, where both count the same units.
    """

    subject: str
    additive: tuple[str, ...]
    behind: str | None = None
    sum_of: tuple[str, str] | None = None
    at_most_each: str | None = None
    part_of: str | None = None


_OF_A_PERSON = ("sex", "age")
_OF_A_PROCEDURE = ("region", "month", "weekday", "kind", "procedure_group", "procedure", "cooperation")
COUNTED: Mapping[str, Counted] = {
    "population": Counted("public", (*_OF_A_PERSON, "region")),
    "persons": Counted("persons", (*_OF_A_PERSON, "continuity"), part_of="population"),
    "persons_with_procedure": Counted("persons", _OF_A_PERSON, part_of="persons"),
    "procedures": Counted("procedures", (*_OF_A_PERSON, *_OF_A_PROCEDURE), behind="persons_with_procedure"),
    "person_months": Counted(
        "procedures", _OF_A_PERSON, behind="persons", sum_of=("persons", "month"), at_most_each="months_persons"
    ),
}
