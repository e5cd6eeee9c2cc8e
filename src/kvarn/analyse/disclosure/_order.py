"""A custom order, protected together with everything that is published already and cannot be taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kvarn import metadata
from kvarn.analyse.disclosure._agreed import until_agreed
from kvarn.analyse.disclosure._protect import audited, counts_of, given_away, problem_of, reasons_of, sheet_of
from kvarn.analyse.disclosure.dominance import require_largest
from kvarn.analyse.disclosure.draw import draw_by
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.methods import require_same_method
from kvarn.analyse.disclosure.memory.pattern import join_earlier, keep_pattern
from kvarn.analyse.disclosure.perturbation.perturb import perturbed
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.relation import Relation
from kvarn.analyse.disclosure.report import Outcome, certificate_of, readable_report, report_of
from kvarn.analyse.disclosure.sparse import refuse_hopeless
from kvarn.analyse.disclosure.suppression.audit import audit, limits_of
from kvarn.analyse.disclosure.suppression.secondary import Protection, protection
from kvarn.analyse.disclosure.system import Cell
from kvarn.base.files import SECRET, replace_file
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

__all__ = ["ProtectedOrder", "protect_order"]

# What stands in no table is known by what it is computed from.
_Named = Cell | tuple[Cell, tuple[Cell, ...]] | tuple[Cell, tuple[Cell, ...], str] | Relation


@dataclass(frozen=True)
class ProtectedOrder:
    """An order that may be delivered.

    Attributes
    ----------
    sheet
        The protected table, as ``<table>.csv``.
    counts, withheld, certificate
        What has to be remembered of it.
    report, page
        What the disclosure officer reads: JSON and HTML.
    """

    name: str
    sheet: bytes
    counts: Mapping[str, pd.DataFrame]
    withheld: Collection[Cell]
    certificate: Mapping[str, Any]
    report: bytes
    page: bytes

    def keep(self, folder: Path) -> None:
        """Write into a restricted folder what has to be remembered. The table must be declared (``metadata.tables_beside``)."""
        keep_pattern(folder / "disclosure", self.counts, self.withheld, self.certificate)
        replace_file(folder / "disclosure-report.json", self.report, mode=SECRET)
        replace_file(folder / "disclosure-report.html", self.page, mode=SECRET)


@metadata.lists_held()
def protect_order(
    name: str,
    table: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    memories: Sequence[Memory],
    *,
    disclosure: Disclosure,
    synthetic: bool,
    published: Sequence[Path] = (),
    key: bytes | None = None,
) -> ProtectedOrder:
    """Protect one table, while everything that is out already stays as it is.

    By cell-key its figures are changed as the same persons' figures are everywhere.

    Parameters
    ----------
    name, table
        The order's table, complete, declared by ``metadata.tables_beside``.
    tables
        The unprotected tables of its edition.
    memories
        The edition's own, then those of every order and of the editions before, newest first.
    published
        Folders with the published CSV files of the edition and of earlier orders: the audit reads them back.
    key
        As that of `protect_tables`: the edition's.

    Raises
    ------
    DisclosureError
        The edition, or an order, was protected by another method. With the order a secret could be computed, or told more
        closely than before, from figures that cannot be withheld; or too many of its cells would be suppressed. Nothing has
        been written.
    ConsistencyError
        The order contradicts the edition's tables.
    """
    require_same_method(memories, disclosure)
    with metadata.tables_beside(*(beside for memory in memories for beside in memory.beside())):
        if disclosure.method == "cell-key":
            changed = perturbed({name: table}, disclosure=disclosure, synthetic=synthetic, kept=memories, beside=tables)
            return ProtectedOrder(
                name, changed.sheets[name], changed.counts, (), changed.certificate, changed.report, changed.page
            )
        require_largest({name: table}, disclosure)
        joined = join_earlier({**tables, name: table}, memories)
        problem = problem_of(joined, disclosure, draw_by(key, disclosure))
        # Before anything is reckoned: a table that is too sparse for the primary rules alone gets no better.
        by_rules = reasons_of(name, table, problem, frozenset(), disclosure)
        _refuse_too_sparse(by_rules, disclosure)
        refuse_hopeless(problem, {name: table}, {name: by_rules})

        def attempt(problem: Problem, found: Protection) -> ProtectedOrder:
            _refuse_new_risk(problem, found, tables, memories, disclosure)
            problem = problem.easing(found.eased)
            withheld = problem.primary | found.secondary
            audit(problem, withheld, found.at_risk, found.told_to_one, found.witnesses)
            reasons = {name: reasons_of(name, table, problem, found.secondary, disclosure)}
            _refuse_too_sparse(reasons[name], disclosure)
            sheet = sheet_of(table, [bool(reason) for reason in reasons[name]], synthetic=synthetic)
            risk = found.at_risk | given_away(joined, problem, disclosure)
            checked = audited({name: sheet}, joined, problem, disclosure, risk, published)
            outcome = Outcome(
                problem,
                found.secondary,
                limits_of(problem, withheld, found.witnesses),
                risk,
                joined.revised,
                checked,
                found.told_to_one,
            )
            return ProtectedOrder(
                name,
                sheet,
                counts_of({name: table}, problem.system),
                withheld,
                certificate_of(outcome, disclosure),
                report_of(outcome, reasons, disclosure),
                readable_report(outcome, reasons, disclosure),
            )

        return until_agreed(problem, attempt)


def _refuse_new_risk(
    problem: Problem, found: Protection, tables: Mapping[str, pd.DataFrame], memories: Sequence[Memory], disclosure: Disclosure
) -> None:
    """Refuse an order that leaves a secret less room than it needs, unless that was so before; and one by which somebody who is
    alone in a cell could compute another."""
    if not found.at_risk and not found.eased and not found.told_to_one:
        return
    before = problem_of(join_earlier(tables, memories), disclosure)
    known = protection(before)
    for now, then in zip(_lost(problem, found), _lost(before, known), strict=True):
        earlier = _named(before, then).keys()
        fresh = sorted(problem.words(cell) for one, cell in _named(problem, now).items() if one not in earlier)
        if fresh:
            raise DisclosureError(
                f"With this order {len(fresh)} secret(s) could be computed, or told too closely, from figures that cannot be "
                "withheld, as they are published.",
                where=fresh[0],
                remedy="Order a coarser table.",
            )


def _lost(problem: Problem, found: Protection) -> tuple[Collection[Cell], ...]:
    """The secrets that have no room left, less width than they need, less room upwards, or none from somebody alone in a cell."""
    narrow = {cell for cell, room in found.eased.items() if room.width < problem.width(cell)}
    low = {cell for cell, room in found.eased.items() if room.up < problem.ups.get(cell, 0)}
    return found.at_risk, found.at_risk | narrow, found.at_risk | low, found.told_to_one


def _named(problem: Problem, cells: Collection[Cell]) -> dict[_Named, Cell]:
    """Each of `cells` by what is the same in every problem: hidden cells are numbered anew in each."""
    of: dict[Cell, _Named] = {
        one.parts[-1]: (one.total, one.parts[:-1]) for one in problem.sums if one.parts[-1] in problem.hidden
    }
    of |= {one.repeated: (one.whole, one.parts, "overlap") for one in problem.overlaps}
    of |= {one.surplus: one.relation for one in problem.surpluses}
    return {of.get(cell, cell): cell for cell in cells}


def _refuse_too_sparse(reasons: Sequence[str], disclosure: Disclosure) -> None:
    share = sum(map(bool, reasons)) / max(len(reasons), 1)
    if share > disclosure.withheld_at_most:
        raise DisclosureError(
            f"{share:.0%} or more of the cells of the order would be suppressed; the edition allows "
            f"{disclosure.withheld_at_most:.0%}.",
            remedy="Order a coarser table.",
        )
