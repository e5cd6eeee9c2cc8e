"""Finding delivery files, and what their names and bytes tell before any row is read."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kvarn.collect._layouts import Layout, layouts
from kvarn.errors import DeliveryError

__all__ = ["Delivery", "Found", "examine", "find_deliveries", "read_name"]

LARGEST_FILE = 512 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NAME = re.compile(r"(?P<type>[A-Z0-9]+)_(?P<municipality>[0-9]{4})_(?P<year>[0-9]{4})(?P<month>[0-9]{2})\.txt")
_YEAR_IN_NAME = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:[0-9]{2})?(?![0-9])")
_OTHER_SEPARATORS = (b",", b"\t", b"|", b":")
# A header names its fields in words, and holds nothing like an identity number.
_WORDS = re.compile(r"\D*[^\W\d_]\D*")
_DATE = re.compile(rb"[0-9]{8}")
_ANYTHING = re.compile(rb"[^\r\n\t ]")
_C1_CONTROLS = re.compile(rb"[\x80-\x9f]")


@dataclass(frozen=True, order=True)
class Found:
    """A file among the deliveries. Sorted by name, which is by type, municipality and month."""

    name: str
    path: str
    size: int = field(compare=False)
    changed: int = field(compare=False)
    year: int | None = field(compare=False)


@dataclass
class Delivery:
    """One delivery file: what its name says, and what is found out about it.

    Attributes
    ----------
    number
        The file's number in its year, from 1, in the order of the names.
    size
        Its bytes.
    faults
        The file rules that it breaks, with the number of the line where one can be told.
    received
        Its rows.
    bad
        Its rows that break a row rule of severity ``error``.
    """

    number: int
    name: str
    path: Path
    year: int
    type: str | None = None
    municipality: str | None = None
    month: int | None = None
    arrived: dt.date | None = None
    sha256: str = ""
    size: int = 0
    faults: dict[str, list[int]] = field(default_factory=dict)
    received: int = 0
    bad: int = 0
    verdict: str = "accepted"

    @property
    def accepted(self) -> int:
        """Its rows that are taken in."""
        return self.received - self.bad if self.verdict == "accepted" else 0

    @property
    def rejected(self) -> int:
        """Its rows that are not."""
        return self.received - self.accepted

    @property
    def last_day(self) -> int:
        """The number of days in its month."""
        return calendar.monthrange(self.year, self.month or 1)[1]


def find_deliveries(folder: Path, years: Sequence[int]) -> dict[int, list[Found]]:
    """The delivery files of each year anywhere under a folder, sorted by name; one walk.

    A file whose name begins like a delivery's but does not follow the pattern belongs to the year that its name or its
    folder tells; where neither does, to every year, so that it is rejected aloud and never passed over in silence.

    Raises
    ------
    DeliveryError
        There is no such folder.
    """
    if not folder.is_dir():
        raise DeliveryError(
            "There is no such folder of deliveries.",
            file=folder,
            remedy="Correct data.deliveries, or make the demonstration's deliveries with `kvarn demo`.",
        )
    found: dict[int, list[Found]] = {year: [] for year in years}
    for file in _walk(str(folder), None):
        for year in years if file.year is None else (file.year,):
            if year in found:
                found[year].append(file)
    for files in found.values():
        files.sort()
    return found


def _walk(folder: str, folder_year: int | None) -> Iterator[Found]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            own = _YEAR_IN_NAME.fullmatch(entry.name)
            yield from _walk(entry.path, int(own[1]) if own else folder_year)
        elif entry.name[:4].upper() == "KHSL" and entry.is_file():
            # "KHSL1_0114_202301.txt": the fast way for the name that nearly every file has.
            right = _NAME.fullmatch(entry.name)
            told = None if right else _YEAR_IN_NAME.search(entry.name.partition("_")[2].partition("_")[2])
            year = int(right["year"]) if right else int(told[1]) if told else folder_year
            status = entry.stat()
            yield Found(entry.name, entry.path, status.st_size, status.st_mtime_ns, year)


def read_name(number: int, file: Found, year: int, municipalities: frozenset[str]) -> Delivery:
    """The delivery that a file's name announces, with the rules that the name breaks."""
    delivery = Delivery(number, file.name, Path(file.path), year)
    name = _NAME.fullmatch(file.name)
    if name is None:
        delivery.faults["file-name"] = []
        return delivery
    delivery.municipality = name["municipality"]
    if name["municipality"] not in municipalities:
        delivery.faults["file-municipality"] = []
    if 1 <= int(name["month"]) <= 12:
        delivery.month = int(name["month"])
    else:
        delivery.faults["file-period"] = []
    layout = layouts().get(name["type"])
    if layout is None:
        delivery.faults["file-type"] = []
    else:
        delivery.type = layout.type
        if year < layout.first_year:
            delivery.faults["file-first-year"] = []
    return delivery


def examine(delivery: Delivery) -> bytes:
    """Read a delivery's bytes, note the file rules that they break, and return its rows as UTF-8 with LF at each line's end.

    The number of rows is the number of lines. Sets ``sha256``, ``received`` and ``faults``.
    """
    try:
        delivery.size = delivery.path.stat().st_size
        if delivery.size > LARGEST_FILE:
            delivery.faults["file-size"] = []
            with delivery.path.open("rb") as stream:
                delivery.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            return b""
        content = delivery.path.read_bytes()
    except OSError:
        delivery.faults["file-unreadable"] = []
        return b""
    delivery.sha256 = hashlib.sha256(content).hexdigest()
    if content.startswith(BYTE_ORDER_MARK):
        content = content[len(BYTE_ORDER_MARK) :]
        delivery.faults["file-byte-order-mark"] = [1]
    if not _ANYTHING.search(content):
        delivery.faults["file-empty"] = []
        return b""
    delivery.received = content.count(b"\n") + (not content.endswith(b"\n"))
    if b"\0" in content:
        delivery.faults["file-binary"] = []
        return content
    content = _as_utf8(content, delivery)
    if delivery.type is not None:
        _examine_ends(content, layouts()[delivery.type], delivery)
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
    return content if content.endswith(b"\n") else content + b"\n"


def _as_utf8(content: bytes, delivery: Delivery) -> bytes:
    """The content as UTF-8, from UTF-8 or ISO 8859-1."""
    if content.isascii():
        return content
    try:
        content.decode("utf-8")
        return content
    except UnicodeDecodeError:
        # Bytes 80–9F are control characters in ISO 8859-1: a text that has them is in some other encoding.
        if _C1_CONTROLS.search(content):
            delivery.faults["file-encoding"] = []
        return content.decode("iso-8859-1").encode("utf-8")


def _examine_ends(content: bytes, layout: Layout, delivery: Delivery) -> None:
    """The rules that the first and the last line tell: a header, another separator, a row cut short."""
    separator = layout.separator.encode()
    first = content[: content.find(b"\n") + 1 or len(content)].strip()
    if separator not in content:
        if any(first.count(other) >= len(layout.required) - 1 for other in _OTHER_SEPARATORS):
            delivery.faults["file-separator"] = [1]
            return
    elif not _DATE.search(first) and _WORDS.fullmatch(first.partition(separator)[0].decode()):
        delivery.faults["file-header"] = [1]
    if not content.endswith(b"\n"):
        last = content[content.rfind(b"\n") + 1 :].decode()
        if re.fullmatch(layout.row_pattern, last.rstrip("\r")) is None:
            delivery.faults["file-truncated"] = [delivery.received]
