"""Reading the code lists of the programme: a mistake in one is said with its file, line and field."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kvarn.base.files import line_that_is_no_text
from kvarn.errors import CodeListError
from kvarn.metadata._levels import check_levels

__all__ = ["chapters_in", "rows_of_own_list"]

_NEEDED = ("code", "sv", "en")
_COLUMNS = ("code", "parent", "sv", "en", "valid_from", "valid_to")
_OF_LIST = {"age": ("from_age", "to_age"), "procedure": ("kind", "group", "professions"), "profession": ("accepted",)}
# What disclosure control knows of these beside their list it knows of one level: who is counted once over professions, and which
# kinds and groups contain a procedure.
_OF_ONE_LEVEL = ("procedure", "profession", "cooperation", "continuity", "sex", "kind", "procedure-group", "month", "weekday")
# What is counted comes with these codes, so that a list has just them, by whatever names, and perhaps a whole.
_COUNTED_BY: Mapping[str, Sequence[str]] = {
    "sex": ("1", "2"),
    "month": [f"{month:02}" for month in range(1, 13)],
    "weekday": "1234567",
    "cooperation": ("single", "joint"),
    "continuity": ("new", "continuing", "unknown"),
}
_YEAR, _DAY = len("2019"), len("2019-01-31")
_CHAPTERS = "procedure-chapter"
_OF_CHAPTERS = ("prefix", "kind", "group")
_AS_CSV = "Save it as CSV in UTF-8."


def rows_of_own_list(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of ``<name>.csv`` in a programme's folder of code lists, in the order of the file.

    Raises
    ------
    CodeListError
        There is no such list, it lacks a column or has one of another list, a row has other fields than the headings, a code is
        empty, there twice or without its Swedish title, a validity is none, the levels do not divide one another
        (`check_levels`), or the list is of what kvarn tells apart (sex, months) and has other codes.
    """
    file = folder / f"{name}.csv"
    # A notebook may read the lists, and not the folder that they lie in.
    if not os.path.isfile(file):
        known = sorted(one.stem for one in folder.glob("*.csv"))
        raise CodeListError(f"There is no code list named {name!r}.", file=file, remedy=f"Known: {', '.join(known)}, region.")
    rows: list[dict[str, str]] = []
    lines: dict[str, int] = {}
    for line, row in _rows(file, _NEEDED):
        _require_new(row["code"], "code", lines, file, line)
        _require_said(row, ("code", "sv"), file, line)
        _require_validity(row, file, line)
        if not rows:
            _require_known_columns(name, row, file)
        rows.append(row)
    check_levels(name, rows, lines, file, one=name in _OF_ONE_LEVEL)
    _require_counted(name, lines, file)
    return rows


def _require_counted(name: str, lines: Mapping[str, int], file: Path) -> None:
    """A list of what kvarn itself tells apart has a row for all that there is, and for nothing else."""
    counted = _COUNTED_BY.get(name)
    if counted is None:
        return
    missing = [code for code in counted if code not in lines]
    if missing:
        remedy = f"Write a row for each of {', '.join(counted)}; a table need not show them all (`categories`)."
        raise CodeListError(f"The list has no code {missing[0]!r}.", file=file, line=1, field="code", remedy=remedy)
    further = [code for code in lines if code not in (*counted, "T")]
    if further:
        what = f"Nothing is counted by the code {further[0]!r}."
        remedy = f"Take it out: the codes are {', '.join(counted)}, and T for all of them."
        raise CodeListError(what, file=file, line=lines[further[0]], field="code", remedy=remedy)


def _require_validity(row: Mapping[str, str], file: Path, line: int) -> None:
    """From and to are years or days, and in that order."""
    limits = {name: row.get(name, "") for name in ("valid_from", "valid_to")}
    for name, said in limits.items():
        if said and not _is_day(said):
            what = f"{said!r} is no year and no day."
            raise CodeListError(what, file=file, line=line, field=name, remedy="Write 2019 or 2019-01-31, or nothing.")
    first, last = limits.values()
    # A year ends with its last day.
    if first and last and first[: len(last)] > last:
        what = f"The code ends ({last}) before it begins ({first})."
        raise CodeListError(what, file=file, line=line, field="valid_to", remedy="Correct valid_from or valid_to.")


def _is_day(said: str) -> bool:
    try:
        dt.date.fromisoformat(f"{said}-01-01" if len(said) == _YEAR else said)
    except ValueError:
        return False
    return len(said) in (_YEAR, _DAY) and said.isascii()


def _require_known_columns(name: str, row: Mapping[str, str], file: Path) -> None:
    """No list has a column of another one: it would mean there what it means in that one."""
    known = (*_COLUMNS, *_OF_LIST.get(name, ()))
    further = [column for column in row if column not in known]
    if further:
        remedy = f"Take it out; the list can have {', '.join(known)}."
        raise CodeListError(f"The list has a column {further[0]!r}.", file=file, line=1, field=further[0], remedy=remedy)


def chapters_in(folder: Path) -> dict[str, tuple[str, str]]:
    """The kind and the group of procedures by the first letters of their codes (``procedure-chapter.csv``).

    Raises
    ------
    CodeListError
        The file cannot be read, a row says no kind or group, some letters are there twice, or nothing is said of all other codes.
    """
    file = folder / f"{_CHAPTERS}.csv"
    found: dict[str, tuple[str, str]] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(file, _OF_CHAPTERS):
        _require_new(row["prefix"], "prefix", lines, file, line)
        _require_said(row, ("kind", "group"), file, line)
        found[row["prefix"]] = (row["kind"], row["group"])
    if "" not in found:
        remedy = "Begin a row with a comma: ,other,other."
        raise CodeListError("No row says what the codes are that no prefix names.", file=file, field="prefix", remedy=remedy)
    return found


def _rows(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their lines."""
    line = 1
    try:
        with file.open(encoding="utf-8-sig", newline="") as written:
            reader = csv.DictReader(written, strict=True)
            missing = [column for column in needed if column not in (reader.fieldnames or ())]
            if missing:
                what = f"The list has no column {missing[0]!r}."
                remedy = f"Its first line is {','.join(needed)} and the further columns."
                raise CodeListError(what, file=file, line=1, remedy=remedy)
            for row in reader:
                line = reader.line_num
                if None in row or None in row.values():
                    what = "The row has more fields than headings." if None in row else "The row has fewer fields than headings."
                    remedy = "Put a title that holds a comma in quotation marks, and give every column its comma."
                    raise CodeListError(what, file=file, line=line, remedy=remedy)
                yield line, row
    except OSError as error:
        raise CodeListError(f"The list cannot be read: {error.strerror}.", file=file, remedy="Restore it from git.") from None
    except UnicodeDecodeError:
        line = line_that_is_no_text(file) or line + 1
        raise CodeListError("The list is not text in UTF-8.", file=file, line=line, remedy="Save it as CSV in UTF-8.") from None
    except csv.Error as error:
        what = f"The list cannot be read: {error}."
        raise CodeListError(what, file=file, line=line + 1, remedy="Save it as CSV in UTF-8.") from None
    if line == 1:
        raise CodeListError("The list has no code.", file=file, line=1, remedy="Write each code on a line below the headings.")


def _require_new(code: str, field: str, lines: dict[str, int], file: Path, line: int) -> None:
    if code in lines:
        remedy = f"Keep one; the first is on line {lines[code]}."
        raise CodeListError(f"The {field} {code!r} is there twice.", file=file, line=line, field=field, remedy=remedy)
    lines[code] = line


def _require_said(row: dict[str, str], fields: Sequence[str], file: Path, line: int) -> None:
    for field in fields:
        if not row[field].strip():
            raise CodeListError(f"The field {field} is empty.", file=file, line=line, field=field, remedy="Write it.")
