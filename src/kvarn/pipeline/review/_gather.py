"""Everything that the review of a candidate says, as data: the same of the same candidate, whenever and wherever it is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kvarn import analyse, evaluate, metadata
from kvarn.analyse.disclosure.memory.kept import pattern_hash
from kvarn.analyse.disclosure.memory.out import Event
from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.base.damaged import damage_told, kept_json
from kvarn.disseminate.recorded import RECORD
from kvarn.disseminate.stage import correction_notice
from kvarn.edition import Edition
from kvarn.errors import KvarnError, ReleaseError
from kvarn.pipeline.checking import report as findings_report
from kvarn.pipeline.comparison import Published, find_publication
from kvarn.pipeline.examining import Check, checks_of, released_as_it_is
from kvarn.pipeline.history import earlier_releases, history_of
from kvarn.pipeline.production import Production
from kvarn.pipeline.review._figures import compared_with, year_on_year
from kvarn.pipeline.review._made_from import new_since
from kvarn.pipeline.unreleased import unreleased

__all__ = ["gather"]

_DELIVERIES = "deliveries-by-year"
_COVERAGE = ("files_due", "files_accepted", "files_rejected", "files_missing", "unit_non_response", "row_rejection_rate")
_MONTHS = 12


def gather(production: Production) -> dict[str, Any]:
    """What the assurer reads of a candidate: nothing but what is kept of it, of what is out, and of the sources.

    Raises
    ------
    ReleaseError
        There is no candidate, or the edition has been released already.
    InputError
        What is kept of the candidate, or the release history, cannot be read or is not whole.
    """
    work, edition = production.workspace, production.edition
    if released_as_it_is(production) is not None:
        raise ReleaseError(
            f"The edition {work.name} has been released already, just as it is here.",
            where=str(work.publication),
            remedy="A review is of a candidate. What was reviewed before the release is kept with it, in restricted/releases.",
        )
    now = find_publication(str(work.publication), work.root)
    released = earlier_releases(work, edition)
    return {
        "edition": work.name,
        "title": {language: edition.publication.title.label(language) for language in edition.languages},
        "reference_year": edition.reference_year,
        "stage": edition.stage,
        "synthetic": edition.synthetic,
        "published": edition.publication.published.isoformat(),
        "record_sha256": hashlib.sha256((work.publication / RECORD).read_bytes()).hexdigest(),
        "pattern_sha256": pattern_hash(work.disclosure_memory),
        **_correction(edition),
        "examination": [_asked(check) for check in checks_of(production)],
        "compared_with": compared_with(released, now, work, edition),
        "year_on_year": year_on_year(work.publication / "data", edition),
        "findings": _findings(production),
        "disclosure": _disclosure(production),
        "coverage": _coverage(production),
        "new": new_since(released[0] if released else None, production, now),
        "wall": _wall(now),
        "attack": _attack(production),
    }


def _correction(edition: Edition) -> dict[str, Any]:
    """The notice of an edition that corrects another, as readers have it."""
    if edition.correction is None:
        return {}
    return {"correction": {language: correction_notice(edition, language) for language in edition.languages}}


def _asked(check: Check) -> dict[str, Any]:
    """A check with its result. What cannot even be asked, as something before it is wrong, has not passed."""
    try:
        check.run()
    except KvarnError as error:
        return {"asked": check.asked, "passed": False, "said": error.what}
    return {"asked": check.asked, "passed": True, "said": ""}


def _findings(production: Production) -> dict[str, Any]:
    known = findings_report(production, checked=True)
    judged = known.judged
    return {
        "awaiting": [{"what": one.what, "where": one.where, "at": one.at, "said": one.said} for one, _ in judged.awaiting],
        "accepted": [
            {
                "what": finding.what,
                "where": finding.where,
                "at": finding.at,
                "said": finding.said,
                "why": one.why,
                "by": one.by,
                "readers_see": None if one.shown is None else {"sv": one.shown.sv, "en": one.shown.en},
            }
            for finding, one in judged.accepted
        ],
        "told": [one.said for one in judged.told],
        "not_found_any_more": [{"what": one.what, "where": one.where, "at": one.at} for one in judged.unmatched],
        "besides": list(known.lines),
    }


def _disclosure(production: Production) -> dict[str, Any]:
    work = production.workspace
    file = work.disclosure_report
    if not file.is_file():
        return {"not_known": "The officer's report is not there: make the edition again, with kvarn publish."}
    with damage_told(file):
        told: Mapping[str, Any] = kept_json(file)
        return {
            "rules": told["rules"],
            "weaker_than_the_floor": told["weaker_than_the_floor"],
            "floor_lower_than_the_default": told["floor_lower_than_the_default"],
            "in_all": {key: value for key, value in told["public_description"].items() if key not in ("sv", "en")},
            "by_reason": {key: told["system"][key] for key in ("primary", "secondary", "hidden_differences")}
            if "system" in told
            else {},
            "tables": {name: _plain(of) for name, of in told["tables"].items()},
            "narrowest_interval": told.get("narrowest_interval"),
            "audit": told["audit_of_what_was_written"],
            "residual_risk": told.get("residual_risk", []),
            # The two methods call it otherwise.
            "published_otherwise_before": [
                cell
                for key in ("revised_since_earlier_editions", "published_otherwise_by_earlier_editions")
                for cell in told.get(key, ())
            ],
            "computable_by_someone_alone_in_a_cell": told.get("computable_by_someone_alone_in_a_cell", []),
            "protected_together_with": [_named(one) for one in history_of(work, production.edition).as_it_stood],
            "not_released_beside": list(unreleased(work, production.edition).said),
        }


def _plain(of_table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in of_table.items() if not isinstance(value, Mapping)}


def _named(one: Event) -> str:
    if isinstance(one, Release):
        return f"the edition {one.edition}, number {one.number} of the release history"
    return f"the order {one.order}, delivery {one.number}"


def _coverage(production: Production) -> dict[str, Any]:
    """Unit non-response by year and type of file, and the municipalities of which months are lacking."""
    work, edition = production.workspace, production.edition
    if _DELIVERIES not in {table.name for table in metadata.tables()}:
        return {"not_known": f"The programme has no table {_DELIVERIES}."}
    as_of = edition.data.as_of
    table = evaluate.deliveries_by_year(evaluate.read_collection(work.collected, edition.years), edition.years, as_of=as_of)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for year, kind, measure, value in table[["year", "file_type", "measure", "value"]].itertuples(index=False, name=None):
        row = rows.setdefault((int(year), kind), {"year": int(year), "file_type": kind})
        if measure in _COVERAGE:
            row[measure] = value
    return {"by_year": list(rows.values()), "months_lacking": list(_lacking(production))}


def _lacking(production: Production) -> Iterator[dict[str, Any]]:
    """The municipalities without an accepted file of each month of the edition's year, by type of file."""
    edition = production.edition
    year = edition.reference_year
    files = analyse.accepted_files(production.workspace.collected, edition.years)
    due = set(range(1, _MONTHS + 1)) - set(edition.incomplete_months(year))
    for kind in sorted({kind for kind, of_year, _ in files.months if of_year == year}):
        for municipality in sorted(metadata.valid_codes("municipality", year)):
            lacking = sorted(due - files.months.get((kind, year, municipality), frozenset()))
            if lacking:
                yield {"file_type": kind, "municipality": municipality, "months": _joined(lacking)}


def _joined(months: Sequence[int]) -> str:
    return "all" if len(months) == _MONTHS else ", ".join(map(str, months))


def _wall(now: Published) -> str:
    """Which wall stood around the notebooks, as the record says."""
    return str(now.record.get("#notebook-wall", {}).get("value", "not known: the record does not say"))


def _attack(production: Production) -> dict[str, Any] | None:
    """What was read back of the finished publication, and what was asked of it."""
    file = production.workspace.restricted / "attack.json"
    if not file.is_file():
        return None
    with damage_told(file):
        told: Mapping[str, Any] = kept_json(file)
        return {
            "cells_read": dict(told["cells_read"]),
            **{key: value for key, value in told.items() if isinstance(value, int | float)},
        }
