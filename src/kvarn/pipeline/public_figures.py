"""Public figures that a compute notebook has saved, held to what the pipeline itself knows.

What is public from the start (files, rows, inhabitants) is published as it was saved, with no protection. So a notebook could
write any number there, a secret one among them. Each such figure is computed again here, from the log of the deliveries, the code
lists and the population; one that cannot be is not published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from kvarn import analyse, evaluate, metadata
from kvarn.analyse._tables import read_tables
from kvarn.errors import ConsistencyError
from kvarn.pipeline.production import Production
from kvarn.pipeline.saved_tables import tables_saved_by

__all__ = ["require_public_figures"]

# What is told of the deliveries, by the variables by which it is; and of the items of their rows.
_DELIVERIES: Mapping[tuple[str, ...], Callable[..., pd.DataFrame]] = {
    ("year", "file_type"): evaluate.deliveries_by_year,
    ("year", "region", "month", "file_type"): evaluate.deliveries_by_municipality,
}
_OF_ITEMS = ("year", "file_type", "item")
_POPULATION = ("region", "sex", "age")
_REMEDY = (
    "Save what kvarn counts, as it is: evaluate.deliveries_by_year, evaluate.deliveries_by_municipality, "
    "evaluate.item_non_response, register.population and register.coverage. Nothing has been protected or published."
)
_OF_ITS_OWN = (
    "Declare whose it is (subject: persons or procedures in measures.yml), so that it is protected, or take it out of the table. "
    "Nothing has been protected or published."
)
# The codes of a cell in the order of its table's variables, the year first; and what it is.
_Expected = Mapping[tuple[str, ...], str]


def require_public_figures(production: Production) -> None:
    """Compute each public figure of the unprotected tables again, and hold it to the one that was saved.

    Raises
    ------
    ConsistencyError
        A figure is another one, or nothing accounts for figures of its measure. The error names the table, the cell and the
        notebook that saved it, never the figure.
    """
    work, years = production.workspace, production.edition.years
    notebooks = {table: path.name for path in production.notebooks("compute") for table in tables_saved_by(path)}
    log = evaluate.read_collection(work.collected, years)
    with analyse.Register(work.register, care=production.edition.data.care) as register:
        known = _Known(log, register, production.edition.data.as_of, work.collected)
        for name, table in read_tables(work.tables).items():
            wrong = next(_wrong(name, table, known), None)
            if wrong is not None:
                what, cell, remedy = wrong
                raise ConsistencyError(
                    what, cells=(f"{name}: {cell}", f"notebook {notebooks.get(name, 'unknown')}"), remedy=remedy
                )


def _wrong(name: str, table: pd.DataFrame, known: _Known) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the public figures of a table, in which cell, and the remedy."""
    variables = metadata.table(name).variables
    years = tuple(sorted({int(year) for year in table["year"]}))
    for measure in (one for one in metadata.table(name).measures if metadata.measure(one).subject == "public"):
        expected = known.figures(measure, variables, years)
        if expected is None:
            yield f"Nothing accounts for the public measure {measure}: kvarn cannot compute it again.", measure, _OF_ITS_OWN
            return
        saved = table[table["measure"] == measure]
        for key, value in _by_cell(saved, variables).items():
            # Where nobody lives, and of what is not in the log, there is none.
            if value != expected.get(key, "0"):
                cell = ", ".join((measure, *(f"{one} {code}" for one, code in zip(variables, key, strict=True))))
                yield "A public figure is not what the deliveries, code lists and population make it.", cell, _REMEDY


class _Known:
    """What the log of the deliveries, the code lists and the population tell; computed once for each form of table."""

    def __init__(self, log: pd.DataFrame, register: analyse.Register, as_of: dt.date | None, collected: Path) -> None:
        self._log, self._register, self._as_of, self._collected = log, register, as_of, collected
        self._frames: dict[tuple[object, ...], pd.DataFrame] = {}

    def figures(self, measure: str, variables: Sequence[str], years: tuple[int, ...]) -> _Expected | None:
        """The figures of a public measure in a table of these variables; None where nothing tells."""
        by = tuple(variables)
        if by in _DELIVERIES or by == _OF_ITEMS:
            source = "deliveries"
        elif measure in ("population", *_coverage("persons"), *_coverage("procedures")):
            persons = measure in _coverage("persons")
            source = "population" if measure == "population" else "persons" if persons else "procedures"
            source = source if set(by) <= {"year", *_POPULATION} else ""
        else:
            source = ""
        if not source:
            return None
        key = source, by, years
        if key not in self._frames:
            self._frames[key] = self._frame(source, by, years)
        frame = self._frames[key]
        return _by_cell(frame[frame["measure"] == measure], by) if measure in set(frame["measure"]) else None

    def _frame(self, source: str, variables: tuple[str, ...], years: tuple[int, ...]) -> pd.DataFrame:
        if variables == _OF_ITEMS:
            return evaluate.item_non_response(evaluate.read_items(self._collected, years), years)
        if source == "deliveries":
            return _DELIVERIES[variables](self._log, years, as_of=self._as_of)
        if source == "population":
            return self._register.population(variables, years)
        return self._register.coverage("persons" if source == "persons" else "procedures", variables, years)


def _coverage(of: str) -> tuple[str, ...]:
    return "municipalities", f"municipalities_{of}", f"months_{of}"


def _by_cell(frame: pd.DataFrame, variables: Sequence[str]) -> _Expected:
    codes = zip(*(frame[one].astype(str) for one in variables), strict=True)
    return dict(zip(codes, frame["value"].astype(str), strict=True))
