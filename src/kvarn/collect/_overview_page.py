"""The overview of deliveries as a page: counts, a picture, and a table with links to the receipts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from kvarn import metadata
from kvarn.collect._heat_map import CODES, heat_map, sign
from kvarn.collect._layouts import layouts
from kvarn.collect._overview import STATUSES, Status
from kvarn.collect.pages import day_in_words, month_name, number, style, template, visible, words
from kvarn.edition import MONTHS_IN_YEAR, first_year_of_due_dates
from kvarn.identity_numbers import without_identity_numbers

__all__ = ["MissingCodes", "overview_page"]

_MONTHS = range(1, MONTHS_IN_YEAR + 1)
_OTHER = {"sv": "en", "en": "sv"}
# Above this a receipt cannot have the file's own name with an ending on a disk, so there is no page to lead to.
_LONGEST_NAME = 240
_NAMED_TOGETHER = 3
_TROUBLE: tuple[Status, ...] = ("missing", "rejected")


class MissingCodes(NamedTuple):
    """An official list that has not been imported.

    Attributes
    ----------
    what
        Its name, or that of the part of it that is missing.
    waiting
        How many files have codes that could not be checked for want of it, and wait.
    """

    year: int
    what: tuple[str, ...]
    waiting: int


class _Cell(NamedTuple):
    status: Status
    file: str


class _County(NamedTuple):
    code: str
    municipalities: Mapping[str, Sequence[_Cell]]

    @property
    def counts(self) -> Counter[Status]:
        return Counter(cell.status for cells in self.municipalities.values() for cell in cells)


class _Group(NamedTuple):
    """The files of one year and type."""

    year: int
    type: str
    counties: Sequence[_County]

    @property
    def counts(self) -> Counter[Status]:
        return sum((county.counts for county in self.counties), Counter[Status]())


def overview_page(
    rows: pd.DataFrame,
    *,
    title: Mapping[str, str] | None = None,
    synthetic: bool,
    as_of: dt.date | None = None,
    unplaced: Sequence[str] = (),
    codes: Sequence[MissingCodes] = (),
) -> str:
    """The overview as one HTML page that asks no host for anything: Swedish first, English below.

    A year and type at a time, the last year first: how many files came in time, late, corrected, rejected or not at all; a
    picture of municipalities × months by county; and a table for each county, whose cells lead to the receipts
    (``<file name>.html`` in the page's own folder).

    Parameters
    ----------
    rows
        As `overview_rows` returns them: all months of every municipality in a year and type.
    title
        The page's title by language; by default what the page is.
    synthetic
        Whether a notice says that the data are synthetic.
    as_of
        The day that the overview is about, if not today's.
    unplaced
        Names of files that belong to no municipality and month (`unplaced_files`).
    codes
        The official lists that have not been imported.
    """
    groups = list(_groups(rows))
    titles = title or {language: words(language)["overview.title"] for language in metadata.languages}
    return template("overview.html.j2").render(
        style=style("page.css", "overview.css"),
        titles=titles,
        halves=[_half(groups, language, synthetic, as_of, codes) for language in metadata.languages],
        unplaced=[(visible(without_identity_numbers(name)), _address(name)) for name in unplaced],
        codes=CODES,
        statuses=STATUSES,
        sign=sign,
    )


def _groups(rows: pd.DataFrame) -> Iterator[_Group]:
    region = metadata.codelist("region")
    place_of = {code: region.parent(code) or "" for code in region.leaves}
    ordered = rows.sort_values(["year", "type", "municipality", "month"], ascending=[False, True, True, True])
    for (year, kind), own in ordered.groupby(["year", "type"], sort=False):
        counties: dict[str, dict[str, list[_Cell]]] = {}
        files = own["file"].fillna("")
        for municipality, status, file in zip(own["municipality"], own["status"], files, strict=True):
            county = counties.setdefault(place_of[municipality], {})
            county.setdefault(municipality, []).append(_Cell(status, file))
        yield _Group(int(str(year)), str(kind), [_County(code, municipalities) for code, municipalities in counties.items()])


def _half(
    groups: Sequence[_Group], language: str, synthetic: bool, as_of: dt.date | None, codes: Sequence[MissingCodes]
) -> dict[str, Any]:
    """One language's half of the page."""
    word = words(language)
    return {
        "language": language,
        "other": _OTHER[language],
        "words": {**word, "legend.accepted": word["legend.accepted"].format(year=first_year_of_due_dates())},
        "notice": metadata.text("synthetic.notice", language) if synthetic else "",
        "register": metadata.text("register.name", language),
        "as_of": word["overview.as-of"].format(day=day_in_words(as_of, language)) if as_of else "",
        "codes": [_missing_codes(missing, language) for missing in codes],
        "months": [(month_name(month, language)[:3], month_name(month, language)) for month in _MONTHS],
        "groups": [_told(group, language) for group in groups],
    }


def _missing_codes(missing: MissingCodes, language: str) -> str:
    """Which list has not been imported, and what waits for it."""
    word = words(language)
    told = [word["overview.codes.missing"].format(what=", ".join(missing.what), year=missing.year)]
    if missing.waiting:
        key = "overview.codes.waiting.one" if missing.waiting == 1 else "overview.codes.waiting.more"
        told += [word[key].format(count=number(missing.waiting, language)), word["overview.codes.do"]]
    return " ".join(told)


def _told(group: _Group, language: str) -> dict[str, Any]:
    """One year and type in words, pictures and tables."""
    counts = group.counts
    region = metadata.codelist("region")
    by_county = {region.label(county.code, language): county.counts for county in group.counties}
    return {
        "id": f"{group.year}-{group.type}",
        "name": f"{group.year} {group.type}",
        "title": f"{group.year}: {layouts()[group.type].title[language]} ({group.type})",
        "due": number(counts.total(), language),
        "counts": [number(counts[status], language) for status in STATUSES],
        "finding": _finding(by_county, language),
        "counties": [_county(county, group, language) for county in group.counties],
    }


def _county(county: _County, group: _Group, language: str) -> dict[str, Any]:
    region = metadata.codelist("region")
    names = {code: region.label(code, language) for code in county.municipalities}
    counts = county.counts
    problems = [status for status in STATUSES if counts[status] and status != "accepted"]
    letters = [month_name(month, language)[0].upper() for month in _MONTHS]
    by_municipality = {names[code]: Counter(cell.status for cell in cells) for code, cells in county.municipalities.items()}
    return {
        "code": county.code,
        "name": region.label(county.code, language),
        "caption": f"{region.label(county.code, language)}, {group.type} {group.year}",
        "summary": _listed(counts, problems, language) or words(language)["overview.all-well"],
        "finding": _finding(by_municipality, language),
        "picture": heat_map(
            list(names.values()), [[cell.status for cell in cells] for cells in county.municipalities.values()], letters
        ),
        "rows": [
            (f"{code} {names[code]}", [(cell.status, _address(cell.file)) for cell in cells])
            for code, cells in county.municipalities.items()
        ],
    }


def _finding(parts: Mapping[str, Counter[Status]], language: str) -> str:
    """What a picture shows, in words: the counts, and where most is missing or rejected."""
    word = words(language)
    counts = sum(parts.values(), Counter[Status]())
    told = word["overview.finding"].format(
        due=number(counts.total(), language), counts=_listed(counts, [status for status in STATUSES if counts[status]], language)
    )
    trouble = {name: sum(counts[status] for status in _TROUBLE) for name, counts in parts.items()}
    most = max(trouble.values())
    worst = [name for name, count in trouble.items() if count == most]
    # Where many are alike none stands out.
    if not most or len(parts) == 1 or len(worst) > _NAMED_TOGETHER:
        return told
    said = word["overview.worst" if len(worst) == 1 else "overview.worst_each"]
    return f"{told} {said.format(place=', '.join(worst), count=number(most, language))}"


def _listed(counts: Counter[Status], statuses: Sequence[Status], language: str) -> str:
    """``sena 3, saknas 2``."""
    return ", ".join(f"{words(language)[f'told.{status}']} {number(counts[status], language)}" for status in statuses)


def _address(file: str) -> str:
    """Where the receipt's page lies, from the overview's folder; empty where there is none."""
    file = without_identity_numbers(file)
    if not file or "/" in file or len(file.encode("utf-8", "surrogateescape")) > _LONGEST_NAME:
        return ""
    return f"{quote(file, safe='', errors='surrogateescape')}.html"
