"""The terms on which deliveries are taken in: the same for `kvarn intake` and for an edition."""

from __future__ import annotations

import functools
from pathlib import Path

from kvarn import metadata
from kvarn.collect import Terms, ValidCodes, read_deaths

__all__ = ["terms_of"]


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
    further = {row["code"] for row in metadata.read_codelist(root / listed, "procedure")} if listed is not None else set()

    @functools.cache
    def codes(year: int) -> ValidCodes:
        professions = metadata.codelist("profession", year).rows
        return ValidCodes(
            municipalities=metadata.valid_codes("municipality", year),
            professions=frozenset(row["code"] for row in professions if row.get("accepted") == "true"),
            professions_not_accepted=frozenset(row["code"] for row in professions if row.get("accepted") == "false"),
            procedures=metadata.valid_codes("procedure", year) | (further if year == listed_for else frozenset()),
            reserve_numbers=reserve_numbers,
        )

    return Terms(
        codes,
        share_limit=share_limit,
        deaths=read_deaths(root / deaths) if deaths is not None else None,
        synthetic=synthetic,
        version=version,
    )
