"""What a candidate must be before it is released: whole, unchanged, up to date, and what its pattern says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from kvarn.analyse._tables import read_tables
from kvarn.analyse.disclosure.memory.kept import rules_of
from kvarn.analyse.disclosure.memory.methods import require_same_method
from kvarn.analyse.disclosure.memory.out import memories_from, news
from kvarn.analyse.disclosure.memory.pattern import is_pattern_of, is_published_as
from kvarn.analyse.disclosure.memory.releases import Release, checksums, releases
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Disclosure
from kvarn.errors import ReleaseError
from kvarn.pipeline.correcting import corrected_versions, require_correction
from kvarn.pipeline.engine import StepStatus, status_of
from kvarn.pipeline.history import history_of, in_words
from kvarn.pipeline.kept_record import kept_record, read_record
from kvarn.pipeline.known_out import missing_from_history
from kvarn.pipeline.production import Production
from kvarn.pipeline.standing import TOLD, candidate_of
from kvarn.pipeline.steps import steps_of
from kvarn.pipeline.synthetic_mark import require_mark
from kvarn.pipeline.versions import require_as_released

__all__ = ["Check", "checks_of", "examine", "released_as_it_is"]


class Check(NamedTuple):
    """One thing that is asked of a candidate.

    Attributes
    ----------
    asked
        What is asked, as a sentence that is true where it passes.
    run
        Raises an error of kvarn's where it does not.
    """

    asked: str
    run: Callable[[], object]


def examine(production: Production, *, already_out: bool = False) -> Release | None:
    """See that the candidate is whole, unchanged, up to date and what its pattern says. Nothing is written.

    Parameters
    ----------
    already_out
        Whether it was published before there was a release history: then it need not be up to date, nor was it protected
        together with what is in the history now.

    Returns
    -------
    Release or None
        Its release, where exactly this has been released already.

    Raises
    ------
    ReleaseError
        It cannot be released; the message says why.
    """
    own = released_as_it_is(production)
    if own is None:
        for check in checks_of(production, already_out=already_out):
            check.run()
    return own


def released_as_it_is(production: Production) -> Release | None:
    """Its release, where exactly what lies here has been released; None where nothing of the edition has been.

    Raises
    ------
    ReleaseError
        It is a trial, nothing of it lies here, or what lies here is not what was released.
    """
    work = production.workspace
    if work.trial:
        raise ReleaseError("A trial is never released.", where=work.name, remedy="Write what it tried into the edition's file.")
    own = next((one for one in releases(work.releases) if one.edition == work.name), None)
    folder = work.publication if own is None else candidate_of(work)
    if not (folder / RECORD).is_file():
        raise ReleaseError(
            f"There is no publication of the edition {work.name}.",
            where=str(folder),
            remedy="Make it first, with kvarn publish" + (", or restore what was released." if own else "."),
        )
    if own is None:
        return None
    _require_whole(folder)
    if checksums(folder) == own.files:
        return own
    raise ReleaseError(
        f"The edition {work.name} is out as it was released on {own.published}, and what lies here is another.",
        where=str(folder),
        remedy="What is out stays as it is. An edition that is revised is a new one: give its parameters another name, "
        f"such as params/{work.name}-revised.yml.",
    )


def checks_of(production: Production, *, already_out: bool = False) -> Iterator[Check]:
    """What is asked of a candidate that has never been released, in order: what comes later stands on what comes before."""
    work, edition = production.workspace, production.edition
    folder = work.publication
    yield Check("Every file is the one that the record names, and there is no other.", partial(_require_whole, folder))
    yield Check(
        "It was made from the parameters as they stand, none of them overridden.",
        partial(_require_made_from, folder, production, already_out=already_out),
    )
    yield Check(
        "Data that are called synthetic say so themselves, and real ones do not.",
        partial(require_mark, edition, production.root, production.params),
    )
    yield Check(
        "What it shows and withholds is what its tables, its rules and the pattern that is kept of it say.",
        partial(_require_pattern, folder, production, already_out=already_out),
    )
    yield Check(
        "The release history is whole and has all that is known to be out, and its method is the same.",
        partial(_require_same_method, production, already_out=already_out),
    )
    if edition.correction is not None:
        yield Check(
            "It corrects what is in front, and every version of that lies here as it was released.",
            partial(_require_versions, production),
        )
    if already_out:
        yield Check("It is of before there was a history.", partial(_require_of_before_the_history, folder, production))
        return
    yield Check("Every step is up to date.", partial(_require_up_to_date, production))
    yield Check("Nothing has gone out since it was protected.", partial(_require_no_news, folder, production))


def _require_versions(production: Production) -> None:
    require_correction(production)
    work, notice = production.workspace, production.edition.correction
    versions = None if notice is None else corrected_versions(work, notice)
    for one in () if versions is None else versions.every:
        assert versions is not None
        require_as_released(work, one, versions)


def _require_same_method(production: Production, *, already_out: bool) -> None:
    out = history_of(production.workspace, production.edition, entering=already_out).out
    require_same_method(memories_from(out), production.edition.disclosure)


def _require_no_news(folder: Path, production: Production) -> None:
    work = production.workspace
    out = history_of(work, production.edition).out
    if not work.history.is_file() or (since := news(work.history, out)):
        told = "; ".join(since) if work.history.is_file() else "it does not say what it was protected together with"
        raise ReleaseError(
            f"The candidate is out of date: {told}.",
            where=str(folder),
            remedy="Make it again, with kvarn publish: it was not protected together with what has gone out.",
        )


def _require_whole(folder: Path) -> None:
    """Every file is the one that the record names, and there is no other."""
    found = checksums(folder)
    graph = read_record(folder / RECORD)
    wanted = {unquote(one["@id"]): one.get("sha256") for one in graph.values() if one.get("@type") == "File"}
    wrong = [
        *(f"{name} has been added" for name in sorted(found.keys() - wanted.keys() - {RECORD})),
        *(f"{name} is missing" for name in sorted(wanted.keys() - found.keys())),
        *(f"{name} has been changed" for name in sorted(wanted.keys() & found.keys()) if found[name] != wanted[name]),
    ]
    if wrong:
        raise ReleaseError(
            f"The candidate is not as it was made: {'; '.join(wrong[:TOLD])}{' …' if len(wrong) > TOLD else ''}.",
            where=str(folder),
            remedy="Make it again, with kvarn publish, and release what it makes. A publication that is out and was changed "
            "afterwards: restore it as it was made.",
        )


def _require_made_from(folder: Path, production: Production, *, already_out: bool) -> None:
    """It is this edition's, made from its file as it stands, with nothing overridden."""
    graph = read_record(folder / RECORD)
    name = graph["./"].get("identifier")
    if name != production.workspace.name:
        raise ReleaseError(
            f"What lies here is the edition {name}, and not {production.workspace.name}.",
            where=str(folder),
            remedy="Make it again, with kvarn publish.",
        )
    kept = kept_record(production.workspace.record, folder / RECORD)
    if kept is None:
        if already_out:
            return
        raise ReleaseError(
            "How the candidate was made is not known: what is kept of it is missing, or is of another publication.",
            where=str(production.workspace.record),
            remedy="Make it again, with kvarn publish.",
        )
    made_from = kept.inputs.get(f"params/{production.params.name}")
    if made_from != hashlib.sha256(production.params.read_bytes()).hexdigest():
        raise ReleaseError(
            "The parameters have been edited since the candidate was made.",
            where=str(production.params),
            remedy="Make it again, with kvarn publish; or put back the parameters that it was made with.",
        )
    overridden = sorted(one.partition("=")[0] for one in kept.overrides)
    if overridden and not already_out:
        raise ReleaseError(
            f"The candidate was made with parameters that its file does not have: {', '.join(overridden)}.",
            where=str(folder),
            remedy="Write them into the file, and make it again, with kvarn publish.",
        )


def _require_pattern(folder: Path, production: Production, *, already_out: bool) -> None:
    """What is shown and withheld is what will be remembered of it. Of what was published long ago the tables may be gone."""
    memory = production.workspace.disclosure_memory
    certificate = memory / "certificate.json"
    if not certificate.is_file():
        raise ReleaseError(
            "Nothing was kept of what the edition shows and what it withholds.",
            where=str(memory),
            remedy="Restore it from the backup, or make the edition again, with kvarn publish.",
        )
    as_kept = (rules_of(memory) or Disclosure()).model_copy(update={"earlier": ()})
    same_rules = as_kept == production.edition.disclosure.model_copy(update={"earlier": ()})
    tables = read_tables(production.workspace.tables)
    of_tables = is_pattern_of(memory, tables) if tables or not already_out else True
    if not (same_rules and of_tables and is_published_as(memory, folder / "data")):
        raise ReleaseError(
            "What the candidate shows is not what its tables, its rules and its pattern say.",
            where=str(memory),
            remedy="Make it again, with kvarn publish.",
        )


def _require_of_before_the_history(folder: Path, production: Production) -> None:
    """What was made beside a release history goes the ordinary way: entered unexamined, it could uncover what is out. But for
    what had been released, and is missing from the history: it is entered as it was released, or not at all."""
    lost = [one for one in missing_from_history(production.workspace) if one.edition == production.workspace.name]
    if lost:
        record = hashlib.sha256((folder / RECORD).read_bytes()).hexdigest()
        if any(one.record not in (None, record) for one in lost):
            raise ReleaseError(
                "The edition was released, and what lies here is another.",
                where=str(folder),
                remedy="Restore what was released; then enter it.",
            )
        if all(one.record is None for one in lost):
            raise ReleaseError(
                "The edition was released, and nothing tells whether what lies here is what was.",
                where=str(folder),
                remedy="Restore restricted/releases, or publications/releases.json, from a backup: both hold its checksum.",
            )
        return
    if production.workspace.history.is_file() or "#input/release-history" in read_record(folder / RECORD):
        raise ReleaseError(
            "The edition was made when there was a release history already, so it is not entered unexamined.",
            where=str(folder),
            remedy="Release it without --already-out; where it is out of date, make it again first, with kvarn publish.",
        )


def _require_up_to_date(production: Production) -> None:
    work, edition = production.workspace, production.edition
    found = in_words(status_of(steps_of(production), work.build), work, edition)
    late = [one for one in found if not one.up_to_date]
    if late:
        raise ReleaseError(
            f"The candidate is out of date: {'; '.join(dict.fromkeys(_reasons(late)))}.",
            where=str(work.publication),
            remedy="Make it again, with kvarn publish: kvarn status tells of each step.",
        )


def _reasons(late: list[StepStatus]) -> Iterator[str]:
    said = [reason for one in late for reason in one.reasons if not reason.startswith(("waits for", "a step before"))]
    yield from said[:TOLD] or [f"the step {late[0].step}"]
