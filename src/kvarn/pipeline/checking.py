"""The step between the register and the notebooks: what looks wrong is told all at once, before anything is computed."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kvarn import collect, metadata
from kvarn.base.damaged import damage_told, kept_json
from kvarn.base.files import SECRET, replace_file
from kvarn.base.system_faults import refused
from kvarn.collect.safekeeping import private_folder
from kvarn.edition import Disclosure, Workspace
from kvarn.errors import FindingError, InputError, KvarnError
from kvarn.identity_numbers import without_identity_numbers
from kvarn.pipeline.findings import (
    Finding,
    Judged,
    as_parameters,
    awaiting_error,
    find,
    judge,
    population_ahead,
    value_without_ratio,
    without_care,
)
from kvarn.pipeline.production import Production
from kvarn.pipeline.terms import fewer_rows_of
from kvarn.programme import current_programme

__all__ = [
    "FOUND",
    "PASSED",
    "WITHOUT_CARE",
    "Report",
    "care_at_the_door",
    "check",
    "far_fewer_rows",
    "judged_by_check",
    "report",
    "require_right_parameters",
    "years_without_care",
]

# Written when nothing awaits an answer; always the same, so that the notebooks wait for it and nothing else makes them run again.
PASSED = "passed"
# The years in which it is accepted that persons with a procedure have no care; secret only as everything beside it is.
WITHOUT_CARE = "procedures-without-care.json"
# Every finding: the record and `kvarn status` go by it.
FOUND = "findings.json"
_PASTE = "accepted.yml"
# What there is to say of deliveries with far fewer rows, and of which state of things.
_FEWER = "fewer-rows.json"
_MOST_NAMED = 5
_FEWER_THAN = {
    "file-fewer-than-earlier": "an earlier delivery for the same month",
    "file-fewer-than-month-before": "the delivery for the month before",
}


@dataclass(frozen=True)
class Report:
    """What `kvarn status` says of findings and acceptances.

    Attributes
    ----------
    judged
        What was found, held against what is accepted.
    lines
        What there is to tell besides, a sentence each.
    error
        What a run would stop with, where something awaits an answer.
    """

    judged: Judged
    lines: tuple[str, ...]
    error: FindingError | None


def require_right_parameters(production: Production) -> None:
    """Stop before anything is run where the parameters, or the population that a register is to be made with, look wrong.

    Raises
    ------
    FindingError
        They do, and the edition does not say that they are right. All such findings are named.
    """
    findings = find(production, about=("parameters",))
    if not _register_is_whole(production):
        # What cannot be read at all is told by the step that reads it.
        with contextlib.suppress(KvarnError):
            findings += population_ahead(production)
    judged = judge(findings, production.edition.accepted)
    if judged.awaiting:
        raise awaiting_error(production, judged.awaiting)


def check(production: Production) -> None:
    """Look for everything that may be right and may be a slip, and keep what the edition accepts of it.

    Written are, in the restricted folder ``findings``, every finding with the figures behind it and, where some await an answer,
    ``accepted.yml``, which can be pasted into the edition.

    Raises
    ------
    FindingError
        Something looks wrong, and the edition does not say that it is right. All such findings are named.
    """
    work = production.workspace
    findings = find(production)
    judged = judge(findings, production.edition.accepted)
    work.make_restricted()
    private_folder(work.findings)
    _write(work.findings / FOUND, [asdict(one) for one in findings])
    if judged.awaiting:
        paste = "\n".join(as_parameters([finding for finding, _ in judged.awaiting], production.edition.accepted)) + "\n"
        _write_text(work.findings / _PASTE, paste)
        raise awaiting_error(production, judged.awaiting)
    (work.findings / _PASTE).unlink(missing_ok=True)
    years = sorted(int(one.where) for one, _ in judged.accepted if one.what == "procedures-without-care")
    _write(work.findings / WITHOUT_CARE, years)
    _write_text(work.findings / PASSED, "passed\n")


def judged_by_check(production: Production) -> Judged:
    """What the step ``check`` has found, held against what the edition accepts."""
    return judge(_written(production.workspace), production.edition.accepted)


def _written(workspace: Workspace) -> list[Finding]:
    """What the step ``check`` has found."""
    file = workspace.findings / FOUND
    with damage_told(file):
        return [Finding(**one) for one in kept_json(file)]


def years_without_care(workspace: Workspace) -> frozenset[int]:
    """The years in which the edition accepts that persons with a procedure have no care."""
    file = workspace.findings / WITHOUT_CARE
    return frozenset(kept_json(file)) if file.is_file() else frozenset()


def report(production: Production, *, checked: bool = False) -> Report:
    """What is known now: of the parameters and the population always, of the register as far as it is there.

    Parameters
    ----------
    checked
        Whether the step ``check`` is up to date: then what it has found is what there is.
    """
    work = production.workspace
    lines: list[str] = []
    known = {"parameters"}
    if checked and (work.findings / FOUND).is_file():
        findings = _written(work)
        complete = True
    else:
        findings = find(production, about=("parameters",))
        complete = _register_is_whole(production)
        if complete:
            try:
                findings += find(production, about=("population", "register"))
            except Exception as error:
                fault = error if isinstance(error, KvarnError) else refused(error, where=str(work.register))
                if fault is None:
                    raise
                complete = False
                where = f" ({fault.where})" if fault.where else ""
                lines.append(f"What is in the register cannot be checked: {fault.what}{where}")
        else:
            lines.append("The register has not been checked: it has not been made.")
            try:
                findings += population_ahead(production)
                known.add("population")
            except KvarnError as error:
                where = f" ({error.where})" if error.where else ""
                lines.append(f"The population cannot be checked: {error.what}{where}")
    judged = judge(findings, production.edition.accepted)
    if not complete:
        kinds = metadata.finding_kinds()
        unmatched = tuple(one for one in judged.unmatched if kinds[one.what].about in known)
        judged = Judged(judged.awaiting, judged.accepted, judged.told, unmatched)
    if not complete or production.edition.data.care != "reported":
        lines += list(care_at_the_door(production.store, production.edition.event_years, production))
    lines += list(far_fewer_rows(production))
    lines += list(_ratios_accepted(production))
    return Report(judged, tuple(lines), awaiting_error(production, judged.awaiting) if judged.awaiting else None)


def _ratios_accepted(production: Production) -> Iterator[str]:
    """Acceptances of earlier versions that hold a ratio of counts, each with what to write in its place."""
    for one in production.edition.accepted:
        if (alone := value_without_ratio(one)) is not None:
            yield (
                f"warning: accepted.at of {one.what} at {one.where} holds a ratio of two counts, which may tell one that is "
                f'withheld. It still accepts; write at: "{alone}" in its place.'
            )


def _register_is_whole(production: Production) -> bool:
    work, edition = production.workspace, production.edition
    files = [work.register / f"{name}.parquet" for name in ("population", "persons", "codes")]
    files += [work.register / "person_months" / f"year={year}" / "data.parquet" for year in edition.years]
    files += [work.register / "procedures" / f"year={year}" / "data.parquet" for year in edition.event_years]
    return all(file.is_file() for file in files)


def care_at_the_door(store: Path, years: Sequence[int] | None, production: Production | None = None) -> Iterator[str]:
    """One line a year: how many persons in a store of deliveries have a procedure and no care; and a last one on what to do.

    No number of persons below the threshold of disclosure control is told, nor any of a municipality.
    """
    about = current_programme().about
    threshold, as_of, counted = Disclosure().threshold, None, False
    if production is not None:
        edition = production.edition
        threshold, as_of = edition.disclosure.strictest, edition.data.as_of
        counted = edition.data.care == "reported_or_procedure"
    try:
        found = collect.procedures_without_care(store, years, as_of=as_of)
    except (InputError, OSError):
        # There is no store yet; the step that needs one says so.
        return
    found = [one for one in found if one.in_month]
    for one in found:
        yield without_care(one.year, one.in_month, one.in_year, threshold)
    if found and counted:
        yield "They count as having had care (data.care: reported_or_procedure), so nothing has to be done."
    elif found:
        yield (
            "They count among persons with a procedure and not among persons with care. Ask the municipalities to complete "
            f"{about.periods} (the receipts of their {about.events} name the rows), or let these persons count as having had "
            "care (data.care: reported_or_procedure). Where a table would show more persons with a procedure than with care, "
            "kvarn publish stops until one of the two is done, or the edition accepts it (accepted:, docs/accepted.md)."
        )


def far_fewer_rows(production: Production) -> Iterator[str]:
    """Which deliveries in force hold far fewer rows than those before them: by name, a number could tell of few persons.

    What was said is kept, as long as no delivery has come: to say it all deliveries that ever came are gone through.
    """
    place = production.workspace.findings / _FEWER
    try:
        state = _state_of_fewer(production)
    except OSError:
        # There is no store yet; the step that needs one says so.
        return
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads(place.read_text(encoding="utf-8"))
        if kept["state"] == state:
            yield from [str(line) for line in kept["said"]]
            return
    try:
        said = list(_said_of_fewer(production))
    except (InputError, OSError):
        return
    # Nothing is made where nobody has checked yet; kept another time where it cannot be now.
    if place.parent.is_dir():
        with contextlib.suppress(OSError):
            _write(place, {"state": state, "said": said})
    yield from said


def _state_of_fewer(production: Production) -> str:
    edition = production.edition
    by = (collect.version_of_ledger(production.store), edition.years, edition.data.as_of, fewer_rows_of(edition.quality))
    whole = hashlib.sha256(repr(by).encode())
    # Who finds and says it. The code of a step as a whole would bind this step to all that it stands on.
    for source in (*sorted(Path(str(collect.__file__)).parent.glob("*.py")), Path(__file__)):
        whole.update(source.read_bytes())
    return whole.hexdigest()


def _said_of_fewer(production: Production) -> Iterator[str]:
    edition = production.edition
    limits = fewer_rows_of(edition.quality)
    found = collect.far_fewer_rows(production.store, edition.years, limits, as_of=edition.data.as_of)
    for rule, words in _FEWER_THAN.items():
        names = [without_identity_numbers(entry.name) for entry, remarks in found if any(count.rule == rule for count in remarks)]
        if names:
            files, more = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
            several = "1 delivery in force lacks" if len(names) == 1 else f"{len(names):,} deliveries in force lack"
            yield (
                f"{several} more than {limits.share * 100:g} per cent of the rows of {words} (quality.fewer_rows): {files}"
                + (f" and {more:,} more" if more > 0 else "")
                + "."
            )
    if found:
        yield "They count as they are. The receipts have the numbers; if rows are missing, have the whole file delivered again."


def _write(path: Path, value: object) -> None:
    _write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _write_text(path: Path, text: str) -> None:
    replace_file(path, text.encode("utf-8"), mode=SECRET)
