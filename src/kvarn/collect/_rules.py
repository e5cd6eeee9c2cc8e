"""The rules of intake: code, severity and words, read from ``layout/rules.yml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kvarn.collect._layouts import declared

__all__ = ["LINES_SHOWN", "OF_A_SHARE", "OF_FEWER_ROWS", "SHARE_OF_QUOTES", "FaultCount", "Rule", "Severity", "rules"]

# What a receipt shows of a rule's lines at the most.
LINES_SHOWN = 1000
# With a larger share of rows that hold a quotation mark, the fields of the file are taken to be enclosed in them.
SHARE_OF_QUOTES = 0.5
# The file rules that say that too many rows are at fault.
OF_A_SHARE = ("file-bad-rows", "file-quotes")
# The remarks on a file that holds far fewer rows than one before it.
OF_FEWER_ROWS = ("file-fewer-than-earlier", "file-fewer-than-month-before")
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One rule, in both languages.

    Attributes
    ----------
    code
        Stable: ``file-…`` for the file as a whole, ``archive-…`` for an archive of files, ``row-…`` for each row.
    severity
        ``error`` rejects the file or the row, ``warning`` only tells.
    remedy
        What the municipality should do, by language.
    source
        Where the rule comes from.
    """

    code: str
    severity: Severity
    sv: str
    en: str
    remedy: Mapping[str, str]
    source: str


@functools.cache
def rules() -> Mapping[str, Rule]:
    """The rules by code, in the order in which receipts show them."""
    return {code: Rule(code, **words) for code, words in declared("rules.yml").items()}


class FaultCount(NamedTuple):
    """How often a file breaks a rule, and the first lines that do.

    Of a file rule `times` is 1; where too many rows are at fault (`OF_A_SHARE`), it is how many are, and where there are far
    fewer rows than before (`OF_FEWER_ROWS`), how many fewer. `values` are some of the codes that break it, where a code is
    what is wrong.
    """

    file: int
    rule: str
    times: int
    first_lines: list[int]
    values: Sequence[str] = ()
