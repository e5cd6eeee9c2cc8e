"""What compute notebooks have saved, counted again from the register by kvarn itself.

A notebook can write any number into a table: a secret one in the place of another, in digits beyond the decimals, in the order of
the rows. So no figure of a notebook is published for being there. Each table is made a second time, from the register and from
what the programme declares of its measures, and must be the same in every cell, column and row. What the programme declares and
kvarn cannot count is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from kvarn import analyse, metadata
from kvarn.analyse._classification import OF_PERSON, OF_PROCEDURE
from kvarn.analyse._tables import cell_name, complete_table, read_tables
from kvarn.edition import STANDARD_YEAR
from kvarn.errors import ConsistencyError, InputError
from kvarn.metadata import TableDefinition
from kvarn.pipeline.given_parameters import parameters_given
from kvarn.pipeline.production import Production
from kvarn.pipeline.saved_tables import tables_saved_by

__all__ = ["require_counted_again"]


_REMEDY = (
    "Save what kvarn counts, as it is, by the calls that docs/statistics.md lists: what a notebook has computed otherwise cannot "
    "be verified. Nothing has been protected or published."
)
_UNKNOWN = (
    "Make the table of the measures and variables that docs/statistics.md lists: a figure that nothing verifies could be any "
    "number. Nothing has been protected or published."
)
# What a whole, of which a share or a mean is made, can be classified by. The rest is taken at its total.
_OF_WHOLE = {
    "population": ("year", "region", *OF_PERSON),
    "person_months": ("year", "region", *OF_PERSON),
    "persons": ("year", "region", "month", *OF_PERSON),
    "persons_with_procedure": ("year", "region", "month", *OF_PERSON, *OF_PROCEDURE),
    "procedures": ("year", "region", "month", *OF_PERSON, *OF_PROCEDURE),
}


def require_counted_again(production: Production) -> None:
    """Make each unprotected table again, and hold the one that was saved to it, cell by cell.

    Raises
    ------
    ConsistencyError
        A figure, or what disclosure control is told beside it, is another one; rows or columns are others, or stand in another
        order; or kvarn cannot count a measure by the table's variables. The error names the table, the cell and the notebook
        that saved it, never the figure.
    """
    work, edition = production.workspace, production.edition
    savers = {table: path for path in production.notebooks("compute") for table in tables_saved_by(path)}
    with analyse.open_register(
        work.name, engine=edition.engine, behind=edition.disclosure.behind, care=edition.data.care, project=work.root
    ) as register:
        for name, saved in read_tables(work.tables).items():
            notebook = savers.get(name)
            given = parameters_given(production, notebook) if notebook is not None else {}
            again = _Again(register, standard_year=int(given.get(STANDARD_YEAR, 0)) or edition.reference_year)
            years = analyse.years_of(name, edition.first_year, edition.reference_year)
            wrong = _difference(metadata.table(name), saved, again, years)
            if wrong is not None:
                what, cell, remedy = wrong
                told = "unknown" if notebook is None else notebook.name
                raise ConsistencyError(what, cells=(cell, f"notebook {told}"), remedy=remedy)


def _difference(table: TableDefinition, saved: pd.DataFrame, again: _Again, years: Sequence[int]) -> tuple[str, str, str] | None:
    """What the saved table has otherwise, in which cell, and the remedy; None where it is the same."""
    public = [name for name in table.measures if metadata.measure(name).subject == "public"]
    # Public figures have been held to what the pipeline knows already (`require_public_figures`), and have nothing behind them.
    keys = [*table.variables, "measure"]
    known = saved[saved["measure"].isin(public)].drop_duplicates(keys)[[*keys, "value", "contributors"]]
    frames = [known] if public else []
    for measure in (name for name in table.measures if name not in public):
        try:
            frames.append(again.frame(measure, table.variables, years))
        except (InputError, _NothingCounts):
            by = ", ".join(table.variables)
            return f"Nothing accounts for the measure {measure}: kvarn cannot count it by {by}.", table.name, _UNKNOWN
    return first_difference(table, saved, complete_table(table.name, *frames))


def first_difference(table: TableDefinition, saved: pd.DataFrame, counted: pd.DataFrame) -> tuple[str, str, str] | None:
    """The first thing that a saved table has otherwise than the one that was counted again."""
    if list(saved.columns) != list(counted.columns):
        strange = sorted(set(saved.columns) ^ set(counted.columns))
        said = strange[0] if strange and strange[0] in counted.columns else "a column"
        return f"The columns of a table are not those that kvarn saves: {said}.", table.name, _REMEDY
    keys = [*table.variables, "measure"]
    if len(saved) != len(counted) or any(saved[name].tolist() != counted[name].tolist() for name in keys):
        return "The rows of a table are not those that kvarn counts, in their order.", table.name, _REMEDY
    for column in [name for name in counted.columns if name not in keys]:
        unlike = [one != other for one, other in zip(_figures(saved[column]), _figures(counted[column]), strict=True)]
        if any(unlike):
            cell = cell_name(table.name, counted[unlike].iloc[0], table.variables)
            if column == "value":
                return "A figure is not what kvarn counts from the register.", cell, _REMEDY
            return "What stands behind a figure is not what kvarn counts from the register.", f"{cell}, {column}", _REMEDY
    return None


def _figures(column: pd.Series[Any]) -> list[str | int | None]:
    """Text as it is, and whole numbers as such: a column with gaps is read back as decimals, and any with text as text."""
    known = column.notna().tolist()
    return [
        None if not there else figure if isinstance(figure, str) else int(figure)
        for figure, there in zip(column.tolist(), known, strict=True)
    ]


class _NothingCounts(Exception):
    """A measure that kvarn has no count of."""


class _Again:
    """Each measure of the programme, counted by kvarn."""

    def __init__(self, register: analyse.Register, *, standard_year: int) -> None:
        self._register, self._standard_year = register, standard_year

    def frame(self, measure: str, variables: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
        """A measure by these variables.

        Raises
        ------
        InputError
            It cannot be classified by them.
        """
        declared = metadata.measure(measure)
        if declared.ratio is not None:
            part, whole = declared.ratio.numerator, declared.ratio.denominator
            of = [name for name in variables if name in _OF_WHOLE.get(whole, ())]
            return analyse.rate(measure, self.frame(part, variables, years), self.frame(whole, of, years))
        if declared.quantile is not None:
            return self._register.quantile(measure, variables, years)
        if declared.standardised is not None:
            by = [*variables, "age"]
            return analyse.standardised(
                measure,
                self.frame(declared.standardised.numerator, by, years),
                self._register.population(by, years),
                standard=self._register.population(["year", "age"], [self._standard_year]),
            )
        counts: Mapping[str, Callable[[Sequence[str], Sequence[int]], pd.DataFrame]] = {
            "persons": self._register.count_persons,
            "person_months": self._register.count_person_months,
            "persons_with_procedure": self._register.count_persons_with_procedure,
            "procedures": self._register.count_procedures,
            "population": self._register.population,
        }
        if measure not in counts:
            raise _NothingCounts
        return counts[measure](variables, years)
