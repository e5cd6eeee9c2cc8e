"""The queries that apply the row rules: to rows, whatever they look like, and to identity numbers alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvarn.collect._layouts import Layout
from kvarn.collect._rows import (
    ALWAYS,
    CONDITIONS,
    DETAILED_ALL_THE_SAME,
    IDENTITY,
    OFFENDING_CODES,
    SHAPE,
    ValidCodes,
    fault_bits,
)

__all__ = ["checked_identities", "checked_rows", "duplicates", "offending_codes"]


def duplicates() -> str:
    """The query for the rows that are exact copies of an earlier row of their file: ``row``.

    Rows are grouped by a short hash first, so that only rows with an equal among them are compared as text.
    """
    return """
        WITH suspected AS (
            SELECT place, hash(text) AS mark
            FROM delivered
            GROUP BY ALL
            HAVING count(*) > 1
        )
        SELECT row
        FROM (
            SELECT row, row_number() OVER (PARTITION BY place, text ORDER BY row) AS occurrence
            FROM delivered
            SEMI JOIN suspected ON suspected.place = delivered.place AND suspected.mark = hash(delivered.text)
        )
        WHERE occurrence > 1
    """


def checked_rows(layout: Layout, codes: ValidCodes) -> str:
    """The query that cuts rows into fields and applies the row rules.

    It reads ``delivered`` (``row``, ``place``, ``text``; a separator stands in place of each line break), ``delivery`` (what is
    known of each file), ``duplicate`` (`duplicates`), ``valid_procedure`` (``code``), ``death`` (``identity_number``, ``died``)
    and ``reported`` (the persons of the month's KHSL1: ``place``, ``identity_number``). It gives ``row``, ``identity_number``, for
    KHSL2 also ``day``, ``procedure``, ``profession``, ``further_professions`` and the list ``professions`` of a row with a fault,
    and ``faults``, a sum of `fault_bits`; by ``row``.
    """
    query = _KHSL1 if layout.type == "KHSL1" else _KHSL2
    bits = fault_bits(layout.type)
    conditions = CONDITIONS[layout.type]
    content = [rule for rule in conditions if rule not in SHAPE and rule not in ALWAYS]
    faults = f"""
            {_sum_of(ALWAYS, bits)}
                + CASE
                    WHEN NOT right_number OR ends_empty
                    THEN {_sum_of(SHAPE, bits)}
                    ELSE {_sum_of({rule: conditions[rule] for rule in content}, bits)}
                END AS faults"""
    return query.format(
        split=_split(layout),
        fields=_fields(layout),
        identity=_identity(layout, codes),
        birth=_BIRTH,
        faults=faults,
        detailed=_list(DETAILED_ALL_THE_SAME),
        listed="TRUE" if codes.procedures is None else "valid_procedure.code IS NOT NULL",
        **_code_words(layout, codes),
    )


def checked_identities(layout: Layout, codes: ValidCodes) -> str:
    """The query for the identity numbers that are right in a whole year, of somebody born before it and not known to be dead.

    It reads ``candidate`` (``identity_number``), ``care`` (one row: ``of_year``, and as ``last_date`` the last day before it, as a
    number) and ``death``, and gives ``identity_number``.
    """
    return f"""
        WITH part AS (
            SELECT *,{_identity(layout, codes)}
            FROM candidate
            CROSS JOIN care
        ),
        judged AS (
            SELECT *,{_BIRTH}
            FROM part
        )
        SELECT identity_number
        FROM judged
        ANTI JOIN death USING (identity_number)
        WHERE ({_sum_of(IDENTITY, fault_bits(layout.type))}) = 0
    """


def offending_codes(layout: Layout, codes: ValidCodes, *, shown: str, most: int) -> str:
    """The query for the codes that break the rules of procedure and profession: ``place``, ``rule``, ``codes``.

    It reads ``faulty`` (``place``, ``faults``, ``procedure``, ``professions``). Of each file and rule it gives up to `most` codes that
    match the regular expression `shown`, the most frequent first.
    """
    bits = fault_bits(layout.type)
    words = _code_words(layout, codes)
    found = [
        f"""SELECT place, '{rule}' AS rule, procedure AS code
            FROM faulty
            WHERE faults & {bit} <> 0"""
        for rule, bit in bits.items()
        if rule.startswith("row-procedure-")
    ] + [
        f"""SELECT place, '{rule}' AS rule, unnest(list_distinct(list_filter(professions, lambda code: {breaks.format(**words)})))
            FROM faulty
            WHERE faults & {bits[rule]} <> 0"""
        for rule, breaks in OFFENDING_CODES.items()
    ]
    union = "\n            UNION ALL\n            ".join(found)
    return f"""
        WITH found AS (
            {union}
        ),
        counted AS (
            SELECT place, rule, code, count(*) AS times
            FROM found
            WHERE regexp_full_match(code, {_text(shown)})
            GROUP BY place, rule, code
            QUALIFY row_number() OVER (PARTITION BY place, rule ORDER BY times DESC, code) <= {most}
        )
        SELECT place, rule, list(code ORDER BY times DESC, code) AS codes
        FROM counted
        GROUP BY place, rule
    """


def _code_words(layout: Layout, codes: ValidCodes) -> dict[str, str]:
    patterns = {field.role: _text(field.pattern) for field in layout.fields}
    return {
        "procedure_pattern": patterns.get("procedure", "''"),
        "profession_pattern": patterns.get("profession", "''"),
        "accepted": _list(codes.professions),
        "not_accepted": _list(codes.professions_not_accepted),
    }


def _sum_of(conditions: Mapping[str, str], bits: Mapping[str, int]) -> str:
    terms = [f"CASE WHEN {condition} THEN {bits[rule]} ELSE 0 END" for rule, condition in conditions.items()]
    return "\n                        + ".join(terms)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: Iterable[str]) -> str:
    return "(" + ", ".join(_text(value) for value in sorted(values) or [""]) + ")"


def _split(layout: Layout) -> str:
    """Rows cut at the separators. Lines of any length come in: those that are too long are not cut."""
    longest = 2 * layout.longest_row
    separator = _text(layout.separator)
    least, most = len(layout.required), len(layout.required) + layout.optional
    return f"""
        SELECT
            row,
            place,
            text,
            contains(text, '"') AS quoted,
            CASE WHEN strlen(text) <= {longest} THEN string_split(text, {separator}) ELSE [''] END AS fields,
            len(fields) - 1 AS number_of_fields,
            number_of_fields BETWEEN {least} AND {most} AS right_number,
            number_of_fields BETWEEN {least} AND {most} - 1 AND suffix(text, {_text(2 * layout.separator)})
                OR number_of_fields = {most} + 1 AND suffix(text, {_text(2 * layout.separator)}) AS ends_empty
        FROM delivered"""


def _fields(layout: Layout) -> str:
    columns = []
    for place, field in enumerate(layout.fields, start=1):
        if field.repeat:
            last = place + field.repeat - 1
            columns.append(f"list_filter(fields[{place}:{last}], lambda code: code <> '') AS {field.role}")
        else:
            columns.append(f"fields[{place}] AS {field.role}")
    if layout.type == "KHSL2" and not layout.optional:
        columns.append("[]::VARCHAR[] AS further_professions")
    return ",\n            ".join(columns)


def _identity(layout: Layout, codes: ValidCodes) -> str:
    """The identity number in parts. Co-ordination numbers have 60 added to the day; a reserve number has its date as it is."""
    field = layout.fields[layout.place("identity_number") - 1]
    reserve = "FALSE"
    if codes.reserve_numbers and field.reserve_pattern:
        reserve = f"NOT identity_formed AND regexp_full_match(identity_number, {_text(field.reserve_pattern)})"
    return f"""
            regexp_full_match(identity_number, {_text(field.pattern)}) AS identity_formed,
            {reserve} AS reserve_formed,
            CASE WHEN identity_formed THEN TRY_CAST(identity_number AS BIGINT) END AS identity,
            CASE WHEN identity_formed OR reserve_formed THEN TRY_CAST(identity_number[1:8] AS INTEGER) END AS birth_digits,
            birth_digits // 10000 AS birth_year,
            birth_digits // 100 % 100 AS birth_month,
            CASE
                WHEN identity_formed AND birth_digits % 100 > 60 THEN birth_digits % 100 - 60
                ELSE birth_digits % 100
            END AS birth_day"""


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
                WHEN birth_digits IS NULL OR birth_month NOT BETWEEN 1 AND 12 OR birth_day = 0 THEN FALSE
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
            row,
            place,
            quoted,
            right_number,
            ends_empty,
            {fields}
        FROM split
    ),
    part AS (
        SELECT
            *,{identity}
        FROM field
    ),
    judged AS (
        SELECT
            part.*,
            delivery.municipality AS of_municipality,
            delivery.period AS of_period,
            delivery.year AS of_year,
            delivery.first_day,
            delivery.last_date,
            death.died,
            duplicate.row IS NOT NULL AS is_duplicate,{birth}
        FROM part
        JOIN delivery USING (place)
        LEFT JOIN duplicate ON duplicate.row = part.row
        LEFT JOIN death ON death.identity_number = part.identity_number
    )
    SELECT row, identity_number,{faults}
    FROM judged
    ORDER BY row
"""

_KHSL2 = """
    WITH split AS ({split}
    ),
    field AS (
        SELECT
            row,
            place,
            quoted,
            right_number,
            ends_empty,
            {fields}
        FROM split
    ),
    part AS (
        SELECT
            *,
            regexp_full_match(procedure, {procedure_pattern}) AS procedure_formed,
            NOT procedure_formed AND regexp_full_match(procedure, '[ 0]*(?:' || {procedure_pattern} || ')[ 0]*') AS procedure_padded,
            regexp_full_match(procedure, 'U[A-Z][0-9]{{3}}') AS regional,
            suffix(procedure, '000') AND procedure NOT IN {detailed} AS undetailed,
            regexp_full_match(date, '[0-9]{{8}}') AS date_formed,
            list_prepend(profession, further_professions) AS professions,
            len(list_filter(professions, lambda code: NOT regexp_full_match(code, {profession_pattern}))) = 0 AS professions_formed,
            len(list_filter(professions, lambda code: code NOT IN {accepted} AND code NOT IN {not_accepted})) = 0
                AS professions_known,
            len(list_filter(professions, lambda code: code IN {not_accepted})) > 0 AS profession_not_accepted,
            len(list_distinct(professions)) < len(professions) AS profession_repeated,{identity}
        FROM field
    ),
    judged AS (
        SELECT
            part.*,
            delivery.municipality AS of_municipality,
            delivery.year AS of_year,
            delivery.first_day,
            delivery.last_date,
            death.died,
            date_formed AND date[1:6] = delivery.period AND date[7:] BETWEEN '01' AND delivery.last_day AS in_month,
            CASE
                WHEN in_month THEN TRUE
                ELSE date_formed AND try_strptime(date, '%Y%m%d') IS NOT NULL
            END AS date_exists,
            CASE WHEN in_month THEN TRY_CAST(date[7:] AS UTINYINT) END AS day,
            {listed} AS listed,
            duplicate.row IS NOT NULL AS is_duplicate,
            delivery.with_persons AND reported.identity_number IS NULL AS person_missing,{birth}
        FROM part
        JOIN delivery USING (place)
        LEFT JOIN duplicate ON duplicate.row = part.row
        LEFT JOIN death ON death.identity_number = part.identity_number
        LEFT JOIN valid_procedure ON valid_procedure.code = part.procedure
        LEFT JOIN reported ON reported.place = part.place AND reported.identity_number = part.identity_number
    ),
    told AS (
        SELECT
            * REPLACE (array_to_string(further_professions, ' ') AS further_professions),{faults}
        FROM judged
    )
    SELECT
        row,
        identity_number,
        day,
        procedure,
        profession,
        further_professions,
        CASE WHEN faults <> 0 THEN professions END AS professions,
        faults
    FROM told
    ORDER BY row
"""
