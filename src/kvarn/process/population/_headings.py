"""Finding the headings of a population file, and what each column is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kvarn.process.population._cells import AS_DOWNLOADED, Member, Unknown
from kvarn.process.population._regions import Regions
from kvarn.process.population._stub import roles_by_content
from kvarn.process.population._words import CONTENTS, ROLES, age_of, contents_of, plain, sex_of

__all__ = ["LINES_ABOVE", "Headings", "Row", "find_headings"]

# A title, notes and empty lines may stand above the headings.
LINES_ABOVE = 40
# A row as it was cut: its number in the file, and its cells.
Row = tuple[int, list[str]]

_DIMENSIONS = ("region", "sex", "age", "year")
_YEAR = re.compile(r"(?<!\S)x?((?:19|20)\d{2})(?!\S)")
# What å, ä and ö become when a file is read in another encoding than it was written in (Ã¥, †, š), whatever the letter is.
_DAMAGED = re.compile(r"[^\x00-\x7fåäöÅÄÖéÉ\u00a0–—]")
_WITH_UNIT = re.compile(r".*(år|years?|old|\+)")


@dataclass(frozen=True)
class Headings:
    """What the columns are.

    Attributes
    ----------
    names
        The heading of each column, as messages show it.
    roles
        By column: ``region``, ``age``, ``sex``, ``year`` or ``contents``. A role may have two columns, as of code and name.
    figures
        The columns of figures, and what the heading says of each.
    further
        Columns that are not understood: harmless only while everything in them is a total or empty.
    aside
        Columns of other contents, such as the growth of the population.
    rows
        How many rows the file has down to the headings.
    title
        What stands above them.
    """

    names: Sequence[str]
    roles: Mapping[int, str]
    figures: Mapping[int, Member]
    further: Sequence[int]
    aside: Sequence[int]
    rows: int
    title: str


def find_headings(rows: Sequence[Row], regions: Regions) -> Headings:
    """The headings among the first rows of a file, of which more should be given than stand above the figures.

    Raises
    ------
    Unknown
        There are none, or they lack something: the words say what.
    """
    for number, (_, cells) in enumerate(rows[:LINES_ABOVE]):
        roles = _named_roles(cells)
        if "region" in roles.values() and len(set(roles.values())) + _others(cells, roles) >= 2:
            return _completed(rows, number, number, roles)
    for number in range(min(len(rows), LINES_ABOVE)):
        found = _without_names(rows, number, regions)
        if found is not None:
            return found
    raise Unknown(
        "This is not a population file: no row has headings for region, age and sex, and no year is named.",
        "Name the columns region, age, sex and the year (region, ålder, kön). " + AS_DOWNLOADED,
    )


def line_of_headings(rows: Sequence[Row]) -> int | None:
    """The line where headings seem to stand: the first that names more than one column, or else the first with anything."""
    named = [line for line, cells in rows[:LINES_ABOVE] if len(set(_named_roles(cells).values())) > 1]
    filled = [line for line, cells in rows if any(cell.strip() for cell in cells)]
    return next(iter([*named, *filled]), None)


def _named_roles(cells: Sequence[str]) -> dict[int, str]:
    roles = {place: ROLES[plain(cell)] for place, cell in enumerate(cells) if plain(cell) in ROLES}
    # The heading of two columns, of codes and of names, stands above the first of them alone.
    for place in range(1, len(cells)):
        if not plain(cells[place]) and roles.get(place - 1) in ("region", "age", "sex"):
            roles[place] = roles[place - 1]
    return roles


def _others(cells: Sequence[str], roles: Mapping[int, str]) -> int:
    return any(_heading(cell, set(_DIMENSIONS)) is not None for place, cell in enumerate(cells) if place not in roles)


def _without_names(rows: Sequence[Row], first: int, regions: Regions) -> Headings | None:
    """Headings as PxWeb's workbooks have them: the columns of figures alone are named, by one row or more."""
    last = first - 1
    while last + 1 < len(rows) and _leading_blanks(rows[last + 1][1]) and _all_headings(rows[last + 1][1]):
        last += 1
    if last < first:
        return None
    width = min(_leading_blanks(rows[number][1]) for number in range(first, last + 1))
    said = {name for name in _DIMENSIONS if any(_says(rows[n][1], name) for n in range(first, last + 1))}
    wanted = [name for name in _DIMENSIONS if name not in said]
    roles = roles_by_content([cells[:width] for _, cells in rows[last + 1 :]], width, wanted, regions)
    return _completed(rows, first, last, roles)


def _leading_blanks(cells: Sequence[str]) -> int:
    return next((place for place, cell in enumerate(cells) if plain(cell)), 0)


def _all_headings(cells: Sequence[str]) -> bool:
    return all(_heading(cell, set(_DIMENSIONS)) is not None for cell in cells if plain(cell))


def _says(cells: Sequence[str], dimension: str) -> bool:
    found = [_heading(cell, set(_DIMENSIONS)) for cell in cells if plain(cell)]
    return any(one is not None and getattr(one, dimension) is not None for one in found)


def _completed(rows: Sequence[Row], first: int, last: int, roles: Mapping[int, str]) -> Headings:
    """The headings of the columns of figures, put together from all rows of headings; and whether anything is lacking."""
    stub = set(roles)
    while first > 0 and _belongs_above(rows[first - 1][1], stub):
        first -= 1
    named = rows[last][1]
    wanted = {name for name in _DIMENSIONS if name not in roles.values()}
    figures: dict[int, Member] = {}
    further, aside = [], []
    width = max(len(cells) for _, cells in rows[first : last + 1])
    levels = [_filled_right([*cells, *([""] * (width - len(cells)))], stub) for _, cells in rows[first:last]] + [list(named)]
    names = []
    for place in range(width):
        words = [level[place] for level in levels if place < len(level) and plain(level[place])]
        names.append(" ".join(" ".join(words).split()))
        if place in roles or not words:
            continue
        about = _heading(names[-1], wanted)
        if about is None:
            further.append(place)
        elif about.contents is False:
            aside.append(place)
        else:
            figures[place] = about
    title = " ".join(cell for _, cells in rows[:first] for cell in cells if plain(cell))
    _require_whole(names, roles, figures, aside)
    return Headings(names, roles, figures, further, aside, last + 1, title)


def _belongs_above(cells: Sequence[str], stub: set[int]) -> bool:
    there = [place for place, cell in enumerate(cells) if plain(cell)]
    return bool(there) and not stub.intersection(there) and _all_headings(cells)


def _filled_right(cells: Sequence[str], stub: set[int]) -> list[str]:
    filled: list[str] = []
    for place, cell in enumerate(cells):
        before = filled[-1] if filled and place - 1 not in stub else ""
        filled.append(cell if plain(cell) or place in stub else before)
    return filled


def _require_whole(names: Sequence[str], roles: Mapping[int, str], figures: Mapping[int, Member], aside: Sequence[int]) -> None:
    headings = ", ".join(repr(name) for name in names if name)
    if _DAMAGED.search(headings):
        raise Unknown(
            f"The headings have lost their letters å, ä and ö: {headings[:300]}.", "Save the file in UTF-8, or download it again."
        )
    if not figures:
        other = " It has other contents alone." if aside else ""
        raise Unknown(
            f"The header has no year after region, age and sex, and no column of inhabitants: {headings[:300]}.{other}",
            "Wanted is a column a year (2023, Folkmängd 2023), or a column for the year and one for the number of inhabitants "
            "(Folkmängd, Population).",
        )
    for dimension in _DIMENSIONS:
        if dimension not in roles.values() and any(getattr(one, dimension) is None for one in figures.values()):
            kind = "year" if dimension == "year" else f"column for {dimension}"
            raise Unknown(f"The header has no {kind}: {headings[:300]}.")
    seen: dict[tuple[int | None, ...], int] = {}
    for place, about in figures.items():
        key = (about.sex, about.age, about.year)
        if key in seen:
            raise Unknown(
                f"Two columns are about the same: {names[seen[key]]!r} (column {seen[key] + 1}) and {names[place]!r} "
                f"(column {place + 1}).",
                "Keep one of them.",
            )
        seen[key] = place


def _heading(text: str, wanted: set[str]) -> Member | None:
    """What the heading of a column of figures says, of the dimensions that are wanted; None where it says something else."""
    said = plain(text)
    if not said:
        return None
    if contents_of(said) is not None:
        return Member(contents=contents_of(said))
    years = _YEAR.findall(said)
    if len(years) > 1:
        return None
    about = Member(year=int(years[0])) if years else Member()
    return _rest(_YEAR.sub(" ", said).replace(",", " ").split(), about, wanted)


def _rest(words: list[str], about: Member, wanted: set[str]) -> Member | None:
    """The words of a heading without its year, cut into a sex, an age and contents, in any order."""
    if not words:
        return about
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        found = _phrase(phrase, wanted)
        together = about.with_(found) if found is not None else None
        if together is not None:
            rest = _rest(words[length:], together, wanted)
            if rest is not None:
                return rest
    return None


def _phrase(phrase: str, wanted: set[str]) -> Member | None:
    if phrase in CONTENTS:
        return Member(contents=True)
    sex = age = None
    if "sex" in wanted and not phrase.isdigit():
        sex = _or_none(sex_of, phrase)
    # A bare number is an age only where nothing else can be meant.
    if "age" in wanted and (_WITH_UNIT.fullmatch(phrase) or "sex" not in wanted):
        age = _or_none(age_of, phrase)
    if (sex is None) == (age is None):
        return None
    return Member(sex=sex, age=age)


def _or_none(read: object, phrase: str) -> int | None:
    try:
        return read(phrase)  # type: ignore[operator, no-any-return]
    except Unknown:
        return None
