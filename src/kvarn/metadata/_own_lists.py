"""Reading the code lists of this package: a mistake in one is said with its file, line and field."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

from kvarn.errors import CodeListError

__all__ = ["rows_of_own_list"]

_NEEDED = ("code", "sv", "en")


def rows_of_own_list(name: str) -> list[dict[str, str]]:
    """The rows of ``codelists/<name>.csv``, in the order of the file.

    Raises
    ------
    CodeListError
        There is no such list, it lacks a column, a row has other fields than the headings, or a code is empty, there twice or
        without its Swedish title.
    """
    file = _folder() / f"{name}.csv"
    if not file.is_file():
        known = sorted(one.name.removesuffix(".csv") for one in _folder().iterdir() if one.name.endswith(".csv"))
        raise CodeListError(f"There is no code list named {name!r}.", file=file, remedy=f"Known: {', '.join(known)}, region.")
    rows: list[dict[str, str]] = []
    lines: dict[str, int] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as written:
            reader = csv.DictReader(written, strict=True)
            missing = [column for column in _NEEDED if column not in (reader.fieldnames or ())]
            if missing:
                what = f"The list has no column {missing[0]!r}."
                raise CodeListError(what, file=file, line=1, remedy="Its first line is code,sv,en and the further columns.")
            for row in reader:
                _check(row, lines, file, reader.line_num)
                rows.append(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CodeListError(f"The list cannot be read: {error}.", file=file, remedy="Save it as CSV in UTF-8.") from None
    if not rows:
        raise CodeListError("The list has no code.", file=file, line=1, remedy="Write each code on a line below the headings.")
    return rows


def _check(row: dict[str, str], lines: dict[str, int], file: Path, line: int) -> None:
    if None in row or None in row.values():
        what = "The row has more fields than headings." if None in row else "The row has fewer fields than headings."
        remedy = "Put a title that holds a comma in quotation marks, and give every column its comma."
        raise CodeListError(what, file=file, line=line, remedy=remedy)
    code = row["code"]
    if code in lines:
        remedy = f"Keep one; the first is on line {lines[code]}."
        raise CodeListError(f"The code {code!r} is there twice.", file=file, line=line, field="code", remedy=remedy)
    for field in ("code", "sv"):
        if not row[field].strip():
            raise CodeListError(f"The field {field} is empty.", file=file, line=line, field=field, remedy="Write it.")
    lines[code] = line


def _folder() -> Path:
    return Path(str(resources.files("kvarn.metadata"))) / "codelists"
