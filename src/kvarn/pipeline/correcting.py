"""An edition that corrects one that is out: its parameters, and whether its notice says what has changed."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.analyse.disclosure.memory.releases import PARAMETERS, Reversion
from kvarn.base.files import replace_file
from kvarn.edition import Notice, Workspace, WrittenParameters, correct_edition, project_root
from kvarn.errors import EditionError, ReleaseError
from kvarn.pipeline.comparison import TableChange, compare_table
from kvarn.pipeline.production import Production
from kvarn.pipeline.versions import Versions, as_released, released_edition, require_as_released, versions_of

__all__ = ["begin_correction", "check_correction", "corrected_versions", "correction_state", "require_correction"]

_SHOWN = 5


def begin_correction(params: Path) -> WrittenParameters:
    """Write the parameters of an edition that corrects what is in front of a publication, beside those of `params`.

    Parameters
    ----------
    params
        The parameters of any of its versions.

    Raises
    ------
    ReleaseError
        It is not released, or a correction of it has been begun and is not released.
    EditionError
        They cannot be carried over.
    """
    if not params.is_file():
        raise EditionError("There is no such edition.", file=params, remedy="Give the parameters of one: ls params lists them.")
    work = Workspace(project_root(params.parent), params.stem)
    versions = versions_of(work, work.name)
    if versions is None:
        before = " --already-out." if (work.publication / "index.html").is_file() else "."
        raise ReleaseError(
            f"The edition {work.name} has not been released, so that there is nothing to correct.",
            where=str(params),
            remedy="What is not out is changed as it is: edit its parameters and run kvarn publish. If it is out, enter it "
            f"first, with kvarn release {params}{before}",
        )
    released = {one.edition for one in versions.every}
    own = re.compile(rf"{re.escape(versions.name)}-corrected(-\d+)?")
    begun = [one for one in sorted(params.parent.glob("*.yml")) if own.fullmatch(one.stem) and one.stem not in released]
    if begun:
        raise ReleaseError(
            f"A correction of {versions.name} has been begun, and is not released: {begun[0].name}.",
            where=str(begun[0]),
            remedy="Go on with it; or take that file away, and begin another.",
        )
    front = versions.front
    edition = released_edition(front)
    return correct_edition(
        front.folder / PARAMETERS,
        params.parent / f"{_free(work, versions)}.yml",
        corrects=front.edition,
        since=edition.publication.published,
        preliminary=edition.provisional,
    )


def _free(work: Workspace, versions: Versions) -> str:
    """The next name that nothing has yet."""
    number = 1
    while True:
        name = f"{versions.name}-corrected" + ("" if number == 1 else f"-{number}")
        if versions_of(work, name) is None and not Workspace(work.root, name).publication.exists():
            return name
        number += 1


def corrected_versions(work: Workspace, notice: Notice) -> Versions | None:
    """The versions of what an edition corrects, as they stand, or stood when it was released."""
    return versions_of(work, notice.corrects, before=work.name)


def require_correction(production: Production) -> None:
    """See that an edition corrects what is in front, and that its notice can be true.

    Raises
    ------
    EditionError
        It does not; the error names the key.
    """
    edition, params = production.edition, production.params
    notice = edition.correction
    if notice is None:
        return

    def wrong(what: str, key: str, remedy: str) -> EditionError:
        return EditionError(what, file=params, key=f"correction.{key}", remedy=remedy)

    versions = corrected_versions(production.workspace, notice)
    if versions is None:
        raise wrong(
            f"The edition {notice.corrects} is not in the release history, so that nothing of it can be corrected.",
            "corrects",
            "Name an edition that kvarn release --history lists; kvarn correct writes it.",
        )
    front = versions.front
    if front.edition != notice.corrects:
        raise wrong(
            f"This corrects {notice.corrects}, and what is in front of the publication {versions.name} now is {front.edition}.",
            "corrects",
            f"Begin anew, with kvarn correct params/{versions.name}.yml: it takes what is in front.",
        )
    before = released_edition(front)
    if before.reference_year != edition.reference_year or before.synthetic != edition.synthetic:
        raise wrong(
            f"The edition {notice.corrects} is about {before.reference_year}"
            f"{', and synthetic' if before.synthetic and not edition.synthetic else ''}: this one cannot correct it.",
            "corrects",
            "A correction has the reference year, and the kind of data, of what it corrects.",
        )
    if before.provisional != notice.preliminary:
        state = "preliminary" if before.provisional else "final"
        raise wrong(
            f"The figures of {notice.corrects} are {state}, and the correction says otherwise.",
            "preliminary",
            f"Write preliminary: {str(before.provisional).lower()}. A final edition after a preliminary one is no correction.",
        )
    days = [one.published for one in versions.every]
    if notice.since.isoformat() not in days:
        raise wrong(
            f"Nothing of this publication was published on {notice.since}.",
            "since",
            f"Write the day of the first version that was wrong: {', '.join(dict.fromkeys(days))}.",
        )
    known = {table.name for table in metadata.tables()}
    known |= {
        Path(file).stem for one in versions.every for file in one.files if file.startswith("data/") and file.endswith(".csv")
    }
    if unknown := next((name for name in notice.tables if name not in known), None):
        near = difflib.get_close_matches(unknown, sorted(known), n=1)
        raise wrong(
            f"There is no table {unknown!r}, now or in what is corrected.",
            "tables",
            f"Do you mean {near[0]}?" if near else "Name tables of programme/tables.yml.",
        )
    if edition.publication.published.isoformat() < max(days):
        raise EditionError(
            f"The correction is published before another version of {versions.name}, which was on {max(days)}.",
            file=params,
            key="publication.published",
            remedy="Write the day of the correction.",
        )


def correction_state(production: Production) -> str:
    """What changes when another version is in front, or one is not here as it was released."""
    notice, work = production.edition.correction, production.workspace
    versions = None if notice is None else corrected_versions(work, notice)
    if versions is None:
        return "nothing"
    found = as_released(work, versions.front, versions)
    told = (*(one.digest for one in (*versions.every, *versions.since)), found is not None)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def check_correction(production: Production) -> None:
    """Hold the notice to what has changed of the tables since what it corrects, and keep what readers are told of that.

    Raises
    ------
    ReleaseError
        The notice leaves a table out that has changed, or names one that has not; or what it corrects does not lie here as it was
        released.
    """
    notice, work = production.edition.correction, production.workspace
    assert notice is not None
    versions = corrected_versions(work, notice)
    assert versions is not None
    changes = {one.table: one for one in _tables(work, versions) if one.changes or one.kind != "both"}
    named = set(notice.tables)
    left_out, untouched = sorted(changes.keys() - named), sorted(named - changes.keys())
    if left_out or untouched:
        said = []
        if left_out:
            said.append(f"it leaves out {_listed(_counted(changes[name]) for name in left_out)}")
        if untouched:
            said.append(f"it names {_listed(untouched)}, of which no figure differs from what is out")
        raise ReleaseError(
            f"The correction notice does not say which tables have changed: {'; '.join(said)}.",
            where=f"{production.params}, correction.tables",
            remedy=f"Write tables: [{', '.join(sorted(changes))}]; or mend what has changed and should not have. "
            "kvarn compare tells of each cell, once there is a candidate.",
        )
    told = {
        "version": len(versions.every) + 1,
        "tables": {name: {"kind": changes[name].kind, "cells": len(changes[name].changes)} for name in notice.tables},
        "earlier": list(_earlier(versions)),
    }
    replace_file(work.correction, (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())


def _listed(names: Iterator[str] | list[str]) -> str:
    every = list(names)
    return ", ".join(every[:_SHOWN]) + (" …" if len(every) > _SHOWN else "")


def _counted(one: TableChange) -> str:
    if one.kind != "both":
        return f"{one.table} ({'new' if one.kind == 'new' else 'gone' if one.kind == 'gone' else 'classified otherwise'})"
    return f"{one.table} ({len(one.changes)} cell{'' if len(one.changes) == 1 else 's'})"


def _tables(work: Workspace, versions: Versions) -> list[TableChange]:
    """What became of each table, from what is corrected to what the edition shows."""
    before = require_as_released(work, versions.front, versions) / "data"
    old, new = ({path.stem: path for path in sorted(folder.glob("*.csv"))} for folder in (before, work.protected))
    published = {table.name for table in metadata.tables()} | old.keys()
    return [compare_table(name, old.get(name), new.get(name)) for name in sorted((old.keys() | new.keys()) & published)]


def _earlier(versions: Versions) -> Iterator[dict[str, Any]]:
    """What was corrected before, and what was put back, in order."""
    for one in versions.since:
        if isinstance(one, Reversion):
            yield {"made": one.made, "what": dict(one.why), "edition": one.edition, "put_back": True}
            continue
        edition = released_edition(one)
        assert edition.correction is not None
        yield {
            "made": edition.publication.published.isoformat(),
            "what": edition.correction.what.model_dump(),
            "edition": one.edition,
            "put_back": False,
        }
