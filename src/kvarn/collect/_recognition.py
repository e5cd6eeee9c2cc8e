"""Recognising the rows that are right: nearly all rows, at a fraction of the cost of judging a row.

A row in right form has its first fields at fixed places, and what stands after them, the row's tail, is one of a few thousand
texts. So each distinct identity number and each distinct tail is judged once, by the same rules as any row (`_rows`), and a row
whose parts are all right is right. Whatever is not recognised is left to the rules: a row may be odd here and right all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kvarn.collect._deliveries import Delivery
from kvarn.collect._layouts import Layout
from kvarn.collect._lines import Counts, Lines, Mask, Words

__all__ = ["Head", "Recognised", "Tails", "head_of", "recognise"]

# The lengths of the fields whose right value is known from the file's name, or is a number of its own.
_LENGTHS = {"municipality": 4, "identity_number": 12, "date": 8, "year": 4, "month": 2}
# What stands first in a row of each kind; of periods that is the whole row.
_HEADS = {
    "periods": {"municipality", "identity_number", "year", "month"},
    "events": {"municipality", "identity_number", "date"},
}
# Bytes of a word (`Lines.words`).
_WORD = 8


@dataclass(frozen=True)
class Head:
    """Where the first fields of a right row stand.

    Attributes
    ----------
    length
        Its bytes; what follows is the row's tail.
    identity_number
        Where the identity number begins.
    day
        Where the two digits of the day begin, in a layout with a date.
    """

    roles: tuple[str, ...]
    separator: str
    length: int
    identity_number: int
    day: int | None

    @property
    def whole(self) -> bool:
        """Whether a row is nothing but its head."""
        return self.day is None

    def template(self, delivery: Delivery) -> bytes:
        """The head of the rows of a delivery, with zero bytes where rows differ."""
        values = {
            "municipality": delivery.municipality or "",
            "identity_number": "\0" * 12,
            "date": f"{delivery.year:04}{delivery.month:02}\0\0",
            "year": f"{delivery.year:04}",
            "month": f"{delivery.month:02}",
        }
        text = self.separator.join(values[role] for role in self.roles)
        return (text if self.whole else text + self.separator).encode()


def head_of(layout: Layout) -> Head | None:
    """The head of the rows of a layout, or None where the layout's first fields have no fixed places."""
    first = len(_HEADS[layout.rows])
    roles = tuple(field.role for field in layout.fields[:first])
    fixed = all(field.length == _LENGTHS.get(field.role) for field in layout.fields[:first])
    if set(roles) != _HEADS[layout.rows] or not fixed or not (len(layout.separator) == 1 and layout.separator.isascii()):
        return None
    if layout.rows == "periods" and layout.codes:
        return None
    begins = dict(zip(roles, np.cumsum([0, *(_LENGTHS[role] + 1 for role in roles)]).tolist(), strict=False))
    dated = "date" in roles
    return Head(
        roles=roles,
        separator=layout.separator,
        length=sum(_LENGTHS[role] + 1 for role in roles) - (0 if dated else 1),
        identity_number=begins["identity_number"],
        day=begins["date"] + 6 if dated else None,
    )


class Tails(NamedTuple):
    """The distinct tails of a batch.

    Attributes
    ----------
    right
        Whether each is right.
    fields
        The fields of each.
    rank
        The place of each in the order of the fields.
    """

    right: Mask
    fields: pa.Table
    rank: Counts


class Recognised(NamedTuple):
    """The rows of a batch that are right beyond doubt, in order, and what stands in them.

    Attributes
    ----------
    rows
        Their places in the batch.
    person
        The place of each row's identity number in `identity_numbers`.
    day
        The day of the month, from 1; None in a layout without a date.
    tail
        The place of each row's tail in `tails`; None in a layout without tails.
    """

    rows: Counts
    identity_numbers: pa.Array
    person: Counts
    day: npt.NDArray[np.uint8] | None
    tail: npt.NDArray[np.int32] | None
    tails: Tails | None


# Which of the distinct identity numbers are right in every file of the batch.
JudgeIdentities = Callable[[pa.Array], Mask]
# The fields of rows, and whether what stands after their head is right.
JudgeTails = Callable[[Counts], Tails]


def recognise(
    lines: Lines,
    head: Head,
    deliveries: Sequence[Delivery],
    *,
    reported: Sequence[npt.NDArray[np.int64] | None],
    judge_identities: JudgeIdentities,
    judge_tails: JudgeTails,
) -> Recognised:
    """Recognise rows without fault or warning.

    Parameters
    ----------
    reported
        For each delivery the identity numbers that may stand in it, as ascending numbers; None for any.
    """
    shaped = _shaped(lines, head, deliveries)
    begin, place = lines.begin[shaped], lines.place[shaped]
    first = _first_of_runs(lines, begin, place, head)
    numbers, digits = _numbers(lines, begin[first] + head.identity_number)
    distinct, person = np.unique(numbers, return_inverse=True)
    text = pc.cast(pa.array(distinct), pa.string())
    known = digits & judge_identities(text)[person]
    run_place = place[first]
    known &= _reported(numbers, run_place, reported)
    lengths = np.diff(np.append(first, len(begin)))
    right = np.repeat(known, lengths)
    # Two rows of a file are the same when they agree in the person, the day and the tail.
    person = person.astype(np.int64)
    mark = np.repeat(run_place.astype(np.int64) * len(distinct) + person, lengths)
    day: npt.NDArray[np.uint8] | None = None
    tail: npt.NDArray[np.int32] | None = None
    tails: Tails | None = None
    if head.day is not None:
        last_days = np.array([delivery.last_day for delivery in deliveries], np.uint8)
        day = _DAYS[lines.words(begin + head.day) & np.uint64(0xFFFF)]
        right &= (day > 0) & (day <= last_days[place])
        tail = _distinct_tails(lines, shaped, begin + head.length)
        specimens = np.empty(int(tail.max(initial=-1)) + 1, np.int64)
        specimens[tail[::-1]] = shaped[::-1]
        tails = judge_tails(specimens)
        right &= tails.right[tail]
        mark = (mark * 32 + day) * len(specimens) + tails.rank[tail]
    right &= ~_repeated(mark)
    every = np.repeat(person, lengths)
    if right.all():
        return Recognised(shaped, text, every, day, tail, tails)
    return Recognised(
        shaped[right],
        text,
        every[right],
        None if day is None else day[right],
        None if tail is None else tail[right],
        tails,
    )


def _shaped(lines: Lines, head: Head, deliveries: Sequence[Delivery]) -> Counts:
    """The rows that agree with the file's name in all that it tells, separators included."""
    templates = np.array([list(head.template(delivery)) for delivery in deliveries], np.uint8)
    length = lines.end - lines.begin
    agree: Mask = length == head.length if head.whole else length >= head.length
    for offset in [*range(0, head.length - 8, 8), head.length - 8]:
        expected: Words = np.ascontiguousarray(templates[:, offset : offset + 8]).view("<u8")[:, 0]
        shown: Words = np.where(templates[:1, offset : offset + 8] != 0, 255, 0).astype(np.uint8).view("<u8")[0]
        if shown.any():
            agree &= (lines.words(lines.begin + offset) & shown) == expected[lines.place]
    return np.flatnonzero(agree)


def _first_of_runs(lines: Lines, begin: Counts, place: npt.NDArray[np.int32], head: Head) -> Counts:
    """Where the identity number is another than in the row before, or the file is."""
    starts: Mask = np.ones(len(begin), np.bool_)
    starts[1:] = place[1:] != place[:-1]
    for offset in (0, 4):
        word = lines.words(begin + (head.identity_number + offset))
        starts[1:] |= word[1:] != word[:-1]
    return np.flatnonzero(starts)


def _numbers(lines: Lines, places: Counts) -> tuple[Counts, Mask]:
    """The numbers of twelve digits that stand at these places, and whether they are digits at all."""
    high, low = lines.words(places), lines.words(places + 4)
    digits = _are_digits(high) & _are_digits(low)
    numbers = _eight_digits(high) * np.uint64(10_000) + _eight_digits(low) % np.uint64(10_000)
    return np.where(digits, numbers.astype(np.int64), 0), digits


def _are_digits(words: Words) -> Mask:
    """Whether all eight bytes are digits: 30–39 in hexadecimal, which six more does not carry out of the thirties."""
    six, high, thirties = (np.uint64(int(byte * 8, 16)) for byte in ("06", "f0", "30"))
    found: Mask = ((words & high) == thirties) & (((words + six) & high) == thirties)
    return found


def _eight_digits(words: Words) -> Words:
    """The number that eight digits spell: pairs of digits are added up, then pairs of pairs, then the two halves."""
    halves = words & np.uint64(0x0F0F0F0F0F0F0F0F)
    halves = (halves * np.uint64(10 * 2**8 + 1) >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    halves = (halves * np.uint64(100 * 2**16 + 1) >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    return (halves * np.uint64(10_000 * 2**32 + 1)) >> np.uint64(32)


def _two_digits() -> npt.NDArray[np.uint8]:
    days = np.zeros(2**16, np.uint8)
    for day in range(1, 32):
        days[int.from_bytes(f"{day:02}".encode(), "little")] = day
    return days


_DAYS = _two_digits()


def _reported(numbers: Counts, place: npt.NDArray[np.int32], reported: Sequence[npt.NDArray[np.int64] | None]) -> Mask:
    """Which numbers may stand in their file."""
    # Twelve digits take 40 bits.
    listed = np.concatenate([np.zeros(0, np.int64), *((at << 40) + own for at, own in enumerate(reported) if own is not None)])
    unlimited = np.array([own is None for own in reported], np.bool_)
    sought = (place.astype(np.int64) << 40) + numbers
    at = np.searchsorted(listed, sought)
    found: Mask = np.append(listed, -1)[at] == sought
    return found | unlimited[place]


def _distinct_tails(lines: Lines, rows: Counts, begin: Counts) -> npt.NDArray[np.int32]:
    """Number the tails by their text: 0 for the first, 1 for the first that is another …

    Nearly all tails have the same length, and fit into two words; the key of another is its place among the others.
    """
    end = lines.end[rows]
    length = end - begin
    usual = int(np.bincount(np.minimum(length, 2 * _WORD)).argmax()) if len(rows) else 0
    other = np.flatnonzero(length != usual) if usual < 2 * _WORD else np.arange(len(rows))
    keys = np.empty((len(rows), 2), np.uint64)
    for half in (0, 1):
        shown = 2 ** (8 * min(max(usual - _WORD * half, 0), _WORD)) - 1
        np.bitwise_and(lines.words(begin + _WORD * half), np.uint64(shown), out=keys[:, half])
    if len(other):
        tails = lines.cut(begin[other], end[other]).dictionary_encode()
        keys[other, 0] = tails.indices.to_numpy().astype(np.uint64)
        # No usual tail has so high a second word: its last byte is not filled.
        keys[other, 1] = np.uint64(2**64 - 1)
    binary = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(rows), [None, pa.py_buffer(keys)])
    codes: npt.NDArray[np.int32] = binary.dictionary_encode().indices.to_numpy()
    return codes


def _repeated(marks: Counts) -> Mask:
    """Which marks occur more than once."""
    # The stable sort is quick with what is nearly sorted, as files are by person, day and code.
    ordered = np.sort(marks, kind="stable")
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.zeros(len(marks), np.bool_)
    found: Mask = np.append(twice, -1)[np.searchsorted(twice, marks)] == marks
    return found
