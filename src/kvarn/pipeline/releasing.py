"""`kvarn release`: a candidate is examined and entered in the release history."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from kvarn.analyse.disclosure.memory.orders import alone, deliveries
from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, Release, checksums, record_release, releases
from kvarn.base.locks import one_run
from kvarn.edition import embargoed
from kvarn.pipeline.bundle import write_bundle
from kvarn.pipeline.embargo import require_moment
from kvarn.pipeline.examining import examine
from kvarn.pipeline.history import register_of
from kvarn.pipeline.kept_record import kept_record, told_overrides
from kvarn.pipeline.known_out import enter_known_out
from kvarn.pipeline.production import Production, open_edition
from kvarn.pipeline.review import DATA
from kvarn.pipeline.signatures import Signing, signatures
from kvarn.pipeline.signed import require_clock, require_signed, signed_review
from kvarn.pipeline.versions import versions_of

__all__ = ["open_candidate", "release", "require_authority"]

_RECORD = "ro-crate-metadata.json"


def open_candidate(params: Path, *, already_out: bool = False) -> Production:
    """The edition of a file. With `already_out` as it was published: its sources may be gone, and what was overridden counts."""
    if not already_out:
        return open_edition(params)
    production = open_edition(params, published=True)
    work = production.workspace
    record = work.publication / _RECORD
    kept = kept_record(work.record, record)
    return open_edition(params, overrides=told_overrides(record) if kept is None else kept.overrides, published=True)


def release(
    production: Production,
    *,
    already_out: bool = False,
    waiting: Callable[[str], None] | None = None,
    now: dt.datetime | None = None,
) -> Release:
    """Enter the candidate in the release history, once it has been examined under the lock of what is out.

    Parameters
    ----------
    waiting
        Called once when an order, or an edition that is being protected, has to end first: with who is at work, and since when.
    now
        The moment that is entered; the clock's without it.

    Raises
    ------
    ReleaseError
        See `examine` and `require_authority`. Nothing has been entered.
    """
    work, edition = production.workspace, production.edition
    what = f"the release of the edition {work.name}"
    with one_run(what, work.build, waiting), alone(work.orders, waiting, work=what):
        # Not before the wait: others may have signed and released meanwhile.
        moment = now or dt.datetime.now(dt.UTC)
        known = examine(production, already_out=already_out)
        every = signatures(work)
        if known is not None:
            enter_known_out(work)
            _write_bundle(production, known)
            return known
        # What was published before there was a history was released by whoever published it.
        signed = () if already_out else require_authority(production, moment)
        delivered = deliveries(work.orders)
        about = {
            "edition": work.name,
            "register": register_of(work, edition),
            "synthetic": edition.synthetic,
            "reference_year": edition.reference_year,
            "stage": edition.stage,
            "published": edition.publication.published.isoformat(),
            "recorded": moment.isoformat(timespec="seconds"),
            "already_out": already_out,
            "orders": len(delivered),
            "last_order": delivered[0].digest if delivered else "",
            "files": checksums(work.publication),
            "signatures": [one.told() for one in signed],
            "signed": len(every),
            "last_signature": every[-1].digest if every else "",
            "corrects": "" if edition.correction is None else edition.correction.corrects,
        }
        made = record_release(work.releases, about, lambda folder: _keep(production, folder, signed))
        enter_known_out(work)
        _write_bundle(production, made)
        return made


def require_authority(production: Production, moment: dt.datetime) -> tuple[Signing, ...]:
    """The signatures by which the candidate may be released at a moment.

    Raises
    ------
    ReleaseError
        It is not signed as its edition asks, it is too early, or the clock stands before what has been recorded.
    InputError
        The log of signatures is not whole.
    """
    work, edition = production.workspace, production.edition
    signed = require_signed(production)
    if signed or embargoed(edition):
        require_clock(signatures(work), releases(work.releases) if embargoed(edition) else (), moment)
    require_moment(edition, moment)
    return signed


def _write_bundle(production: Production, made: Release) -> None:
    """What was out before it was entered is not uploaded again, until corrected; and what a run has made since lies elsewhere."""
    work = production.workspace
    versions = versions_of(work, made.edition)
    assert versions is not None
    if len(versions.every) > 1 or not (made.already_out or work.candidate.is_dir()):
        write_bundle(work, versions)


def _keep(production: Production, folder: Path, signed: Sequence[Signing]) -> None:
    work = production.workspace
    shutil.copytree(work.disclosure_memory, folder / "disclosure")
    shutil.copyfile(production.params, folder / PARAMETERS)
    shutil.copyfile(work.publication / _RECORD, folder / RECORD)
    if work.record.is_file():
        shutil.copyfile(work.record, folder / MADE)
    for report in (work.disclosure_report, work.disclosure_report.with_suffix(".html"), work.history):
        if report.is_file():
            shutil.copyfile(report, folder / report.name)
    # What each has signed, the last first: another candidate beside it makes another review of the same candidate.
    reviews = (signed_review(work, one.review) for one in reversed(signed))
    for number, review in enumerate(dict.fromkeys(review for review in reviews if review.is_file()), 1):
        shutil.copyfile(review, folder / (DATA if number == 1 else f"review-{number}.json"))
