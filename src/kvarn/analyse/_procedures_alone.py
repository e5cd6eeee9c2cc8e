"""Where nobody but those with a procedure counts as having had care: there one figure tells the other.

With ``data.care: reported_or_procedure`` a municipality of which procedures were accepted, and no persons, has as
many persons as persons with a procedure. A whole year of that stops the edition; of single months orders are asked, since no
table of an edition is by municipality and month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product
from pathlib import Path

import pandas as pd

from kvarn import metadata
from kvarn.analyse._accepted_files import accepted_files
from kvarn.analyse._classification import total
from kvarn.edition import Order
from kvarn.programme import current_programme

__all__ = ["persons_told_by_procedures"]

_SAME = ("persons", "persons_with_procedure")
_REGION, _MONTH = "region", "month"
# Year, region and month; the country and the whole year are among them.
Place = tuple[int, str, str]


def persons_told_by_procedures(
    order: Order, definition: metadata.TableDefinition, beside: Iterable[pd.DataFrame], collected: Path
) -> list[Place]:
    """The years, regions and months of which an order would let both figures be out although they are one.

    Parameters
    ----------
    definition
        The order's table.
    beside
        The tables of its edition, and of all that is out.
    collected
        The folder of the edition's collected deliveries.
    """
    known: dict[str, set[Place]] = {measure: set() for measure in _SAME}
    for table in beside:
        for measure, places in known.items():
            places |= _places_of(table, measure)
    mine = {measure: _ordered(order, definition) if measure in order.counts else set[Place]() for measure in _SAME}
    told = _procedures_alone(collected, order.years) & set[Place]().union(*mine.values())
    for measure in _SAME:
        told &= known[measure] | mine[measure]
    return sorted(told)


def _procedures_alone(collected: Path, years: Iterable[int]) -> set[Place]:
    """The places and months of which procedures have been accepted, and no persons."""
    about = current_programme().about
    found: dict[str | None, set[Place]] = {about.periods: set(), about.events: set()}
    for kind, year, region, month in accepted_files(collected, years).somewhere:
        found.setdefault(kind, set()).add((year, region, month))
    return found[about.events] - found[about.periods]


def _places_of(table: pd.DataFrame, measure: str) -> set[Place]:
    rows = table[table["measure"] == measure]
    regions = rows[_REGION] if _REGION in rows else [total(_REGION)] * len(rows)
    months = rows[_MONTH] if _MONTH in rows else [total(_MONTH)] * len(rows)
    return {(int(year), str(region), str(month)) for year, region, month in zip(rows["year"], regions, months, strict=True)}


def _ordered(order: Order, definition: metadata.TableDefinition) -> set[Place]:
    categories: dict[str, Collection[str]] = {
        name: definition.order(name) if name in order.by else [str(total(name))] for name in (_REGION, _MONTH)
    }
    return set(product(order.years, categories[_REGION], categories[_MONTH]))
