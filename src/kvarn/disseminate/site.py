"""The front page of a publication: both languages, every product, and what changed since the last edition."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.base.plain_text import in_one_piece
from kvarn.base.published_cells import PublishedCells, read_published_cells
from kvarn.disseminate.database.jsonstat import COLLECTION
from kvarn.disseminate.database.sdmx import STRUCTURE
from kvarn.disseminate.finder import finder_script
from kvarn.disseminate.licence import licence_statement
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_date, format_list, format_number
from kvarn.disseminate.places import Place, codes_above, profile_address
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.stage import correction_notice, stage_name, stage_notice, title_of
from kvarn.disseminate.templates import render, style, word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition
from kvarn.errors import CodeListError

__all__ = ["Change", "changes_since", "earlier_correction", "size_of", "write_index"]

_TABLE_FILES = (
    ("data", ".parquet", "Parquet"),
    ("data", ".csv-metadata.json", "CSVW"),
    ("database", ".px", "PX"),
    ("database", ".sdmx.csv", "SDMX-CSV"),
)


@dataclass(frozen=True)
class Change:
    """One difference between two editions' published tables.

    Attributes
    ----------
    kind
        ``added``, ``removed``, ``years`` (the table has years that it did not have) or ``revised``.
    table
        The table's id.
    years
        The new years, for ``years``.
    cells
        How many figures of years in both editions are others, or stand where the other edition has a symbol, for ``revised``.
    """

    kind: str
    table: str
    years: tuple[int, ...] = ()
    cells: int = 0

    def told(self, language: str, titles: Mapping[str, str]) -> str:
        """The change in words."""
        years = format_list([str(year) for year in self.years], language)
        count = format_number(self.cells, language=language)
        title = titles.get(self.table, self.table)
        return word(f"page.changes.{self.kind}", language, title=title, years=years, count=count)


@dataclass(frozen=True)
class _File:
    """A file that the page links to."""

    address: str
    format: str
    size: Mapping[str, str]
    name: str = ""


def write_index(
    publication: Path,
    edition: Edition,
    tables: ProtectedTables,
    *,
    previous: Path | None = None,
    corrected: Mapping[str, Any] | None = None,
    shown: Mapping[str, Mapping[str, str]] | None = None,
    places: Sequence[Place] = (),
) -> Path:
    """Write ``index.html`` into the publication's folder, where every other product but the record is already.

    Parameters
    ----------
    publication
        The publication's folder; what is there is what the page links to, with format and size.
    edition
        The year's parameters.
    tables
        The protected tables.
    previous
        The folder of an earlier publication; without it, or without its ``data/``, nothing is compared.
    corrected
        Of an edition that corrects another: what has changed of its ``tables``, and what was corrected ``earlier``.
    shown
        By language and table, where the documents show it, as a sentence.
    places
        The codes that have a page each: listed, and found by typing.
    """
    compared = previous is not None and (previous / "data").is_dir()
    changes = changes_since(previous, publication) if previous is not None and compared else None
    of_before = _tables(previous) if previous is not None and compared else {}
    same_year = any(edition.reference_year in table.years for table in of_before.values())
    year = edition.reference_year if same_year else edition.reference_year - 1
    key = f"revisions.edition.{'same-year' if same_year else 'year-before'}"
    page = render(
        "index.html.j2",
        scripts=bool(places),
        finder=finder_script() if places else "",
        style=style("page.css") + (style("finder.css") if places else ""),
        synthetic=edition.synthetic,
        contact=edition.publication.contact,
        licence=edition.publication.licence,
        conditions={language: licence_statement(edition, language) for language in edition.languages},
        editions=[
            _half(publication, edition, tables, changes, language)
            | {"profiles": _listed(places, language), "profiles_title": _title_of(places, language)}
            | _correction(edition, corrected, (shown or {}).get(language, {}), language)
            | {"compared": changes is not None and metadata.text(key, language, year=year)}
            for language in edition.languages
        ],
    )
    return write_beside(publication / "index.html", page)


def _listed(places: Sequence[Place], language: str) -> list[dict[str, Any]]:
    """The pages, each below the one of the nearest code above it that has one."""
    found: dict[Place, dict[str, Any]] = {
        place: {"name": place.label(language), "address": profile_address(place.code, language), "parts": []} for place in places
    }
    tops: list[dict[str, Any]] = []
    for place, one in found.items():
        parents = (Place(place.variable, code) for code in codes_above(place.variable, place.code))
        nearest = next((parent for parent in parents if parent in found), None)
        (tops if nearest is None else found[nearest]["parts"]).append(one)
    return tops


def _title_of(places: Sequence[Place], language: str) -> str:
    """What the pages are for: the variable, or the variables."""
    labels = dict.fromkeys(metadata.variable(place.variable).label(language) for place in places)
    named = [f"{label[:1].lower()}{label[1:]}" for label in labels]
    return word("page.profiles", language, each=format_list(named, language)) if named else ""


def changes_since(previous: Path, publication: Path) -> tuple[Change, ...]:
    """What differs between the open data of two publications, in the order of the programme; withdrawn tables last."""
    before, after = _tables(previous), _tables(publication)
    programme = [table.name for table in metadata.tables()]
    ordered = sorted(after, key=lambda name: (programme.index(name) if name in programme else len(programme), name))
    changes = [change for name in ordered for change in _table_changes(name, before.get(name), after[name])]
    return (*changes, *(Change("removed", name) for name in before if name not in after))


def _tables(publication: Path) -> dict[str, PublishedCells]:
    return {path.stem: read_published_cells(path) for path in sorted((publication / "data").glob("*.csv"))}


def _table_changes(name: str, before: PublishedCells | None, after: PublishedCells) -> Iterator[Change]:
    if before is None:
        yield Change("added", name)
        return
    if fresh := sorted(after.years - before.years):
        yield Change("years", name, years=tuple(fresh))
    if after.names == before.names and (revised := sum(now != then for _, then, now in after.figures_beside(before))):
        yield Change("revised", name, cells=revised)


def _half(
    publication: Path,
    edition: Edition,
    tables: ProtectedTables,
    changes: tuple[Change, ...] | None,
    language: str,
) -> dict[str, Any]:
    """One language's half of the page."""
    words = edition.publication
    titles = {name: in_one_piece(tables[name].title(language)) for name in tables.names()}
    previous = words.previous
    return {
        "language": language,
        "name": metadata.text(f"language.{language}", language),
        "series": " · ".join(dict.fromkeys(words.series.label(one) for one in edition.languages)),
        "title": f"{words.title.label(language)} {edition.reference_year}",
        "publisher": words.publisher.label(language),
        "published": word("page.published", language, date=format_date(words.published, language)),
        "stage": stage_name(edition, language),
        "stage_notice": stage_notice(edition, language, correction=False),
        "corrections": [f"{format_date(one.made, language)}: {one.what.label(language)}" for one in words.corrections],
        "notice": metadata.text("synthetic.notice", language),
        "short_notice": metadata.text("synthetic.short", language),
        "documents": list(_documents(publication, language)),
        "workbook": _file(publication, f"{language}/tables.xlsx", "XLSX"),
        "explorer": _file(publication, f"database/{language}/index.html", "HTML"),
        "tables": [{"title": title, "files": _table_files(publication, name, language)} for name, title in titles.items()],
        "notebooks": list(_notebooks(publication, language)),
        "for_programs": list(_for_programs(publication, language)),
        "record_name": metadata.text("product.record", language),
        "changes": _told(changes, titles, language, stated=previous is not None),
        "previous": previous
        and {
            "title": previous.title.label(language),
            "published": word("page.published", language, date=format_date(previous.published, language)),
            "address": previous.address,
        },
    }


def _correction(edition: Edition, corrected: Mapping[str, Any] | None, shown: Mapping[str, str], language: str) -> dict[str, Any]:
    """The notice of an edition that corrects another, with each table and where it is shown, and what was corrected before."""
    if corrected is None:
        return {"correction": None}
    changed = [
        " ".join(filter(None, [_changed(name, one["kind"], one["cells"], language), shown.get(name)]))
        for name, one in corrected["tables"].items()
    ]
    earlier = [earlier_correction(one, language) for one in corrected["earlier"]]
    return {"correction": {"notice": correction_notice(edition, language, listed=False), "changed": changed, "earlier": earlier}}


def _changed(table: str, kind: str, cells: int, language: str) -> str:
    what = {"both": "cells", "gone": "gone"}.get(kind, "whole")
    return word(
        f"page.correction.{what}", language, title=title_of(table, language), count=format_number(cells, language=language)
    )


def earlier_correction(one: Mapping[str, Any], language: str) -> str:
    """What was corrected before, or put back, on its day."""
    made, what = format_date(dt.date.fromisoformat(one["made"]), language), one["what"][language]
    return word("page.put-back", language, made=made, what=what) if one["put_back"] else f"{made}: {what}"


def _told(changes: tuple[Change, ...] | None, titles: Mapping[str, str], language: str, *, stated: bool) -> list[str]:
    """The changes in words; without an edition to compare with, whether there is none or it is not here."""
    if changes is None:
        return [word("page.changes.not-here" if stated else "page.changes.none", language)]
    known = dict(titles)
    for change in changes:
        if change.table not in known:
            known[change.table] = _name_of_withdrawn(change.table, language)
    return [change.told(language, known) for change in changes] or [word("page.changes.same", language)]


def _name_of_withdrawn(name: str, language: str) -> str:
    try:
        return metadata.table(name).label(language).replace(", {years}", "")
    except CodeListError:
        return name


def _documents(publication: Path, language: str) -> Iterator[dict[str, Any]]:
    for document in sorted({path.stem for path in (publication / language).glob("*.html")}):
        kinds = (("html", "HTML"), ("pdf", "PDF"))
        files = [_file(publication, f"{language}/{document}.{ending}", kind) for ending, kind in kinds]
        if any(files):
            yield {"name": metadata.text(f"product.{document}", language), "files": [file for file in files if file]}


def _table_files(publication: Path, name: str, language: str) -> list[_File]:
    """With labels first, which is what people open."""
    data = ((f"data/{language}", ".csv", word("format.labelled", language)), ("data", ".csv", word("format.codes", language)))
    listed = (*data, *_TABLE_FILES, (f"database/{language}", ".json", "JSON-stat"))
    files = [_file(publication, f"{folder}/{name}{ending}", kind) for folder, ending, kind in listed]
    return [file for file in files if file is not None]


def _for_programs(publication: Path, language: str) -> Iterator[_File]:
    """What describes all tables together."""
    named = (
        ("database/catalogue.jsonld", "JSON-LD", "page.catalogue"),
        (f"database/{STRUCTURE}", "XML", "page.structure"),
        (f"database/{language}/{COLLECTION}", "JSON", "page.collection"),
    )
    for address, kind, key in named:
        file = _file(publication, address, kind, word(key, language))
        if file is not None:
            yield file


def _notebooks(publication: Path, language: str) -> Iterator[_File]:
    for path in sorted((publication / "notebooks" / language).glob("*.html")):
        title = re.search(r"<title>(.*?)</title>", path.read_text(encoding="utf-8"), re.DOTALL)
        name = html.unescape(title[1]).strip() if title else path.stem
        file = _file(publication, f"notebooks/{language}/{path.name}", "HTML", name)
        if file is not None:
            yield file


def _file(publication: Path, address: str, kind: str, name: str = "") -> _File | None:
    path = publication / address
    if not path.is_file():
        return None
    return _File(address, kind, {language: size_of(path, language) for language in metadata.languages}, name)


def size_of(path: Path, language: str) -> str:
    """A file's size in decimal units, as the SI has them."""
    count = path.stat().st_size
    if count < 1_000_000:
        return f"{format_number(max(1, round(count / 1000)), language=language)}{NO_BREAK_SPACE}kB"
    return f"{format_number(count / 1_000_000, language=language, decimals=1)}{NO_BREAK_SPACE}MB"
