"""Which editions are out, and their files: the only place of this room that opens anything.

``releases.json`` beside the publications lists what is out: the checksum of each edition's public record, which edition it
corrects, and which version of a corrected publication was put back in front. The record has the checksum of each file. A file is
opened by its name in the record, never by a name that a caller gives, and stops everything when its checksum differs. Candidates,
versions that are not in front, and all other files are not seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvarn.disseminate.recorded import RECORD
from kvarn.errors import InputError

__all__ = ["KNOWN_OUT", "ReleasedEdition", "open_released"]

KNOWN_OUT = "releases.json"
_EDITION = re.compile(r"[a-z0-9][a-z0-9-]*")
_YEARS = re.compile(r"\d{4}/(\d{4})")
_RELEASED = {"edition": str, "number": int, "published": str, "record_sha256": str, "synthetic": bool, "corrects": str}
# What lists of before corrections do not have.
_WRITTEN_BEFORE: dict[str, Any] = {"synthetic": False, "corrects": ""}
_AGAIN = "Publish and release it, or restore the publication from its bundle or backup."


@dataclass(frozen=True)
class ReleasedEdition:
    """An edition that is out.

    Attributes
    ----------
    number
        Its place in the release history.
    languages
        Those of its reports, the main one first.
    title, publisher
        By language.
    licence
        An address, or words where no licence is stated.
    record
        The checksum of its public record.
    """

    name: str
    number: int
    reference_year: int
    published: str
    languages: tuple[str, ...]
    title: Mapping[str, str]
    publisher: Mapping[str, str]
    licence: str
    record: str
    _folder: Path = field(repr=False)
    _checksums: Mapping[str, str] = field(repr=False)

    def names(self, folder: str) -> list[str]:
        """The files of a folder of the publication, as its record names them."""
        return sorted(name for name in self._checksums if name.rpartition("/")[0] == folder)

    def holds(self, folder: Path) -> bool:
        """Whether a folder is this publication, or lies in it."""
        return folder.resolve().is_relative_to(self._folder.resolve())

    def checksum(self, name: str) -> str:
        """The SHA-256 of a file of the record."""
        return self._checksums[name]

    def read(self, name: str) -> bytes:
        """A file of the record.

        Raises
        ------
        InputError
            It is not the file that was released.
        """
        return _read(self._folder / name, self._checksums[name])


def open_released(publications: Path) -> tuple[ReleasedEdition, ...]:
    """What is out: of each reference year the version in front of the publication that was begun last, so that a correction of
    the preliminary one takes no place of the final one; synthetic ones where there is no other. The latest year first.

    Raises
    ------
    InputError
        Nothing is out; or the list, or what is served, is not what was released.
    """
    released, put_back = _known_out(publications)
    by_name = {entry["edition"]: entry for entry in released}
    began: dict[str, int] = {}
    front: dict[int, Mapping[str, Any]] = {}
    for entry in sorted((*released, *put_back), key=lambda entry: int(entry["number"])):
        name = entry["edition"]
        if name not in began:
            began[name] = began.get(by_name[name]["corrects"], entry["number"])
        front[began[name]] = by_name[name]
    latest: dict[int, ReleasedEdition] = {}
    for _, entry in sorted(front.items(), key=lambda item: (not item[1]["synthetic"], item[0])):
        one = _open(publications, entry)
        latest[one.reference_year] = one
    return tuple(latest[year] for year in sorted(latest, reverse=True))


def _known_out(publications: Path) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """What was released, and what was put back in front."""
    file = publications / KNOWN_OUT
    if not file.is_file():
        raise InputError(
            "Nothing is released here, and a candidate is not served.",
            file=file,
            remedy="Give the folder of the publications; release an edition with kvarn release.",
        )
    listed = _json(file.read_bytes(), file)
    released: list[Mapping[str, Any]] = [{**_WRITTEN_BEFORE, **one} for one in _entries(listed.get("releases"), _RELEASED, file)]
    put_back = _entries(listed.get("put_back", []), {"edition": str, "number": int}, file)
    if not released:
        raise InputError("No edition is released here.", file=file, remedy="Release one with kvarn release.")
    if not {one["edition"] for one in put_back} <= {one["edition"] for one in released}:
        raise _unreadable(file)
    return released, put_back


def _entries(listed: Any, wanted: Mapping[str, type], file: Path) -> list[Mapping[str, Any]]:
    if not isinstance(listed, list) or not all(
        isinstance(one, dict)
        and all(isinstance({**_WRITTEN_BEFORE, **one}.get(key), kind) for key, kind in wanted.items())
        and _EDITION.fullmatch(one["edition"])
        for one in listed
    ):
        raise _unreadable(file)
    return listed


def _open(publications: Path, entry: Mapping[str, Any]) -> ReleasedEdition:
    name: str = entry["edition"]
    folder = publications / name
    file = folder / RECORD
    graph = _json(_read(file, entry["record_sha256"]), file).get("@graph")
    if not isinstance(graph, list):
        raise _unreadable(file)
    described = {str(one.get("@id")): one for one in graph if isinstance(one, dict)}
    root, publisher = described.get("./", {}), described.get("#publisher", {})
    years = _YEARS.fullmatch(str(root.get("temporalCoverage")))
    if years is None:
        raise _unreadable(file)
    licence = root.get("license")
    return ReleasedEdition(
        name=name,
        number=entry["number"],
        reference_year=int(years[1]),
        published=entry["published"],
        languages=tuple(map(str, root.get("inLanguage", ()))),
        title={"sv": str(root.get("alternateName")), "en": str(root.get("name"))},
        publisher={"sv": str(publisher.get("name")), "en": str(publisher.get("alternateName"))},
        licence=str(licence["@id"] if isinstance(licence, dict) else licence),
        record=entry["record_sha256"],
        _folder=folder,
        _checksums={
            str(one["name"]): str(one["sha256"]) for one in described.values() if one.get("@type") == "File" and "sha256" in one
        },
    )


def _read(file: Path, sha256: str) -> bytes:
    """A regular file with this checksum; a link in its place is not followed."""
    try:
        opened = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise InputError(f"A file of a released edition cannot be read: {error.strerror}.", file=file, remedy=_AGAIN) from None
    with os.fdopen(opened, "rb") as stream:
        content = stream.read() if stat.S_ISREG(os.fstat(opened).st_mode) else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError("This is not the file that was released: its checksum is another.", file=file, remedy=_AGAIN)
    return content


def _json(content: bytes, file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _unreadable(file)
    return found


def _unreadable(file: Path) -> InputError:
    return InputError("The file tells what is out, and cannot be read.", file=file, remedy="Restore it from the backup.")
