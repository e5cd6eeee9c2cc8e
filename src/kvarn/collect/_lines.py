"""The lines of a batch as places in one array of bytes: no line is copied, none is touched by Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Counts", "Lines", "Mask", "Survey", "Words", "lines_of", "survey"]

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

# Bytes after the last line, so that a word that begins in a line can be read.
_PADDING = 256
_LINE_FEED = ord("\n")
# Bytes whose lines are looked at together.
_PIECE = 1024 * 1024
# White space, and the mark that old systems put at the end of a text. The no-break space is two bytes in UTF-8, where no other
# character is made of these two alone.
_BLANK = b" \t\r\n\v\f\x1a" + "\u00a0".encode()


@dataclass(frozen=True)
class Lines:
    """The lines of the files of a batch that hold anything: an empty line (`survey`) is no row.

    Attributes
    ----------
    content
        The files' bytes, one file after the other, a separator in place of each line break, and some padding.
    begin, end
        Where each line begins, and where the separator stands that ends it.
    place
        Which file of the batch a line is in, from 0.
    line
        The number of the line in its file, from 1.
    """

    content: npt.NDArray[np.uint8]
    begin: Counts
    end: Counts
    place: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.begin)

    def words(self, places: Counts) -> Words:
        """The eight bytes at each of these places, as one number (the first byte is the lowest)."""
        every = np.ndarray(len(self.content) - 7, "<u8", self.content, strides=(1,))
        found: Words = every[places]
        return found

    def text(self, rows: Counts) -> pa.LargeStringArray:
        """Some of the lines, each with a separator at its end."""
        return self.cut(self.begin[rows], self.end[rows] + 1)

    def cut(self, begin: Counts, end: Counts) -> pa.LargeStringArray:
        """What stands between these places, which must not overlap."""
        # The texts and what lies between them, in turn.
        offsets = np.append(np.column_stack([begin, end]).ravel(), end[-1:] if len(end) else 0)
        both = pa.LargeStringArray.from_buffers(2 * len(begin), pa.py_buffer(offsets), pa.py_buffer(self.content))
        return both.take(pa.array(np.arange(0, 2 * len(begin), 2)))


class Survey(NamedTuple):
    """What the lines of a file are.

    Attributes
    ----------
    filled
        How many hold anything but white space and separators.
    empty
        The numbers, from 1, of the first that do not.
    """

    filled: int
    empty: list[int]


def survey(content: bytes, separator: str, most: int) -> Survey:
    """Count the lines of a file, and tell the first `most` of the empty ones."""
    filled, empty, before = 0, list[int](), 0
    for ends, begin, nothing in _lines_by_pieces(content, separator):
        filled += len(begin) - int(np.count_nonzero(nothing))
        if len(empty) < most:
            empty += (np.flatnonzero(nothing)[: most - len(empty)] + before + 1).tolist()
        before += len(ends)
    return Survey(filled, empty)


def _lines_by_pieces(content: bytes, separator: str) -> Iterator[tuple[Counts, Counts, Mask]]:
    """Where some lines end and begin, and whether they are empty.

    Some after some, so that a file of nothing but line breaks takes no more memory than any other.
    """
    octets = np.frombuffer(content, np.uint8)
    begin = 0
    while begin < len(content):
        end = content.rfind(b"\n", begin, begin + _PIECE) + 1
        if not end:
            # One line, longer than a piece.
            end = content.find(b"\n", begin) + 1 or len(content)
            nothing = _is_empty(content, begin, end, separator)
            yield np.array([end - 1 if content[end - 1] == _LINE_FEED else end]), np.array([begin]), np.array([nothing])
        else:
            ends = np.flatnonzero(octets[begin:end] == _LINE_FEED)
            begins = np.append(0, ends[:-1] + 1)
            yield ends + begin, begins + begin, _are_empty(octets[begin:end], begins, separator)
        begin = end


def _is_empty(content: bytes, begin: int, end: int, separator: str) -> bool:
    """Whether a long line is empty."""
    blank = _BLANK + separator.encode()
    return not any(content[at : min(at + _PIECE, end)].strip(blank) for at in range(begin, end, _PIECE))


def _are_empty(octets: npt.NDArray[np.uint8], begin: Counts, separator: str) -> Mask:
    """Which of the lines that begin at these places are empty. Of nearly all the first byte tells that they are not."""
    blank: Mask = np.zeros(256, np.bool_)
    blank[list(_BLANK + separator.encode())] = True
    if not blank[octets[begin]].any():
        return np.zeros(len(begin), np.bool_)
    found: Mask = np.logical_and.reduceat(blank[octets], begin)
    return found


def lines_of(contents: Sequence[bytes], separator: str, longest: int) -> Lines:
    """The lines of files whose every line ends with a line feed, empty lines left out.

    Of a line that is longer than `longest` bytes, its end counted, so many are kept as make it too long still, with a quotation
    mark where it has any: no rule needs more of it.
    """
    joined: npt.NDArray[np.uint8] = np.frombuffer(bytearray().join([*contents, bytes(_PADDING)]), np.uint8)
    found: list[tuple[Counts, Counts, npt.NDArray[np.int32], npt.NDArray[np.int32]]] = []
    first = 0
    for place, content in enumerate(contents):
        before = 0
        for ends, begins, nothing in _lines_by_pieces(content, separator):
            # The separator in place of the line break: splitting then leaves no break in the last field.
            joined[ends + first] = ord(separator)
            line = np.arange(before + 1, before + len(ends) + 1, dtype=np.int32)
            before += len(ends)
            if nothing.any():
                ends, begins, line = ends[~nothing], begins[~nothing], line[~nothing]
            for at in np.flatnonzero(ends - begins >= longest).tolist():
                quoted = content.find(b'"', begins[at], ends[at]) >= 0
                ends[at] = begins[at] + longest
                _shorten(joined, first + begins[at], first + ends[at], quoted, separator)
            found.append((begins + first, ends + first, np.full(len(ends), place, np.int32), line))
        first += len(content)
    if not found:
        none, few = np.zeros(0, np.int64), np.zeros(0, np.int32)
        return Lines(joined, none, none, few, few)
    begin, end, places, lines = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Lines(joined, begin, end, places, lines)


def _shorten(joined: npt.NDArray[np.uint8], begin: int, end: int, quoted: bool, separator: str) -> None:
    # Not its first bytes: a character could be cut in two.
    joined[begin:end] = ord("x")
    if quoted:
        joined[begin] = ord('"')
    joined[end] = ord(separator)
