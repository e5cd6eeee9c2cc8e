"""`kvarn revert`: an earlier version of a publication is put back in front."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kvarn.analyse.disclosure.memory.orders import alone
from kvarn.analyse.disclosure.memory.releases import Release, Reversion, record_reversion, releases
from kvarn.base.account import Account, account
from kvarn.disseminate.narrative import check_words
from kvarn.edition import Words, embargoed
from kvarn.errors import EditionError, ReleaseError
from kvarn.pipeline.bundle import is_written, require_bundle, write_bundle
from kvarn.pipeline.known_out import enter_known_out, require_releases, said_of_list
from kvarn.pipeline.production import Production
from kvarn.pipeline.signatures import signatures
from kvarn.pipeline.signed import require_clock
from kvarn.pipeline.signing import plain_name
from kvarn.pipeline.versions import Versions, require_as_released, versions_of

__all__ = ["put_back", "version_to_put_back", "why_in_words"]


def version_to_put_back(production: Production, number: int | None) -> tuple[Versions, Release]:
    """The versions of an edition's publication, and the one that a number means: without it the one that is corrected by what is
    in front.

    Raises
    ------
    ReleaseError
        There is no such version, or none was meant.
    """
    work = production.workspace
    versions = versions_of(work, work.name)
    if versions is None or len(versions.every) == 1:
        what = "has not been released" if versions is None else "has not been corrected, so that there is no other version of it"
        raise ReleaseError(
            f"The edition {work.name} {what}.",
            where=str(production.params),
            remedy="kvarn release --history lists what is out. What is wrong is corrected: kvarn correct.",
        )
    known = ", ".join(f"{place} ({one.edition})" for place, one in enumerate(versions.every, 1))
    if number is None:
        meant = versions.front.corrects
        if not meant:
            raise ReleaseError(
                f"In front is version 1 of {versions.name}, before which there is none.",
                where="--to",
                remedy=f"Say which: {known}.",
            )
        number = versions.number(meant)
    if not 1 <= number <= len(versions.every):
        raise ReleaseError(f"{versions.name} has no version {number}.", where="--to", remedy=f"There are: {known}.")
    return versions, versions.every[number - 1]


def why_in_words(production: Production, sv: str, en: str) -> Words:
    """Why a version is put back, as readers are told.

    Raises
    ------
    EditionError, InputError
        Something is missing, or a number is typed in it: it has passed no disclosure control.
    """
    try:
        why = Words(sv=sv, en=en)
    except ValidationError as error:
        fault = error.errors()[0]
        raise EditionError(
            f"These are no words for readers: {fault['msg']}.",
            file=f"--why-{fault['loc'][0]}",
            remedy="Say in a sentence or two why the version is put back, in each language.",
        ) from None
    for language in ("sv", "en"):
        said = {f"words.{language}": why.label(language)}
        check_words(said, Path(f"--why-{language}"), dict.fromkeys(said), production.reports)
    return why


def put_back(
    production: Production,
    *,
    version: int | None,
    name: str,
    why: Words,
    waiting: Callable[[str], None] | None = None,
    now: dt.datetime | None = None,
    by: Account | None = None,
) -> Reversion | None:
    """Put an earlier version back in front: enter that in the release history, and write what is uploaded.

    Nothing is let out by it that was not out, and nothing is removed: the version that was in front stays among the others.

    Parameters
    ----------
    version
        Its number.
    name
        Who answers for it.
    waiting
        Called once when somebody else is at work at what is out: with who that is, and since when.
    now, by
        The moment and the account that are entered; the clock's and this process's without them.

    Returns
    -------
    Reversion or None
        None where it was in front already and only its bundle, or the list beside the publications, was not: these have been
        written.

    Raises
    ------
    ReleaseError
        It is in front already, a version does not lie here as it was released, or its bundle cannot be written. Nothing has been
        entered.
    InputError
        The release history is not whole.
    """
    work = production.workspace
    who = plain_name(name)
    with alone(work.orders, waiting, work=f"the reversion of the edition {work.name}"):
        require_releases(work)
        versions, target = version_to_put_back(production, version)
        number = versions.number(target.edition)
        for one in versions.every:
            require_as_released(work, one, versions)
        if target == versions.front:
            # Whoever was stopped after the entry gets what it is followed by.
            if any(said_of_list(work)) or not is_written(work, versions):
                enter_known_out(work)
                write_bundle(work, versions)
                return None
            raise ReleaseError(
                f"Version {number} of {versions.name}, the edition {target.edition}, is in front already.",
                where=str(production.params),
                remedy="Say which other one is to be put back: --to NUMBER.",
            )
        moment, by = now or dt.datetime.now(dt.UTC), by or account()
        if embargoed(production.edition):
            require_clock(signatures(work), releases(work.releases), moment)
        about = {
            "edition": target.edition,
            "instead_of": versions.front.edition,
            "made": moment.astimezone(_zone(production)).date().isoformat(),
            "why": why.model_dump(),
            "account": {"by": who, **by._asdict()},
            "recorded": moment.isoformat(timespec="seconds"),
        }
        # What cannot be written is not entered.
        require_bundle(work, _as_it_will_be(versions, target, about, work.releases))
        made = record_reversion(work.releases, about)
        enter_known_out(work)
        after = versions_of(work, work.name)
        assert after is not None
        write_bundle(work, after)
        return made


def _as_it_will_be(versions: Versions, target: Release, about: Mapping[str, Any], history: Path) -> Versions:
    entry = Reversion(**about, number=0, kept={}, before="", folder=history, digest="")
    return Versions(versions.every, target, (*versions.since, entry))


def _zone(production: Production) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(production.edition.release.time_zone)
    except zoneinfo.ZoneInfoNotFoundError:
        return dt.UTC
