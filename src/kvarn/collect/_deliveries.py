"""What the names and bytes of delivery files tell before any row is read."""

from __future__ import annotations

import calendar
import contextlib
import datetime as dt
import hashlib
import re
from codecs import getincrementaldecoder
from collections.abc import Container
from dataclasses import dataclass, field

from kvarn.collect._archives import Archives
from kvarn.collect._layouts import Layout, layouts
from kvarn.collect._lines import survey
from kvarn.collect._rules import LINES_SHOWN
from kvarn.collect._sources import NAME, POSSIBLE_YEARS, Source
from kvarn.programme import current_programme

__all__ = ["Delivery", "examine", "hash_only", "read_name"]

# What a file may be at the most. The largest municipality has some 500,000 rows and 25 MB in a month; whatever a file holds, one
# of this size is judged in little memory.
LARGEST_FILE = 128 * 1024 * 1024
MOST_ROWS = 3_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_SEPARATORS = (b",", b"\t", b"|", b":")
# A header names its fields in words, and holds nothing like an identity number.
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(rb"[0-9]{8}")
_WHITE_SPACE = b" \t\r\n\v\f\x1a" + "\u00a0".encode()
# No two rows at the end of a file that are not wrong anyway take more bytes.
_MOST_AT_THE_END = 4096
# So much of a first row tells whether it is a header.
_MOST_AT_THE_BEGINNING = 4096
# Bytes that are looked at together, where a copy of the whole would be too much.
_PIECE = 1024 * 1024
# A carriage return before the line feed, or more where a file has gone through several systems.
_LINE_END = re.compile(rb"(?<!\r)\r+\n")
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
        Its rows: the lines that hold anything.
    bad
        Its rows that break a row rule of severity ``error``.
    over
        Of a file rule that has a limit and is broken, how many rows passed it.
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
    over: dict[str, int] = field(default_factory=dict)
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
    year = int(name["year"])
    layout = layouts().get(name["type"])
    if layout is None:
        delivery.faults["file-type"] = []
    else:
        delivery.type = layout.type
        if year < layout.first_year:
            delivery.faults["file-first-year"] = []
    # `delivery.year` is none then: no date can be computed from it.
    if year >= POSSIBLE_YEARS.stop:
        delivery.faults["file-future"] = []
    elif year not in POSSIBLE_YEARS:
        delivery.faults["file-first-year"] = []
    return delivery


def read_content(delivery: Delivery, archives: Archives) -> bytes | None:
    """The delivery's bytes, or None when they are too many; sets ``size``, and ``sha256`` of what is too large.

    Raises
    ------
    OSError
        The file, or the archive that it is in, cannot be read.
    """
    source = delivery.source
    if source.member is not None:
        content = None if source.size > LARGEST_FILE else archives.read(source.path, source.member, LARGEST_FILE)
        delivery.size = source.size if content is None else len(content)
        return content
    delivery.size = source.path.stat().st_size
    if delivery.size <= LARGEST_FILE:
        return source.path.read_bytes()
    with source.path.open("rb") as stream:
        delivery.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return None


def hash_only(delivery: Delivery, archives: Archives) -> str:
    """The checksum of a delivery's bytes, which nobody looks into; empty when they cannot be read."""
    with contextlib.suppress(OSError, MemoryError):
        content = read_content(delivery, archives)
        if content is not None:
            delivery.sha256 = hashlib.sha256(content).hexdigest()
    return delivery.sha256


def examine(delivery: Delivery, archives: Archives) -> bytes:
    """Read a delivery's bytes, note the file rules that they break, and return its rows as UTF-8 with LF at each line's end.

    The rows are the lines that hold anything (`survey`). Sets ``sha256``, ``received`` and ``faults``.
    """
    if delivery.source.fault is not None:
        hash_only(delivery, archives)
        return b""
    try:
        content = read_content(delivery, archives)
    except (OSError, MemoryError):
        delivery.faults["file-unreadable"] = []
        return b""
    if content is None:
        delivery.faults["file-size"] = []
        return b""
    delivery.sha256 = hashlib.sha256(content).hexdigest()
    if content.startswith(BYTE_ORDER_MARK):
        content = content[len(BYTE_ORDER_MARK) :]
        delivery.faults["file-byte-order-mark"] = [1]
    binary = b"\0" in content
    if not binary:
        content = _with_line_feeds(_as_utf8(content, delivery))
    layout = layouts()[delivery.type or current_programme().about.periods]
    delivery.received, empty = survey(content, layout.separator, LINES_SHOWN)
    if not delivery.received:
        # What is wrong with the encoding of nothing is of no interest.
        delivery.faults.pop("file-encoding", None)
        delivery.faults["file-empty"] = []
        return b""
    if binary or delivery.received > MOST_ROWS:
        delivery.faults["file-binary" if binary else "file-size"] = []
        return b""
    if delivery.type is not None:
        _note_empty_lines(content, empty, delivery)
        _examine_ends(content, layout, delivery)
    return content if content.endswith(b"\n") else content + b"\n"


def _with_line_feeds(content: bytes) -> bytes:
    """The content with a line feed at each line's end, whichever of the usual ends it had."""
    if b"\r" not in content:
        return content
    content = content.replace(b"\r\n", b"\n")
    if b"\r\n" in content:
        content = _LINE_END.sub(b"\n", content)
    return content.removesuffix(b"\r") if b"\n" in content else content.replace(b"\r", b"\n")


def _note_empty_lines(content: bytes, empty: list[int], delivery: Delivery) -> None:
    """Note the (first) empty lines, but for white space at the end of the file, which nobody need hear of."""
    if empty:
        end = len(content)
        while end and content[end - 1] in _WHITE_SPACE:
            end = len(content[max(0, end - _PIECE) : end].rstrip(_WHITE_SPACE)) + max(0, end - _PIECE)
        last = content.count(b"\n", 0, end) + 1
        told = [line for line in empty if line <= last]
        if told:
            delivery.faults["file-empty-lines"] = told


def _as_utf8(content: bytes, delivery: Delivery) -> bytes:
    """The content as UTF-8, from UTF-8 or ISO 8859-1."""
    if content.isascii() or _is_utf8(content):
        return content
    # Bytes 80–9F are control characters in ISO 8859-1: a text that has them is in some other encoding.
    if _C1_CONTROLS.search(content):
        delivery.faults["file-encoding"] = []
    text = bytearray()
    for begin in range(0, len(content), _PIECE):
        text += content[begin : begin + _PIECE].decode("iso-8859-1").encode("utf-8")
    return bytes(text)


def _is_utf8(content: bytes) -> bool:
    decoder = getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(content), _PIECE):
            decoder.decode(content[begin : begin + _PIECE], final=begin + _PIECE >= len(content))
    except UnicodeDecodeError:
        return False
    return True


def _examine_ends(content: bytes, layout: Layout, delivery: Delivery) -> None:
    """The rules that the first and the last row tell: a header, another separator, a row cut short."""
    separator = layout.separator.encode()
    number, first = _first_row(content, _WHITE_SPACE + separator)
    if separator not in content:
        if any(first.count(other) >= len(layout.required) - 1 for other in _OTHER_SEPARATORS):
            delivery.faults["file-separator"] = [number]
            return
    elif not _DATE.search(first) and _is_word(first.partition(separator)[0].decode("utf-8", "replace")):
        delivery.faults["file-header"] = [number]
    if not content.endswith(b"\n"):
        *_, before, last = b"", *content[-_MOST_AT_THE_END:].rsplit(b"\n", 2)
        filled = last.strip(_WHITE_SPACE + separator)
        if filled and _cut_short(last.decode("utf-8", "replace"), before.decode("utf-8", "replace"), layout):
            delivery.faults["file-truncated"] = [content.count(b"\n") + 1]


def _is_word(field: str) -> bool:
    return _LETTER.search(field) is not None and _DIGIT.search(field) is None


def _first_row(content: bytes, nothing: bytes) -> tuple[int, bytes]:
    """The number of the first line that is not empty, and (the beginning of) what stands on it."""
    filled = 0
    while filled < len(content) and content[filled] in nothing:
        piece = content[filled : filled + _PIECE]
        filled += len(piece) - len(piece.lstrip(nothing))
    begin = content.rfind(b"\n", 0, filled) + 1
    end = content.find(b"\n", filled)
    end = min(end if end >= 0 else len(content), filled + _MOST_AT_THE_BEGINNING)
    # White space and separators before the first word may be many.
    begin = max(begin, filled - _MOST_AT_THE_BEGINNING)
    return content.count(b"\n", 0, begin) + 1, content[begin:end].strip()


def _cut_short(last: str, before: str, layout: Layout) -> bool:
    """Whether a last row without a line end was cut short, and is not wrong in the way of the row before it.

    A row with all its fields is whole, whatever is wrong with it: to send it again as it is would not help.
    """
    if re.fullmatch(layout.row_pattern, last) is not None:
        return False
    fields, others = last.split(layout.separator), before.split(layout.separator)
    patterns = [field.pattern for field in layout.fields for _ in range(field.repeat or 1)]
    least = len(layout.required)
    if least <= len(fields) <= len(patterns) and re.fullmatch(patterns[len(fields) - 1], fields[-1]):
        return False
    if not before:
        return len(fields) < least or not fields[-1]
    as_whole = (len(fields), len(fields[-1])) >= (len(others), len(others[-1]))
    return not (as_whole and re.fullmatch(layout.row_pattern, before) is None)
