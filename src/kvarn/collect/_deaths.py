"""Known dates of death, against which care is checked."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_deaths"]

_REMEDY = "Write a header and then rows such as 194002290022,2023-03-31: 12 digits, a comma, the date (docs/deliveries.md)."
_DIGITS = 12
_HEADER = ["identity_number", "died"]


def read_deaths(path: Path) -> pa.Table:
    """Known dates of death, from a CSV file with the header ``identity_number,died``.

    Returns
    -------
    pyarrow.Table
        ``identity_number`` (12 digits), ``date`` (of death); sorted, one row a person.

    Raises
    ------
    InputError
        The file cannot be read, its first line is not the header, a row is not an identity number and a date, or a person stands
        twice. The message names the line and never the number.
    """
    found: dict[str, dt.date] = {}
    number = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            _require_header(path, next(rows, []))
            for row in rows:
                number = rows.line_num
                if not row:
                    continue
                who, died = row[0].strip(), dt.date.fromisoformat(row[1].strip())
                if len(who) != _DIGITS or not who.isdecimal() or who in found:
                    raise ValueError
                found[who] = died
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"The dates of death cannot be read: {error.strerror}.", file=path, remedy=_REMEDY) from None
    except UnicodeDecodeError:
        raise InputError("The dates of death are not text in UTF-8.", file=path, remedy=_REMEDY) from None
    except (IndexError, ValueError, csv.Error):
        raise InputError(
            "The row is not an identity number and a date of death, or the person stands on an earlier line.",
            file=path,
            line=number,
            field="identity_number, died",
            remedy=_REMEDY,
        ) from None
    import pyarrow as pa

    ordered = sorted(found.items())
    schema = pa.schema([("identity_number", pa.string()), ("date", pa.date32())])
    return pa.table([[who for who, _ in ordered], [died for _, died in ordered]], schema=schema)


def _require_header(path: Path, row: list[str]) -> None:
    """A file without one would lose its first person."""
    if [one.strip() for one in row] != _HEADER:
        what = f"The first line is not the header {','.join(_HEADER)}."
        raise InputError(what, file=path, line=1, remedy=f"Write {','.join(_HEADER)} on the first line.")
