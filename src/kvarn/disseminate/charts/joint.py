"""Procedures that several professions carried out together: each profession's share of them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.bars import one_bar_a_row
from kvarn.disseminate.charts.series import Series, footnotes, read_series
from kvarn.disseminate.numbers import format_number
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["joint_procedures"]

_TOTAL = "T"
_MEASURE = "share_of_procedures"  # gives the share its decimals
_FRAME, _ROW = 0.75, 0.27


def joint_procedures(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Of each profession's procedures, the per cent carried out jointly with others, the highest first (``procedures-joint``).

    The share is that of two published cells, and each row tells how many procedures it is a share of. A profession without
    procedures is left out; one of whose two cells either is withheld shows the symbol.
    """
    cells = table.where(year=year, measure="procedures")
    every, joint = (
        read_series(cells[cells["cooperation"] == code], "profession", label="", colour=style.BLUE) for code in (_TOTAL, "joint")
    )
    shares = _shares(every, joint)
    professions = [code for code in table.definition.order("profession") if code != _TOTAL]
    shown = sorted((code for code in professions if code in shares.values), key=lambda code: -shares.values[code])
    shown += [code for code in professions if code in shares.symbols]
    with style.canvas(_FRAME + _ROW * len(shown)) as (figure, axes):
        one_bar_a_row(axes, shares, {code: _label(code, every, language) for code in shown}, _MEASURE, language)
        style.label_axis(axes, style.words("joint", language))
        notes = footnotes(
            [Series("", "", {}, {code: shares.symbols[code] for code in shown if code in shares.symbols})], table, language
        )
        return style.finish(figure, name="joint-procedures", language=language, footnotes=notes)


def _shares(every: Series, joint: Series) -> Series:
    """Per cent of each published total; a symbol where the total or the joint ones have one."""
    decimals = Decimal(1).scaleb(-metadata.measure(_MEASURE).decimals)
    values = {
        code: float((100 * Decimal(str(joint.values[code])) / Decimal(str(total))).quantize(decimals, ROUND_HALF_UP))
        for code, total in every.values.items()
        if total and code in joint.values
    }
    symbols = {code: symbol for code, symbol in {**joint.symbols, **every.symbols}.items() if every.value(code) != 0}
    return Series("", style.BLUE, values, symbols)


def _label(profession: str, every: Series, language: str) -> str:
    """The profession, and of how many procedures the share is."""
    count = every.value(profession)
    number = every.symbols[profession] if count is None else format_number(count, language=language)
    return f"{metadata.variable('profession').category(profession, language)} ({number})"
