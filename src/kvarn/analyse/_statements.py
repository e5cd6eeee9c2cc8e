"""Statements beside the one of `_query`: how much each person had, and who is new.

Both are built of the same parts as the counts, so that a category means the same in every table.
"""

from __future__ import annotations

from collections.abc import Sequence

from kvarn.analyse._query import counted, has_several, key_of, memberships, own_attributes, summed, summed_keys

__all__ = ["amounts", "new_and_continuing"]


def amounts(of: str, source: str, by: Sequence[str], year: int) -> str:
    """How many persons had each amount: the distribution that sums, means and quantiles are read from.

    Parameters
    ----------
    of
        ``records``: the records of one person; ``months``: the calendar months in which the person has any, so that
        someone whom two municipalities reported in one month has one month in the county.
    source, by, year
        As `kvarn.analyse._query.counting`. Months take no ``month`` in `by`.

    Returns
    -------
    str
        A query for one column a variable, ``amount`` (of one person) and ``persons`` who had it.
    """
    several = [name for name in by if has_several(name)]
    own = [name for name in by if not has_several(name)]
    columns = [*(f"counted.{name}" for name in several), *own_attributes(own, year).values(), "counted.records"]
    names = [*several, *own, "amount"]
    chosen = ",\n        ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
    joined = "\n    JOIN persons ON persons.person = counted.person" if own else ""
    return f"""
WITH counted AS (
{_months(source, several) if of == "months" else counted(source, several)}
),
grouped AS (
    SELECT
        {chosen},
        COUNT(*) AS persons
    FROM counted{joined}
    GROUP BY
        {", ".join(columns)}
)
{summed("grouped", [*several, "amount"], own, ["persons"])}
"""


def _months(source: str, several: Sequence[str]) -> str:
    chosen = "".join(f",\n            {name}.position AS {name}" for name in several)
    columns = ", ".join(f"months.{name}" for name in ["person", *several])
    return f"""    SELECT
        {columns},
        COUNT(*) AS records
    FROM (
        SELECT DISTINCT
            source.person,
            source.month{chosen}
        FROM {source} AS source{memberships("source", several)}
    ) AS months
    GROUP BY
        {columns}"""


def new_and_continuing(source: str, before: str, by: Sequence[str], year: int, *, keys: bool = False) -> str:
    """Distinct persons by whether they were there in the year before too, in the same municipality, county or country.

    A person who cannot be followed from delivery to delivery (a local reserve number) is neither new nor continuing.

    Parameters
    ----------
    source, before
        Relations with ``person`` and the keys of the variables in `by`, of the year and of the year before.
    by
        Classification variables, without the year, and ``continuity`` last.
    keys
        As `kvarn.analyse._query.counting`.

    Returns
    -------
    str
        As `kvarn.analyse._query.counting`.
    """
    several = [name for name in by if has_several(name)]
    own = [name for name in by if not has_several(name) and name != "continuity"]
    same = " AND ".join([f"earlier.{name} = counted.{name}" for name in ["person", *several]])
    attributes = own_attributes(own, year)
    columns = [*(f"counted.{name}" for name in several), *attributes.values()]
    chosen = "".join(f"{column} AS {name},\n        " for column, name in zip(columns, [*several, *own], strict=True))
    there = "CASE WHEN NOT persons.followable THEN 3 WHEN earlier.person IS NULL THEN 1 ELSE 2 END"
    return f"""
WITH counted AS (
{counted(source, several)}
),
earlier AS (
{counted(before, several)}
),
grouped AS (
    SELECT
        {chosen}{there} AS continuity,
        {summed_keys(keys)}COUNT(*) AS persons
    FROM counted
    JOIN persons ON persons.person = counted.person
    LEFT JOIN earlier ON {same}
    GROUP BY
        {", ".join([*columns, there])}
)
{summed("grouped", several, [*own, "continuity"], ["persons", *key_of(keys)])}
"""
