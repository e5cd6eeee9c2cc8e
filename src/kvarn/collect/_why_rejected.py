"""Why files were rejected, for whoever takes them in: the rules, how many rows, which share, which limit, the first lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kvarn.collect._ledger import Entry, open_ledger
from kvarn.collect._receipt_page import line_ranges
from kvarn.collect._rules import OF_A_SHARE, SHARE_OF_QUOTES, FaultCount, rules
from kvarn.collect.pages import NO_BREAK_SPACE, share

__all__ = ["why_rejected"]

_LANGUAGE = "en"
_LINES_NAMED = 5


def why_rejected(store: Path, entries: Sequence[Entry], limit: float) -> Iterator[tuple[Entry, list[str]]]:
    """Each rejected delivery with its faults, a line each: no identity number, no value, only rules and line numbers.

    Parameters
    ----------
    limit
        The share of bad rows above which a file is rejected whole.
    """
    with open_ledger(store) as ledger:
        for entry in entries:
            counts = ledger.faults([entry.number])[entry.number]
            yield entry, [_said(count, entry.received, limit) for count in counts if rules()[count.rule].severity == "error"]


def _said(count: FaultCount, received: int, limit: float) -> str:
    told = f"{count.rule}: {rules()[count.rule].en}"
    if count.rule in OF_A_SHARE:
        bound = SHARE_OF_QUOTES if count.rule == "file-quotes" else limit
        told += f" {_rows(count, received, bound)}; the limit is {share(bound, 1, _LANGUAGE)}."
    elif count.rule.startswith("row-"):
        told += f" {_rows(count, received)}: {_lines(count)}."
    elif count.first_lines:
        told += f" Line {line_ranges(count.first_lines[:_LINES_NAMED])}."
    # A terminal shows no space that does not break.
    return told.replace(NO_BREAK_SPACE, " ")


def _rows(count: FaultCount, received: int, limit: float | None = None) -> str:
    return f"{count.times:,} of {received:,} rows ({share(count.times, received, _LANGUAGE, limit=limit)})"


def _lines(count: FaultCount) -> str:
    first = count.first_lines[:_LINES_NAMED]
    more = " …" if count.times > len(first) else ""
    return f"line{'s' if count.times > 1 else ''} {line_ranges(first)}{more}"
