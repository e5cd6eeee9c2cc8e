"""What of a table is asked for: codes, code lists and the placing of variables, resolved to the cells of the table."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kvarn.serve.codelists import CodeList, find_code_list
from kvarn.serve.expressions import chosen_codes
from kvarn.serve.problems import Problem, nearest, quoted
from kvarn.serve.published import PublishedTable, PublishedVariable

__all__ = ["Asked", "Chosen", "ChosenVariable", "choose", "default_selection", "find_variable"]


_Given = TypeVar("_Given")


@dataclass(frozen=True)
class Asked:
    """A selection as it is asked for.

    Attributes
    ----------
    codes
        Codes and expressions, by variable; of a variable that is not there, or has none, the total is meant.
    code_lists
        The code list that a variable is to have, by variable.
    heading, stub
        Which variables stand where; where both are empty, as in the PX file.
    """

    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    code_lists: Mapping[str, str] = field(default_factory=dict)
    heading: tuple[str, ...] = ()
    stub: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChosenVariable:
    """A variable of a selection, and those of its codes that are in it."""

    variable: PublishedVariable
    codes: tuple[str, ...]
    code_list: CodeList | None = None

    @property
    def name(self) -> str:
        """The variable's code."""
        return self.variable.name

    def labels(self, language: str) -> list[str]:
        """The names of its categories."""
        return [self.variable.category(code, language) for code in self.codes]

    @functools.cached_property
    def whole(self) -> bool:
        """Whether it has every code of the table."""
        return self.codes == self.variable.codes


@dataclass(frozen=True)
class Chosen:
    """A part of a table.

    Attributes
    ----------
    variables
        In the order of the cells, the last one fastest.
    eliminated
        The variables of which the total was meant, with its code.
    stub, heading
        The variables in the rows and in the columns.
    """

    table: PublishedTable
    variables: tuple[ChosenVariable, ...]
    eliminated: Mapping[str, str]
    stub: tuple[ChosenVariable, ...]
    heading: tuple[ChosenVariable, ...]

    @property
    def size(self) -> tuple[int, ...]:
        """How many codes each variable has."""
        return tuple(len(one.codes) for one in self.variables)

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return math.prod(self.size)

    @property
    def whole(self) -> bool:
        """Whether nothing of the table is left out."""
        return not self.eliminated and all(one.whole for one in self.variables)

    def places(self, order: Sequence[ChosenVariable] | None = None) -> npt.NDArray[np.int64]:
        """The place in the table of each cell, in the order of the variables or in another one."""
        table = self.table
        strides, stride = {}, 1
        for one, size in zip(reversed(table.variables), reversed(table.sizes), strict=True):
            strides[one.name], stride = stride, stride * size
        fixed = sum(strides[name] * _named(table, name).places[code] for name, code in self.eliminated.items())
        found = np.array([fixed], dtype=np.int64)
        for chosen in self.variables if order is None else order:
            own = np.array([chosen.variable.places[code] for code in chosen.codes], dtype=np.int64) * strides[chosen.name]
            found = (found[:, None] + own[None, :]).reshape(-1)
        return found

    def decimals(self, order: Sequence[ChosenVariable] | None = None) -> list[int]:
        """How many decimals each cell has, in the order of the variables or in another one."""
        measures, variables = self.table.measures, self.variables if order is None else order
        # Measures have no total, so that every selection has some.
        place = [one.name for one in variables].index(measures.name)
        after = math.prod(len(one.codes) for one in variables[place + 1 :])
        once = np.repeat([measures.decimals[code] for code in variables[place].codes], after)
        found: list[int] = np.tile(once, self.cells // len(once)).tolist()
        return found

    def fixed(self, language: str) -> list[str]:
        """What is said of each variable that has been left out: its name and the category that the figures are of."""
        named = [(_named(self.table, name), code) for name, code in self.eliminated.items()]
        return [f"{one.labels[language]}: {one.category(code, language)}" for one, code in named]


def choose(table: PublishedTable, asked: Asked) -> Chosen:
    """Resolve a selection.

    Raises
    ------
    Problem
        A variable, code, code list or place is not there, or a variable that has no total is not in it.
    """
    codes, lists = _by_variable(table, asked.codes), _by_variable(table, asked.code_lists)
    chosen: list[ChosenVariable] = []
    eliminated: dict[str, str] = {}
    missing: list[str] = []
    for variable in table.variables:
        code_list = find_code_list(table, variable, lists[variable.name]) if lists.get(variable.name) else None
        there = variable.codes if code_list is None else code_list.codes
        # Whoever names a code list, and no codes of it, wants all of it.
        wanted = codes.get(variable.name) or (["*"] if code_list is not None else [])
        if wanted:
            found = chosen_codes(variable.name, there, wanted, time=variable.role == "time")
            chosen.append(ChosenVariable(variable, found, code_list))
        elif variable.total is not None:
            eliminated[variable.name] = variable.total
        else:
            missing.append(variable.name)
    # What is wrong in what was said comes before what was not said.
    if missing:
        raise Problem(
            400,
            "Missing selection for mandatory variable",
            f"The variable {quoted(missing[0])} has no total, so that codes of it must be chosen: "
            f"valueCodes[{missing[0]}]=*, for instance.",
        )
    return _placed(table, tuple(chosen), eliminated, asked)


def default_selection(table: PublishedTable) -> Asked:
    """What is shown where nothing is asked for: every code of what has no total, and the total of all else."""
    return Asked({one.name: ["*"] for one in table.variables if one.total is None})


def find_variable(table: PublishedTable, name: str) -> PublishedVariable:
    """A variable of a table by its code, in small letters or capitals.

    Raises
    ------
    Problem
        There is none.
    """
    variable = table.variable(name)
    if variable is None:
        names = [one.name for one in table.variables]
        said = f"The table {table.id} has no variable {quoted(name)}.{nearest(name, names)} It has {', '.join(names)}."
        raise Problem(400, "Non-existent variable", said)
    return variable


def _by_variable(table: PublishedTable, given: Mapping[str, _Given]) -> dict[str, _Given]:
    found: dict[str, _Given] = {}
    for name, value in given.items():
        variable = find_variable(table, name)
        if variable.name in found:
            raise Problem(400, "Illegal selection", f"The variable {quoted(variable.name)} is chosen twice.")
        found[variable.name] = value
    return found


def _placed(table: PublishedTable, chosen: tuple[ChosenVariable, ...], eliminated: Mapping[str, str], asked: Asked) -> Chosen:
    by_name = {one.name: one for one in chosen}
    if not asked.heading and not asked.stub:
        heading = tuple(one for one in chosen if one.variable.role in ("time", "metric"))
        return Chosen(table, chosen, eliminated, tuple(one for one in chosen if one not in heading), heading)
    placed: list[list[ChosenVariable]] = []
    for names in (asked.stub, asked.heading):
        placed.append([])
        for name in names:
            variable = find_variable(table, name)
            if variable.name not in by_name:
                raise Problem(400, "Illegal placement", f"The variable {quoted(variable.name)} is not in the selection.")
            if any(variable.name == one.name for side in placed for one in side):
                raise Problem(400, "Illegal placement", f"The variable {quoted(variable.name)} is placed twice.")
            placed[-1].append(by_name[variable.name])
    stub, heading_ = placed
    left = [one for one in chosen if one not in stub and one not in heading_]
    if left and stub and heading_:
        raise Problem(400, "Illegal placement", f"The variable {quoted(left[0].name)} is in neither heading nor stub.")
    sides = (stub or left, heading_ or left)
    return Chosen(table, (*sides[0], *sides[1]), eliminated, tuple(sides[0]), tuple(sides[1]))


def _named(table: PublishedTable, name: str) -> PublishedVariable:
    return next(one for one in table.variables if one.name == name)
