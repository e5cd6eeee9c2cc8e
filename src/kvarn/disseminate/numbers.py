"""Numbers, dates and lists as they are written in Swedish and in English.

Swedish follows *Myndigheternas skrivregler* (Språkrådet): decimal comma, a no-break space between thousands, also in
numbers of four figures so that a column or a sentence never mixes the two ways; a space before the percent sign.
English follows the Office for National Statistics' style: decimal point, comma between thousands, no space before the
percent sign. Both use the true minus sign.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from kvarn import metadata
from kvarn.disseminate.protected import NIL, Cell

__all__ = ["NO_BREAK_SPACE", "format_cell", "format_date", "format_list", "format_number", "format_percent"]

NO_BREAK_SPACE = "\u00a0"
_MINUS = "\u2212"
_MONTHS = {
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_AND = {"sv": "och", "en": "and"}
_PER_CENT = {"sv": "procent", "en": "per cent"}


def format_number(value: float | Decimal, *, language: str, decimals: int = 0) -> str:
    """A number in words' company: ``413 900`` or ``413,900``; rounded half up, as the tables are.

    Parameters
    ----------
    value
        A finite number.
    language
        ``sv`` or ``en``.
    decimals
        How many decimals are shown, zeros included.

    Raises
    ------
    ValueError
        `value` is not a finite number: what is suppressed has a symbol, see `format_cell`.
    """
    # The shortest text of a float is the number that stood in the table, so that 0.25 rounds up and not to even.
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError("a number to be shown must be finite; suppressed cells are shown by format_cell")
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    figures = f"{abs(rounded):,.{decimals}f}"
    if language == "sv":
        figures = figures.replace(",", NO_BREAK_SPACE).replace(".", ",")
    return f"{_MINUS}{figures}" if rounded < 0 else figures


def format_percent(value: float | Decimal, *, language: str, decimals: int = 0, in_words: bool = False) -> str:
    """A percentage: ``82 %`` or ``82%``; with `in_words` as running text has it, ``82 procent`` or ``82 per cent``."""
    number = format_number(value, language=language, decimals=decimals)
    if in_words:
        return f"{number}{NO_BREAK_SPACE}{_PER_CENT[language]}"
    return f"{number}{NO_BREAK_SPACE}%" if language == "sv" else f"{number}%"


def format_cell(cell: Cell, language: str) -> str:
    """A published cell: its value with the decimals of its measure, or a symbol; ``–`` where nothing was counted.

    A figure that is less than half of its unit, and not nil, is written with zeros: ``0`` or ``0,0``.
    """
    if cell.value is None:
        return cell.status
    if cell.nil:
        return NIL
    return format_number(cell.value, language=language, decimals=metadata.measure(cell.measure).decimals)


def format_date(day: datetime.date, language: str) -> str:
    """A date in words: ``3 september 2024`` or ``3 September 2024``."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def format_list(items: Sequence[str], language: str) -> str:
    """Words in a row: ``a``, ``a och b``, ``a, b och c`` (English without the comma before *and*)."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {_AND[language]} {items[-1]}"
