"""The terms on which deliveries are taken in: the same for `kvarn intake` and for an edition."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from kvarn import metadata
from kvarn.collect import Terms, ValidCodes, layouts, read_deaths

__all__ = ["not_imported", "terms_of"]


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
    """The codes that are right each year (the official lists that were imported, else kvarn's own), and the limits.

    Parameters
    ----------
    root
        The project's root: the other paths are relative to it.
    listed, listed_for
        A further official KVÅ list beside those that were imported, and the year that it is for.
    deaths
        Known dates of death (``identity_number,died``).

    Raises
    ------
    CodeListError, InputError
        A list cannot be read.
    """
    further = metadata.read_codelist(root / listed, "procedure") if listed is not None else ()

    @functools.cache
    def codes(year: int) -> ValidCodes:
        professions = metadata.codelist("profession", year).rows
        added = {row["code"] for row in further} if year == listed_for else set()
        unchecked = [part for part in metadata.parts_not_imported(year) if not any(map(part.form.fullmatch, added))]
        return ValidCodes(
            municipalities=metadata.valid_codes("municipality", year),
            professions=frozenset(row["code"] for row in professions if row.get("accepted") == "true"),
            professions_not_accepted=frozenset(row["code"] for row in professions if row.get("accepted") == "false"),
            procedures=metadata.valid_codes("procedure", year) | added,
            unchecked=tuple(part.form.pattern for part in unchecked),
            reserve_numbers=reserve_numbers,
        )

    return Terms(
        codes,
        share_limit=share_limit,
        deaths=read_deaths(root / deaths) if deaths is not None else None,
        synthetic=synthetic,
        version=version,
    )


def not_imported(terms: Terms, years: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The years with procedures whose KVÅ has not been imported, or not the whole of it, and what is missing.

    Returns
    -------
    dict
        For such a year ``KVÅ``, or the part of it that is missing: ``KKÅ`` or ``KMÅ``.
    """
    found = {}
    for year in sorted(set(years)):
        forms = terms.codes(year).unchecked if year >= layouts()["KHSL2"].first_year else ()
        missing = tuple(part.name for part in metadata.KVA_PARTS if part.form.pattern in forms)
        if missing:
            found[year] = ("KVÅ",) if len(missing) == len(metadata.KVA_PARTS) else missing
    return found
