"""The moment before which an edition is not released. Nowhere else does a clock decide anything."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from kvarn.edition import Edition, embargoed, moment_of_publication
from kvarn.errors import EnvironmentFault, ReleaseError

__all__ = ["require_moment", "said_of_clock"]


def require_moment(edition: Edition, now: dt.datetime) -> None:
    """Refuse to release an edition before its moment of publication, where it has an embargo.

    Raises
    ------
    ReleaseError
        It is too early by the clock.
    EnvironmentFault
        The system does not know the edition's time zone.
    """
    if embargoed(edition) and now < _moment(edition):
        raise ReleaseError(
            f"It is too early: {said_of_clock(edition, now)}",
            where="publication.published and release.time",
            remedy="Release it then. Where the day is wrong, correct it, and make the edition again; set a wrong clock right.",
        )


def said_of_clock(edition: Edition, now: dt.datetime) -> str:
    """What the clock says and from when on the edition may be released, in its time zone."""
    moment = _moment(edition)
    there = now.astimezone(moment.tzinfo)
    zone = edition.release.time_zone
    return f"the clock says {there:%Y-%m-%d %H:%M}, and the moment of publication is {moment:%Y-%m-%d %H:%M} ({zone})."


def _moment(edition: Edition) -> dt.datetime:
    try:
        return moment_of_publication(edition)
    except zoneinfo.ZoneInfoNotFoundError:
        raise EnvironmentFault(
            f"This system does not know the time zone {edition.release.time_zone}.",
            where="release.time_zone",
            remedy="Install the system's time zones (tzdata).",
        ) from None
