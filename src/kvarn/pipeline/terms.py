"""The terms on which deliveries are taken in: the same for `kvarn intake` and for an edition."""

from __future__ import annotations

import csv
import functools
import re
from pathlib import Path

from kvarn import metadata
from kvarn.collect import Terms, ValidCodes, read_deaths
from kvarn.errors import CodeListError

__all__ = ["terms_of"]

_KVA = re.compile(r"[A-Z]{2}[A-Z0-9]\d{2}")


def terms_of(
    root: Path,
    *,
    share_limit: float = 0.05,
    reserve_numbers: bool = False,
    listed: Path | None = None,
    listed_for: int | None = None,
    deaths: Path | None = None,
    synthetic: bool = False,
    version: str = "",
) -> Terms:
    """The codes that are right each year, and the limits.

    Parameters
    ----------
    root
        The project's root: the other paths are relative to it.
    listed, listed_for
        A further official KVÅ list, and the year that it is for.
    deaths
        Known dates of death (``identity_number,died``).

    Raises
    ------
    CodeListError, InputError
        A list cannot be read.
    """
    further = _official_procedures(root / listed) if listed is not None else None

    @functools.cache
    def codes(year: int) -> ValidCodes:
        professions = metadata.codelist("profession").rows
        return ValidCodes(
            municipalities=frozenset(metadata.codelist("region").leaves),
            professions=frozenset(row["code"] for row in professions if row.get("accepted") == "true"),
            professions_not_accepted=frozenset(row["code"] for row in professions if row.get("accepted") == "false"),
            procedures=further if further is not None and year == listed_for else metadata.valid_procedures(year),
            reserve_numbers=reserve_numbers,
        )

    return Terms(
        codes,
        share_limit=share_limit,
        deaths=read_deaths(root / deaths) if deaths is not None else None,
        synthetic=synthetic,
        version=version,
    )


def _official_procedures(path: Path) -> frozenset[str]:
    """The codes of an official KVÅ list: the first column of a CSV with a header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            codes = [row[0].strip() for row in csv.reader(lines) if row][1:]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CodeListError(
            f"The list of procedures cannot be read: {error}.", file=path, remedy="Save it as CSV in UTF-8."
        ) from None
    for line, code in enumerate(codes, 2):
        if not _KVA.fullmatch(code):
            raise CodeListError(
                f"{code!r} is not a KVÅ code.", file=path, line=line, field="code", remedy="The first column holds codes."
            )
    return frozenset(codes)
