"""The release history: which editions are out, and what each of them gave away.

``restricted/releases/<number>/`` keeps each release, numbered from 1: ``entry.json`` (what was released, the checksums of every
file that is out and of every file kept here, and the checksum of the entry before), ``disclosure/`` (the pattern and its
certificate), the parameters, the record of the publication and what is kept restricted of how it was made. An entry is a release,
or a reversion: that an earlier version of a publication is in front again, which lets nothing out that was not out.
``restricted/releases.json`` names the last one, so that it is seen when it, or the whole folder, is lost. An entry is never
changed: each holds the checksum of the one before, so that a change, or a hole, is seen by the next command.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.chain import head_file, lost_by_head, write_head
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.base.exchange import exchange, recover, stage
from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.errors import InputError

__all__ = [
    "MADE",
    "PARAMETERS",
    "RECORD",
    "Release",
    "Reversion",
    "checksums",
    "entries",
    "record_release",
    "record_reversion",
    "releases",
]

PARAMETERS, RECORD, MADE = "parameters.yml", "record.json", "made.json"
_ENTRY, _KIND, _REVERSION = "entry.json", "kind", "reversion"


@dataclass(frozen=True)
class Release:
    """One edition as it was released.

    Attributes
    ----------
    register
        Which register it is made from: what is out of the same one is protected together.
    published
        The edition's own day of publication.
    recorded
        When it was entered here.
    already_out
        Whether it had been published before it was entered, so that nobody examined it together with what was out.
    orders
        How many custom orders had been delivered before.
    last_order
        The checksum of the last of them; empty where there was none, and in entries of earlier versions.
    files
        The checksum of every file that is out.
    kept
        The checksum of every file of this entry.
    before
        The checksum of the entry before; empty for the first.
    digest
        The checksum of this entry.
    signatures
        The signatures by which it was released; none where nobody had to sign, and in entries of earlier versions.
    signed
        How many signatures the log had in all.
    last_signature
        The checksum of the last of them; empty where there was none.
    corrects
        The edition in whose place it came, where it corrects one; else empty.
    """

    number: int
    edition: str
    register: str
    synthetic: bool
    reference_year: int
    stage: str
    published: str
    recorded: str
    already_out: bool
    orders: int
    files: Mapping[str, str]
    kept: Mapping[str, str]
    before: str
    folder: Path
    digest: str
    last_order: str = ""
    signatures: Sequence[Mapping[str, Any]] = ()
    signed: int = 0
    last_signature: str = ""
    corrects: str = ""

    @property
    def memory(self) -> Memory:
        """What it gave away."""
        return Memory(self.folder / "disclosure", self.edition)


@dataclass(frozen=True)
class Reversion:
    """An earlier version of a publication was put in front again.

    Attributes
    ----------
    edition
        The edition that is in front from then on.
    instead_of
        The one that was.
    made
        The day of it.
    why
        Why, in both languages, as readers are told.
    account
        Who gave the command.
    """

    number: int
    edition: str
    instead_of: str
    made: str
    why: Mapping[str, str]
    account: Mapping[str, Any]
    recorded: str
    kept: Mapping[str, str]
    before: str
    folder: Path
    digest: str


def releases(folder: Path) -> list[Release]:
    """Every release, the oldest first; see `entries`."""
    return [one for one in entries(folder) if isinstance(one, Release)]


def entries(folder: Path) -> list[Release | Reversion]:
    """Every entry, the oldest first, once it is certain that none is missing and nothing has been changed.

    Raises
    ------
    InputError
        The history is not whole.
    """
    # A hidden folder is one that is being written, or was left by a run that was stopped.
    numbers = sorted(int(path.name) for path in folder.glob("[!.]*") if path.name.isdigit()) if folder.is_dir() else []
    found: list[Release | Reversion] = []
    for number in range(1, len(numbers) + 1):
        found.append(_read(folder / str(number), number, found[-1].digest if found else ""))
    if why := lost_by_head(folder, [one.digest for one in found], "release"):
        raise _broken(head_file(folder), why)
    return found


def record_release(folder: Path, about: Mapping[str, Any], write: Callable[[Path], None]) -> Release:
    """Enter a release: whole, or not at all, at whichever moment the process ends. The caller holds the lock of what is out.

    Parameters
    ----------
    about
        The attributes of `Release` that are not made here.
    write
        Writes what is to be kept into a folder: ``disclosure/``, the parameters, the record, how it was made.
    """
    made = _enter(folder, about, write)
    assert isinstance(made, Release)
    return made


def record_reversion(folder: Path, about: Mapping[str, Any]) -> Reversion:
    """Enter that an earlier version is in front again, as `record_release`."""
    made = _enter(folder, {**about, _KIND: _REVERSION}, lambda _: None)
    assert isinstance(made, Reversion)
    return made


def _enter(folder: Path, about: Mapping[str, Any], write: Callable[[Path], None]) -> Release | Reversion:
    known = entries(folder)
    if not known:
        # From the first entry on there is a head, so that a history without one is seen to be cut off.
        write_head(folder, 0, "")
    place = private_folder(folder) / str(len(known) + 1)
    # Whoever was stopped right after the last entry has left an empty folder beside it.
    recover(folder / str(len(known)))
    beside = stage(place, secret=True)
    try:
        write(beside)
        for above, _, names in os.walk(beside):
            os.chmod(above, 0o700)
            for name in names:
                os.chmod(Path(above) / name, SECRET)
        kept = checksums(beside)
        entry = {"number": len(known) + 1, **about, "kept": kept, "before": known[-1].digest if known else ""}
        content = (json.dumps(entry, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
        replace_file(beside / _ENTRY, content, mode=SECRET)
        if place.exists():
            raise _broken(place, "an entry of this number is there already")
        exchange(beside, place, secret=True, durable=True)
    finally:
        recover(place)
    made = entries(folder)[-1]
    write_head(folder, made.number, made.digest)
    return made


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a folder, hidden ones too, by its place in it; an empty folder counts too, with none.

    Raises
    ------
    InputError
        A link or a special file is in it, of which a checksum would tell nothing.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise InputError("Only files belong here: no link, no special file.", file=path, remedy="Take it away.")
        if path.is_dir() and not any(path.iterdir()):
            found[f"{name}/"] = ""
        if path.is_file():
            with path.open("rb") as content:
                found[name] = hashlib.file_digest(content, "sha256").hexdigest()
    return found


def _read(folder: Path, number: int, before: str) -> Release | Reversion:
    path = folder / _ENTRY
    if not path.is_file():
        raise _broken(path, f"release {number} is missing")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        told = _json(path)
        of = Reversion if told.pop(_KIND, None) == _REVERSION else Release
        found = of(**told, folder=folder, digest=digest)
    except TypeError as error:
        raise _broken(path, "the entry does not hold what it should") from error
    if found.number != number or found.before != before:
        raise _broken(path, f"release {number} does not follow on the one before")
    if checksums(folder) != {**found.kept, _ENTRY: digest}:
        raise _broken(folder, f"what is kept of release {number} is not what was entered")
    return found


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    except ValueError:
        pass
    raise _broken(path, "the file cannot be read")


def _broken(file: Path, why: str) -> InputError:
    return InputError(
        f"The release history is not whole: {why}.",
        file=file,
        remedy="Restore restricted/releases from the backup: nothing may be published that could uncover what is out.",
    )
