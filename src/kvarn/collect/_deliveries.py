"""What the names and bytes of delivery files tell before any row is read."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass, field

from kvarn.collect._archives import read_member
from kvarn.collect._layouts import Layout, layouts
from kvarn.collect._sources import NAME, Source

__all__ = ["Delivery", "examine", "hash_only", "read_name"]

LARGEST_FILE = 512 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_SEPARATORS = (b",", b"\t", b"|", b":")
# A header names its fields in words, and holds nothing like an identity number.
_WORDS = re.compile(r"\D*[^\W\d_]\D*")
_DATE = re.compile(rb"[0-9]{8}")
_ANYTHING = re.compile(rb"[^\r\n\t ]")
_C1_CONTROLS = re.compile(rb"[\x80-\x9f]")


@dataclass
class Delivery:
    """One delivery file: what its name says, and what is found out about it.

    Attributes
    ----------
    number
        The delivery's number in the ledger.
    source
        Where it came from.
    year
        The year of care, as far as the name tells.
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
    source: Source
    name: str
    year: int | None
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
        return calendar.monthrange(self.year or 1, self.month or 1)[1]


def read_name(number: int, source: Source, municipalities: Container[str]) -> Delivery:
    """The delivery that a file's name announces, with the rules that the name breaks."""
    delivery = Delivery(number, source, source.name, source.year)
    if source.fault is not None:
        delivery.faults[source.fault] = []
        return delivery
    name = NAME.fullmatch(source.name)
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
        if int(name["year"]) < layout.first_year:
            delivery.faults["file-first-year"] = []
    return delivery


def read_content(delivery: Delivery) -> bytes | None:
    """The delivery's bytes, or None when they are too many; sets ``size``, and ``sha256`` of what is too large.

    Raises
    ------
    OSError
        The file, or the archive that it is in, cannot be read.
    """
    source = delivery.source
    if source.member is not None and source.fault is None:
        content = None if source.size > LARGEST_FILE else read_member(source.path, source.member, LARGEST_FILE)
        delivery.size = source.size if content is None else len(content)
        return content
    delivery.size = source.path.stat().st_size
    if delivery.size <= LARGEST_FILE:
        return source.path.read_bytes()
    with source.path.open("rb") as stream:
        delivery.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return None


def hash_only(delivery: Delivery) -> str:
    """The checksum of a delivery's bytes, which nobody looks into; empty when they cannot be read."""
    try:
        content = read_content(delivery)
    except OSError:
        return ""
    if content is not None:
        delivery.sha256 = hashlib.sha256(content).hexdigest()
    return delivery.sha256


def examine(delivery: Delivery) -> bytes:
    """Read a delivery's bytes, note the file rules that they break, and return its rows as UTF-8 with LF at each line's end.

    The number of rows is the number of lines. Sets ``sha256``, ``received`` and ``faults``.
    """
    if delivery.source.fault is not None:
        hash_only(delivery)
        return b""
    try:
        content = read_content(delivery)
    except OSError:
        delivery.faults["file-unreadable"] = []
        return b""
    if content is None:
        delivery.faults["file-size"] = []
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
