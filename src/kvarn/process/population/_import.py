"""Keeping downloaded populations: checked, one file a year in one layout, each with a record of what it was made from."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kvarn.base.leftovers import beside, sweep
from kvarn.base.modes import as_usual, make_usual
from kvarn.errors import CodeListError
from kvarn.process.population._cells import OLDEST, PopulationFile
from kvarn.process.population._checked import checked
from kvarn.process.population._records import record_of, record_text
from kvarn.process.population._take_in import read_population

__all__ = ["ImportedYear", "import_population"]


@dataclass(frozen=True)
class ImportedYear:
    """One year of what was read.

    Attributes
    ----------
    path
        Where it is kept; None where nothing was to be written.
    new
        Whether it was not there already, with the same figures.
    """

    year: int
    inhabitants: int
    men: int
    women: int
    municipalities: int
    path: Path | None
    new: bool


def import_population(
    files: Sequence[PopulationFile], into: Path | None, *, replace: bool = False, noise: int = 0, synthetic: bool = False
) -> tuple[ImportedYear, ...]:
    """Check populations that have been read, and keep each year as ``population-<year>.csv`` in `into`, with its record.

    The same files give the same bytes. Either every year is written or none, as far as a file system allows: each file is
    written beside its place, and all are put in place at the end.

    Parameters
    ----------
    into
        The project's ``params/population/``, or another folder; None: nothing is written.
    replace
        Whether a year that is there with other figures is replaced.
    synthetic
        Whether the figures are synthetic: the record says so, and an edition of real data refuses them.

    Raises
    ------
    CodeListError
        The population is incomplete or contradicts itself (see `read_population`), or a year is there with other figures.
    """
    frame = checked(files, whole_country=True, noise=noise)
    years = sorted(set(frame["year"].tolist()))
    sources = [(one.path.name, one.sha256, one.years) for one in files]
    written: dict[Path, tuple[str, str]] = {}
    imported = []
    for year in years:
        part = frame[frame["year"] == year]
        text = _written(part, year)
        path = None if into is None else into / f"population-{year}.csv"
        new = True
        if path is not None:
            new = not _is_there(path, part, text, replace)
            if new:
                made_from = sorted({(name, sha256) for name, sha256, held in sources if year in held})
                sha256 = hashlib.sha256(text.encode()).hexdigest()
                written[path] = (text, record_text(sha256, made_from, noise=noise, synthetic=synthetic))
        by_sex = part.groupby("sex")["population"].sum()
        municipalities = int(part["municipality"].nunique())
        total = int(part["population"].sum())
        imported.append(ImportedYear(year, total, int(by_sex[1]), int(by_sex[2]), municipalities, path, new))
    _put_in_place(written)
    return tuple(imported)


def _written(part: pd.DataFrame, year: int) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["region", "age", "sex", str(year)])
    for row in part.itertuples(index=False):
        age = f"{OLDEST}+" if row.age == OLDEST else str(row.age)
        writer.writerow([f"{row.municipality:04}", age, str(row.sex), str(row.population)])
    return text.getvalue()


def _is_there(path: Path, part: pd.DataFrame, text: str, replace: bool) -> bool:
    """Whether the year is there as it would be written; refused where it is there otherwise."""
    if not os.path.lexists(path):
        return False
    whole = record_of(path).is_file()
    try:
        same = path.read_bytes() == text.encode()
    except OSError:
        same = False
    if same and whole:
        return True
    if not same and not replace:
        raise CodeListError(
            f"The population is there already, and differs: {_difference(path, part)}.",
            file=path,
            remedy="Say --replace where the new figures are right (a correction of Statistics Sweden's). Editions that use the "
            "file are then out of date.",
        )
    return False


def _difference(path: Path, part: pd.DataFrame) -> str:
    key = ["year", "municipality", "sex", "age"]
    try:
        before = read_population(path).set_index(key)["population"]
    except CodeListError as error:
        return f"what is there cannot be read ({error.what.rstrip('.')})"
    now = part.set_index(key)["population"]
    both = pd.concat([before.rename("before"), now.rename("now")], axis=1).fillna(-1)
    number = int((both["before"] != both["now"]).sum())
    return f"{number:,} figures are others, {int(before.sum()):,} inhabitants there, {int(now.sum()):,} here"


def _put_in_place(written: dict[Path, tuple[str, str]]) -> None:
    """Write all beside their places, then rename. A record goes first: a year without its own record is refused, not read."""
    if not written:
        return
    folder = next(iter(written)).parent
    make_usual(folder)
    moves: list[tuple[Path, Path]] = []
    sweep(folder)
    parts = beside(folder / "population")
    parts.mkdir(mode=0o700)
    try:
        for path, (text, record) in written.items():
            for target, content in ((record_of(path), record), (path, text)):
                part = parts / target.name
                part.write_bytes(content.encode())
                as_usual(part)
                moves.append((part, target))
        done: list[tuple[Path, Path | None]] = []
        try:
            for part, target in moves:
                kept = parts / f"{target.name}.before" if target.is_file() else None
                if kept is not None:
                    shutil.copy2(target, kept)
                os.replace(part, target)
                done.append((target, kept))
        except OSError:
            _put_back(done)
            raise
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _put_back(done: Sequence[tuple[Path, Path | None]]) -> None:
    """What stood there before, as far as the file system allows."""
    for target, kept in reversed(done):
        with contextlib.suppress(OSError):
            if kept is None:
                target.unlink()
            else:
                os.replace(kept, target)
