"""Protection and its audit, until the two agree.

The audit knows relations of more kinds than the protector, among them those over what stands in no table. Where it tells a secret
too closely it says which, and by which relations between cells, and the protector protects again with those too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.primary import Problem, with_surpluses
from kvarn.analyse.disclosure.relation import Relation
from kvarn.analyse.disclosure.suppression.secondary import Protection, protection
from kvarn.analyse.disclosure.written.audit import Key, ToldTooClosely
from kvarn.analyse.disclosure.written.line import Line
from kvarn.base.stages import tell

__all__ = ["until_agreed"]

# Each time something more is withheld, so that it ends; so many times have never been needed.
_AT_MOST = 40
_Done = TypeVar("_Done")


def until_agreed(problem: Problem, attempt: Callable[[Problem, Protection], _Done]) -> _Done:
    """Protect, and let `attempt` write and audit it; again with what the audit knows, as long as it tells a secret too closely.

    Raises
    ------
    DisclosureError
        What `attempt` raises, where the audit says nothing that the protector did not know.
    """
    for _ in range(_AT_MOST):
        try:
            return attempt(problem, protection(problem))
        except ToldTooClosely as refused:
            learned = _with(problem, refused)
            if learned is None:
                raise
            tell("protection: again, with what the audit knows")
            problem = learned
    return attempt(problem, protection(problem))


def _with(problem: Problem, refused: ToldTooClosely) -> Problem | None:
    """The problem with what the audit has told, as far as the protector can go by it: its own cells, and what is true of them;
    None where it knew all that."""
    system = problem.system
    known = set(system.relations)
    found = [one for one in _of_cells(problem, refused.because) if one.holds(system.values) and one not in known]
    system.relations += dict.fromkeys(found)
    new = {Cell(*key) for key in refused.cells} & system.values.keys() - problem.primary - problem.published
    held = {_terms(one.total, one.parts[:-1]) for one in problem.sums if one.parts[-1] in problem.hidden}
    held |= {_terms(one.whole, one.parts, beyond=True) for one in problem.overlaps}
    held |= {frozenset(one.relation.terms) for one in problem.surpluses}
    more = [one for one in _of_cells(problem, refused.computed) if frozenset(one.terms) not in held]
    if not (found or new or more):
        return None
    return with_surpluses(replace(problem, primary=problem.primary | new), dict.fromkeys(more))


def _of_cells(problem: Problem, lines: Iterable[Line[Key]]) -> Iterator[Relation]:
    for line in lines:
        terms = {Cell(*key): int(entry) for key, entry in line.terms.items()}
        if problem.system.values.keys() >= terms.keys():
            yield Relation(tuple(terms.items()), exact=False)


def _terms(whole: Cell, parts: Iterable[Cell], *, beyond: bool = False) -> frozenset[tuple[Cell, int]]:
    sign = -1 if beyond else 1
    return frozenset({whole: sign, **dict.fromkeys(parts, -sign)}.items())
