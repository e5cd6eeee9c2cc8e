"""What an edition is made from: each path leads to something of the kind that it should be, before anything is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kvarn.base.at_once import together
from kvarn.edition._model import Edition
from kvarn.edition._population import population_files
from kvarn.edition._workspace import project_root
from kvarn.errors import CodeListError, EditionError

__all__ = ["require_sources"]


def require_sources(edition: Edition, file: Path, lines: Mapping[str, int | None], *, made: bool) -> None:
    """Make sure that everything that an edition names is there, and is a file or a folder as it should be.

    Parameters
    ----------
    made
        Whether the edition has been made already: then what it was made from need not be there any more.

    Raises
    ------
    EditionError
        Something is not there, or is a folder for a file, a file for a folder, a pipe or a device.
    """
    root = project_root(file)
    refused = []
    for key, path, wrong in _wrong_sources(edition, root):
        if wrong is None and made:
            continue
        put = "Import it (kvarn population FILE…), or " if key == "data.population" else "Put it there, or "
        demo = "`make report` makes the demonstration's; else " if edition.synthetic else put
        asked = "a file, a folder or a pattern" if key == "data.population" else "a folder" if key in _FOLDERS else "a file"
        line = lines.get(key)
        one = EditionError(
            f"There is nothing at {path}." if wrong is None else f"What is at {path} is {wrong}.",
            file=file if line else "--set",
            line=line,
            key=key,
            remedy=f"{demo}correct the path; it is relative to the project's root."
            if wrong is None
            else f"Give the path of {asked}; it is relative to the project's root.",
        )
        refused.append(one)
    if refused:
        raise together(refused)


_FOLDERS = ("data.deliveries", "data.intake")


def _wrong_sources(edition: Edition, root: Path) -> Iterator[tuple[str, Path, str | None]]:
    """Each key whose path is wrong, and what is there; None for nothing."""
    data = edition.data
    folders = {"data.deliveries": data.deliveries, "data.intake": data.intake}
    files = {"data.procedures": data.procedures, "data.deaths": data.deaths, "data.persons": data.persons}
    for key, path in (folders | files).items():
        if path is None:
            continue
        there = root / path
        if not there.exists():
            yield key, path, None
        elif key in folders and not there.is_dir():
            yield key, path, "no folder"
        elif key in files and not there.is_file():
            yield key, path, "a folder" if there.is_dir() else "no file"
    for path in data.population:
        try:
            found = population_files(root, path)
        except CodeListError:
            yield "data.population", path, None
            continue
        for there in found:
            if not there.is_file():
                yield "data.population", path, "no file that can be read" if there.exists() else None
