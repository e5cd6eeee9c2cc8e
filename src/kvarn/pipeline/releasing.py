"""`kvarn release`: a candidate is examined and entered in the release history."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

from kvarn.analyse.disclosure.memory.orders import alone, deliveries
from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, Release, checksums, record_release
from kvarn.base.locks import one_run
from kvarn.pipeline.examining import examine
from kvarn.pipeline.history import register_of
from kvarn.pipeline.kept_record import kept_record, told_overrides
from kvarn.pipeline.known_out import enter_known_out
from kvarn.pipeline.production import Production, open_edition

__all__ = ["open_candidate", "release"]

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
        See `examine`. Nothing has been entered.
    """
    work, edition = production.workspace, production.edition
    what = f"the release of the edition {work.name}"
    with one_run(what, work.build, waiting), alone(work.orders, waiting, work=what):
        known = examine(production, already_out=already_out)
        if known is not None:
            enter_known_out(work)
            return known
        delivered = deliveries(work.orders)
        about = {
            "edition": work.name,
            "register": register_of(work.root, edition),
            "synthetic": edition.synthetic,
            "reference_year": edition.reference_year,
            "stage": edition.stage,
            "published": edition.publication.published.isoformat(),
            "recorded": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
            "already_out": already_out,
            "orders": len(delivered),
            "last_order": delivered[0].digest if delivered else "",
            "files": checksums(work.publication),
        }
        made = record_release(work.releases, about, lambda folder: _keep(production, folder))
        enter_known_out(work)
        return made


def _keep(production: Production, folder: Path) -> None:
    work = production.workspace
    shutil.copytree(work.disclosure_memory, folder / "disclosure")
    shutil.copyfile(production.params, folder / PARAMETERS)
    shutil.copyfile(work.publication / _RECORD, folder / RECORD)
    if work.record.is_file():
        shutil.copyfile(work.record, folder / MADE)
    for report in (work.disclosure_report, work.disclosure_report.with_suffix(".html"), work.history):
        if report.is_file():
            shutil.copyfile(report, folder / report.name)
