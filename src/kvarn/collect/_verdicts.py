"""The verdict on each delivery once its rows are judged, and how often it breaks each rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import duckdb
import numpy as np
import pyarrow as pa

from kvarn.collect._deliveries import Delivery
from kvarn.collect._layouts import Layout
from kvarn.collect._lines import Counts, Lines, Mask
from kvarn.collect._row_query import offending_codes
from kvarn.collect._rows import ValidCodes, fault_bits
from kvarn.collect._rules import LINES_SHOWN, SHARE_OF_QUOTES, FaultCount, rules

__all__ = ["fatal_bits", "fault_counts", "give_verdicts"]

# What a receipt shows of a rule at the most.
_VALUES_SHOWN = 10
# Codes as they are, but for the letters' case and one digit more or less: never so many digits that a birth date would fit.
_SHOWN = "[A-Za-zÅÄÖåäö]{2,3}[0-9]{2,5}"

# A file rule that tells more than "too many bad rows": broken when every row breaks the row rule.
_WHOLE = {
    "row-fields": "file-fields",
    "row-municipality": "file-other-municipality",
    "row-period": "file-other-period",
    "row-date-month": "file-other-period",
}
_WHOLE_FILE = frozenset(_WHOLE.values())


def fatal_bits(layout: Layout) -> int:
    """The bits of the row rules that reject the row."""
    return sum(bit for rule, bit in fault_bits(layout).items() if rules()[rule].severity == "error")


def give_verdicts(
    deliveries: Sequence[Delivery], layout: Layout, place: Counts, faults: Counts, share_limit: float, *, own_list: bool = False
) -> Mask:
    """Set each delivery's ``bad``, and reject those with a fault that is of the file as a whole; tell which are rejected.

    Parameters
    ----------
    place, faults
        Of each faulty row the delivery that it is in, and its faults.
    own_list
        Whether a code that could not be checked rejects its row alone. Else the file waits for the list of the year.
    """
    bits = fault_bits(layout)
    # 0.29 of 100 rows are 29, and in binary fractions a little less.
    exact_limit = Fraction(str(share_limit))

    def rows_with(bit: int) -> list[int]:
        found: list[int] = np.bincount(place[(faults & bit) != 0], minlength=len(deliveries)).tolist()
        return found

    # A code that could not be checked is no fault of the municipality's: it counts towards no limit.
    unchecked = bits.get("row-procedure-unchecked", 0)
    for delivery, bad in zip(deliveries, rows_with(fatal_bits(layout)), strict=True):
        delivery.bad = bad
    if not own_list:
        for delivery, times in zip(deliveries, rows_with(unchecked), strict=True):
            if times:
                delivery.faults["file-unchecked"] = []
                delivery.verdict = "rejected"
    for rule, whole in _WHOLE.items():
        if rule in bits:
            for delivery, times in zip(deliveries, rows_with(bits[rule]), strict=True):
                if times == delivery.received:
                    delivery.faults[whole] = []
                    delivery.verdict = "rejected"
    wrong = rows_with(fatal_bits(layout) & ~unchecked)
    for delivery, times, bad in zip(deliveries, rows_with(bits["row-quotes"]), wrong, strict=True):
        if times > SHARE_OF_QUOTES * delivery.received:
            delivery.faults["file-quotes"] = []
            delivery.over["file-quotes"] = times
            delivery.verdict = "rejected"
        elif _WHOLE_FILE.isdisjoint(delivery.faults) and bad > exact_limit * delivery.received:
            delivery.faults["file-bad-rows"] = []
            delivery.over["file-bad-rows"] = bad
            delivery.verdict = "rejected"
    return np.array([delivery.verdict == "rejected" for delivery in deliveries], np.bool_)


def fault_counts(
    database: duckdb.DuckDBPyConnection,
    faulty: pa.Table,
    lines: Lines,
    deliveries: Sequence[Delivery],
    layout: Layout,
    codes: ValidCodes,
) -> list[FaultCount]:
    """How often each file breaks each row rule, the first lines that do, and the codes that do.

    Parameters
    ----------
    faulty
        The rows with a fault: ``row``, ``faults`` and, of events, ``procedure`` and ``professions``.
    """
    if not len(faulty):
        return []
    bits = fault_bits(layout)
    row = faulty["row"].to_numpy()
    faulty = faulty.append_column("place", pa.array(lines.place[row])).append_column("line", pa.array(lines.line[row]))
    database.register("faulty", faulty)
    database.register("rule", pa.table({"rule": list(bits), "bit": pa.array(list(bits.values()), pa.int64())}))
    rows = database.sql(
        f"""
        SELECT place, rule, count(*), min(line, {LINES_SHOWN})
        FROM faulty
        JOIN rule ON faults & bit <> 0
        GROUP BY place, rule, bit
        ORDER BY place, bit
        """
    ).fetchall()
    values: Mapping[tuple[int, str], list[str]] = {}
    if layout.rows == "events":
        query = offending_codes(layout, codes, shown=_SHOWN, most=_VALUES_SHOWN)
        values = {(place, rule): found for place, rule, found in database.sql(query).fetchall()}
    return [
        FaultCount(deliveries[place].number, rule, times, at, tuple(values.get((place, rule), ())))
        for place, rule, times, at in rows
    ]
