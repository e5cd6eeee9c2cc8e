"""The row rules as SQL. Every rule of ``layout/rules.yml`` that begins with ``row-`` has its condition here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kvarn.collect._layouts import Layout

__all__ = ["ACCEPTED_COLUMNS", "CONDITIONS", "ValidCodes", "checked_rows", "duplicates", "fault_bits"]

# Codes ending in 000 that are nevertheless the most detailed: each is the only code of its chapter (inferred).
DETAILED_ALL_THE_SAME = ("QC000", "QL000")


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
    """

    municipalities: frozenset[str]
    professions: frozenset[str]
    professions_not_accepted: frozenset[str] = frozenset()
    procedures: frozenset[str] | None = None
    reserve_numbers: bool = False


ACCEPTED_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "KHSL1": ("file", "line", "municipality", "identity_number", "year", "month"),
        "KHSL2": (
            "file",
            "line",
            "municipality",
            "identity_number",
            "date",
            "procedure",
            "profession",
            "further_professions",
        ),
    }
)

_SHAPE = {
    "row-fields": "NOT right_number AND NOT ends_empty",
    "row-trailing-semicolon": "ends_empty",
}
_IDENTITY = {
    # Birth numbers run from 001.
    "row-identity-form": "NOT identity_formed OR identity // 10 % 1000 = 0",
    "row-identity-date": "identity_formed AND NOT birth_date_exists",
    "row-identity-future": "birth_date_exists AND birth_date > last_date",
    "row-identity-check-digit": "check_sum % 10 <> 0",
}
_MUNICIPALITY = {"row-municipality": "municipality <> of_municipality"}
_DUPLICATE = {"row-duplicate": "is_duplicate"}

CONDITIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "KHSL1": {
            **_SHAPE,
            **_MUNICIPALITY,
            "row-period": "period <> of_period",
            **_IDENTITY,
            **_DUPLICATE,
        },
        "KHSL2": {
            **_SHAPE,
            **_MUNICIPALITY,
            **_IDENTITY,
            "row-date": "NOT date_exists",
            "row-date-month": "date_exists AND NOT in_month",
            "row-procedure-form": "NOT procedure_formed AND NOT procedure_padded",
            "row-procedure-padded": "procedure_padded",
            "row-procedure-regional": "procedure_formed AND regional",
            "row-procedure-not-detailed": "procedure_formed AND undetailed AND NOT regional",
            "row-procedure-unknown": "procedure_formed AND NOT regional AND NOT undetailed AND NOT listed",
            "row-profession-form": "NOT professions_formed",
            "row-profession-unknown": "professions_formed AND NOT professions_known",
            "row-profession-not-accepted": "profession_not_accepted",
            "row-profession-repeated": "profession_repeated",
            **_DUPLICATE,
            "row-person-missing": "person_missing",
        },
    }
)


def fault_bits(file_type: str) -> Mapping[str, int]:
    """The bit of each row rule in the column ``faults``."""
    return {rule: 1 << place for place, rule in enumerate(CONDITIONS[file_type])}


def duplicates() -> str:
    """The query for the rows that are exact copies of an earlier row of their file: ``file``, ``line``.

    Rows are grouped by a short hash first, so that only rows with an equal among them are compared as text.
    """
    return """
        WITH suspected AS (
            SELECT file, hash(text) AS mark
            FROM delivered
            GROUP BY ALL
            HAVING count(*) > 1
        )
        SELECT file, line
        FROM (
            SELECT file, line, row_number() OVER (PARTITION BY file, text ORDER BY line) AS occurrence
            FROM delivered
            SEMI JOIN suspected ON suspected.file = delivered.file AND suspected.mark = hash(delivered.text)
        )
        WHERE occurrence > 1
    """


def checked_rows(layout: Layout, codes: ValidCodes) -> str:
    """The query that cuts rows into fields and applies the row rules.

    It reads ``delivered`` (``file``, ``line``, ``text``; a separator stands in place of each line break), ``delivery``
    (what is known of each file), ``duplicate`` (`duplicates`), ``valid_procedure`` (``code``) and ``reported`` (the persons
    of the month's KHSL1: ``persons_file``, ``identity_number``), and gives the accepted columns of the type and ``faults``, a
    sum of `fault_bits`. Rows keep their order.
    """
    query = _KHSL1 if layout.type == "KHSL1" else _KHSL2
    bits = fault_bits(layout.type)
    conditions = CONDITIONS[layout.type]
    content = [rule for rule in conditions if rule not in _SHAPE]
    # A row with the wrong number of fields has no fields that could be right or wrong.
    faults = f"""
            CASE
                WHEN NOT right_number OR ends_empty
                THEN {_sum_of(_SHAPE, bits)}
                ELSE {_sum_of({rule: conditions[rule] for rule in content}, bits)}
            END AS faults"""
    return query.format(
        split=_split(layout),
        fields=_fields(layout),
        identity=_IDENTITY_PARTS,
        birth=_BIRTH,
        faults=faults,
        procedure_pattern=_pattern(layout, "procedure"),
        profession_pattern=_pattern(layout, "profession"),
        detailed=_list(DETAILED_ALL_THE_SAME),
        listed="TRUE" if codes.procedures is None else "valid_procedure.code IS NOT NULL",
        accepted=_list(codes.professions),
        not_accepted=_list(codes.professions_not_accepted),
    )


def _sum_of(conditions: Mapping[str, str], bits: Mapping[str, int]) -> str:
    terms = [f"CASE WHEN {condition} THEN {bits[rule]} ELSE 0 END" for rule, condition in conditions.items()]
    return "\n                    + ".join(terms)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: Iterable[str]) -> str:
    return "(" + ", ".join(_text(value) for value in sorted(values) or [""]) + ")"


def _pattern(layout: Layout, role: str) -> str:
    return next((field.pattern for field in layout.fields if field.role == role), "")


def _split(layout: Layout) -> str:
    """Rows cut at the separators. Lines of any length come in: those that are too long are not cut."""
    longest = 2 * layout.longest_row
    separator = _text(layout.separator)
    least, most = len(layout.required), len(layout.required) + layout.optional
    return f"""
        SELECT
            file,
            line,
            text,
            CASE WHEN strlen(text) <= {longest} THEN string_split(text, {separator}) ELSE [''] END AS fields,
            len(fields) - 1 AS number_of_fields,
            number_of_fields BETWEEN {least} AND {most} AS right_number,
            number_of_fields BETWEEN {least} AND {most} - 1 AND suffix(text, {_text(2 * layout.separator)})
                OR number_of_fields = {most} + 1 AND suffix(text, {_text(2 * layout.separator)}) AS ends_empty,
            regexp_full_match(text, {_text(layout.row_pattern + layout.separator)}) AS formed
        FROM delivered"""


def _fields(layout: Layout) -> str:
    columns = []
    for place, field in enumerate(layout.fields, start=1):
        if field.repeat:
            empty = _text(layout.separator * (field.repeat + 1))
            columns.append(
                f"CASE WHEN number_of_fields < {place} OR suffix(text, {empty}) THEN NULL"
                f" ELSE list_filter(fields[{place}:{place + field.repeat - 1}], lambda code: code <> '') END AS further"
            )
        else:
            columns.append(f"fields[{place}] AS {field.role}")
            if field.role == "identity_number":
                columns.append(
                    "CASE WHEN formed THEN TRUE"
                    f" ELSE regexp_full_match(identity_number, {_text(field.pattern)}) END AS identity_formed"
                )
    return ",\n            ".join(columns)


# The identity number in parts. Co-ordination numbers have 60 added to the day.
_IDENTITY_PARTS = """
            CASE WHEN identity_formed THEN TRY_CAST(identity_number AS BIGINT) END AS identity,
            identity // 100000000 AS birth_year,
            identity // 1000000 % 100 AS birth_month,
            identity // 10000 % 100 AS number_day,
            CASE WHEN number_day > 60 THEN number_day - 60 ELSE number_day END AS birth_day"""

# The check digit (Luhn): of the last ten digits every other one, from the first, counts double, and of a product above 9 the
# sum of its digits.
_DIGITS = ["identity"] + [f"identity // 1{'0' * place}" for place in range(1, 10)]
_CHECK_SUM = "\n                + ".join(
    f"{digit} % 10" if place % 2 == 0 else f"(2 * ({digit} % 10)) // 10 + (2 * ({digit} % 10)) % 10"
    for place, digit in enumerate(_DIGITS)
)
_BIRTH = f"""
            birth_year * 10000 + birth_month * 100 + birth_day AS birth_date,
            CASE
                WHEN identity IS NULL OR birth_month NOT BETWEEN 1 AND 12 OR birth_day = 0 THEN FALSE
                WHEN birth_day <= 28 THEN TRUE
                WHEN birth_month = 2 THEN birth_day = 29
                    AND birth_year % 4 = 0 AND (birth_year % 100 <> 0 OR birth_year % 400 = 0)
                WHEN birth_month IN (4, 6, 9, 11) THEN birth_day <= 30
                ELSE birth_day <= 31
            END AS birth_date_exists,
            {_CHECK_SUM} AS check_sum"""

_KHSL1 = """
    WITH split AS ({split}
    ),
    field AS (
        SELECT
            file,
            line,
            right_number,
            ends_empty,
            {fields}
        FROM split
    ),
    part AS (
        SELECT
            *,
            year || month AS period,{identity}
        FROM field
    ),
    judged AS (
        SELECT
            part.* EXCLUDE (year, month),
            delivery.municipality AS of_municipality,
            delivery.period AS of_period,
            delivery.last_date,
            delivery.year,
            delivery.month,
            duplicate.line IS NOT NULL AS is_duplicate,{birth}
        FROM part
        JOIN delivery USING (file)
        LEFT JOIN duplicate USING (file, line)
    )
    SELECT
        file,
        line,
        of_municipality AS municipality,
        identity_number,
        year,
        month,{faults}
    FROM judged
"""

_KHSL2 = """
    WITH split AS ({split}
    ),
    field AS (
        SELECT
            file,
            line,
            right_number,
            ends_empty,
            formed,
            {fields}
        FROM split
    ),
    part AS (
        SELECT
            *,
            CASE WHEN formed THEN TRUE ELSE regexp_full_match(procedure, '{procedure_pattern}') END AS procedure_formed,
            CASE
                WHEN formed THEN FALSE
                ELSE NOT procedure_formed AND regexp_full_match(procedure, '[ 0]*(?:{procedure_pattern})[ 0]*')
            END AS procedure_padded,
            regexp_full_match(procedure, 'U[A-Z][0-9]{{3}}') AS regional,
            suffix(procedure, '000') AND procedure NOT IN {detailed} AS undetailed,
            CASE WHEN formed THEN TRUE ELSE regexp_full_match(date, '[0-9]{{8}}') END AS date_formed,
            CASE WHEN further IS NULL THEN NULL ELSE list_prepend(profession, further) END AS professions,{identity}
        FROM field
    ),
    judged AS (
        SELECT
            part.* EXCLUDE (date),
            delivery.municipality AS of_municipality,
            delivery.last_date,
            date_formed AND date[1:6] = delivery.period AND date[7:] BETWEEN '01' AND delivery.last_day AS in_month,
            CASE
                WHEN in_month THEN TRUE
                ELSE date_formed AND try_strptime(date, '%Y%m%d') IS NOT NULL
            END AS date_exists,
            CASE WHEN in_month THEN delivery.first_day + (TRY_CAST(date[7:] AS INTEGER) - 1) END AS date,
            {listed} AS listed,
            CASE
                WHEN formed THEN TRUE
                WHEN professions IS NULL THEN regexp_full_match(profession, '{profession_pattern}')
                ELSE len(list_filter(professions, lambda code: NOT regexp_full_match(code, '{profession_pattern}'))) = 0
            END AS professions_formed,
            CASE
                WHEN professions IS NULL THEN profession IN {accepted} OR profession IN {not_accepted}
                ELSE len(list_filter(professions, lambda code: code NOT IN {accepted} AND code NOT IN {not_accepted})) = 0
            END AS professions_known,
            CASE
                WHEN professions IS NULL THEN profession IN {not_accepted}
                ELSE len(list_filter(professions, lambda code: code IN {not_accepted})) > 0
            END AS profession_not_accepted,
            CASE
                WHEN professions IS NULL THEN FALSE
                ELSE len(list_distinct(professions)) < len(professions)
            END AS profession_repeated,
            duplicate.line IS NOT NULL AS is_duplicate,
            delivery.persons_file IS NOT NULL AND reported.identity_number IS NULL AS person_missing,{birth}
        FROM part
        JOIN delivery USING (file)
        LEFT JOIN duplicate USING (file, line)
        LEFT JOIN valid_procedure ON valid_procedure.code = part.procedure
        LEFT JOIN reported
            ON reported.persons_file = delivery.persons_file
            AND reported.identity_number = part.identity_number
    )
    SELECT
        file,
        line,
        of_municipality AS municipality,
        identity_number,
        date,
        procedure,
        profession,
        CASE WHEN further IS NULL THEN '' ELSE array_to_string(further, ' ') END AS further_professions,{faults}
    FROM judged
"""
