"""The words that the queries of `_row_query` share: literals, sums of faults, and the identity number in parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvarn.collect._layouts import Layout
from kvarn.collect._rows import ValidCodes

__all__ = ["BIRTH", "code_words", "identity_parts", "literal", "literals", "sum_of"]


# How a spreadsheet writes a number of twelve digits: digits are lost.
# A mantissa of several digits needs the sign: 19400101E123 is a reserve number.
_SCIENTIFIC = "[0-9]([.,][0-9]+)?[Ee][+]?[0-9]+|[0-9]+([.,][0-9]+)?[Ee][+][0-9]+"


def code_words(layout: Layout, codes: ValidCodes) -> dict[str, str]:
    patterns = {field.role: literal(field.pattern) for field in layout.fields}
    needed = ("municipality", "year", "month", "procedure", "profession")
    return {
        **{f"{role}_pattern": patterns.get(role, "''") for role in needed},
        "unchecked_pattern": literal("|".join(codes.unchecked)),
        "accepted": literals(codes.professions),
        "not_accepted": literals(codes.professions_not_accepted),
    }


def sum_of(conditions: Mapping[str, str], bits: Mapping[str, int]) -> str:
    terms = [f"CASE WHEN {condition} THEN {bits[rule]} ELSE 0 END" for rule, condition in conditions.items()]
    return "\n                        + ".join(terms)


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def literals(values: Iterable[str]) -> str:
    return "(" + ", ".join(literal(value) for value in sorted(values) or [""]) + ")"


def identity_parts(layout: Layout, codes: ValidCodes) -> str:
    """The identity number in parts. Co-ordination numbers have 60 added to the day; a reserve number has its date as it is.

    A co-ordination number may have month 00, and day 60 (00 once the 60 is taken away), where month or day is not known.
    """
    field = layout.fields[layout.place("identity_number") - 1]
    reserve = "FALSE"
    if codes.reserve_numbers and field.reserve_pattern:
        reserve = f"NOT identity_formed AND regexp_full_match(identity_number, {literal(field.reserve_pattern)})"
    return f"""
            regexp_full_match(identity_number, {literal(field.pattern)}) AS identity_formed,
            {reserve} AS reserve_formed,
            regexp_full_match(identity_number, {literal(_SCIENTIFIC)}) AS scientific,
            CASE WHEN identity_formed THEN TRY_CAST(identity_number AS BIGINT) END AS identity,
            CASE WHEN identity_formed OR reserve_formed THEN TRY_CAST(identity_number[1:8] AS INTEGER) END AS birth_digits,
            birth_digits // 10000 AS birth_year,
            birth_digits // 100 % 100 AS birth_month,
            identity_formed AND birth_digits % 100 >= 60 AS coordination,
            birth_digits % 100 - CASE WHEN coordination THEN 60 ELSE 0 END AS birth_day"""


# The check digit (Luhn): of the last ten digits every other one, from the first, counts double, and of a product above 9 the
# sum of its digits.
_DIGITS = ["identity"] + [f"identity // 1{'0' * place}" for place in range(1, 10)]
_CHECK_SUM = "\n                + ".join(
    f"{digit} % 10" if place % 2 == 0 else f"(2 * ({digit} % 10)) // 10 + (2 * ({digit} % 10)) % 10"
    for place, digit in enumerate(_DIGITS)
)
# The date of birth as a number. What is not known in it is zero, so that it lies before every day that it may be.
BIRTH = f"""
            birth_year * 10000 + birth_month * 100 + birth_day AS birth_date,
            coordination AND birth_month <= 12 AND birth_day <= 31 AND (birth_month = 0 OR birth_day = 0) AS birth_date_unknown,
            CASE
                WHEN birth_date_unknown THEN TRUE
                WHEN birth_digits IS NULL OR birth_month NOT BETWEEN 1 AND 12 OR birth_day = 0 THEN FALSE
                WHEN birth_day <= 28 THEN TRUE
                WHEN birth_month = 2 THEN birth_day = 29
                    AND birth_year % 4 = 0 AND (birth_year % 100 <> 0 OR birth_year % 400 = 0)
                WHEN birth_month IN (4, 6, 9, 11) THEN birth_day <= 30
                ELSE birth_day <= 31
            END AS birth_date_exists,
            {_CHECK_SUM} AS check_sum"""
