"""The row rules. Every rule of the programme's ``collect/rules.yml`` that begins with ``row-`` has its condition here, in SQL.

The words that the conditions are made of are columns of the query in `_row_query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kvarn.collect._layouts import Layout

__all__ = [
    "ALWAYS",
    "DETAILED_ALL_THE_SAME",
    "IDENTITY",
    "OFFENDING_CODES",
    "OLDEST",
    "SHAPE",
    "TAIL",
    "ValidCodes",
    "conditions",
    "fault_bits",
]

# Codes ending in 000 that are nevertheless the most detailed: each is the only code of its chapter (inferred).
DETAILED_ALL_THE_SAME = ("QC000", "QL000")
# Nobody older than this is taken for alive (kvarn's assumption).
OLDEST = 115


@dataclass(frozen=True)
class ValidCodes:
    """The codes that are right in a year.

    Attributes
    ----------
    municipalities
        Codes of four digits.
    professions
        Profession codes that are accepted.
    professions_not_accepted
        Profession codes that exist but are outside the obligation to provide data.
    procedures
        That year's KVÅ, or None to accept every code in the right form.
    unchecked
        The forms (regular expressions) of those procedure codes of which nobody can tell whether KVÅ has them, because the list
        of the year, or its part with such codes, has not been imported: one that is not among `procedures` is not called unknown.
    listed
        The codes of each list that a layout's fields name (`Layout.listed`).
    reserve_numbers
        Whether rows with a reserve number (the layout's ``reserve_pattern``) are accepted, with a warning.
    """

    municipalities: frozenset[str]
    professions: frozenset[str] = frozenset()
    professions_not_accepted: frozenset[str] = frozenset()
    procedures: frozenset[str] | None = None
    unchecked: tuple[str, ...] = ()
    reserve_numbers: bool = False
    listed: Mapping[str, frozenset[str]] = field(default_factory=dict)


# A row with the wrong number of fields has no fields that could be right or wrong: no rule but these and `ALWAYS` applies to it.
SHAPE: Mapping[str, str] = MappingProxyType(
    {
        "row-fields": "NOT right_number AND NOT ends_empty",
        "row-trailing-semicolon": "ends_empty",
    }
)
ALWAYS: Mapping[str, str] = MappingProxyType({"row-quotes": "quoted"})
# A code in the wrong form tells nothing of which municipality or month is meant, so that the file's name is not to blame.
_MUNICIPALITY = {
    "row-municipality-form": "NOT municipality_formed",
    "row-municipality": "municipality_formed AND municipality <> of_municipality",
}
# What an identity number and the year tell, wherever it stands.
IDENTITY: Mapping[str, str] = MappingProxyType(
    {
        # Birth numbers run from 001.
        "row-identity-form": "NOT identity_formed AND NOT reserve_formed AND NOT scientific OR identity // 10 % 1000 = 0",
        "row-identity-scientific": "scientific",
        "row-identity-date": "birth_digits IS NOT NULL AND NOT birth_date_exists",
        "row-identity-future": "birth_date_exists AND birth_date > last_date",
        "row-identity-age": f"birth_date_exists AND of_year - birth_year > {OLDEST}",
        "row-identity-check-digit": "check_sum % 10 <> 0",
        "row-identity-date-unknown": "birth_date_unknown",
        "row-identity-reserve": "reserve_formed",
    }
)
_DUPLICATE = {"row-duplicate": "is_duplicate"}
# What the row's tail tells: the fields after the date.
TAIL: Mapping[str, str] = MappingProxyType(
    {
        "row-procedure-form": "NOT procedure_formed AND NOT procedure_padded",
        "row-procedure-padded": "procedure_padded",
        "row-procedure-regional": "procedure_formed AND regional",
        "row-procedure-not-detailed": "procedure_formed AND undetailed AND NOT regional",
        "row-procedure-unknown": "procedure_formed AND NOT regional AND NOT undetailed AND NOT listed AND NOT unchecked",
        "row-procedure-unchecked": "procedure_formed AND NOT regional AND NOT undetailed AND NOT listed AND unchecked",
        "row-profession-form": "NOT professions_formed",
        "row-profession-unknown": "professions_formed AND NOT professions_known",
        "row-profession-not-accepted": "profession_not_accepted",
        "row-profession-repeated": "profession_repeated",
    }
)

_PERIOD = {
    "row-period-form": "NOT period_formed",
    "row-period": "period_formed AND (year <> of_period[1:4] OR month <> of_period[5:])",
}


def conditions(layout: Layout) -> Mapping[str, str]:
    """The condition of each row rule that a layout's rows are judged by, in the order of the fields.

    A code that a list judges has two rules of its own: of a field ``cause`` ``row-cause-form`` and ``row-cause-unknown``.
    """
    roles, listed = {one.role for one in layout.fields}, {}
    for one in layout.listed:
        name = one.role.replace("_", "-")
        listed[f"row-{name}-form"] = f"NOT {one.role}_formed"
        listed[f"row-{name}-unknown"] = f"{one.role}_formed AND NOT {one.role}_listed"
    if layout.rows == "periods":
        care = {"row-care-after-death": "first_day > died"}
        return {**SHAPE, **ALWAYS, **_MUNICIPALITY, **_PERIOD, **IDENTITY, **care, **listed, **_DUPLICATE}
    tail = {rule: condition for rule, condition in TAIL.items() if rule.split("-")[1] in roles}
    return {
        **SHAPE,
        **ALWAYS,
        **_MUNICIPALITY,
        **IDENTITY,
        "row-date": "NOT date_exists",
        "row-date-month": "date_exists AND NOT in_month",
        "row-care-after-death": "first_day + (day::INTEGER - 1) > died",
        **tail,
        **listed,
        **_DUPLICATE,
        "row-person-missing": "person_missing",
    }


# Which of a row's profession codes break the rule. For a rule on procedures it is the row's one code.
OFFENDING_CODES: Mapping[str, str] = MappingProxyType(
    {
        "row-profession-form": "NOT regexp_full_match(code, {profession_pattern})",
        "row-profession-unknown": "code NOT IN {accepted} AND code NOT IN {not_accepted}",
        "row-profession-not-accepted": "code IN {not_accepted}",
        "row-profession-repeated": "len(list_filter(professions, lambda other: other = code)) > 1",
    }
)


def fault_bits(layout: Layout) -> Mapping[str, int]:
    """The bit of each row rule in the column ``faults``."""
    return {rule: 1 << place for place, rule in enumerate(conditions(layout))}
