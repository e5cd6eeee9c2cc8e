"""What a published quantile tells of the counts that it is made of, as anyone can state it who knows how it is computed.

Of 21 persons of whom a quarter at most have fewer than twelve months, sixteen have all twelve: so many were there in each month.
In general so many persons have the amount or more, so many the amount or less; and whoever has that many months was in so many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvarn import metadata
from kvarn.analyse._classification import children, total
from kvarn.analyse.disclosure.written.key import Key, at
from kvarn.analyse.disclosure.written.line import Line

__all__ = ["REACHED", "lines_of_quantiles"]

# How many of those who have the amount or more are in one category of what it is summed over: it stands in no table.
REACHED = "reached"


def lines_of_quantiles(figures: Mapping[Key, str], known: Mapping[Key, int]) -> Iterator[Line[Key]]:
    """The relations that published quantiles make between counts: no line has a number of its own, so each is told for as many
    persons as there are."""
    for (measure, year, categories), text in sorted(figures.items()):
        declared = metadata.measure(measure).quantile
        if declared is None or not text.isdigit():
            continue
        among, of = (declared.among, year, categories), (declared.of, year, categories)
        persons, amount = known.get(among, 0), int(text)
        if not persons:
            continue
        numerator, denominator = declared.share
        rank = -(-persons * numerator // denominator)
        more = persons - rank + 1
        yield Line({of: float(persons), among: -float(amount * more + rank - 1)}, exact=False)
        summed = metadata.measure(declared.of).sum_of
        if summed is None or (whole := total(summed.over)) is None:
            continue
        codes = children(summed.over, whole)
        yield Line({of: -float(persons), among: float(amount * rank + len(codes) * (persons - rank))}, exact=False)
        reached = {at((f"{measure} {REACHED}", year, categories), summed.over, code): code for code in codes}
        yield Line({**dict.fromkeys(reached, float(persons)), among: -float(amount * more)}, exact=False)
        for there, code in reached.items():
            yield Line({among: float(more), there: -float(persons)}, exact=False)
            yield Line({at((summed.measure, year, categories), summed.over, code): 1.0, there: -1.0}, exact=False)
