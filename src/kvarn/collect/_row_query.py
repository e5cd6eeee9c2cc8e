"""The queries that apply the row rules: to rows, whatever they look like, and to identity numbers alone."""

from __future__ import annotations

from kvarn.collect._layouts import Layout
from kvarn.collect._row_words import BIRTH, code_words, identity_parts, literal, literals, sum_of
from kvarn.collect._rows import (
    ALWAYS,
    DETAILED_ALL_THE_SAME,
    IDENTITY,
    OFFENDING_CODES,
    SHAPE,
    ValidCodes,
    conditions,
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
    and ``reported`` (the persons of the month's file of periods: ``place``, ``identity_number``). It gives ``row``,
    ``identity_number``, the codes, of events also ``day`` and the list ``professions`` of a row with a fault, and ``faults``, a
    sum of `fault_bits`; by ``row``.
    """
    query = _PERIODS if layout.rows == "periods" else _EVENTS
    bits = fault_bits(layout)
    judged_by = conditions(layout)
    content = [rule for rule in judged_by if rule not in SHAPE and rule not in ALWAYS]
    faults = f"""
            {sum_of(ALWAYS, bits)}
                + CASE
                    WHEN NOT right_number OR ends_empty
                    THEN {sum_of(SHAPE, bits)}
                    ELSE {sum_of({rule: judged_by[rule] for rule in content}, bits)}
                END AS faults"""
    return query.format(
        split=_split(layout),
        fields=_fields(layout),
        listed_codes=_listed_codes(layout, codes),
        codes="".join(f" {field.role}," for field in layout.listed),
        identity=identity_parts(layout, codes),
        birth=BIRTH,
        faults=faults,
        detailed=literals(DETAILED_ALL_THE_SAME),
        listed="TRUE" if codes.procedures is None else "valid_procedure.code IS NOT NULL",
        **code_words(layout, codes),
    )


def checked_identities(layout: Layout, codes: ValidCodes) -> str:
    """The query for the identity numbers that are right in a whole year, of somebody born before it and not known to be dead.

    It reads ``candidate`` (``identity_number``), ``care`` (one row: ``of_year``, and as ``last_date`` the last day before it, as
    a number) and ``death``, and gives ``identity_number``.
    """
    return f"""
        WITH part AS (
            SELECT *,{identity_parts(layout, codes)}
            FROM candidate
            CROSS JOIN care
        ),
        judged AS (
            SELECT *,{BIRTH}
            FROM part
        )
        SELECT identity_number
        FROM judged
        ANTI JOIN death USING (identity_number)
        WHERE ({sum_of(IDENTITY, fault_bits(layout))}) = 0
    """


def offending_codes(layout: Layout, codes: ValidCodes, *, shown: str, most: int) -> str:
    """The query for the codes that break the rules of procedure and profession: ``place``, ``rule``, ``codes``.

    It reads ``faulty`` (``place``, ``faults``, ``procedure``, ``professions``). Of each file and rule it gives up to `most`
    codes that match the regular expression `shown`, the most frequent first.
    """
    bits = fault_bits(layout)
    words = code_words(layout, codes)
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
            WHERE regexp_full_match(code, {literal(shown)})
            GROUP BY place, rule, code
            QUALIFY row_number() OVER (PARTITION BY place, rule ORDER BY times DESC, code) <= {most}
        )
        SELECT place, rule, list(code ORDER BY times DESC, code) AS codes
        FROM counted
        GROUP BY place, rule
    """


def _split(layout: Layout) -> str:
    """Rows cut at the separators. Lines of any length come in: those that are too long are not cut."""
    longest = 2 * layout.longest_row
    separator = literal(layout.separator)
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
            rtrim(CASE WHEN strlen(text) <= {longest} THEN text END, {separator}) AS filled,
            len(string_split(filled, {separator})) AS fields_filled,
            number_of_fields BETWEEN {least} AND {most} - 1 AND suffix(text, {literal(2 * layout.separator)})
                OR number_of_fields > {most} AND fields_filled <= {most} AS ends_empty
        FROM delivered"""


def _listed_codes(layout: Layout, codes: ValidCodes) -> str:
    """Of each code that a list judges, whether it has the right form and whether it is on the list."""
    return "".join(
        f"""
            regexp_full_match({field.role}, {literal(field.pattern)}) AS {field.role}_formed,
            {field.role} IN {literals(codes.listed[field.codelist])} AS {field.role}_listed,"""
        for field in layout.listed
    )


def _fields(layout: Layout) -> str:
    columns = []
    for place, field in enumerate(layout.fields, start=1):
        if field.repeat:
            last = place + field.repeat - 1
            columns.append(f"list_filter(fields[{place}:{last}], lambda code: code <> '') AS {field.role}")
        else:
            columns.append(f"fields[{place}] AS {field.role}")
    if layout.rows == "events" and not layout.optional:
        columns.append("[]::VARCHAR[] AS further_professions")
    return ",\n            ".join(columns)


_PERIODS = """
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
            regexp_full_match(municipality, {municipality_pattern}) AS municipality_formed,
            regexp_full_match(year, {year_pattern}) AND regexp_full_match(month, {month_pattern})
                AS period_formed,{listed_codes}{identity}
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
    SELECT row, identity_number,{codes}{faults}
    FROM judged
    ORDER BY row
"""

_EVENTS = """
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
            regexp_full_match(municipality, {municipality_pattern}) AS municipality_formed,
            regexp_full_match(procedure, {procedure_pattern}) AS procedure_formed,
            NOT procedure_formed AND regexp_full_match(procedure, '[ 0]*(?:' || {procedure_pattern} || ')[ 0]*')
                AS procedure_padded,
            regexp_full_match(procedure, 'U[A-Z][0-9]{{3}}') AS regional,
            suffix(procedure, '000') AND procedure NOT IN {detailed} AS undetailed,
            -- The code of a profession is none of a procedure, whatever list nobody has imported.
            regexp_full_match(procedure, {unchecked_pattern}) AND procedure NOT IN {accepted} AND procedure NOT IN {not_accepted}
                AS unchecked,
            regexp_full_match(date, '[0-9]{{8}}') AS date_formed,
            list_prepend(profession, further_professions) AS professions,
            len(list_filter(professions, lambda code: NOT regexp_full_match(code, {profession_pattern}))) = 0
                AS professions_formed,
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
