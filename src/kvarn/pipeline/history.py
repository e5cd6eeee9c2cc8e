"""Which part of what is out an edition is protected together with, and what has gone out since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn.analyse.disclosure.memory.kept import Memory, rules_of
from kvarn.analyse.disclosure.memory.out import (
    UNKNOWN,
    Event,
    History,
    kept_history,
    memories_from,
    news,
    public_text,
)
from kvarn.analyse.disclosure.memory.releases import Release, releases
from kvarn.edition import Edition, Workspace
from kvarn.errors import EditionError
from kvarn.pipeline.engine import StepStatus
from kvarn.pipeline.known_out import require_history
from kvarn.pipeline.versions import in_front

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "HISTORY",
    "earlier_releases",
    "history_of",
    "history_state",
    "in_words",
    "public_history",
    "register_of",
    "released_before",
    "require_named_editions",
    "to_be_held",
]

HISTORY = "the release history"
_MADE_FROM = "made-from.json"
# What a synthetic register was made from and says which persons are in it; all else says how much is told of them.
_PERSONS = ("seed", "persons")


def register_of(work: Workspace, edition: Edition) -> str:
    """Which register an edition is made from: what is out of the same one is protected together. It is the same where it is about
    the same persons.

    An edition that is released is from the register that it was released from, whatever lies beside its deliveries since.
    The office has one real register. A synthetic one is known by the seed and the number of its persons (``made-from.json``
    beside its deliveries), whichever years, events and faults it has; without these it may be any synthetic register.
    """
    if not edition.synthetic:
        return "real"
    own = next((one for one in releases(work.releases) if one.edition == work.name), None)
    if own is not None and own.synthetic:
        return own.register
    if edition.data.deliveries is None:
        return UNKNOWN
    deliveries = (work.root / edition.data.deliveries).absolute()
    recipe = next((path for folder in (deliveries, *deliveries.parents[:3]) if (path := folder / _MADE_FROM).is_file()), None)
    if recipe is None:
        return UNKNOWN
    try:
        told = json.loads(recipe.read_text(encoding="utf-8"))
        return "-".join([UNKNOWN, *(f"{name}-{int(told[name])}" for name in _PERSONS)])
    except (ValueError, TypeError, KeyError):
        return UNKNOWN


def history_of(work: Workspace, edition: Edition, *, entering: bool = False) -> History:
    """All that is out of the edition's register.

    Parameters
    ----------
    entering
        See `require_history`.

    Raises
    ------
    InputError
        The release history, or what an order has given away, is not whole, or does not have all that is known to be out.
    """
    require_history(work, entering=entering)
    register = register_of(work, edition)
    named = edition.disclosure.earlier
    return History.read(
        work.releases, work.orders, edition=work.name, register=register, synthetic=edition.synthetic, named=named
    )


def history_state(work: Workspace, edition: Edition) -> str:
    """What changes when something goes out that the edition has to be protected together with.

    An edition that is released goes by what was out then: no later release or order makes it out of date.
    """
    out = history_of(work, edition).as_it_stood
    state = [
        (one.number, one.edition, one.digest) if isinstance(one, Release) else (one.order, one.number, one.place) for one in out
    ]
    return hashlib.sha256(repr(state).encode()).hexdigest()


def to_be_held(work: Workspace, edition: Edition, tables: Mapping[str, pd.DataFrame]) -> tuple[tuple[Event, ...], list[Memory]]:
    """What the edition's tables are to be protected together with: the part of the history, and its memories, newest first.

    An edition that is released, and made again as it was, goes by the history as it stood, so that the same comes out. Made of
    other tables or by other rules it is something new that nobody has released: all that is out counts, itself too.
    """
    history = history_of(work, edition)
    if history.own is None:
        return history.out, memories_from(history.out)
    if _made_as_released(history.own, edition, tables):
        stood = history.as_it_stood
        return (*stood, history.own), [history.own.memory, *memories_from(stood)]
    return history.out, memories_from(history.out)


def _made_as_released(own: Release, edition: Edition, tables: Mapping[str, pd.DataFrame]) -> bool:
    from kvarn.analyse.disclosure.memory.pattern import is_pattern_of

    kept = own.folder / "disclosure"
    # Naming an edition changes nothing any more, and a rule that kvarn has got since stands at its default.
    then, now = (rules and rules.model_copy(update={"earlier": ()}) for rules in (rules_of(kept), edition.disclosure))
    return then == now and is_pattern_of(kept, tables)


def public_history(work: Workspace) -> str:
    """What was out when the edition was protected, by public names: the recorded input of the publication."""
    out = kept_history(work.history, work.releases, work.orders)
    # Its own release is none of its inputs.
    return public_text([one for one in out if not (isinstance(one, Release) and one.edition == work.name)])


def released_before(work: Workspace, edition: Edition) -> Release | None:
    """The edition of the same register that was released last; of one that is released itself, its own release."""
    history = history_of(work, edition)
    out = [one for one in history.as_it_stood if isinstance(one, Release)]
    return history.own or (out[-1] if out else None)


def earlier_releases(work: Workspace, edition: Edition) -> list[Release]:
    """The editions that this one can be compared with, of the same register, the nearest first.

    Those of the same year, such as a preliminary one, come before those of the year before; of each year the last one first, and
    before the others those that readers find in front: a correction that was taken back is compared with last.
    """
    out = [one for one in history_of(work, edition).as_it_stood if isinstance(one, Release) and one.edition != work.name]
    years = (edition.reference_year, edition.reference_year - 1)
    front = in_front(work, before=work.name)
    return [
        one
        for year in years
        for is_in_front in (True, False)
        for one in reversed(out)
        if one.reference_year == year and (one.edition in front) is is_in_front
    ]


def require_named_editions(work: Workspace, edition: Edition, params: Path) -> None:
    """``disclosure.earlier`` is not needed any more; where it names an edition, that must be one that is out.

    Raises
    ------
    EditionError
        One of them is not in the release history.
    """
    if not edition.disclosure.earlier:
        return
    known = {one.edition for one in releases(work.releases)}
    for name in edition.disclosure.earlier:
        if name not in known:
            raise EditionError(
                f"The edition {name} is not in the release history, so that nothing is known to be out of it.",
                file=params,
                key="disclosure.earlier",
                remedy=f"If it is out, enter it: kvarn release params/{name}.yml --already-out; if it is made but not out: "
                f"kvarn release params/{name}.yml. If it never was published, take the name away.",
            )


def in_words(statuses: Sequence[StepStatus], work: Workspace, edition: Edition) -> list[StepStatus]:
    """The reasons, with what has gone out since in the place of ``the release history has changed``."""
    changed = f"{HISTORY} has changed"
    if not any(changed in status.reasons for status in statuses):
        return list(statuses)
    since = news(work.history, history_of(work, edition).as_it_stood) or [changed]
    return [
        replace(status, reasons=tuple(one for reason in status.reasons for one in (since if reason == changed else [reason])))
        for status in statuses
    ]
