"""Cubes: figures in the order of their variables' categories, as PX and JSON-stat files have them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.process.population._cells import AS_DOWNLOADED, Cells, Member, Unknown
from kvarn.process.population._regions import Regions
from kvarn.process.population._words import (
    ROLES,
    about_something_else,
    age_of,
    contents_of,
    is_total,
    plain,
    sex_of,
    year_of,
)

__all__ = ["Axis", "Cube", "read_cube"]


@dataclass(frozen=True)
class Axis:
    """A variable: what it is called, and its categories as code and text (either may be empty)."""

    names: tuple[str, ...]
    categories: Sequence[tuple[str, str]]

    @property
    def name(self) -> str:
        """The name for messages."""
        return next((name for name in self.names if name), "?")


@dataclass(frozen=True)
class Cube:
    """Variables, the slowest first; the figures in that order (`NOT_AVAILABLE` for ``..``); and what they are."""

    axes: Sequence[Axis]
    figures: Iterable[int]
    titles: Sequence[str]
    # What the figures are called where no variable says it; empty where the file does not say.
    contents: str


def read_cube(cube: Cube, regions: Regions, path: Path, *, wanted: Collection[int] | None) -> tuple[Cells, set[int]]:
    """The figures of the wanted years, and every year that there is.

    Raises
    ------
    CodeListError
        A variable is missing, or is not understood, or has a category that is not.
    """
    for title in cube.titles:
        if about_something_else(title):
            raise CodeListError(
                f"These are not inhabitants on 31 December: {title[:120]!r}.",
                file=path,
                remedy="Download the population on 31 December by region, age and sex.",
            )
    readers: dict[str, Callable[[str], int]] = {"region": regions.of, "age": age_of, "sex": sex_of, "year": year_of}
    members = [_members(axis, readers, path) for axis in cube.axes]
    _require_variables(cube, members, path)
    cells = Cells()
    figures = iter(cube.figures)
    years: set[int] = set()
    for number, (combination, value) in enumerate(zip(itertools.product(*members), figures, strict=False), 1):
        about: Member | None = Member()
        for one in combination:
            about = about.with_(one) if about is not None else None
        assert about is not None, "every variable is about something else"
        if about.contents is False:
            continue
        assert about.year is not None
        years.add(about.year)
        if wanted is None or about.year in wanted:
            try:
                cells.add(about, value, number, 0)
            except Unknown as unknown:
                raise CodeListError(unknown.what, file=path, field=f"figure {number}", remedy=unknown.remedy) from None
    return cells, years


def _role(axis: Axis) -> str | None:
    return next((ROLES[plain(name)] for name in axis.names if plain(name) in ROLES), None)


def _members(axis: Axis, readers: dict[str, Callable[[str], int]], path: Path) -> list[Member]:
    role = _role(axis)
    if role == "contents":
        return [Member(contents=_is_population(code, text, path, axis)) for code, text in axis.categories]
    if role is None:
        words = [text or code for code, text in axis.categories]
        if len(words) == 1 and (is_total(words[0]) or contents_of(words[0])):
            return [Member()]
        raise CodeListError(
            f"The variable {axis.name!r} divides the inhabitants further, or is not understood: {', '.join(words[:3])} …",
            file=path,
            field=axis.name,
            remedy="Download the file without it: region, age, sex and year.",
        )
    return [Member.of({role: _resolved(readers[role], code, text, path, axis)}) for code, text in axis.categories]


def _is_population(code: str, text: str, path: Path, axis: Axis) -> bool:
    said = {one for one in (contents_of(code), contents_of(text)) if one is not None}
    if not said:
        raise CodeListError(
            f"{text or code!r} is not the number of inhabitants.", file=path, field=axis.name, remedy=AS_DOWNLOADED
        )
    return False not in said


def _resolved(read: Callable[[str], int], code: str, text: str, path: Path, axis: Axis) -> int:
    """What code and text both say; where only one of them can be understood, that one."""
    found: set[int] = set()
    unknown = Unknown("The category has neither code nor text.")
    # The text comes last, so that an error shows what a reader sees.
    for word in (code, text):
        if word:
            try:
                found.add(read(word))
            except Unknown as failed:
                unknown = failed
    if len(found) > 1:
        unknown = Unknown(f"Code and text contradict each other: {code!r}, {text!r}.")
    if len(found) != 1:
        raise CodeListError(unknown.what, file=path, field=axis.name, remedy=unknown.remedy) from None
    return found.pop()


def _require_variables(cube: Cube, members: Sequence[Sequence[Member]], path: Path) -> None:
    roles = [_role(axis) for axis in cube.axes]
    for role in ("region", "age", "sex", "year"):
        if roles.count(role) != 1:
            number = "no variable" if role not in roles else "several variables"
            raise CodeListError(f"The file has {number} for {role}.", file=path, field="variables", remedy=AS_DOWNLOADED)
    if "contents" in roles:
        there = [one.contents for one in members[roles.index("contents")]]
        if there.count(True) != 1:
            raise CodeListError("The file does not have the number of inhabitants once.", file=path, remedy=AS_DOWNLOADED)
    elif cube.contents and contents_of(cube.contents) is not True:
        raise CodeListError(
            f"{cube.contents[:120]!r} is not the number of inhabitants.", file=path, field="contents", remedy=AS_DOWNLOADED
        )
