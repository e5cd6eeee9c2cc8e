"""The symbols of Statistics Sweden: – nil, 0 less than half of the unit, .. not available, . not applicable, X suppressed.

What people read has them: pages, the workbook, PX files. Open data, JSON-stat and SDMX keep the number 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvarn import metadata
from kvarn.disseminate.protected import NIL, SUPPRESSED, ProtectedTable
from kvarn.edition import Edition

__all__ = ["LESS_THAN_HALF", "NIL", "SYMBOLS", "meaning_of", "symbols_in", "symbols_line"]

LESS_THAN_HALF = "0"
SYMBOLS = (NIL, LESS_THAN_HALF, "..", ".", SUPPRESSED)


def symbols_in(tables: Iterable[ProtectedTable], edition: Edition, language: str) -> Mapping[str, str]:
    """The symbols that stand in these tables, and what each means in this edition; in the order of `SYMBOLS`."""
    used: set[str] = set()
    for table in tables:
        used |= table.symbols.keys() - {""}
        used |= {NIL} if table.nil else set()
        used |= {LESS_THAN_HALF} if table.less_than_half else set()
    return {symbol: meaning_of(symbol, edition, language) for symbol in SYMBOLS if symbol in used}


def symbols_line(tables: Iterable[ProtectedTable], edition: Edition, language: str) -> str:
    """The symbols in one line: ``– = nil; X = suppressed …``; empty where there are none."""
    meanings = symbols_in(tables, edition, language)
    said = {LESS_THAN_HALF: metadata.text("symbol.zero", language)}
    return "; ".join(f"{said.get(symbol, symbol)} = {meaning[:1].lower()}{meaning[1:]}" for symbol, meaning in meanings.items())


def meaning_of(symbol: str, edition: Edition, language: str) -> str:
    """What a symbol means in this edition."""
    if symbol == NIL and edition.disclosure.method == "cell-key":
        return metadata.text("symbol.nil-by-chance", language)
    return metadata.codelist("symbol").label(symbol, language)
