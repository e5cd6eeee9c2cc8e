"""Whether a candidate is signed as its edition asks, and by different persons."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Edition, Workspace, required_roles
from kvarn.errors import ReleaseError
from kvarn.pipeline.production import Production
from kvarn.pipeline.signatures import Signed, Signing, signatures, signatures_of

__all__ = ["candidate_signed", "require_clock", "require_signed", "said_of_signatures", "same_person", "signed_review"]


def candidate_signed(production: Production) -> Signed:
    """What a signature is of: the checksum of the candidate's public record, which has those of all other files, and of its
    parameters, which are not in the record of synthetic data."""
    files = (production.workspace.publication / RECORD, production.params)
    return Signed(production.workspace.name, *(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))


def signed_review(work: Workspace, digest: str) -> Path:
    """Where a review that was signed is kept, by what its signature says of it."""
    return work.review / "signed" / f"{digest}.json"


def require_signed(production: Production) -> tuple[Signing, ...]:
    """The signatures by which the candidate may be released.

    Raises
    ------
    ReleaseError
        A role that the edition requires has not signed exactly this candidate, or one person has signed for two of them.
    InputError
        The log of signatures is not whole.
    """
    work, edition = production.workspace, production.edition
    every = signatures(work)
    mine = signatures_of(every, candidate_signed(production))
    roles = required_roles(edition)
    missing = [role for role in roles if not any(one.role == role for one in mine)]
    if missing:
        others = [one for one in every if one.edition == work.name and one not in mine]
        changed = (
            f" What {_listed(others)} signed was another candidate: it has been changed since." if others and not mine else ""
        )
        raise ReleaseError(
            f"The candidate is not signed as {', nor as '.join(missing)}." + changed,
            where=str(work.publication),
            remedy=f"Let whoever answers for it read its review (kvarn review params/{production.params.name}) and sign it: "
            f'kvarn sign params/{production.params.name} --as "NAME" --role {missing[0]}.',
        )
    if not _by_different(mine, roles, edition):
        raise ReleaseError(
            f"One person has signed the candidate in several of the roles that it requires: {_listed(mine)}.",
            where=str(work.signatures),
            remedy="Let somebody else sign it in one of them (release.separate says what must differ).",
        )
    return tuple(mine)


def require_clock(every: Sequence[Signing], released: Sequence[Release], moment: dt.datetime) -> None:
    """Refuse a moment that is before one that has been recorded: then, or now, the clock was wrong.

    Raises
    ------
    ReleaseError
        It is before the last signature, or the last release.
    """
    recorded = [(one.moment, f"the last signature, {one.signed}") for one in every[-1:]]
    recorded += [(dt.datetime.fromisoformat(one.recorded), f"the last release, {one.recorded}") for one in released[-1:]]
    for known, said in recorded:
        # Moments are kept to the second.
        if moment.replace(microsecond=0) < known:
            raise ReleaseError(
                f"The clock says {moment.isoformat(timespec='seconds')}, which is before {said}.",
                where="the clock of this machine",
                remedy="Set the clock right. Where it was ahead then, find out why. Then, for a signature: restore "
                "restricted/signatures.jsonl and signatures.json from the backup of before it, as long as nothing has been "
                "released since, and let it be signed again. For a release: let whoever answers for the edition decide whether "
                "it has release.embargo: false.",
            )


def said_of_signatures(production: Production) -> Iterator[str]:
    """Sentences for `kvarn status` and `kvarn publish`: who has signed the candidate, and who has to."""
    work = production.workspace
    every = signatures(work)
    if work.trial or not (work.publication / RECORD).is_file():
        return
    mine = signatures_of(every, candidate_signed(production))
    if mine:
        yield f"Signed: {_listed(mine)}."
    missing = [role for role in required_roles(production.edition) if not any(one.role == role for one in mine)]
    if missing:
        yield f"Not signed yet as {', nor as '.join(missing)} (kvarn review, then kvarn sign)."


def same_person(one: tuple[str, str], other: tuple[str, str], edition: Edition) -> bool:
    """Whether two, each by name and account, count as one person: by their names in whatever case, or by the accounts
    where these must differ."""
    names = [unicodedata.normalize("NFKC", name).casefold() for name, _ in (one, other)]
    return names[0] == names[1] or (edition.release.separate == "accounts" and one[1] == other[1])


def _by_different(mine: Sequence[Signing], roles: Sequence[str], edition: Edition) -> bool:
    """Whether each of the roles was signed by somebody else."""
    of_roles = [[one for one in mine if one.role == role] for role in roles]
    return any(
        not any(
            same_person((one.name, one.login), (other.name, other.login), edition)
            for one, other in itertools.combinations(chosen, 2)
        )
        for chosen in itertools.product(*of_roles)
    )


def _listed(some: Sequence[Signing]) -> str:
    return ", ".join(f"{one.name} as {one.role}" for one in some)
