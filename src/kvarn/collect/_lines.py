"""The lines of a batch as places in one array of bytes: no line is copied, none is touched by Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Counts", "Lines", "Mask", "Words", "empty_lines", "lines_of"]

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

# Bytes after the last line, so that a word that begins in a line can be read.
_PADDING = 256
_LINE_FEED = ord("\n")
# White space, and the mark that old systems put at the end of a text. The no-break space is two bytes in UTF-8, where no other
# character is made of these two alone.
_BLANK = b" \t\r\n\v\f\x1a" + "\u00a0".encode()


@dataclass(frozen=True)
class Lines:
    """The lines of the files of a batch that hold anything: an empty line (`empty_lines`) is no row.

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


def empty_lines(content: bytes, separator: str) -> Counts:
    """The numbers, from 1, of the lines that hold nothing but white space and separators."""
    octets = np.frombuffer(content, np.uint8)
    begin = np.append(0, np.flatnonzero(octets == _LINE_FEED) + 1)
    return np.flatnonzero(_are_empty(octets, begin[begin < len(octets)], separator)) + 1


def _are_empty(octets: npt.NDArray[np.uint8], begin: Counts, separator: str) -> Mask:
    """Which of the lines that begin at these places are empty. Of nearly all the first byte tells that they are not."""
    blank: Mask = np.zeros(256, np.bool_)
    blank[list(_BLANK + separator.encode())] = True
    if not blank[octets[begin]].any():
        return np.zeros(len(begin), np.bool_)
    found: Mask = np.logical_and.reduceat(blank[octets], begin)
    return found


def lines_of(contents: Sequence[bytes], separator: str) -> Lines:
    """The lines of files whose every line ends with a line feed, empty lines left out."""
    joined: npt.NDArray[np.uint8] = np.frombuffer(bytearray().join([*contents, bytes(_PADDING)]), np.uint8)
    breaks = [np.flatnonzero(np.frombuffer(content, np.uint8) == _LINE_FEED) for content in contents]
    rows = np.array([len(own) for own in breaks])
    begins = np.cumsum([0, *map(len, contents[:-1])])
    ends = np.concatenate(breaks) + np.repeat(begins, rows)
    # The separator in place of the line break: splitting then leaves no break in the last field.
    joined[ends] = ord(separator)
    first: npt.NDArray[Any] = np.cumsum(rows) - rows
    begin = np.append(np.zeros(min(1, len(ends)), np.int64), ends[:-1] + 1)
    place = np.repeat(np.arange(len(rows), dtype=np.int32), rows)
    line = np.arange(1, len(ends) + 1, dtype=np.int32) - np.repeat(first.astype(np.int32), rows)
    empty = _are_empty(joined[: len(joined) - _PADDING], begin, separator)
    if not empty.any():
        return Lines(joined, begin, ends, place, line)
    return Lines(joined, begin[~empty], ends[~empty], place[~empty], line[~empty])
