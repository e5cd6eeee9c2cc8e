"""The rules of intake: code, severity and words, read from the programme's ``collect/rules.yml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from kvarn.base.package_files import Declared
from kvarn.collect._layouts import layouts
from kvarn.collect._rows import conditions
from kvarn.programme import Programme, current_programme, mistake, model_at

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
# What is looked for in a file or an archive as a whole. The conditions of the rules of rows are in `_rows`.
_OF_WHOLE_FILES = frozenset(
    {
        *("file-name", "file-type", "file-first-year", "file-municipality", "file-period", "file-future", "file-ambiguous"),
        *("file-duplicate", "file-not-stored", "file-unreadable", "file-size", "file-empty", "file-binary", "file-encoding"),
        *("file-byte-order-mark", "file-empty-lines", "file-header", "file-separator", "file-truncated", "file-fields"),
        *("file-other-municipality", "file-other-period"),
        *OF_A_SHARE,
        *OF_FEWER_ROWS,
        *("archive-unreadable", "archive-empty", "archive-encrypted", "archive-path", "archive-size", "archive-nested"),
    }
)
# These are of events: their codes are checked against official lists, and their persons looked for among those of the month.
_OF_EVENTS = frozenset({"file-unchecked", "file-without-persons"})


class Rule(BaseModel):
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

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    severity: Severity
    sv: str
    en: str
    remedy: Mapping[str, str]
    source: str


def rules() -> Mapping[str, Rule]:
    """The rules by code, in the order in which receipts show them."""
    return _rules_of(current_programme())


@functools.cache
def _rules_of(programme: Programme) -> Mapping[str, Rule]:
    declared = programme.declared("collect/rules")
    found = {code: model_at(declared, code, words, Rule, called="code") for code, words in declared.values.items()}
    _require_conditions(declared, found)
    return found


def _require_conditions(declared: Declared, found: Mapping[str, Rule]) -> None:
    """Make sure that whatever intake looks for has its words, and that nothing has words that intake does not look for."""
    known = layouts().values()
    of_events = _OF_EVENTS if any(layout.rows == "events" for layout in known) else frozenset[str]()
    looked_for = _OF_WHOLE_FILES.union(of_events, *(conditions(layout) for layout in known))
    for code, rule in found.items():
        if code not in looked_for:
            what = f"Nothing looks for what the rule {code!r} says."
            raise mistake(declared, code, what, "Write its condition in src/kvarn/collect/_rows.py, or correct the code.")
        if set(rule.remedy) != {"sv", "en"}:
            raise mistake(declared, f"{code}.remedy", "The remedy is not there in both languages.", 'Write {sv: "…", en: "…"}.')
    for code in sorted(looked_for - found.keys()):
        raise mistake(declared, code, f"The rule {code!r} is missing, which intake judges by.", "Restore it from git.")


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
