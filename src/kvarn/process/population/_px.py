"""PX files (PC-Axis)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.process.population._cells import AS_DOWNLOADED, NOT_AVAILABLE
from kvarn.process.population._cube import Axis, Cube

__all__ = ["looks_like_px", "read_px"]

_START = re.compile(r'\s*[A-Z][A-Z0-9-]*(?:\[[a-z-]+\])?(?:\("[^"]*"\))?\s*=')
# One keyword: its name, its language, its variable, and its value up to the semicolon outside quotation marks.
_KEYWORD = re.compile(
    r'\s*(?P<name>[A-Z][A-Z0-9-]*)(?:\[(?P<language>[^\]]*)\])?(?:\((?P<key>"[^"]*"(?:,\s*"[^"]*")*)\))?\s*='
    r'(?P<value>(?:[^";]++|"[^"]*+")*+);'
)
_DATA = re.compile(r"^\s*DATA\s*=", re.MULTILINE)
_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"([^"]*)"')
_TOKEN = re.compile(r'"([^"]*)"|([^\s,";]+)|([";])')
_MOST_FIGURES = 5_000_000
# "-" is nil in a PX file; one dot to six are figures that are missing for one reason or other.
_NIL, _MISSING = "-", re.compile(r"\.{1,6}")


def looks_like_px(start: str) -> bool:
    """Whether the beginning of a file is that of a PX file."""
    return _START.match(start) is not None


def read_px(path: Path, text: str) -> Cube:
    """The variables and figures of a PX file, in its own language.

    Raises
    ------
    CodeListError
        It lacks a keyword, or a figure, or has one too many, or a figure that is no whole number.
    """
    begin = _DATA.search(text)
    if begin is None:
        raise CodeListError("The PX file has no figures: the keyword DATA is missing.", file=path, remedy=AS_DOWNLOADED)
    keywords = _keywords(path, text[: begin.start()])
    if any(name == "KEYS" for name, _ in keywords):
        raise CodeListError(
            "The PX file leaves figures out (keyword KEYS).", file=path, field="KEYS", remedy="Download it as CSV."
        )
    variables = [name for keyword in ("STUB", "HEADING") for name in keywords.get((keyword, ""), [])]
    axes = []
    for name in variables:
        texts = keywords.get(("VALUES", name))
        if not texts:
            raise CodeListError(f"The variable {name!r} has no VALUES.", file=path, field="VALUES", remedy=AS_DOWNLOADED)
        codes = keywords.get(("CODES", name), [""] * len(texts))
        if len(codes) != len(texts):
            raise CodeListError(
                f"The variable {name!r} has {len(texts)} VALUES and {len(codes)} CODES.",
                file=path,
                field="CODES",
                remedy=AS_DOWNLOADED,
            )
        own = ["contents"] if keywords.get(("CONTVARIABLE", ""), [""])[0] == name else []
        axes.append(Axis((*own, name, *keywords.get(("VARIABLECODE", name), [])), list(zip(codes, texts, strict=True))))
    titles = [" ".join(keywords.get((name, ""), [])) for name in ("TITLE", "DESCRIPTION", "REFPERIOD")]
    if not axes:
        raise CodeListError("The PX file has no variables: STUB and HEADING are missing.", file=path, remedy=AS_DOWNLOADED)
    number = math.prod(len(axis.categories) for axis in axes)
    if number > _MOST_FIGURES:
        raise CodeListError(f"The PX file would have {number:,} figures.", file=path, remedy="Divide it by years.")
    figures = list(_figures(path, text, begin.end(), number))
    return Cube(axes, figures, titles, " ".join(keywords.get(("CONTENTS", ""), [])))


def _keywords(path: Path, text: str) -> dict[tuple[str, str], list[str]]:
    """The values of each keyword and variable; of a file of several languages those of its main one."""
    found: dict[tuple[str, str], list[str]] = {}
    place = 0
    while (place := _SPACE.match(text, place).end()) < len(text):  # type: ignore[union-attr]
        match = _KEYWORD.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            raise CodeListError("This is not a keyword of a PX file.", file=path, line=line, remedy=AS_DOWNLOADED)
        place = match.end()
        if match["language"] is None:
            key = _QUOTED.findall(match["key"] or "")
            if (match["name"], key[0] if key else "") in found:
                line = text.count("\n", 0, match.start("name")) + 1
                raise CodeListError(f"{match['name']} stands twice.", file=path, line=line, remedy=AS_DOWNLOADED)
            # A long text is cut into several strings, a list has commas between them.
            parts = re.split(r'"\s*,\s*"', match["value"].strip().strip('"'))
            found[match["name"], key[0] if key else ""] = [re.sub(r'"\s*"', "", part) for part in parts]
    return found


def _figures(path: Path, text: str, begin: int, number: int) -> Iterator[int]:
    count = 0
    for match in _TOKEN.finditer(text, begin):
        quoted, bare, mark = match.groups()
        if mark == ";":
            break
        word = quoted if quoted is not None else (bare or mark)
        count += 1
        if count > number:
            raise _wrong(path, text, match.start(), f"The PX file has more figures than its variables ask for ({number:,})")
        if word.isascii() and word.isdigit() and len(word) <= 9:
            yield int(word)
        elif word == _NIL:
            yield 0
        elif _MISSING.fullmatch(word):
            yield NOT_AVAILABLE
        else:
            raise _wrong(path, text, match.start(), f"Figure {count:,} is not a number of inhabitants: {word[:40]!r}")
    if count < number:
        raise _wrong(path, text, len(text), f"The PX file has {count:,} figures, its variables ask for {number:,}")


def _wrong(path: Path, text: str, place: int, what: str) -> CodeListError:
    line = text.count("\n", 0, place) + 1
    return CodeListError(f"{what}.", file=path, line=line, field="DATA", remedy=AS_DOWNLOADED)
