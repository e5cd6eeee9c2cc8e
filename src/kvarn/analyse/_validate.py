"""Checks before anything is shown: the tables of an edition must not contradict themselves or one another."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from kvarn import metadata
from kvarn.analyse._function_checks import check_functions
from kvarn.analyse._ratio import NOT_AVAILABLE, decimal_text
from kvarn.analyse._tables import SYMBOLS, read_tables
from kvarn.analyse.disclosure.system import Cell, Nest, System, cells_of, persons_behind, ratio_parts, system_of
from kvarn.errors import ConsistencyError

__all__ = ["check_tables", "validate_tables"]

_HUNDRED_PER_CENT = 100
_CAUSE = "Look at the notebooks that save these tables, and at the register that they count."

_CARE = ("persons", "persons_with_procedure")
_NOT_REPORTED = (
    "Procedures have been reported of persons who have not been reported as having had care. Have the deliveries "
    "completed; or let these persons count too, with data.care: reported_or_procedure; or accept it as it is in the edition "
    "(kvarn status tells what to write under accepted)."
)
_NOBODY: frozenset[int] = frozenset()


def validate_tables(folder: Path, *, without_care: Collection[int] = _NOBODY) -> None:
    """Check all unprotected tables of an edition against one another.

    Each figure has the decimals of its measure; the same cell is the same number in every table; categories sum to their
    total where the measure is additive; each part is at most its total, and the total at most the sum of its parts, where
    persons are counted; persons with a procedure are at most persons, and persons at most inhabitants; a ratio is what its
    parts make it; no share is above 100 per cent, and shares of one whole add to it; quartiles, and the limits of an
    interval, stand in their order; there is nobody behind a nought, and somebody behind everything else; and those behind
    the procedures are those with a procedure.

    Parameters
    ----------
    without_care
        The years in which the edition accepts that persons with a procedure have no care: there, and only there, persons
        with a procedure may be more than persons.

    Raises
    ------
    ConsistencyError
        The first contradiction, with both cells.
    InputError
        There are no tables.
    """
    check_tables(read_tables(folder), without_care=without_care)


def check_tables(tables: dict[str, pd.DataFrame], *, without_care: Collection[int] = _NOBODY) -> None:
    """What `validate_tables` checks, of tables that have been read already."""
    _check_form(tables)
    _check_same_everywhere(tables)
    system = system_of(tables)
    _check_sums(system)
    for nest in system.nests:
        _check_nest(system, nest)
    for nest in system.untrue:
        if not (_is_care(nest) and nest.total.year in without_care):
            _check_nest(system, nest)
    _check_contributors(system)
    _check_ratios(tables, system, without_care)
    check_functions(tables)


def _check_form(tables: dict[str, pd.DataFrame]) -> None:
    """Each figure has the decimals of its measure and not one more, which nobody would read and anybody could fill."""
    for name, table in tables.items():
        decimals = {measure: metadata.measure(measure).decimals for measure in table["measure"].unique()}
        forms = {measure: _form(places) for measure, places in decimals.items()}
        pairs = zip(table["measure"].tolist(), table["value"].tolist(), strict=True)
        wrong = next((row for row, (measure, value) in enumerate(pairs) if not _is_written(value, forms[measure])), None)
        if wrong is not None:
            cell = next(cell for cell, row in cells_of(name, table) if row == wrong)
            raise ConsistencyError(
                f"A figure of {cell.measure} is not written with {_in_words(decimals[cell.measure])}.",
                cells=(f"{name}: {cell}", f"measures.yml: {cell.measure}"),
                remedy="Round it half up to the decimals of its measure, as rate, share, mean and standardised do.",
            )


def _is_written(value: object, form: re.Pattern[str]) -> bool:
    return value in SYMBOLS or (isinstance(value, str) and form.fullmatch(value) is not None)


def _form(decimals: int) -> re.Pattern[str]:
    return re.compile(r"(?:0|[1-9][0-9]*)" + (rf"\.[0-9]{{{decimals}}}" if decimals else ""))


def _in_words(decimals: int) -> str:
    return f"{decimals} decimal{'s' if decimals > 1 else ''}" if decimals else "whole numbers"


def _check_same_everywhere(tables: dict[str, pd.DataFrame]) -> None:
    """Ratios and symbols too, which are no part of the system of counts."""
    seen: dict[Cell, tuple[str, str]] = {}
    for name, table in tables.items():
        values = table["value"].tolist()
        for cell, row in cells_of(name, table):
            first, value = seen.setdefault(cell, (name, values[row]))
            if value != values[row]:
                raise ConsistencyError(
                    "The same cell is not the same figure in two tables.",
                    cells=(f"{first}: {cell}", f"{name}: {cell}"),
                    remedy="Count both in the same way, from the same register.",
                )


def _check_sums(system: System) -> None:
    for relation in system.sums:
        summed = sum(system.values[part] for part in relation.parts)
        if summed != system.values[relation.total]:
            raise ConsistencyError(
                f"The total is not the sum of its {len(relation.parts)} parts.",
                cells=(_named(system, relation.total), _named(system, relation.parts[0])),
                remedy=_CAUSE,
            )


def _check_nest(system: System, nest: Nest) -> None:
    whole = system.values[nest.total]
    for part in nest.parts:
        if system.values[part] > whole:
            raise ConsistencyError(
                "A part is larger than its whole.",
                cells=(_named(system, nest.total), _named(system, part)),
                remedy=_NOT_REPORTED if _is_care(nest) else _CAUSE,
            )
    summed = sum(system.values[part] for part in nest.parts)
    if nest.covering and whole > summed:
        raise ConsistencyError(
            f"The total is larger than its {len(nest.parts)} parts together.",
            cells=(_named(system, nest.total), _named(system, nest.parts[0])),
            remedy=_CAUSE,
        )


def _is_care(nest: Nest) -> bool:
    return (nest.total.measure, nest.parts[0].measure) == _CARE


def _check_contributors(system: System) -> None:
    for cell, behind in system.contributors.items():
        if behind is None:
            continue
        value = system.values[cell]
        persons = metadata.measure(cell.measure).subject == "persons"
        if behind > value or (behind == 0) != (value == 0) or (persons and behind != value):
            raise ConsistencyError(
                "A count and the number of persons behind it contradict each other.",
                cells=(_named(system, cell), f"{_named(system, cell)}, contributors"),
                remedy=_CAUSE,
            )
        counted = persons_behind(cell)
        if counted in system.values and system.values[counted] != behind:
            raise ConsistencyError(
                "The persons behind a count of procedures are not the persons counted with them.",
                cells=(_named(system, counted), f"{_named(system, cell)}, contributors"),
                remedy=_CAUSE,
            )


def _check_ratios(tables: dict[str, pd.DataFrame], system: System, without_care: Collection[int]) -> None:
    for name, table in tables.items():
        values, declared = table["value"].tolist(), {one: metadata.measure(one) for one in table["measure"].unique()}
        ratios = {one for one, of in declared.items() if of.ratio is not None or _is_per_cent(of)}
        for cell, row in cells_of(name, table, ratios) if ratios else ():
            parts = ratio_parts(cell)
            accepted = cell.year in without_care and parts is not None and (parts[1].measure, parts[0].measure) == _CARE
            if not accepted:
                _check_per_cent(name, cell, values[row])
            if parts is not None and all(part in system.values for part in parts):
                _check_ratio(system, name, cell, values[row], parts)


def _check_per_cent(name: str, cell: Cell, value: str) -> None:
    if _is_per_cent(metadata.measure(cell.measure)) and value not in SYMBOLS and float(value) > _HUNDRED_PER_CENT:
        raise ConsistencyError(
            "A share is more than 100 per cent.", cells=(f"{name}: {cell}", f"{name}: {cell}, the whole"), remedy=_CAUSE
        )


def _is_per_cent(measure: metadata.Measure) -> bool:
    return measure.unit["en"] == "per cent"


def _check_ratio(system: System, name: str, cell: Cell, value: str, parts: tuple[Cell, Cell]) -> None:
    declared = metadata.measure(cell.measure)
    assert declared.ratio is not None
    above, below = (system.values[part] for part in parts)
    right = decimal_text(above, below, factor=declared.ratio.factor, decimals=declared.decimals)
    if value not in (right, NOT_AVAILABLE):
        raise ConsistencyError(
            "A ratio is not what its parts make it.",
            cells=(f"{name}: {cell}", _named(system, parts[0])),
            remedy=_CAUSE,
        )


def _named(system: System, cell: Cell) -> str:
    return f"{system.tables[cell][0]}: {cell}"
