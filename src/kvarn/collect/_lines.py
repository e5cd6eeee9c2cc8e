"""The lines of a batch as places in one array of bytes: no line is copied, none is touched by Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Counts", "Lines", "Mask", "Words", "lines_of"]

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

# Bytes after the last line, so that a word that begins in a line can be read.
_PADDING = 256


@dataclass(frozen=True)
class Lines:
    """The lines of the files of a batch.

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


def lines_of(contents: Sequence[bytes], separator: str) -> Lines:
    """The lines of files whose every line ends with a line feed."""
    joined: npt.NDArray[np.uint8] = np.frombuffer(bytearray().join([*contents, bytes(_PADDING)]), np.uint8)
    breaks = [np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n")) for content in contents]
    rows = np.array([len(own) for own in breaks])
    begins = np.cumsum([0, *map(len, contents[:-1])])
    ends = np.concatenate(breaks) + np.repeat(begins, rows)
    # The separator in place of the line break: splitting then leaves no break in the last field.
    joined[ends] = ord(separator)
    first: npt.NDArray[Any] = np.cumsum(rows) - rows
    return Lines(
        content=joined,
        begin=np.append(np.zeros(min(1, len(ends)), np.int64), ends[:-1] + 1),
        end=ends,
        place=np.repeat(np.arange(len(rows), dtype=np.int32), rows),
        line=np.arange(1, len(ends) + 1, dtype=np.int32) - np.repeat(first.astype(np.int32), rows),
    )
