"""The terms on which deliveries are taken in: the same for `kvarn intake` and for an edition."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kvarn import metadata
from kvarn.collect import FewerRows, Terms, ValidCodes, layouts, read_deaths
from kvarn.edition import Quality, project_root
from kvarn.errors import CodeListError, EditionError
from kvarn.programme import current_programme

__all__ = ["Limits", "fewer_rows_of", "limits_of", "not_imported", "project_of", "terms_of"]

_PARAMS = "params"


class Limits(NamedTuple):
    """By which limits a register's deliveries are judged, and which edition says so (None: kvarn's defaults)."""

    quality: Quality
    edition: Path | None


def project_of(store: Path) -> Path | None:
    """The project that a register lies in; else the one that the current folder lies in, if any."""
    for start in (store.absolute(), Path.cwd()):
        try:
            return project_root(start)
        except EditionError:
            continue
    return None


def limits_of(store: Path, root: Path | None) -> Limits:
    """The limits (``quality``) of the editions that take their deliveries from a register (``data.intake``): of the latest year.

    Raises
    ------
    EditionError
        The limits of such an edition are none, or two editions of that year have different ones.
    """
    found: list[tuple[int, Path, Quality]] = []
    for file in sorted((root / _PARAMS).glob("*.yml")) if root is not None else ():
        values = _values(file)
        data = values.get("data")
        taken = data.get("intake") if isinstance(data, dict) else None
        if isinstance(taken, str) and root is not None and (root / taken).resolve() == store.resolve():
            year = values.get("reference_year")
            found.append((year if isinstance(year, int) else 0, file, _quality(file, values)))
    if not found:
        return Limits(Quality(), None)
    last = max(year for year, _, _ in found)
    of_last = [(file, quality) for year, file, quality in found if year == last]
    for file, quality in of_last[1:]:
        if quality != of_last[0][1]:
            raise EditionError(
                f"Two editions of this register have different limits for {last}: {of_last[0][0].name} and {file.name}.",
                file=file,
                key="quality",
                remedy="Give both the same limits: a delivery is judged once.",
            )
    return Limits(of_last[0][1], of_last[0][0])


def _values(file: Path) -> dict[str, Any]:
    """What an edition's file holds; nothing where it is none: the edition itself says what is wrong with it."""
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return values if isinstance(values, dict) else {}


def _quality(file: Path, values: dict[str, Any]) -> Quality:
    try:
        return Quality.model_validate(values.get("quality") or {})
    except ValueError:
        raise EditionError(
            "The limits of intake are not as they should be.",
            file=file,
            key="quality",
            remedy="Correct rejected_rows and fewer_rows (shares from 0 to 1), fewer_rows_least (a whole number from 1) and "
            "reserve_numbers (true or false).",
        ) from None


def fewer_rows_of(quality: Quality) -> FewerRows:
    """From where on a delivery holds far fewer rows than before."""
    return FewerRows(quality.fewer_rows, quality.fewer_rows_least)


def _further_procedures(root: Path, listed: Path) -> tuple[Mapping[str, str], ...]:
    """The list that ``data.procedures`` names, by the name that it has there."""
    try:
        return metadata.read_codelist(root / listed, "procedure")
    except CodeListError as error:
        file = listed if error.file == root / listed else error.file
        raise CodeListError(error.what, file=file, line=error.line, field=error.field, remedy=error.remedy) from None


def terms_of(
    root: Path,
    *,
    quality: Quality,
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
    quality
        The limits, as the edition has them.
    listed, listed_for
        A further official KVÅ list beside those that were imported, and the year that it is for.
    deaths
        Known dates of death (``identity_number,died``).

    Raises
    ------
    CodeListError, InputError
        A list cannot be read.
    """
    known = tuple(layouts().values())
    further = _further_procedures(root, listed) if listed is not None else ()

    @functools.cache
    def codes(year: int) -> ValidCodes:
        found = ValidCodes(
            municipalities=metadata.valid_codes("municipality", year),
            reserve_numbers=quality.reserve_numbers,
            listed={field.codelist: metadata.valid_codes(field.codelist, year) for one in known for field in one.listed},
        )
        if current_programme().about.events is None:
            return found
        professions = metadata.codelist("profession", year).rows
        added = {row["code"] for row in further} if year == listed_for else set()
        # A few codes more are no list: what is on none of them cannot be called wrong.
        unchecked = [part for part in metadata.parts_not_imported(year) if not metadata.whole_enough(part, added)]
        return replace(
            found,
            professions=frozenset(row["code"] for row in professions if row.get("accepted") == "true"),
            professions_not_accepted=frozenset(row["code"] for row in professions if row.get("accepted") == "false"),
            procedures=metadata.valid_codes("procedure", year) | added,
            unchecked=tuple(part.form.pattern for part in unchecked),
        )

    return Terms(
        codes,
        share_limit=quality.rejected_rows,
        fewer_rows=fewer_rows_of(quality),
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
        forms = terms.codes(year).unchecked if current_programme().about.has_events(year) else ()
        missing = tuple(part.name for part in metadata.KVA_PARTS if part.form.pattern in forms)
        if missing:
            found[year] = ("KVÅ",) if len(missing) == len(metadata.KVA_PARTS) else missing
    return found
