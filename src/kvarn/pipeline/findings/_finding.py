"""A finding, and how findings and acceptances are held against one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kvarn.edition import Acceptance

__all__ = ["Finding", "Judged", "judge", "value_without_ratio"]

# As earlier versions wrote the value of a jump: with the ratio of two counts before the fingerprint.
_WITH_RATIO = re.compile(r"\S+ times, (?P<fingerprint>[0-9a-f]{12})")


@dataclass(frozen=True)
class Finding:
    """Something that may be right and may be a slip.

    Attributes
    ----------
    what, where, at
        The kind, the place and the value: what an acceptance repeats. Of the register, `at` is no count but a fingerprint of the
        rows, so that it tells nothing and changes with each of them.
    said
        One sentence without any figure that disclosure control has not seen.
    stops
        Whether the run stops until it is accepted; else it is told, and may be accepted.
    details
        Rows of what it is made from, for the restricted folder alone.
    found_by
        The cells of tables in which readers can see what was found: those of one group, where all of them are published
        as they are. Each is its ``measure``, its ``year`` and the codes of its categories. None where no count is told of.
    """

    what: str
    where: str
    at: str
    said: str
    stops: bool = True
    details: Sequence[dict[str, object]] = field(default=(), compare=False)
    found_by: Sequence[Sequence[dict[str, str]]] = field(default=(), compare=False)


@dataclass(frozen=True)
class Judged:
    """Findings and acceptances, held against one another.

    Attributes
    ----------
    awaiting
        Findings that stop the run, each with the value at which its place was accepted, where that is another one.
    accepted
        Findings with the acceptance that names them.
    told
        Findings that stop nothing and are not accepted.
    unmatched
        Acceptances of which there is no finding any more.
    """

    awaiting: tuple[tuple[Finding, str | None], ...]
    accepted: tuple[tuple[Finding, Acceptance], ...]
    told: tuple[Finding, ...]
    unmatched: tuple[Acceptance, ...]


def judge(findings: Iterable[Finding], acceptances: Sequence[Acceptance]) -> Judged:
    """Which findings are accepted: those of the same kind, place and value."""
    by_place = {one.place: one for one in acceptances}
    awaiting, accepted, told, used = [], [], [], set()
    for finding in findings:
        acceptance = by_place.get((finding.what, finding.where))
        if acceptance is not None and finding.at in (acceptance.at, value_without_ratio(acceptance)):
            accepted.append((finding, acceptance))
            used.add(acceptance.place)
        elif finding.stops:
            awaiting.append((finding, None if acceptance is None else acceptance.at))
            used.add((finding.what, finding.where))
        else:
            told.append(finding)
    unmatched = tuple(one for one in acceptances if one.place not in used)
    return Judged(tuple(awaiting), tuple(accepted), tuple(told), unmatched)


def value_without_ratio(acceptance: Acceptance) -> str | None:
    """The fingerprint alone, where the acceptance of an earlier version has a ratio of counts before it; else None.

    It still accepts, as the fingerprint binds it; but the ratio and a published count give the other count to whoever reads it.
    """
    written = _WITH_RATIO.fullmatch(acceptance.at)
    return written["fingerprint"] if written else None
