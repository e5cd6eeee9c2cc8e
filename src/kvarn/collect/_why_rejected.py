"""Why files were rejected or remarked on, for whoever takes them in: the rules, how many rows, which share, which limit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from kvarn.collect._fewer import FewerRows
from kvarn.collect._intake import Outcome
from kvarn.collect._ledger import Entry, open_ledger
from kvarn.collect._receipt_page import line_ranges
from kvarn.collect._replaced import Replaced
from kvarn.collect._rules import OF_A_SHARE, SHARE_OF_QUOTES, FaultCount, rules
from kvarn.collect.pages import NO_BREAK_SPACE, share

__all__ = ["in_few_words", "why_rejected", "why_remarked"]

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


def why_remarked(entry: Entry, outcome: Outcome, limits: FewerRows) -> Iterator[str]:
    """What is remarked of a delivery that holds far fewer rows than one before it, and of the rows that it replaces."""
    for count in outcome.fewer[entry.number]:
        before = entry.accepted + count.times
        fewer = share(count.times, before, _LANGUAGE, limit=limits.share)
        told = f"{count.rule}: {entry.accepted:,} rows against {before:,} before, {count.times:,} fewer ({fewer}); "
        yield (told + f"the limit is {share(limits.share, 1, _LANGUAGE)}.").replace(NO_BREAK_SPACE, " ")
    if (replaced := outcome.replaced.get(entry.number)) is not None:
        yield f"It replaces a delivery of {replaced.rows:,} rows: {_what_became(replaced)}."


def in_few_words(replaced: Collection[Replaced]) -> str:
    """What became of the rows of all deliveries that were replaced."""
    names = ("rows", "gone", "same", "new")
    whole = Replaced(*(sum(getattr(one, name) for one in replaced) for name in names))
    several = (
        f"{len(replaced):,} files replace earlier deliveries" if len(replaced) > 1 else "1 file replaces an earlier delivery"
    )
    return f"{several} of {whole.rows:,} rows: {_what_became(whole)}."


def _what_became(replaced: Replaced) -> str:
    return f"{replaced.gone:,} of them are gone, {replaced.same:,} are the same, and {replaced.new:,} rows are new"


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
