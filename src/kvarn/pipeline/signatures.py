"""The log of signatures: who has said, in which role, that exactly this candidate may be released.

``restricted/signatures.jsonl`` has a line of JSON for each signature, with the checksum of the line before;
``restricted/signatures.json`` names the last one, and so does every release that was entered since. A line is never changed. What
was changed, added between or lost is told by every command that reads the log. It detects; it prevents nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kvarn.analyse.disclosure.memory.chain import head_file, lost_by_head, write_head
from kvarn.analyse.disclosure.memory.releases import releases
from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.edition import Workspace
from kvarn.errors import InputError

__all__ = ["Signed", "Signing", "add_signature", "signatures", "signatures_of"]


class Signed(NamedTuple):
    """What a signature is of: an edition, and the checksums of the candidate's record and of its parameters."""

    edition: str
    record: str
    parameters: str


@dataclass(frozen=True)
class Signing:
    """One signature.

    Attributes
    ----------
    edition
        The edition's name.
    record
        The checksum of the public record of the candidate, which has the checksum of every other file of it.
    parameters
        The checksum of the parameters that it was made from: the rules of signing are among them.
    review
        The checksum of the review that the candidate had.
    account, login
        The account of the operating system that the command ran as, and who had logged in, as far as that is kept.
    signed
        When, by the clock of the machine.
    before
        The checksum of the line before; empty for the first.
    digest
        The checksum of this line.
    """

    number: int
    edition: str
    record: str
    parameters: str
    review: str
    name: str
    role: str
    account: str
    login: str
    signed: str
    before: str
    digest: str

    @property
    def moment(self) -> dt.datetime:
        """When it was signed."""
        return dt.datetime.fromisoformat(self.signed)

    def told(self) -> dict[str, Any]:
        """The signature as a release keeps it."""
        return asdict(self)


def signatures(work: Workspace) -> list[Signing]:
    """Every signature, the oldest first, once it is certain that none is missing and nothing has been changed.

    Raises
    ------
    InputError
        The log is not whole, or a release history names a signature that it does not have.
    """
    file = work.signatures
    found: list[Signing] = []
    for number, line in enumerate(_lines(file), 1):
        found.append(_read(file, line, number, found[-1].digest if found else ""))
    if why := lost_by_head(_chain(file), [one.digest for one in found], "signature"):
        raise _broken(head_file(_chain(file)), why)
    for release in releases(work.releases):
        last = release.signed
        if last > len(found) or (last and found[last - 1].digest != release.last_signature):
            raise _broken(file, f"signature {last}, the last one when {release.edition} was released, is missing or another one")
    return found


def signatures_of(every: Sequence[Signing], candidate: Signed) -> list[Signing]:
    """The signatures of exactly this candidate."""
    return [one for one in every if (one.edition, one.record, one.parameters) == candidate]


def add_signature(work: Workspace, about: Mapping[str, str]) -> Signing:
    """Add a signature: whole, or not at all. The caller holds the lock of what is out.

    Parameters
    ----------
    about
        The attributes of `Signing` that are not made here.
    """
    file = work.signatures
    known = signatures(work)
    if not known:
        # From the first one on there is a head, so that a log without one is seen to be cut off.
        private_folder(file.parent)
        write_head(_chain(file), 0, "")
    told = {"number": len(known) + 1, **about, "before": known[-1].digest if known else ""}
    line = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    before = file.read_bytes() if known else b""
    replace_file(file, before + line + b"\n", mode=SECRET)
    made = signatures(work)[-1]
    write_head(_chain(file), made.number, made.digest)
    return made


def _chain(file: Path) -> Path:
    return file.with_suffix("")


def _lines(file: Path) -> list[bytes]:
    if not file.is_file():
        return []
    content = file.read_bytes()
    if content and not content.endswith(b"\n"):
        raise _broken(file, "its last line is not whole")
    return content.split(b"\n")[:-1]


def _read(file: Path, line: bytes, number: int, before: str) -> Signing:
    try:
        told = json.loads(line)
        found = Signing(**told, digest=hashlib.sha256(line).hexdigest())
        if not all(isinstance(value, str) for key, value in asdict(found).items() if key != "number"):
            raise TypeError
        aware = found.moment.tzinfo is not None
    except (ValueError, TypeError):
        raise _broken(file, "the line is no signature", number) from None
    if (found.number, found.before) != (number, before) or not aware:
        raise _broken(file, "it does not follow on the line before", number)
    return found


def _broken(file: Path, why: str, line: int | None = None) -> InputError:
    return InputError(
        f"The log of signatures is not whole: {why}.",
        file=file,
        line=line,
        remedy="Restore restricted/signatures.jsonl and restricted/signatures.json from the backup, and find out who changed "
        "them. What has been signed since is signed again.",
    )
