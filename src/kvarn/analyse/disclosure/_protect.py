"""From unprotected tables to protected ones: the only door between the register and what is published."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kvarn import metadata
from kvarn.analyse._tables import SYMBOLS, read_tables
from kvarn.analyse.disclosure._agreed import until_agreed
from kvarn.analyse.disclosure.dominance import largest_of, require_largest
from kvarn.analyse.disclosure.draw import Draw, draw_by
from kvarn.analyse.disclosure.functions import parts_of, too_few_persons
from kvarn.analyse.disclosure.kept_quantiles import QUANTILES, Quantiles
from kvarn.analyse.disclosure.knowing import judged, places_of, tried
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.methods import require_same_method
from kvarn.analyse.disclosure.memory.orders import memories_of
from kvarn.analyse.disclosure.memory.pattern import Earlier, join_earlier, keep_pattern
from kvarn.analyse.disclosure.memory.settled import settled
from kvarn.analyse.disclosure.memory.then import with_secrets_of_then
from kvarn.analyse.disclosure.memory.tied import tie_to_today
from kvarn.analyse.disclosure.memory.versions import add_versions
from kvarn.analyse.disclosure.perturbation.perturb import perturb_tables
from kvarn.analyse.disclosure.primary import Problem, primary_suppression
from kvarn.analyse.disclosure.quantiles import in_company
from kvarn.analyse.disclosure.report import Outcome, certificate_of, readable_report, refuse_too_sparse, report_of
from kvarn.analyse.disclosure.sparse import refuse_hopeless
from kvarn.analyse.disclosure.suppression.audit import audit, limits_of
from kvarn.analyse.disclosure.suppression.secondary import Protection
from kvarn.analyse.disclosure.system import Cell, System, cells_of
from kvarn.analyse.disclosure.written.as_it_was import as_it_was
from kvarn.analyse.disclosure.written.audit import Key, Published, audit_written, draw_of, place_in_draw, read_csv
from kvarn.analyse.disclosure.written.nearly import lines_taken_for_sums
from kvarn.analyse.disclosure.written.relations import parts_of_function, parts_of_ratio
from kvarn.analyse.disclosure.written.secrecy import (
    held_secrets,
    keep_secrets,
    secret_differences,
    secret_overlaps,
    secrets_of,
    true_counts,
)
from kvarn.base.files import SECRET, replace_file
from kvarn.base.stages import tell
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError

__all__ = ["audited", "counts_of", "given_away", "problem_of", "protect_tables", "reasons_of", "sheet_of"]

SUPPRESSED = "X"


@metadata.lists_held()
def protect_tables(
    tables: Path,
    into: Path,
    *,
    disclosure: Disclosure,
    synthetic: bool,
    report: Path,
    orders: Path | None = None,
    memories: Sequence[Memory] | None = None,
    key: bytes | None = None,
) -> None:
    """Protect all tables of an edition together, and write what may be published.

    Parameters
    ----------
    tables
        The folder of unprotected tables (``save_table``).
    into
        The folder for the protected ones: ``<table>.csv`` with the classification variables, ``measure``, ``value``
        (empty when not published) and ``status`` (empty when published, ``X`` withheld, ``..`` not available, ``.``
        not applicable). Primary and secondary cells have the same symbol. Whatever other table lies there is removed.
    disclosure
        The rules of the edition. With ``method: cell-key`` figures are perturbed and hardly any is withheld.
    synthetic
        Whether every row is marked as made from synthetic data.
    report
        Where the disclosure officer's report is kept (JSON, and beside it the same as ``.html``; both secret). The folder
        ``disclosure`` beside it keeps the pattern and its certificate; those of the editions named in ``disclosure.earlier`` are
        looked for in the same place of their own restricted folders.
    orders
        The folder in which custom orders are remembered: none of them may be uncovered either.
    memories
        What is out, the newest first, where the release history tells it: then neither `orders` nor ``disclosure.earlier`` is
        asked.
    key
        A secret that decides what ``disclosure.keyed`` says; empty where that is nothing. With one, empty or not, the officer is
        told what running the program on guesses comes to.

    Raises
    ------
    DisclosureError
        Something secret could be computed, or told to within its width, from what would be published; or a table would lose too
        many of its cells. Nothing has been written.
    ConsistencyError
        The same cell is not the same number in two tables, or a ratio's parts stand in no table.
    InputError
        An earlier edition has kept no pattern.
    """
    unprotected = read_tables(tables)
    own = report.parent
    if memories is None:
        memories = memories_of(own.parent, own.name, disclosure.earlier, orders, synthetic=synthetic)
    require_same_method(memories, disclosure)
    with metadata.tables_beside(*(table for memory in memories for table in memory.beside())):
        if disclosure.method == "cell-key":
            perturb_tables(unprotected, into, disclosure=disclosure, synthetic=synthetic, report=report, kept=memories)
            return
        require_largest(unprotected, disclosure)
        earlier = join_earlier(unprotected, memories)
        _protect(unprotected, earlier, into, disclosure=disclosure, synthetic=synthetic, report=report, key=key)


def _protect(
    unprotected: dict[str, pd.DataFrame],
    earlier: Earlier,
    into: Path,
    *,
    disclosure: Disclosure,
    synthetic: bool,
    report: Path,
    key: bytes | None,
) -> None:
    problem = problem_of(earlier, disclosure, draw_by(key, disclosure))
    by_rules = {name: reasons_of(name, table, problem, frozenset(), disclosure) for name, table in unprotected.items()}
    # Before anything is sought: what is too sparse by the rules alone gets no better.
    refuse_too_sparse(unprotected, by_rules, disclosure)
    refuse_hopeless(problem, unprotected, by_rules)
    done = until_agreed(problem, lambda now, found: _attempt(unprotected, earlier, now, found, disclosure, synthetic=synthetic))
    concluded = {} if key is None else _concluded(unprotected, done, disclosure)
    done = replace(done, outcome=replace(done.outcome, concluded=concluded))
    into.mkdir(parents=True, exist_ok=True)
    for old in sorted(into.glob("*.csv")):
        if old.stem not in done.sheets:
            old.unlink()
    for name, sheet in done.sheets.items():
        replace_file(into / f"{name}.csv", sheet)
    outcome, problem = done.outcome, done.outcome.problem
    withheld = problem.primary | outcome.secondary
    certificate = {**certificate_of(outcome, disclosure), QUANTILES: done.quantiles.as_kept()}
    keep_pattern(report.parent / "disclosure", counts_of(unprotected, problem.system), withheld, certificate)
    keep_secrets(report.parent / "disclosure", problem, outcome.at_risk)
    replace_file(report, report_of(outcome, done.reasons, disclosure), mode=SECRET)
    replace_file(report.with_suffix(".html"), readable_report(outcome, done.reasons, disclosure), mode=SECRET)


def _concluded(unprotected: Mapping[str, pd.DataFrame], done: _Done, disclosure: Disclosure) -> dict[str, int]:
    """What somebody would conclude who has what is published, the rules and the program, of a sample of places."""
    published = {name: pd.read_csv(io.BytesIO(sheet), dtype=str, keep_default_na=False) for name, sheet in done.sheets.items()}
    problem, by = done.outcome.problem, draw_of(true_counts(unprotected))
    tell("protection: the program is run on guesses")
    places = sorted(places_of(published), key=lambda place: place_in_draw(min(map(_key, place.withheld)), by))
    claims = tried(places, disclosure, keyed=problem.draw is not None, guesses=disclosure.keyed.guesses)
    return judged(claims, problem.system.values, problem.primary)


@dataclass(frozen=True)
class _Done:
    """What was protected, and audited."""

    sheets: Mapping[str, bytes]
    reasons: Mapping[str, list[str]]
    outcome: Outcome
    quantiles: Quantiles


def _attempt(
    unprotected: Mapping[str, pd.DataFrame],
    earlier: Earlier,
    problem: Problem,
    found: Protection,
    disclosure: Disclosure,
    *,
    synthetic: bool,
) -> _Done:
    """Write what was protected to memory, and let both audits attack it."""
    problem = problem.easing(found.eased)
    withheld = problem.primary | found.secondary
    at_risk = found.at_risk | given_away(earlier, problem, disclosure)
    tell("protection: the audit before anything is written")
    audit(problem, withheld, found.at_risk, found.told_to_one, found.witnesses)
    reasons = {name: reasons_of(name, table, problem, found.secondary, disclosure) for name, table in unprotected.items()}
    quantiles = in_company(reasons, unprotected, earlier.quantiles, problem.system, disclosure)
    sheets = {
        name: sheet_of(table, [bool(reason) for reason in reasons[name]], synthetic=synthetic)
        for name, table in unprotected.items()
    }
    refuse_too_sparse(unprotected, reasons, disclosure)
    tell("protection: the audit of what was written")
    checked = audited(sheets, earlier, problem, disclosure, at_risk)
    limits = limits_of(problem, withheld, found.witnesses)
    outcome = Outcome(problem, found.secondary, limits, at_risk, earlier.revised, checked, found.told_to_one)
    return _Done(sheets, reasons, outcome, quantiles)


def problem_of(earlier: Earlier, disclosure: Disclosure, draw: Draw | None = None) -> Problem:
    """The problem of this edition, in which what is published already cannot be withheld."""
    share = disclosure.taken_for_sums
    system = settled(earlier, share)
    versions = add_versions(system, earlier.memories, share)
    tie_to_today(system, earlier.tables, versions.before, share)
    problem = primary_suppression(system, disclosure, largest_of(earlier.tables, disclosure), draw)
    problem.published = frozenset(cell for cell in earlier.published | versions.published if cell in system.values)
    problem.withheld_before = frozenset(cell for cell in earlier.withheld | versions.withheld if system.values.get(cell))
    problem = with_secrets_of_then(problem, earlier.memories, versions.names, disclosure)
    problem.primary -= problem.published
    return problem


def given_away(earlier: Earlier, problem: Problem, disclosure: Disclosure) -> frozenset[Cell]:
    """Cells that the rules would withhold, and an earlier edition has published."""
    if not problem.published:
        return frozenset()
    strict = primary_suppression(problem.system, disclosure, largest_of(earlier.tables, disclosure))
    return strict.primary & problem.published


def audited(
    written: Mapping[str, bytes],
    earlier: Earlier,
    problem: Problem,
    disclosure: Disclosure,
    excused: Collection[Cell],
    published_before: Sequence[Path] = (),
) -> dict[str, object]:
    """Write to a place of its own, read that back, add what is out already, and attack it.

    Asked are cells, differences, overlaps and surpluses: those of the protector's list and those that the plain rule finds. Where
    something is out already, all that concern the tables of now come first, then a sample of the others.

    Parameters
    ----------
    excused
        What the protector says is out already.
    published_before
        Folders of published CSV files to read back as well, beside what is remembered of earlier editions and orders.

    Raises
    ------
    DisclosureError
        Something secret can be told from it, and is none of those `excused`.
    """
    published = Published()
    with tempfile.TemporaryDirectory() as folder:
        for name, sheet in written.items():
            replace_file(Path(folder) / f"{name}.csv", sheet, mode=SECRET)
        read_csv(Path(folder), published)
    for cell in earlier.published | earlier.withheld:
        if cell in problem.system.values:
            status = "" if cell in earlier.published else SUPPRESSED
            published.see(_key(cell), str(problem.system.values[cell]), status, "an earlier edition")
    revised = {_key(cell) for cell in earlier.revised}
    for place in published_before:
        _add_published(place, published, revised)
    counts = true_counts(earlier.tables)
    held = held_secrets(problem, excused)
    now = true_counts({name: earlier.tables[name] for name in written})
    return audit_written(
        published,
        held.with_plain(secrets_of(earlier.tables, disclosure)),
        held.excused,
        differences={**secret_differences(counts, disclosure), **held.differences},
        overlaps={**secret_overlaps(counts, disclosure), **held.overlaps},
        surpluses=held.surpluses,
        taken=lines_taken_for_sums(counts, disclosure.taken_for_sums),
        untrue=[_key(part) for nest in problem.system.untrue for part in nest.parts],
        ups=held.ups,
        figures={_key(cell): problem.system.values[cell] for cell in problem.ups},
        before=as_it_was(earlier.memories, counts, disclosure, complete=True),
        first=now.keys() if earlier.memories else (),
        drawn_by=draw_of(counts),
    )


def _add_published(folder: Path, published: Published, revised: Collection[Key]) -> None:
    """What stands in published files, but for figures of years in which one has been revised since, and for what was made of
    counts that have been: a median or a rate belongs to the counts of its own edition."""
    found = Published()
    read_csv(folder, found)
    stale = {key[1] for key, value in found.figures.items() if published.figures.get(key, value) != value}
    for key, value in found.figures.items():
        of = (*parts_of_ratio(key), *parts_of_function(key))
        if key[1] not in stale and not any(part in revised for part in (key, *of)):
            published.see(key, value, "", str(folder))
    for key in found.gaps:
        published.see(key, "", SUPPRESSED, str(folder))


def _key(cell: Cell) -> Key:
    return cell.measure, cell.year, cell.categories


def counts_of(tables: Mapping[str, pd.DataFrame], system: System) -> dict[str, pd.DataFrame]:
    """The rows that are counts of something secret: what a later edition has to know of this one."""
    chosen = {}
    for name, table in tables.items():
        secret = {one for one in table["measure"].unique() if metadata.measure(one).subject != "public"}
        rows = [row for cell, row in cells_of(name, table, secret) if cell in system.values] if secret else []
        if rows:
            chosen[name] = table.iloc[rows].reset_index(drop=True)
    return chosen


def reasons_of(name: str, table: pd.DataFrame, problem: Problem, secondary: Collection[Cell], rules: Disclosure) -> list[str]:
    """Why each row is withheld; empty where it is published."""
    found, values = [""] * len(table), table["value"].tolist()
    judged = {one for one in table["measure"].unique() if _is_judged(one)}
    for cell, row in cells_of(name, table, judged) if judged else ():
        parts = parts_of(cell)
        if parts is None:
            found[row] = "primary" if cell in problem.primary else "secondary" if cell in secondary else ""
            continue
        # A function of counts is as open as its parts, so it can only be judged where they can.
        for part in parts:
            if part not in problem.system.values:
                raise ConsistencyError(
                    f"The parts of {cell.measure} must stand in a table, so that they are protected with it.",
                    cells=(f"{name}: {cell}", str(part)),
                    remedy="Add the measure that is missing to a table of the programme with the same categories.",
                )
        not_a_number = values[row] in SYMBOLS
        of_withheld = any(part in problem.primary or part in secondary for part in parts)
        of_withheld = of_withheld or too_few_persons(cell, problem.system.values, rules)
        found[row] = "ratio" if of_withheld and not not_a_number else ""
    return found


def _is_judged(measure: str) -> bool:
    """Whether anything of a measure can be withheld: not what is public, unless it is made of counts that are not."""
    declared = metadata.measure(measure)
    return declared.subject != "public" or declared.is_function


def sheet_of(table: pd.DataFrame, withheld: list[bool], *, synthetic: bool) -> bytes:
    # The columns that are published are chosen, so that one that nobody has thought of stays where it is.
    classifying = [name for name in table.columns if name in metadata.variables()]
    protected = table[[*classifying, "measure", "value"]].copy()
    protected["status"] = protected["value"].where(protected["value"].isin(SYMBOLS), "")
    protected.loc[withheld, "status"] = SUPPRESSED
    protected.loc[protected["status"] != "", "value"] = ""
    if synthetic:
        protected["synthetic"] = "true"
    sheet = io.StringIO()
    protected.to_csv(sheet, index=False, lineterminator="\n")
    return sheet.getvalue().encode()
