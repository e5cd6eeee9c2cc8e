"""Which files an edition's population is in: files, folders and patterns, in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from kvarn.errors import CodeListError

__all__ = ["POPULATION", "POPULATION_RECORD", "population_files"]

# Where a project keeps the populations that `kvarn population` has imported.
POPULATION = Path("params/population")
# The record beside an imported population. Not plain .json: a JSON-stat file in the same folder is a population.
POPULATION_RECORD = ".record.json"

_TYPES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".px", ".json", ".jsonstat"})
_PATTERN = frozenset("*?[")
_MOST_FILES = 1_000


def population_files(root: Path, given: Path | str | Sequence[Path | str]) -> tuple[Path, ...]:
    """The population files that are meant, each once, in order of name within each folder and pattern.

    Parameters
    ----------
    root
        What relative paths are relative to.
    given
        A file, a folder (every CSV, TSV, TXT, XLSX, PX and JSON file in it) or a pattern (``population/*.csv``), or several.

    Raises
    ------
    CodeListError
        A folder or a pattern has no file. (A single file that is not there is for its reader to miss.)
    """
    found: dict[str, Path] = {}
    for one in [given] if isinstance(given, Path | str) else given:
        path = root / one
        if path.is_dir():
            here = [file for file in path.iterdir() if _is_population(file)]
        elif not path.exists() and _PATTERN.intersection(str(one)):
            here = [file for file in _matching(path) if _is_population(file)]
        else:
            here = [path]
        if not here:
            what = "no population file" if path.is_dir() else "nothing"
            raise CodeListError(
                f"There is {what} at {one}.",
                file=one,
                remedy="Give a file, a folder of files (CSV, XLSX, PX, JSON-stat), or a pattern such as population/*.csv.",
            )
        for file in sorted(here):
            # The same file by another way is the same file.
            found.setdefault(os.path.realpath(file), file)
    if not found or len(found) > _MOST_FILES:
        number = f"{len(found):,} files are too many" if found else "No file is given"
        raise CodeListError(f"{number} for a population.", remedy="Give the files of the population, and no others.")
    return tuple(found.values())


def _matching(path: Path) -> list[Path]:
    anchor = Path(path.anchor) if path.anchor else Path()
    try:
        return list(anchor.glob(str(path.relative_to(anchor))))
    except (ValueError, OSError, NotImplementedError):
        return []


def _is_population(file: Path) -> bool:
    visible = not file.name.startswith((".", "~"))
    return visible and file.suffix.lower() in _TYPES and not file.name.endswith(POPULATION_RECORD) and file.is_file()
