"""The one query that counts persons and procedures, put together from the classifications asked for.

Each variable that the register holds as a number or code has a membership table ``members_<variable>``: one row for
each code of the statistics that a value belongs to, so that a total or a group is a category like any other and its
definition stays in the code list. A person is first de-duplicated within each category that a person can have several
of, then counted, then summed over the categories that a person has only one of. Nothing but whole numbers is summed.
"""

from __future__ import annotations

from collections.abc import Sequence

from kvarn.metadata import codes_of_periods

__all__ = [
    "CODED",
    "KEYS",
    "SEVERAL",
    "adding_up",
    "counted",
    "counting",
    "has_several",
    "key_of",
    "keys_of",
    "memberships",
    "own_attributes",
    "population",
    "summed",
    "summed_keys",
]

# The columns of events that hold a number of ``codes.parquet``.
CODED = ("procedure", "profession", "further_professions")
# The column(s) of the register by which each variable's membership is found.
KEYS = {
    "sex": ("sex",),
    "age": ("age",),
    "region": ("municipality",),
    "month": ("month",),
    "kind": ("procedure",),
    "procedure_group": ("procedure",),
    "procedure": ("procedure",),
    "profession": ("profession", "further_professions"),
    "weekday": ("weekday",),
    "cooperation": ("profession", "further_professions"),
    "continuity": ("continuity",),
    # No classification: whose records they are, for who has most of a total.
    "municipality": ("municipality",),
}
# A person can have several categories of these in a year, and of the codes of periods; and only one of any other.
SEVERAL = ("region", "month", "weekday", "kind", "procedure_group", "procedure", "profession", "cooperation", "municipality")


def keys_of(name: str) -> tuple[str, ...]:
    """The column(s) of the register by which a variable's membership is found."""
    return (name,) if name in codes_of_periods() else KEYS[name]


def has_several(name: str) -> bool:
    """Whether a person can have several categories of a variable in a year."""
    return name in SEVERAL or name in codes_of_periods()


def counting(source: str, by: Sequence[str], year: int, *, keys: bool = False) -> str:
    """Distinct persons and records of `source` in one year.

    Parameters
    ----------
    source
        A relation with ``person``, ``records`` and the key columns of the variables in `by`.
    by
        Classification variables, without the year.
    year
        The reference year: age is the age on its last day.
    keys
        Whether the persons' keys are summed too.

    Returns
    -------
    str
        A query for one column a variable (the position of the code in its list; null where a value is on no list),
        ``persons``, ``records`` and, if wanted, ``keys``.
    """
    several = [name for name in by if has_several(name)]
    own = [name for name in by if not has_several(name)]
    return f"""
WITH counted AS (
{counted(source, several)}
),
grouped AS (
{_grouped(several, own, year, keys=keys)}
)
{summed("grouped", several, own, ["persons", "records", *key_of(keys)])}
"""


def population(by: Sequence[str], year: int) -> str:
    """Inhabitants in one year: one column a variable, and ``population``."""
    return f"""
WITH inhabitants AS (
    SELECT *
    FROM population
    WHERE year = {year}
)
{summed("inhabitants", [], list(by), ["population"])}
"""


def adding_up(source: str, by: Sequence[str]) -> str:
    """The records of `source` in each category, whoever had them: one column a variable in `by`, and ``records``.

    `source` has the key columns of the variables in `by`, those of the person among them.
    """
    return summed(source, [], list(by), ["records"])


def counted(source: str, several: Sequence[str]) -> str:
    """Each person once in each category that a person can have several of, with the records there."""
    chosen = "".join(f",\n        {name}.position AS {name}" for name in several)
    grouped = "".join(f",\n        {name}.position" for name in several)
    return f"""    SELECT
        source.person{chosen},
        SUM(source.records) AS records
    FROM {source} AS source{memberships("source", several)}
    GROUP BY
        source.person{grouped}"""


def _grouped(several: Sequence[str], own: Sequence[str], year: int, *, keys: bool) -> str:
    attributes = own_attributes(own, year)
    chosen = "".join(f"counted.{name},\n        " for name in several)
    chosen += "".join(f"{attributes[name]} AS {name},\n        " for name in own)
    grouped = [f"counted.{name}" for name in several] + [attributes[name] for name in own]
    joined = "\n    JOIN persons ON persons.person = counted.person" if own or keys else ""
    return f"""    SELECT
        {chosen}COUNT(*) AS persons,
        {summed_keys(keys)}SUM(counted.records) AS records
    FROM counted{joined}{_group_by(grouped, "    ")}"""


def key_of(keys: bool) -> list[str]:
    """The column of the summed keys, where they are wanted."""
    return ["keys"] if keys else []


def summed_keys(keys: bool) -> str:
    """The sum of the persons' keys, where it is wanted: each below 2**32, so that no sum of persons is too large."""
    return "SUM(persons.record_key) AS keys,\n        " if keys else ""


def own_attributes(own: Sequence[str], year: int) -> dict[str, str]:
    """How each variable of the person is found: age is the age on the year's last day."""
    known = {"sex": "persons.sex", "age": f"{year} - persons.birth_year"}
    return {name: known[name] for name in own}


def summed(source: str, ready: Sequence[str], to_classify: Sequence[str], sums: Sequence[str]) -> str:
    """Sums over the categories that a person, or an inhabitant, has only one of."""
    columns = [f"{source}.{name}" for name in ready] + [f"{name}.position" for name in to_classify]
    chosen = [f"{column} AS {name}" for column, name in zip(columns, [*ready, *to_classify], strict=True)]
    chosen += [f"CAST(COALESCE(SUM({source}.{name}), 0) AS BIGINT) AS {name}" for name in sums]
    listing = ",\n    ".join(chosen)
    return f"""SELECT
    {listing}
FROM {source}{memberships(source, to_classify)}{_group_by(columns, "")}"""


def memberships(source: str, names: Sequence[str]) -> str:
    """The joins by which a value finds its categories."""
    joins = []
    for name in names:
        matched = " AND ".join(f"{name}.{key} = {source}.{key}" for key in keys_of(name))
        joins.append(f"\nLEFT JOIN members_{name} AS {name} ON {matched}")
    return "".join(joins)


def _group_by(columns: Sequence[str], indent: str) -> str:
    if not columns:
        return ""
    return f"\n{indent}GROUP BY\n{indent}    " + f",\n{indent}    ".join(columns)
