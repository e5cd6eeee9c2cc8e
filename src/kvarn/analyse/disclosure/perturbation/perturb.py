"""From unprotected tables to perturbed ones: the door of the method ``cell-key``."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kvarn.analyse._columns import PUBLISHED
from kvarn.analyse._tables import SYMBOLS
from kvarn.analyse.disclosure.memory.categories import require_categories
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.methods import changed_since
from kvarn.analyse.disclosure.memory.pattern import keep_pattern
from kvarn.analyse.disclosure.memory.versions import tables_of
from kvarn.analyse.disclosure.perturbation import report as cell_key_report
from kvarn.analyse.disclosure.perturbation.cell_key import SUPPRESSED, Perturbed, perturb
from kvarn.analyse.disclosure.perturbation.report import CellKeyOutcome
from kvarn.analyse.disclosure.perturbation.written import audit_perturbed
from kvarn.analyse.disclosure.system import cells_of
from kvarn.analyse.disclosure.written.secrecy import KEPT
from kvarn.base.files import SECRET, replace_file
from kvarn.edition import Disclosure

__all__ = ["Written", "perturb_tables", "perturbed"]


@dataclass(frozen=True)
class Written:
    """Protected tables before they are put in their place.

    Attributes
    ----------
    sheets
        Each table as CSV.
    counts, certificate
        What has to be remembered of them; with ``published``, the figure that came in place of each.
    report, page
        What the disclosure officer reads: JSON and HTML.
    """

    sheets: Mapping[str, bytes]
    counts: Mapping[str, pd.DataFrame]
    certificate: Mapping[str, Any]
    report: bytes
    page: bytes


def perturb_tables(
    tables: Mapping[str, pd.DataFrame],
    into: Path,
    *,
    disclosure: Disclosure,
    synthetic: bool,
    report: Path,
    kept: Sequence[Memory],
) -> None:
    """As `kvarn.analyse.protect_tables`, by ``cell-key``; `kept` is what earlier editions and orders keep of themselves."""
    written = perturbed(tables, disclosure=disclosure, synthetic=synthetic, kept=kept)
    into.mkdir(parents=True, exist_ok=True)
    for old in sorted(into.glob("*.csv")):
        if old.stem not in written.sheets:
            old.unlink()
    for name, sheet in written.sheets.items():
        replace_file(into / f"{name}.csv", sheet)
    keep_pattern(report.parent / "disclosure", written.counts, frozenset(), written.certificate)
    # The list of an edition that was protected by suppression before says nothing of this one.
    (report.parent / "disclosure" / KEPT).unlink(missing_ok=True)
    replace_file(report, written.report, mode=SECRET)
    replace_file(report.with_suffix(".html"), written.page, mode=SECRET)


def perturbed(
    tables: Mapping[str, pd.DataFrame],
    *,
    disclosure: Disclosure,
    synthetic: bool,
    kept: Sequence[Memory] = (),
    beside: Mapping[str, pd.DataFrame] | None = None,
) -> Written:
    """Perturb tables, audit what is written of them, and report.

    Parameters
    ----------
    tables
        The unprotected tables that are to be published.
    kept
        What earlier editions and orders keep of themselves. Their tables must be declared (``metadata.tables_beside``).
    beside
        Tables that are published already, and that those of an order are functions of or share cells with. They come out as they
        are, whatever stands beside them.

    Raises
    ------
    ConsistencyError, DisclosureError, InputError
        As `kvarn.analyse.protect_tables`. Nothing has been written.
    """
    # Each grouping more of the same persons is a draw more: the mean of many tells the true figure.
    for memory in kept:
        require_categories(memory.name, memory.folder, tables_of([memory]))
    everything = {**(beside or {}), **tables}
    found = perturb(everything, disclosure)
    revised = changed_since(kept, tables, found.counts)
    sheets = {name: _sheet(table, synthetic=synthetic) for name, table in found.tables.items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, sheet in sheets.items():
            replace_file(Path(folder) / f"{name}.csv", sheet, mode=SECRET)
        audited = audit_perturbed(Path(folder), everything, disclosure)
    outcome = CellKeyOutcome(everything, tuple(tables), found, audited, revised)
    reported = cell_key_report.report(outcome, disclosure)
    return Written(
        {name: sheets[name] for name in tables},
        _counts(tables, found),
        cell_key_report.certificate(outcome, disclosure),
        cell_key_report.written(reported),
        cell_key_report.readable(reported),
    )


def _counts(tables: Mapping[str, pd.DataFrame], found: Perturbed) -> dict[str, pd.DataFrame]:
    """The counts of something secret, with the figure that was published in place of each."""
    chosen = {}
    for name, table in tables.items():
        rows = [
            (row, str(found.counts[cell]))
            for cell, row in cells_of(name, table)
            if cell in found.counts and not found.system.public(cell)
        ]
        if rows:
            counts = table.iloc[[row for row, _ in rows]].reset_index(drop=True)
            chosen[name] = counts.assign(**{PUBLISHED: [shown for _, shown in rows]})
    return chosen


def _sheet(table: pd.DataFrame, *, synthetic: bool) -> bytes:
    symbols = (*SYMBOLS, SUPPRESSED)
    protected = table.assign(status=table["value"].where(table["value"].isin(symbols), ""))
    protected.loc[protected["status"] != "", "value"] = ""
    if synthetic:
        protected["synthetic"] = "true"
    sheet = io.StringIO()
    protected.to_csv(sheet, index=False, lineterminator="\n")
    return sheet.getvalue().encode()
