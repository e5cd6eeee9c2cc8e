"""`kvarn sign`: a name and a role are bound to a candidate that has been reviewed."""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from kvarn.analyse.disclosure.memory.orders import alone
from kvarn.base.account import Account, account
from kvarn.base.files import SECRET, replace_file
from kvarn.base.locks import one_run
from kvarn.base.plain_text import unseen
from kvarn.collect.safekeeping import private_folder
from kvarn.edition import Edition
from kvarn.errors import EditionError, ReleaseError
from kvarn.pipeline.examining import examine
from kvarn.pipeline.production import Production
from kvarn.pipeline.review import DATA, PAGE, as_files, gather
from kvarn.pipeline.signatures import Signing, add_signature, signatures, signatures_of
from kvarn.pipeline.signed import candidate_signed, require_clock, same_person, signed_review

__all__ = ["plain_name", "sign"]

_LONGEST_NAME = 200


def sign(
    production: Production,
    *,
    name: str,
    role: str,
    waiting: Callable[[str], None] | None = None,
    now: dt.datetime | None = None,
    by: Account | None = None,
) -> Signing:
    """Bind a name and a role to exactly the candidate that lies there, and to the review of it.

    Parameters
    ----------
    waiting
        Called once when somebody is at work at the edition, or at what is out: with who that is, and since when.
    now
        The moment that is entered; the clock's without it.
    by
        The account that is entered; that of this process without it.

    Raises
    ------
    EditionError
        The role is none of the edition, or the name is none.
    ReleaseError
        The candidate does not pass its examination, has no review or another one, or this person has signed it already.
    InputError
        The log of signatures is not whole.
    """
    work, edition = production.workspace, production.edition
    _require_role(role, edition, production.params)
    who = plain_name(name)
    what = f"the signing of the edition {work.name}"
    if not work.build.is_dir():
        # It says that nothing has been made, and nothing is made for the lock.
        examine(production)
    with one_run(what, work.build, waiting), alone(work.orders, waiting, work=what):
        every = signatures(work)
        if examine(production) is not None:
            raise ReleaseError(
                f"The edition {work.name} has been released already.",
                where=str(work.publication),
                remedy="A candidate is signed before it is released.",
            )
        review, candidate = _require_review(production), candidate_signed(production)
        moment = now or dt.datetime.now(dt.UTC)
        require_clock(every, (), moment)
        by = by or account()
        _require_another(who, role, by, signatures_of(every, candidate), edition)
        about = {
            **candidate._asdict(),
            "review": review,
            "name": who,
            "role": role,
            "account": by.name,
            "login": by.login,
            "signed": moment.isoformat(timespec="seconds"),
        }
        # Kept by what the signature says of it: a later review takes the place of the one that lies there.
        kept = signed_review(work, review)
        private_folder(kept.parent)
        replace_file(kept, (work.review / DATA).read_bytes(), mode=SECRET)
        return add_signature(work, about)


def _require_role(role: str, edition: Edition, params: Path) -> None:
    roles = edition.release.roles
    if role not in roles:
        near = difflib.get_close_matches(role, roles, n=1)
        raise EditionError(
            f"{role!r} is none of the roles in which this edition can be signed.",
            file="--role",
            remedy=f"Did you mean {near[0]!r}?" if near else f"The roles of {params}: {', '.join(roles)} (release.roles).",
        )


def plain_name(name: str) -> str:
    """The name as it is kept: its letters in one form, and single spaces.

    Raises
    ------
    EditionError
        It is none.
    """
    found = " ".join(unicodedata.normalize("NFC", name).split())
    if not found or len(found) > _LONGEST_NAME or any(unseen(sign) for sign in found):
        raise EditionError(
            "This is no name.",
            file="--as",
            remedy=f"Give the name of a person, on one line of {_LONGEST_NAME} characters at most.",
        )
    return found


def _require_review(production: Production) -> str:
    """The checksum of the review, which is just what `kvarn review` makes of this candidate now."""
    work = production.workspace
    there = [file.read_bytes() if (file := work.review / name).is_file() else None for name in (PAGE, DATA)]
    remedy = f"Make it, with kvarn review params/{production.params.name}, and read it before you sign."
    if None in there:
        raise ReleaseError("There is no review of the candidate.", where=str(work.review), remedy=remedy)
    files = as_files(gather(production))
    if there != [files.page, files.data]:
        raise ReleaseError(
            "The review that lies there is not the review of this candidate as it is now.", where=str(work.review), remedy=remedy
        )
    return files.digest


def _require_another(who: str, role: str, by: Account, mine: Sequence[Signing], edition: Edition) -> None:
    for one in mine:
        same = same_person((who, by.login), (one.name, one.login), edition)
        if same and one.role == role:
            raise ReleaseError(
                f"{one.name} has signed exactly this candidate as {role} already.",
                where=one.edition,
                remedy="Nothing has to be done.",
            )
        if same:
            raise ReleaseError(
                f"Who has signed this candidate as {one.role}, {one.name}, does not sign it as {role} as well.",
                where=one.edition,
                remedy="Let somebody else sign it, under an own name"
                + (" and account." if edition.release.separate == "accounts" else "."),
            )
