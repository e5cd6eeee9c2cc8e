"""The rules of intake: code, severity and words, read from ``layout/rules.yml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kvarn.collect._layouts import declared

__all__ = ["Rule", "Severity", "rules"]

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
