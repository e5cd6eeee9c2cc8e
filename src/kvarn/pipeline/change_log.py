"""What lies beside a publication that has been corrected: its other versions, pages about them, the log."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.analyse.disclosure.memory.releases import Release, Reversion
from kvarn.disseminate.labelled_changes import Changed, labelled_changes
from kvarn.disseminate.recorded import RECORD
from kvarn.disseminate.version_pages import PutBack, version_page, versions_page, with_put_back
from kvarn.edition import Edition, Workspace
from kvarn.pipeline.comparison import CELLS, TableChange, cell_row, compare_table, written_as_csv
from kvarn.pipeline.versions import VERSIONS, Versions, released_edition, require_as_released

__all__ = ["Beside", "beside"]

_FRONT_PAGE = "index.html"


@dataclass(frozen=True)
class Beside:
    """What lies in a bundle beside, and in the place of, the files of the version in front.

    Attributes
    ----------
    folders
        Versions as they were released, by their place in the publication.
    pages
        Files that were made for this, by theirs.
    """

    folders: Mapping[str, tuple[Path, Release]]
    pages: Mapping[str, bytes]


def beside(work: Workspace, versions: Versions) -> Beside:
    """What lies beside the version in front; nothing where the publication was never corrected.

    Raises
    ------
    ReleaseError
        A version does not lie here as it was released.
    """
    if len(versions.every) == 1:
        return Beside({}, {})
    folders = {one.edition: require_as_released(work, one, versions) for one in versions.every}
    editions = [released_edition(one) for one in versions.every]
    front, events = versions.number(versions.front.edition), [_event(one, versions) for one in versions.since]
    put_back = next((one for one in events[-1:] if isinstance(one, PutBack)), None)
    changes = {number: list(_changes(number, versions, folders)) for number in range(2, len(versions.every) + 1)}
    # A correction of words changes no cell.
    with_cells = [number for number, tables in changes.items() if any(table.changes for table in tables)]
    aside = [number for number in range(1, len(versions.every) + 1) if number != front or put_back is not None]
    pages = {
        f"{VERSIONS}/{_FRONT_PAGE}": _versions_page(editions, events, front, with_cells),
        f"{VERSIONS}/corrections.json": _data(versions, editions, changes, front),
        **{f"{VERSIONS}/{number}/changes.csv": _cells(changes[number], editions[0]) for number in with_cells},
        **{
            f"{VERSIONS}/{number}/changes-{language}.csv": _labelled(changes[number], editions[0], language)
            for number in with_cells
            for language in metadata.languages
        },
    }
    for number, event in _displaced(versions, events).items():
        if number != front:
            pages[f"{VERSIONS}/{number}/{_FRONT_PAGE}"] = version_page(
                editions,
                number,
                event,
                front,
                {"front": f"../../{_FRONT_PAGE}", "as_it_was": f"publication/{_FRONT_PAGE}", "every": f"../{_FRONT_PAGE}"},
            )
    if put_back is not None:
        own = (folders[versions.front.edition] / _FRONT_PAGE).read_text(encoding="utf-8")
        pages[_FRONT_PAGE] = with_put_back(own, put_back, editions[front - 1].languages, f"{VERSIONS}/{_FRONT_PAGE}")
    released = {number: versions.every[number - 1] for number in aside}
    return Beside(
        {f"{VERSIONS}/{number}/publication": (folders[one.edition], one) for number, one in released.items()},
        {name: page.encode() for name, page in pages.items()},
    )


def _event(one: Release | Reversion, versions: Versions) -> int | PutBack:
    if isinstance(one, Release):
        return versions.number(one.edition)
    made = dt.date.fromisoformat(one.made)
    return PutBack(versions.number(one.edition), versions.number(one.instead_of), made, one.why)


def _displaced(versions: Versions, events: list[int | PutBack]) -> dict[int, int | PutBack]:
    """What last took each version away from the front."""
    found: dict[int, int | PutBack] = {}
    for event in events:
        was = event.instead_of if isinstance(event, PutBack) else versions.number(versions.every[event - 1].corrects)
        found[was] = event
    return found


def _changes(number: int, versions: Versions, folders: Mapping[str, Path]) -> Iterator[TableChange]:
    """What a correction has changed, table by table."""
    now = versions.every[number - 1]
    old, new = (
        {path.stem: path for path in sorted((folders[one] / "data").glob("*.csv"))} for one in (now.corrects, now.edition)
    )
    for name in sorted(old.keys() | new.keys()):
        found = compare_table(name, old.get(name), new.get(name))
        if found.changes or found.kind != "both":
            yield found


def _cells(tables: list[TableChange], edition: Edition) -> str:
    """Each cell that was changed; what is synthetic says so in each row, as the data do."""
    rows = [cell_row(one) for table in tables for one in table.changes]
    if edition.synthetic:
        return written_as_csv((*CELLS, "synthetic"), [(*row, "true") for row in rows])
    return written_as_csv(CELLS, rows)


def _labelled(tables: list[TableChange], edition: Edition, language: str) -> str:
    """The same with labels in one language."""
    rows = (Changed(*map(str, row)) for table in tables for row in map(cell_row, table.changes))
    return labelled_changes(rows, language, synthetic=edition.synthetic)


def _address(number: int, front: int) -> str:
    """Of a version, seen from the folder of versions."""
    return f"../{_FRONT_PAGE}" if number == front else f"{number}/{_FRONT_PAGE}"


def _versions_page(editions: list[Edition], events: list[int | PutBack], front: int, with_cells: list[int]) -> str:
    addresses = {number: _address(number, front) for number in range(1, len(editions) + 1)}
    addresses |= {-number: f"{number}/changes.csv" for number in with_cells}
    return versions_page(editions, events, front, addresses)


def _data(versions: Versions, editions: list[Edition], changes: Mapping[int, list[TableChange]], front: int) -> str:
    told = {
        "publication": versions.name,
        "synthetic": editions[0].synthetic,
        "front": front,
        "versions": [
            _version(number, one, edition, versions, changes.get(number, []))
            for number, (one, edition) in enumerate(zip(versions.every, editions, strict=True), 1)
        ],
        "events": [_told(one, versions) for one in versions.since],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _version(number: int, one: Release, edition: Edition, versions: Versions, changes: list[TableChange]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "version": number,
        "edition": one.edition,
        "published": one.published,
        "record_sha256": one.files.get(RECORD, ""),
    }
    if edition.correction is None:
        return told
    return {
        **told,
        "corrects": versions.number(one.corrects),
        "since": edition.correction.since.isoformat(),
        "what": edition.correction.what.model_dump(),
        "tables": [{"table": table.table, "kind": table.kind, "cells": len(table.changes)} for table in changes],
    }


def _told(one: Release | Reversion, versions: Versions) -> dict[str, Any]:
    if isinstance(one, Release):
        return {"kind": "correction", "version": versions.number(one.edition), "made": one.published}
    other = versions.number(one.instead_of)
    return {
        "kind": "put back",
        "version": versions.number(one.edition),
        "instead_of": other,
        "made": one.made,
        "why": dict(one.why),
    }
