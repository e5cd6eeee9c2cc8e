"""All tables of an edition by the method ``cell-key``: which figure comes in place of which.

Counts of persons are changed by the table of `perturbation`, totals of what a person can have several of along with the
persons behind them; whatever is a function of counts is computed again from what is published. Nothing depends on which
table a cell stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import children, total
from kvarn.analyse._columns import CELL_KEY, LARGEST, STANDARD, is_total
from kvarn.analyse._not_reported import with_zero_where_nothing_was_reported
from kvarn.analyse._ratio import NOT_APPLICABLE, NOT_AVAILABLE, decimal_text
from kvarn.analyse._standardised import standardised_again
from kvarn.analyse._tables import SYMBOLS
from kvarn.analyse.disclosure.functions import parts_of
from kvarn.analyse.disclosure.perturbation.changes import PerturbationTable, perturbation_table, perturbed_total
from kvarn.analyse.disclosure.primary import limit
from kvarn.analyse.disclosure.system import Cell, System, cells_of, system_of
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError, DisclosureError

__all__ = ["SUPPRESSED", "Perturbed", "most_of_one_person", "perturb", "require_keys", "table_of"]

SUPPRESSED = "X"


@dataclass
class Perturbed:
    """What is published.

    Attributes
    ----------
    system
        The true figures, and how they hang together.
    counts
        Every count as it is published; public ones as they are.
    tables
        Each table with the published ``value`` (a figure or a symbol), without the columns that are for disclosure
        control alone.
    left_out
        How many rows of each table are left out, as only the rows of codes that occur are shown and nothing of these
        is.
    """

    system: System
    counts: dict[Cell, int]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


def require_keys(tables: Mapping[str, pd.DataFrame]) -> None:
    """See that every count tells its key, every total its largest contributor, and every standardised rate what it is
    made of.

    Raises
    ------
    DisclosureError
        A table does not tell.
    """
    for name, table in tables.items():
        figures = table[table["value"].str.isdigit()]
        declared = {measure: metadata.measure(measure) for measure in table["measure"].unique()}
        counts = {measure for measure, of in declared.items() if of.subject != "public" and not of.is_function}
        wanted = {
            CELL_KEY: figures["measure"].isin(counts),
            LARGEST[0]: figures["measure"].map(is_total).astype(bool),
            STANDARD: table["measure"].map(lambda measure, of=declared: of[measure].standardised is not None).astype(bool)
            & ~table["value"].isin(SYMBOLS),
        }
        for column, rows in wanted.items():
            asked = (table if column == STANDARD else figures)[rows]
            if len(asked) and (column not in asked or asked[column].isna().any()):
                raise DisclosureError(
                    "The method cell-key needs the key of each count, and the table does not tell it.",
                    where=f"{name}, column {column}",
                    remedy='Open the register with behind="keys" in the notebook that saves the table (give it the parameter '
                    "behind, as the compute notebooks have it), or take disclosure.method: suppression.",
                )


def table_of(cell: Cell, rules: Disclosure) -> PerturbationTable:
    """The perturbation table of a cell: with the strictest limit that its categories have, on persons or contributors."""
    least = max(limit(cell, rules), limit(cell, rules, contributors=True))
    return perturbation_table(rules.cell_key.greatest, rules.cell_key.variance, least)


def most_of_one_person(measure: str) -> int | None:
    """How many one person can have of what a measure counts, where there is a limit: of the persons of each month, the months."""
    summed = metadata.measure(measure).sum_of
    return None if summed is None else len(children(summed.over, str(total(summed.over))))


def perturb(tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> Perturbed:
    """Change every figure that tells of somebody.

    Raises
    ------
    ConsistencyError
        The same cell comes out as two figures, or a function's parts stand in no table.
    DisclosureError
        A table does not tell what is needed.
    """
    require_keys(tables)
    found = Perturbed(system_of(tables), {})
    for name, table in tables.items():
        _perturb_counts(found, name, table, rules)
    found.counts |= {cell: value for cell, value in found.system.values.items() if found.system.public(cell)}
    for name, table in tables.items():
        shown = _shown(found, name, table, rules)
        there = _rows_that_tell_nothing_of_being_there(name, shown)
        found.tables[name] = shown[there].reset_index(drop=True)
        found.left_out[name] = int((~there).sum())
    return found


def _perturb_counts(found: Perturbed, name: str, table: pd.DataFrame, rules: Disclosure) -> None:
    nothing = [0] * len(table)
    keys = table[CELL_KEY].tolist() if CELL_KEY in table else nothing
    largest = table[LARGEST[0]].tolist() if LARGEST[0] in table else nothing
    values = with_zero_where_nothing_was_reported(table)
    for cell, row in cells_of(name, table):
        if not values[row].isdigit() or cell not in found.system.values or found.system.public(cell):
            continue
        behind, key = found.system.contributors[cell], int(keys[row])
        assert behind is not None
        shown = table_of(cell, rules).perturbed(behind, key)
        if is_total(cell.measure):
            most = most_of_one_person(cell.measure)
            shown = perturbed_total(int(values[row]), behind, shown, int(largest[row]), key, most)
        if found.counts.setdefault(cell, shown) != shown:
            raise ConsistencyError(
                "The same cell has not the same persons in two tables.",
                cells=(f"{found.system.tables[cell][0]}: {cell}", f"{name}: {cell}"),
                remedy="Count both in the same way, from the same register.",
            )


def _shown(found: Perturbed, name: str, table: pd.DataFrame, rules: Disclosure) -> pd.DataFrame:
    """The table with what is published."""
    values = table["value"].tolist()
    standards = table[STANDARD].tolist() if STANDARD in table else [None] * len(table)
    shown = []
    for cell, row in cells_of(name, table):
        parts = parts_of(cell)
        if parts is None:
            silent = cell in found.system.not_reported
            shown.append(values[row] if silent else str(found.counts.get(cell, values[row])))
            continue
        for part in parts:
            if part not in found.counts:
                raise ConsistencyError(
                    f"The parts of {cell.measure} must stand in a table, so that they are changed with it.",
                    cells=(f"{name}: {cell}", str(part)),
                    remedy="Add the measure that is missing to a table of the programme with the same categories.",
                )
        if any(part in found.system.not_reported for part in parts):
            shown.append(NOT_AVAILABLE)
            continue
        counts = [found.counts[part] for part in parts]
        shown.append(_function(cell, counts, values[row], standards[row], rules))
    columns = [*metadata.table(name).variables, "measure"]
    return table[columns].assign(value=pd.Series(shown, index=table.index, dtype=object))


def _function(cell: Cell, counts: list[int], value: str, standard: str | None, rules: Disclosure) -> str:
    """A function of counts, of which `counts` are published."""
    declared = metadata.measure(cell.measure)
    if declared.ratio is not None:
        return decimal_text(counts[0], counts[1], factor=declared.ratio.factor, decimals=declared.decimals)
    if declared.standardised is not None:
        if standard is None or pd.isna(standard):
            return value
        if 0 < counts[0] < rules.quantile_persons:
            return SUPPRESSED
        return standardised_again(cell.measure, standard, dict(zip(declared.standardised.groups, counts[1:], strict=True)))
    # A quantile is shown as it is or not at all, and which of them must not tell more of the persons than their published number.
    if counts[0] == 0:
        return NOT_APPLICABLE
    return SUPPRESSED if counts[0] - rules.cell_key.greatest < rules.quantile_persons else value


def _rows_that_tell_nothing_of_being_there(name: str, shown: pd.DataFrame) -> pd.Series[bool]:
    """All but the rows of codes that stand there only because they occur, and of which nothing but noughts is left."""
    there = pd.Series(True, index=shown.index)
    definition = metadata.table(name)
    secret = {name for name in definition.measures if metadata.measure(name).subject != "public"}
    something = shown["measure"].isin(secret) & shown["value"].str.contains("[1-9]", regex=True)
    for variable in definition.nil_left_out:
        always = set(definition.always(variable))
        told = set(shown.loc[something, variable])
        there &= shown[variable].isin(always | told)
    return there
