"""Code lists: the levels of a variable that has a hierarchy, as what a query may choose from.

A grouping has the parts of each of its groups; its figures are those that are published for the group, never sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kvarn.serve.problems import Problem, nearest, quoted
from kvarn.serve.published import PublishedTable, PublishedVariable
from kvarn.serve.words import said

__all__ = ["CodeList", "code_lists", "find_code_list"]

# The published interface tells the two kinds apart by how their ids begin.
_GROUPING, _VALUES = "agg", "vs"


@dataclass(frozen=True)
class CodeList:
    """A level of a variable of a table.

    Attributes
    ----------
    grouping
        Whether its categories have parts in the table.
    parts
        The parts of each code; of a code that has none, itself.
    """

    table: PublishedTable
    variable: PublishedVariable
    level: int
    grouping: bool
    codes: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]

    @property
    def id(self) -> str:
        """The same as long as the table has its id."""
        return f"{_GROUPING if self.grouping else _VALUES}_{self.table.id}_{self.variable.name}_level{self.level}"

    def label(self, language: str) -> str:
        """Which level of which variable it is."""
        return said("codelist.level", language, variable=self.variable.labels[language], level=self.level)


def code_lists(table: PublishedTable, variable: PublishedVariable) -> Iterator[CodeList]:
    """The code lists of a variable, one a level, the top first; none where it has one level alone."""
    for level in variable.levels:
        parts = {code: level.parts[code] or (code,) for code in level.codes}
        yield CodeList(table, variable, level.number, any(level.parts.values()), level.codes, parts)


def find_code_list(table: PublishedTable, variable: PublishedVariable, asked: str) -> CodeList:
    """The code list of a variable that has an id.

    Raises
    ------
    Problem
        There is none.
    """
    there = list(code_lists(table, variable))
    found = next((one for one in there if one.id.casefold() == asked.casefold()), None)
    if found is None:
        near = nearest(asked, [one.id for one in there])
        said = f"The variable {quoted(variable.name)} of {table.id} has no code list {quoted(asked)}.{near}"
        raise Problem(400, "Non-existent codelist", said)
    return found
