"""The edition's own values that hold digits, and where they would be read as a count: a code of products is no number of persons.

Nobody computes them: the file of parameters gives them. So a code, a date, a telephone number or a number of days stands in a
sentence that names no place, before nothing that is counted, and in no row of a table about those who are.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from kvarn import metadata
from kvarn.disseminate.narrative._numbers import VARIABLE, counted_in
from kvarn.programme import Programme, current_programme

__all__ = ["OWN_COUNTS", "beside_a_place", "holds_digits", "read_as_counts", "read_as_counts_in_rows"]

# What the edition itself counts, beside the years.
_DAYS = frozenset(("production_days", "punctuality_days"))
OWN_COUNTS = _DAYS | {
    *("disclosure.cells", "disclosure.suppressed", "disclosure.share"),
    *("revisions.compared", "revisions.revised", "revisions.share", "revisions.tables"),
}
_CODES = frozenset(("product_code", "article_number", "issn", "isbn", "contact.telephone"))
_DATES = frozenset(("as_of", "final", "published", "scheduled", "next", "previous.published"))
# Their forms have letters, and what they spell is read as words; a digit may stand in them all the same.
_ADDRESSES = frozenset(("contact.email", "licence", "previous.address"))
_DAY_BEHIND = re.compile(r"[\s*_]+(?:dag|dygn|day)", re.IGNORECASE)
_NUMBER_OF_DAYS = re.compile(r"\b(?:antalet|number of)\s+(?:dag|dygn|day)\w*\s+\w+\s*$", re.IGNORECASE)
# At most one word stands between a number and what it counts: "3 older persons".
_NOUN_BEHIND = re.compile(r"[\s*_]+(?:([^\W\d_]+)[\s*_]+)?([^\W\d_]+)")
_ALONE = re.compile(r"[\s*_`]*\{\{<\s*var\s+([\w.-]+)\s*>\}\}[\s*_`]*[.,;:]?\s*")
_JOINS = frozenset(("och", "eller", "and", "or", "the", "de", "av", "of", "i", "in", "för", "for", "till", "to", "med", "with"))
_ANOTHER = "Print a figure of what the sentence is about (reports/figures.yml), or write of the value in a sentence of its own."


def holds_digits(name: str) -> bool:
    """Whether a name is that of a value of the edition, other than a year, that may hold digits."""
    return name in OWN_COUNTS or name in _CODES or name in _DATES or name in _ADDRESSES


def beside_a_place(name: str) -> bool:
    """Whether it would be read as a figure of a place that the sentence names."""
    return holds_digits(name) and name not in _ADDRESSES


def read_as_counts(words: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The values that stand before what is counted, and numbers of days that do not say so, with the remedy."""
    parts = words.split(VARIABLE)
    for name, before, after in zip(names, parts, parts[1:], strict=False):
        if not holds_digits(name):
            continue
        noun = _noun_behind(after, near=name in _DATES)
        if noun:
            yield f"The edition's {name} stands before what is counted, and would be read as their number: {noun!r}.", _ANOTHER
        elif name in _DAYS and not (_DAY_BEHIND.match(after) or _NUMBER_OF_DAYS.search(before)):
            yield (
                f"The edition's {name} is a number of days, and what stands behind it does not say so.",
                'Write "days" right behind it, or before it ("the number of days is …").',
            )


def read_as_counts_in_rows(source: str) -> Iterator[tuple[str, str]]:
    """The values that stand alone in a cell of a table whose row or head names a category or what is counted."""
    rows = [line.strip().strip("|").split("|") for line in source.split("\n") if line.strip().startswith("|")]
    for row in rows:
        for column, cell in enumerate(row):
            alone = _ALONE.fullmatch(cell)
            if alone is None or not holds_digits(alone[1]):
                continue
            others = " | ".join(said for at, said in enumerate(row) if at != column)
            head = rows[0][column] if column < len(rows[0]) and rows[0] is not row else ""
            if _about_those_counted(f"{others} | {head}"):
                yield f"The edition's {alone[1]} stands in a row of a table about those who are counted.", _ANOTHER


def _noun_behind(after: str, *, near: bool) -> str:
    """What is counted, where it stands right behind a value or, unless it must be `near`, behind one more word."""
    found = _NOUN_BEHIND.match(after)
    if found is None:
        return ""
    between, last = found[1], found[2]
    if between is not None and next(counted_in(between), (1, 0))[0] == 0:
        return between
    if between is not None and (near or between.casefold() in _JOINS):
        return ""
    return last if next(counted_in(last), (1, 0))[0] == 0 else ""


def _about_those_counted(words: str) -> bool:
    return (
        next(counted_in(words), None) is not None or _categories(current_programme(), metadata.stamp()).search(words) is not None
    )


@functools.lru_cache(maxsize=8)
def _categories(_programme: Programme, _imported: metadata.Stamp) -> re.Pattern[str]:
    """The names of the categories of every variable of the tables."""
    names: set[str] = set()
    for variable in {name for table in metadata.tables() for name in table.variables}:
        listed = metadata.variable(variable).codes
        for row in listed.rows if listed is not None else ():
            names |= {row[language] for language in metadata.languages if row.get(language)}
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if any(map(str.isalpha, name)))
    return re.compile(rf"(?<!\w)(?:{words or '(?!)'})(?!\w)", re.IGNORECASE)
